import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, resolve } from "node:path";
import ts from "typescript";
import { repositoryRoot } from "./repositoryRoot.js";

/** What a folder may import, beside itself: values, and further folders as types only. */
interface Rule {
  readonly values: readonly string[];
  readonly types?: readonly string[];
  readonly packages?: readonly string[];
}

const root = repositoryRoot;
const adapterPackages = ["zod", "undici", "p-retry", "p-limit", "@kubernetes/client-node"];

const rules: Readonly<Record<string, Rule>> = {
  support: { values: [], packages: ["p-retry", "p-limit"] },
  oci: { values: ["support"] },
  "imports (pure)": { values: ["imports (pure)", "oci", "support"], types: ["imports (effects)"] },
  "imports (args)": { values: ["imports (pure)", "oci", "support"], packages: ["zod"] },
  "imports (effects)": { values: ["imports (pure)", "oci", "support"] },
  "imports (handler)": {
    values: ["imports (pure)", "imports (effects)", "imports (args)", "oci", "support", "lifecycle"],
  },
  usage: { values: ["oci", "support"] },
  "prune (pure)": {
    values: ["usage", "oci", "support"],
    types: ["prune (effects)", "prune (files)"],
  },
  "prune (args)": { values: ["prune (pure)", "oci", "support"], packages: ["zod"] },
  "prune (effects)": { values: ["prune (pure)", "usage", "oci", "support"], packages: ["json-p3"] },
  "prune (files)": { values: ["prune (pure)", "prune (effects)", "support"] },
  "prune (handler)": {
    values: ["prune (pure)", "prune (effects)", "prune (files)", "prune (args)", "support", "lifecycle"],
  },
  "archive (pure)": { values: ["oci", "support"], types: ["archive (effects)"] },
  "archive (args)": { values: ["archive (pure)", "oci", "support"], packages: ["zod"] },
  "archive (effects)": { values: ["archive (pure)", "oci", "support"] },
  "archive (handler)": {
    values: ["archive (pure)", "archive (effects)", "archive (args)", "support", "lifecycle"],
  },
  lifecycle: { values: ["support"] },
  "openshift (transport)": { values: ["support"], packages: ["undici"] },
  openshift: {
    values: ["openshift (transport)", "oci", "support"],
    types: ["imports (pure)", "imports (effects)", "prune (pure)", "prune (effects)", "lifecycle"],
    packages: adapterPackages,
  },
  registry: {
    values: ["openshift (transport)", "oci", "support"],
    types: ["archive (pure)", "archive (effects)", "prune (pure)", "prune (effects)"],
    packages: ["undici", "smol-toml"],
  },
  engine: {
    values: ["openshift (transport)", "oci", "support"],
    types: ["archive (pure)", "archive (effects)"],
    packages: ["undici"],
  },
  tarball: {
    values: ["oci", "support"],
    types: ["archive (pure)", "archive (effects)"],
    packages: ["tar-stream"],
  },
  resources: {
    values: ["support"],
    types: ["imports (pure)", "prune (pure)", "archive (pure)", "lifecycle"],
    packages: ["@pulumi/pulumi"],
  },
  "importCluster.ts": {
    values: ["openshift", "streamUsers"],
    types: ["imports (effects)"],
  },
  streamUsers: {
    values: ["prune (pure)", "prune (effects)", "usage", "oci", "support"],
    types: ["imports (effects)"],
  },
  "pruneCluster.ts": {
    values: ["openshift", "registry", "prune (pure)", "prune (effects)"],
    types: ["prune (effects)"],
  },
  "archiveSources.ts": {
    values: ["archiveCluster.ts", "registry", "engine", "tarball", "support"],
    types: ["archive (pure)", "archive (effects)", "openshift"],
  },
  "archiveCluster.ts": {
    values: ["missingStream.ts", "openshift", "registry", "prune (effects)", "oci", "support"],
    types: ["archive (pure)", "archive (effects)", "imports (pure)"],
  },
  "missingStream.ts": {
    values: ["openshift", "support"],
    types: ["archive (effects)", "imports (pure)"],
  },
  "hooks.ts": {
    values: [
      "archive (handler)",
      "archiveSources.ts",
      "imports (handler)",
      "prune (handler)",
      "importCluster.ts",
      "pruneCluster.ts",
      "lifecycle",
      "openshift",
      "support",
    ],
    types: ["archive (effects)", "imports (effects)", "prune (effects)"],
  },
  "index.ts": {
    values: ["resources", "support"],
    types: ["archive (pure)", "imports (pure)", "prune (pure)"],
  },
};

