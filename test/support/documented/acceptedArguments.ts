import assert from "node:assert/strict";
import { join } from "node:path";
import ts from "typescript";
import { parseArgs as parseArchiveArgs } from "../../../provider/archive/args/schema.js";
import { parseArgs as parseStreamArgs } from "../../../provider/imports/args/schema.js";
import { parseArgs as parsePolicyArgs } from "../../../provider/prune/args/schema.js";
import type { Parsed } from "../../../provider/support/arguments/parsed.js";
import { repositoryRoot } from "../repositoryRoot.js";
import type { ResourceName } from "./tables.js";

interface Accepted {
  readonly parse: (inputs: unknown) => Parsed<unknown>;
  /** Arguments that hold others, with what is given for them; the watched ones stand for themselves. */
  readonly nested: (watch: (prefix: string, values?: object) => object) => object;
}

const watched: Readonly<Record<ResourceName, Accepted>> = {
  ImportedImageStream: {
    parse: parseStreamArgs,
    nested: (watch) => ({
      tags: { v1: watch("tags.*.") },
      repository: watch("repository."),
      pullSecret: watch("pullSecret.", { auths: { "quay.io": watch("pullSecret.auths.*.") } }),
      pullSecretFrom: watch("pullSecretFrom."),
      integratedRegistry: watch("integratedRegistry."),
      timeouts: watch("timeouts."),
    }),
  },
  ImagePrunePolicy: {
    parse: parsePolicyArgs,
    nested: (watch) => ({
      ...Object.fromEntries(
        ["select", "keep", "limits", "registry", "timeouts"].map((key) => [key, watch(`${key}.`)]),
      ),
      extraReferences: [watch("extraReferences[].")],
    }),
  },
  ImageArchive: {
    parse: parseArchiveArgs,
    nested: (watch) => ({
      images: [watch("images[].")],
      engine: watch("engine."),
      registries: { "quay.io": watch("registries.*.") },
      integratedRegistry: watch("integratedRegistry."),
      timeouts: watch("timeouts."),
    }),
  },
};

/** What is no argument of its own in the tables, but the object around others. */
const wrappers = new Set(["timeouts"]);

/** The arguments that parsing looks for; `connection` belongs to all resources and is parsed elsewhere. */
export function argumentsOfSchema(resource: ResourceName): readonly string[] {
  const { parse, nested } = watched[resource];
  const looked = new Set<string>(["connection"]);
  const watch = (prefix: string, values: object = {}) =>
    new Proxy(values, {
      get(target, key) {
        if (typeof key === "string" && !(key in Object.prototype)) looked.add(`${prefix}${key}`);
        return Reflect.get(target, key) as unknown;
      },
    });
  parse(
    watch(
      "",
      nested((prefix, values) => watch(prefix, values)),
    ),
  );
  const found = [...looked].filter((path) => !wrappers.has(path));
  return found.filter((path) => !isRefused(watched[resource], path)).toSorted();
}

/** Parsing may look for what it then does not know, where the rules of two arguments are the same. */
function isRefused({ parse, nested }: Accepted, path: string): boolean {
  const key = path.split(".").at(-1) ?? "";
  const inputs = path.includes(".")
    ? nested((prefix, values = {}) => (`${prefix}${key}` === path ? { ...values, [key]: {} } : values))
    : { [key]: {} };
  const parsed = parse(inputs);
  if (parsed.ok || path === "connection") return false;
  return parsed.issues.some((issue) => issue.path.at(-1) === key && /is not an argument/.test(issue.message));
}

const index = join(repositoryRoot, "dist/provider/index.d.ts");

/** Interfaces whose fields are arguments, by what stands before their names. */
const interfaces: Readonly<Record<ResourceName, readonly (readonly [prefix: string, name: string])[]>> = {
  ImportedImageStream: [
    ["", "ImportedImageStreamArgs"],
    ["tags.*.", "ImageTagArgs"],
    ["repository.", "RepositoryArgs"],
    ["tags.*.", "AliasTagArgs"],
    ["tags.*.", "StreamTagArgs"],
    ["tags.*.", "StreamImageArgs"],
    ["pullSecret.", "PullSecretArgs"],
    ["pullSecret.auths.*.", "RegistryLoginArgs"],
    ["pullSecretFrom.", "PullSecretSourceArgs"],
    ["integratedRegistry.", "MirrorRegistryArgs"],
  ],
  ImagePrunePolicy: [
    ["", "ImagePrunePolicyArgs"],
    ["select.", "StreamSelectionArgs"],
    ["keep.", "KeepArgs"],
    ["limits.", "PruneLimitsArgs"],
    ["registry.", "PruneRegistryArgs"],
    ["extraReferences[].", "ExtraReferenceArgs"],
  ],
  ImageArchive: [
    ["", "ImageArchiveArgs"],
    ["images[].", "ArchivedImageArgs"],
    ["engine.", "EngineConnectionArgs"],
    ["registries.*.", "ArchiveRegistryArgs"],
    ["integratedRegistry.", "IntegratedRegistryArgs"],
  ],
};

export function argumentsOfInterface(resource: ResourceName): readonly string[] {
  const { checker, exported } = declarations();
  return interfaces[resource]
    .flatMap(([prefix, name]) => {
      const symbol = exported.find((found) => found.name === name);
      assert.ok(symbol, `there is no ${name}`);
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      return checker
        .getDeclaredTypeOfSymbol(target)
        .getProperties()
        .flatMap((property) =>
          wrappers.has(property.name) ? verbsOf(property) : [`${prefix}${property.name}`],
        );
    })
    .toSorted();
}

/** `TimeoutsArgs<"check" | "create">` has one argument for each verb. */
function verbsOf(property: ts.Symbol): readonly string[] {
  const text = property.declarations?.[0]?.getText() ?? "";
  return [...text.matchAll(/"([a-z]+)"/g)].map(([, verb = ""]) => `${property.name}.${verb}`);
}

let program: ts.Program | undefined;

function declarations() {
  program ??= ts.createProgram([index], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
    skipLibCheck: true,
    noEmit: true,
  });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(index)!)!;
  return { checker, exported: checker.getExportsOfModule(module) };
}
