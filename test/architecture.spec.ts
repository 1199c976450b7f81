import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import ts from "typescript";
import { repositoryRoot } from "./support/repositoryRoot.js";

/** What a room may import beside itself: values, further rooms as types only, and packages. */
interface Rule {
  readonly values: readonly string[];
  readonly types?: readonly string[];
  readonly packages?: readonly string[];
}

const root = repositoryRoot;
const provider = join(root, "provider");
const features = ["imports", "prune", "archive"] as const;
const vocabulary = ["usage", "okd", "oci", "support"];

/** A feature's files beside its folders: ports, state, memory, snapshot. */
const own = (feature: string, ...rooms: readonly string[]) => rooms.map((room) => `${feature}/${room}`);

/**
 * One shape for the three features. `args` and `plan` decide over plain values; `survey`, `check` and `execute` reach the world
 * through the ports; the handler ties them to Pulumi's verbs.
 */
function featureRules(feature: string): Readonly<Record<string, Rule>> {
  return {
    [`${feature}/args`]: { values: ["oci", "support"], types: ["okd"], packages: ["zod"] },
    [`${feature}/plan`]: {
      values: [...own(feature, "args", "failure"), ...vocabulary],
      types: [feature],
    },
    [`${feature}/failure`]: { values: [...own(feature, "args"), ...vocabulary], types: [feature] },
    [`${feature}/survey`]: {
      values: [...own(feature, "plan"), ...vocabulary],
      types: [feature, ...own(feature, "args")],
      packages: ["json-p3"],
    },
    [`${feature}/report`]: { values: [...own(feature, "plan"), ...vocabulary], types: [feature] },
    // What the feature would be told to declare something as it is, as text.
    [`${feature}/program`]: { values: [...own(feature, "args", "plan"), ...vocabulary] },
    [`${feature}/use`]: { values: vocabulary, types: [feature, ...own(feature, "plan")] },
    [`${feature}/lookup`]: {
      values: [...own(feature, "failure"), ...vocabulary],
      types: [feature],
      packages: ["zod"],
    },
    [feature]: {
      values: [...own(feature, "args", "plan", "survey"), ...vocabulary],
      types: own(feature, "execute"),
    },
    [`${feature}/check`]: {
      values: [feature, ...own(feature, "args", "plan", "failure", "survey", "report", "use"), ...vocabulary],
    },
    [`${feature}/execute`]: {
      values: [...own(feature, "check", "plan", "failure", "survey", "use"), ...vocabulary],
      types: [feature, ...own(feature, "args")],
    },
    [`${feature}/handler`]: {
      values: [feature, ...own(feature, "args", "plan", "check", "execute"), ...vocabulary, "lifecycle"],
      types: own(feature, "use"),
    },
  };
}

/** An adapter implements ports, so it knows the features by their types. */
const portTypes = [
  ...features,
  ...own("imports", "args", "plan", "lookup"),
  ...own("prune", "args", "plan"),
  ...own("archive", "args", "plan"),
];