/** Node built-ins that only compute. */
const pureBuiltins = new Set([
  "node:util",
  "node:crypto",
  "node:zlib",
  "node:async_hooks",
  "node:url",
  "node:net",
  "node:path",
]);
const features = ["imports", "prune", "archive"];
const deciding = ["oci", "usage", ...features.flatMap((each) => [`${each} (pure)`, `${each} (args)`])];
const pureFolders = new Set([
  ...deciding,
  ...features.flatMap((each) => [`${each} (effects)`, `${each} (handler)`]),
]);
/** What talks to ports: files by name, and two folders as a whole but for the projections. */
const effectFiles =
  /\/(check\w+|\w+Ports|execute\w+|findFile|importTags|load\w+|ports|prepare\w+|resolve[A-Z]\w+|retryConflicts|streamSnapshots)\.ts$|\/(execute|survey)\/(?!project|survey\.ts)/;
/** What touches files itself. */
const fileFiles = /\/(loadApprovedPlan|writePlanReport|writeReport|preparePrune)\.ts$/;

interface Import {
  readonly from: string;
  readonly specifier: string;
  readonly isType: boolean;
}

function roomOf(file: string): string {
  const path = relative(join(root, "provider"), file).split("\\").join("/");
  const [folder = "", ...rest] = path.split("/");
  if (rest.length === 0) return folder;
  if (path.startsWith("openshift/transport/")) return "openshift (transport)";
  if (!features.includes(folder)) return folder;
  if (/\/(?:handler|checkedInputs)\.ts$/.test(path)) return `${folder} (handler)`;
  if (path.endsWith("/args.ts")) return `${folder} (args)`;
  if (fileFiles.test(`/${path}`)) return `${folder} (files)`;
  return effectFiles.test(`/${path}`) ? `${folder} (effects)` : `${folder} (pure)`;
}

function importsOf(file: string): readonly Import[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const add = (node: ts.Expression | undefined, isType: boolean) => {
    if (node !== undefined && ts.isStringLiteral(node))
      found.push({ from: file, specifier: node.text, isType });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node));
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, isTypeExport(node));
    if (ts.isCallExpression(node)) {
      const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
      const isRequire = ts.isIdentifier(node.expression) && node.expression.text === "require";
      if (isImport || isRequire) add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTypeImport(node: ts.ImportDeclaration): boolean {
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  if (clause.name !== undefined || bindings === undefined || !ts.isNamedImports(bindings)) return false;
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}

function isTypeExport(node: ts.ExportDeclaration): boolean {
  if (node.isTypeOnly) return true;
  const clause = node.exportClause;
  return (
    clause !== undefined &&
    ts.isNamedExports(clause) &&
    clause.elements.every((element) => element.isTypeOnly)
  );
}

function problem({ from, specifier, isType }: Import): string | undefined {
  const room = roomOf(from);
  const rule = rules[room];
  const where = `${relative(root, from)} imports ${isType ? "the type of " : ""}${specifier}`;
  if (rule === undefined) return `${relative(root, from)}: there is no rule for "${room}"`;
  if (specifier.startsWith(".")) {
    const target = roomOf(resolve(dirname(from), specifier).replace(/\.js$/, ".ts"));
    const allowed = [room, ...rule.values, ...(isType ? (rule.types ?? []) : [])];
    return allowed.includes(target) ? undefined : `${where} (${room} -> ${target})`;
  }
  if (specifier.startsWith("node:")) {
    return pureFolders.has(room) && !pureBuiltins.has(specifier)
      ? `${where}, which touches the world`
      : undefined;
  }
  // By its own name the package is found wherever it is installed.
  if (specifier.startsWith("pulumi-okd-images/") || specifier === "module") return undefined;
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  return (rule.packages ?? []).includes(name) ? undefined : where;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

describe("architecture", () => {
  const files = filesBelow(join(root, "provider"));

  it("imports only along the arrows of the design", () => {
    const problems = files
      .flatMap(importsOf)
      .map(problem)
      .filter((text) => text !== undefined);
    assert.deepEqual(problems, []);
  });

  it("reads neither clock nor environment in code that decides", () => {
    const touching = files
      .filter((file) => deciding.includes(roomOf(file)))
      .filter((file) =>
        /\b(Date\.now|new Date\(\)|process\.|Math\.random|fetch\()/.test(readFileSync(file, "utf8")),
      )
      .map((file) => posix.normalize(relative(root, file)));
    assert.deepEqual(touching, []);
  });
});
