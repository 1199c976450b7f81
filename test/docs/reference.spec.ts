import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { stackConfigKeys } from "../../provider/cluster/connection/fields.js";
import { forcibleObjections } from "../../provider/prune/args/parsed.js";
import { pageAt, sectionOf, tableWordsIn } from "../support/documented/pages.js";
import { repositoryRoot } from "../support/repositoryRoot.js";

const declarations = join(repositoryRoot, "dist/provider");

function compileDeclarations(): ts.Program {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    types: [],
    strict: true,
    skipLibCheck: true,
  };
  const roots = ["index.d.ts", "support/imageError.d.ts"].map((file) => join(declarations, file));
  return ts.createProgram(roots, options);
}

function exportedType(program: ts.Program, file: string, name: string): ts.Type {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(join(declarations, file))!)!;
  const symbol = checker.getExportsOfModule(module).find((found) => found.name === name);
  assert.ok(symbol, `${file} exports no ${name}`);
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return checker.getDeclaredTypeOfSymbol(target);
}

describe("the pages of docs/reference", function () {
  this.timeout(120_000);
  let program: ts.Program;

  before(() => {
    program = compileDeclarations();
  });

  const tables = [
    ["imported-image-stream", "ImportedImageStreamArgs", ""],
    ["imported-image-stream", "ImageTagArgs", "tags.*."],
    ["imported-image-stream", "ResolvedImage", "resolved.*."],
    ["image-prune-policy", "ImagePrunePolicyArgs", ""],
    ["image-prune-policy", "StreamSelectionArgs", "select."],
    ["image-prune-policy", "KeepArgs", "keep."],
    ["image-prune-policy", "PruneLimitsArgs", "limits."],
    ["image-prune-policy", "PruneRegistryArgs", "registry."],
    ["image-prune-policy", "ExtraReferenceArgs", "extraReferences[]."],
    ["image-prune-policy", "PrunePlan", "plan."],
    ["image-prune-policy", "LastPrune", "lastPrune."],
    ["image-archive", "ImageArchiveArgs", ""],
    ["image-archive", "ArchivedImageArgs", "images[]."],
    ["image-archive", "EngineConnectionArgs", "engine."],
    ["image-archive", "ArchiveRegistryArgs", "registries.*."],
    ["image-archive", "IntegratedRegistryArgs", "integratedRegistry."],
    ["image-archive", "ArchiveContent", "content."],
    ["image-archive", "ContentImage", "content.images.*."],
    ["functions", "ImageMetadataArgs", ""],
    ["functions", "ImageStreamImageArgs", ""],
    ["functions", "ImageStreamTagArgs", ""],
    ["functions", "LookupOptions", "options."],
    ["functions", "ImageMetadata", ""],
    ["functions", "ContainerConfig", "config."],
    ["functions", "TagStatus", ""],
    ["functions", "ImageTriggerArgs", ""],
    ["functions", "DeploymentTriggerArgs", ""],
    ["functions", "BuildTriggerArgs", ""],
    ["functions", "TriggerAnnotations", ""],
    ["functions", "DeploymentImageTrigger", ""],
    ["functions", "BuildImageTrigger", ""],
    ["functions", "ResolvingAnnotations", ""],
    ["connection", "ConnectionArgs", ""],
  ] as const;
  for (const [page, name, prefix] of tables) {
    it(`${page}.md names every property of ${name} in its tables`, () => {
      const names = exportedType(program, "index.d.ts", name)
        .getProperties()
        .map((property) => `${prefix}${property.name}`);
      const words = tableWordsIn(pageAt(`docs/reference/${page}.md`).text);

      assert.ok(names.length > 0);
      assert.deepEqual(
        names.filter((argument) => !words.has(argument)),
        [],
      );
    });
  }

  for (const [page, name] of [
    ["imported-image-stream", "ImportedImageStream"],
    ["image-prune-policy", "ImagePrunePolicy"],
    ["image-archive", "ImageArchive"],
  ] as const) {
    it(`${page}.md names every output of ${name} in its tables`, () => {
      const words = tableWordsIn(pageAt(`docs/reference/${page}.md`).text);
      const own = ownOutputs(program, name);

      assert.ok(own.includes("cluster"));
      assert.deepEqual(
        own.filter((output) => !words.has(output)),
        [],
      );
    });
  }

  it("docs/guides/prune-safely.md explains every guard of a policy", () => {
    const words = tableWordsIn(sectionOf(pageAt("docs/guides/prune-safely.md"), "Guards"));

    assert.deepEqual(
      forcibleObjections.filter((guard) => !words.has(guard)),
      [],
    );
  });

  it("connection.md lists every way to configure the connection", () => {
    const fields = readFileSync(join(repositoryRoot, "provider/cluster/connection/fields.ts"), "utf8");
    const variables = [...fields.matchAll(/"((?:OKD|K8S_AUTH)_[A-Z_]+|KUBECONFIG)"/g)].map(
      ([, name = ""]) => name,
    );

    const tableWords = tableWordsIn(pageAt("docs/reference/connection.md").text);
    assert.ok(variables.length > 0);
    assert.deepEqual(
      [...variables, ...stackConfigKeys].filter((name) => !tableWords.has(name)),
      [],
    );
  });

  it("errors.md explains every error code, and only those", () => {
    const union = exportedType(program, "support/imageError.d.ts", "ErrorCode") as ts.UnionType;
    const codes = union.types.map((type) => (type as ts.StringLiteralType).value).sort();
    const explained = [
      ...pageAt("docs/reference/errors.md").text.matchAll(/^\| `([A-Z]+(?:_[A-Z]+)*)` \|/gm),
    ].map(([, code = ""]) => code);

    assert.deepEqual(explained, codes);
  });
});

/** What the class itself declares and does not hide. */
function ownOutputs(program: ts.Program, name: string): readonly string[] {
  return exportedType(program, "index.d.ts", name)
    .getProperties()
    .filter((property) => property.declarations?.[0]?.getSourceFile().fileName.startsWith(declarations))
    .filter((property) => !isPrivate(property))
    .map((property) => (property.flags & ts.SymbolFlags.Method ? `${property.name}(tag)` : property.name));
}

function isPrivate(symbol: ts.Symbol): boolean {
  const [declaration] = symbol.declarations ?? [];
  return (
    declaration !== undefined && (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private) !== 0
  );
}