const rules: Readonly<Record<string, Rule>> = {
  support: { values: [], packages: ["p-retry", "p-limit", "semver"] },
  oci: { values: ["support"] },
  okd: { values: ["oci", "support"] },
  usage: { values: ["okd", "oci", "support"] },
  ...featureRules("imports"),
  ...featureRules("prune"),
  ...featureRules("archive"),
  lifecycle: { values: ["support"] },
  http: { values: ["support"], packages: ["undici"] },
  cluster: {
    values: ["http", "okd", "oci", "support"],
    types: [...portTypes, "usage", "lifecycle"],
    packages: ["zod", "undici"],
  },
  registry: {
    values: ["http", "okd", "oci", "support"],
    types: portTypes,
    packages: ["undici", "smol-toml"],
  },
  containerEngine: {
    values: ["http", "oci", "support"],
    types: [...portTypes, "okd"],
    packages: ["undici"],
  },
  tarball: { values: ["oci", "support"], types: [...portTypes, "okd"], packages: ["tar-stream"] },
  resources: {
    // A test of the package's index sees to it that functions.ts is loaded at the first call only.
    values: ["oci", "support", "functions.ts"],
    types: [...portTypes, "okd", "lifecycle"],
    packages: ["@pulumi/pulumi"],
  },
  wiring: {
    values: [
      "http",
      "cluster",
      "registry",
      "containerEngine",
      "tarball",
      ...own("imports", "use"),
      ...own("prune", "survey"),
      ...own("archive", "check"),
      "lifecycle",
      ...vocabulary,
    ],
    types: portTypes,
  },
  "hooks.ts": {
    values: [...features.map((feature) => `${feature}/handler`), "wiring", "lifecycle", "support"],
  },
  // What `npx pulumi-okd-images` runs.
  commands: {
    values: [...own("imports", "program"), "wiring", "lifecycle", "okd", "support"],
  },
  "functions.ts": {
    values: ["imports/lookup", "cluster", "wiring", "lifecycle", "support"],
    types: ["okd"],
  },
  "index.ts": { values: ["resources", "support"], types: [...portTypes, "okd"] },
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
/** Rooms that know only what they are given: no clock, no environment, no chance. */
const deciding = [
  "oci",
  "okd",
  "usage",
  ...features.flatMap((feature) => own(feature, "args", "plan", "failure", "report", "program")),
];
/** Rooms that reach the world through ports only. */
const withoutWorld = [
  ...deciding,
  ...Object.keys(rules).filter((room) => features.some((each) => inFeature(room, each))),
];

function inFeature(room: string, feature: string): boolean {
  return room === feature || room.startsWith(`${feature}/`);
}

const most = { files: 14, lines: 250 };

interface Import {
  readonly from: string;
  readonly specifier: string;
  readonly isType: boolean;
}

/** The folder below provider/; of a feature the room in it, and its handler apart. */
function roomOf(file: string): string {
  const [folder = "", second, ...rest] = pathIn(provider, file).split("/");
  if (second === undefined || !features.some((feature) => feature === folder)) return folder;
  if (rest.length > 0) return `${folder}/${second}`;
  return second === "handler.ts" || second === "inputs.ts" ? `${folder}/handler` : folder;
}

function pathIn(folder: string, file: string): string {
  return relative(folder, file).split("\\").join("/");
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
    return withoutWorld.includes(room) && !pureBuiltins.has(specifier)
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

/** Entries of a folder, files and folders alike, that import each other in a circle. */
function circlesIn(folder: string, imports: readonly Import[]): readonly string[] {
  const arrows = new Map<string, Set<string>>();
  for (const { from, specifier } of imports) {
    if (!specifier.startsWith(".")) continue;
    const source = entryIn(folder, from);
    const target = entryIn(folder, resolve(dirname(from), specifier).replace(/\.js$/, ".ts"));
    if (source === undefined || target === undefined || source === target) continue;
    arrows.set(source, (arrows.get(source) ?? new Set()).add(target));
  }
  const isReached = (from: string, wanted: string, seen = new Set<string>()): boolean =>
    [...(arrows.get(from) ?? [])].some((next) => {
      if (next === wanted) return true;
      if (seen.has(next)) return false;
      return isReached(next, wanted, seen.add(next));
    });
  return [...arrows.keys()].filter((entry) => isReached(entry, entry)).map((entry) => join(folder, entry));
}

function entryIn(folder: string, file: string): string | undefined {
  const path = pathIn(folder, file);
  return path.startsWith("..") ? undefined : path.split("/")[0];
}

/** `registry/registryClient.ts` in folder `registry`. */
function repeatsItsFolder(file: string): boolean {
  const folder = basename(dirname(file)).toLowerCase();
  return basename(file, ".ts").toLowerCase().includes(folder);
}

/** Names of packages that sources import, `@scope/name` or `name`. */
function packagesIn(imports: readonly Import[]): ReadonlySet<string> {
  const foreign = imports.map(({ specifier }) => specifier).filter((name) => !/^(?:\.|node:)/.test(name));
  return new Set(foreign.map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name));
}

describe("architecture", () => {
  const files = filesBelow(provider);
  const imports = files.flatMap(importsOf);
  const shown = (paths: readonly string[]) => paths.map((path) => pathIn(root, path));

  it("imports only along the arrows of the design", () => {
    const problems = imports.map(problem).filter((text) => text !== undefined);
    assert.deepEqual(problems, []);
  });

  it("reads neither clock nor environment in code that decides", () => {
    const touching = files
      .filter((file) => deciding.includes(roomOf(file)))
      .filter((file) =>
        /\b(Date\.now|new Date\(\)|process\.|Math\.random|fetch\()/.test(readFileSync(file, "utf8")),
      );
    assert.deepEqual(shown(touching), []);
  });
});

for (const [name, folder] of [
  ["provider", provider],
  ["sandbox", join(root, "sandbox/src")],
] as const) {
  describe(`the folders and files of ${name}`, () => {
    const files = filesBelow(folder);
    const folders = [...new Set(files.map((file) => dirname(file)))];
    const shown = (paths: readonly string[]) => paths.map((path) => pathIn(root, path));

    it("has no circle of imports among the entries of any folder", () => {
      const imports = files.flatMap(importsOf);
      const circles = folders.flatMap((each) => circlesIn(each, imports));
      assert.deepEqual(shown(circles), []);
    });

    it("has folders that one can overlook, with files that do not repeat their names", () => {
      const crowded = folders.filter(
        (each) => files.filter((file) => dirname(file) === each).length > most.files,
      );
      assert.deepEqual(shown(crowded), []);
      assert.deepEqual(shown(files.filter(repeatsItsFolder)), []);
    });

    it("has files that one can read at once", () => {
      const long = files.filter((file) => readFileSync(file, "utf8").split("\n").length - 1 > most.lines);
      assert.deepEqual(shown(long), []);
    });
  });
}

describe("the sandbox", () => {
  const sandbox = join(root, "sandbox");

  it("imports its own files and the packages that it declares, no more and no fewer", () => {
    const imports = filesBelow(join(sandbox, "src")).flatMap(importsOf);
    const manifest = readFileSync(join(sandbox, "package.json"), "utf8");
    const { dependencies } = JSON.parse(manifest) as { readonly dependencies: object };
    const strangers = imports.filter(
      ({ from, specifier }) =>
        specifier.startsWith(".") && pathIn(sandbox, resolve(dirname(from), specifier)).startsWith(".."),
    );

    assert.deepEqual(strangers, []);
    assert.deepEqual([...packagesIn(imports)].sort(), Object.keys(dependencies).sort());
  });

  it("is imported by its name", () => {
    const users = ["test", "bench", "sandbox/test", "provider"].map((each) => join(root, each));
    const byPath = users
      .flatMap(filesBelow)
      .flatMap(importsOf)
      .filter(({ from, specifier }) =>
        pathIn(root, resolve(dirname(from), specifier)).startsWith("sandbox/src/"),
      );
    assert.deepEqual(byPath, []);
  });
});
