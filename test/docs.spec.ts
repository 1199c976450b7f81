import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";
import { stackConfigKeys } from "../provider/cluster/connection/fields.js";
import { forcibleObjections } from "../provider/prune/args/prune.js";
import { repositoryRoot } from "./support/repositoryRoot.js";

const declarations = join(repositoryRoot, "dist/provider");

interface Page {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly text: string;
}

function pageAt(path: string): Page {
  return { path, text: readFileSync(join(repositoryRoot, path), "utf8") };
}

function pagesBelow(folder: string, recursive: boolean): readonly Page[] {
  return readdirSync(join(repositoryRoot, folder), { withFileTypes: true, recursive })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map((entry) => pageAt(relative(repositoryRoot, join(entry.parentPath, entry.name))));
}

const pages = [
  ...pagesBelow(".", false),
  ...pagesBelow("docs", true),
  ...readdirSync(join(repositoryRoot, "examples"))
    .map((name) => `examples/${name}/README.md`)
    .filter((path) => existsSync(join(repositoryRoot, path)))
    .map(pageAt),
];
/** What stands in backticks in the tables of a text. */
function tableWordsIn(text: string): ReadonlySet<string> {
  return new Set(
    text
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .flatMap((line) => [...line.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word)),
  );
}

/** What stands below the heading of a page, up to the next one of the same level. */
function sectionOf({ path, text }: Page, heading: string): string {
  const [, section] = text.split(`\n## ${heading}\n`);
  assert.ok(section, `${path} has no section ${heading}`);
  return section.split(/\n## /)[0] ?? "";
}

/** The `ts` blocks as files that do not exist, in a folder where this package and Pulumi's are found. */
function codeBlocks(page: Page): readonly (readonly [file: string, code: string])[] {
  const blocks = [...page.text.matchAll(/^```(?:ts|typescript)\n(.*?)^```$/gms)];
  return blocks.map(([, code = ""], index) => {
    const name = `${page.path.replaceAll(/\W+/g, "-")}-${index + 1}.ts`;
    return [join(repositoryRoot, "docs", name), `${code}\nexport {};\n`];
  });
}

function compile(files: ReadonlyMap<string, string>): ts.Program {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ["node"],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const disk = ts.createCompilerHost(options);
  host.fileExists = (file) => files.has(file) || disk.fileExists(file);
  host.readFile = (file) => files.get(file) ?? disk.readFile(file);
  host.getSourceFile = (file, version, ...rest) => {
    const code = files.get(file);
    if (code === undefined) return disk.getSourceFile(file, version, ...rest);
    return ts.createSourceFile(file, code, version);
  };
  const roots = [
    ...files.keys(),
    join(declarations, "index.d.ts"),
    join(declarations, "support/imageError.d.ts"),
  ];
  return ts.createProgram(roots, options, host);
}

function exportedType(program: ts.Program, file: string, name: string): ts.Type {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(join(declarations, file))!)!;
  const symbol = checker.getExportsOfModule(module).find((found) => found.name === name);
  assert.ok(symbol, `${file} exports no ${name}`);
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return checker.getDeclaredTypeOfSymbol(target);
}

/** GitHub's anchors. */
function anchorsOf({ text }: Page): ReadonlySet<string> {
  const headings = [...text.replaceAll(/^```.*?^```$/gms, "").matchAll(/^#+ (.*)$/gm)];
  return new Set(
    headings.map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
}

function brokenLinks(page: Page): readonly string[] {
  const links = [...page.text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links
    .filter((link) => !/^(?:https?|mailto):/.test(link))
    .filter((link) => {
      const [path = "", anchor] = link.split("#");
      const file = path === "" ? page.path : join(dirname(page.path), path);
      if (!existsSync(resolve(repositoryRoot, file))) return true;
      return anchor !== undefined && !anchorsOf(pageAt(file)).has(anchor);
    })
    .map((link) => `${page.path}: ${link}`);
}

describe("documentation", function () {
  this.timeout(120_000);
  let program: ts.Program;
  const blocks = new Map(pages.flatMap(codeBlocks));

  before(() => {
    program = compile(blocks);
  });

  it("has code blocks that type-check", () => {
    assert.ok(blocks.size > 0);
    const problems = [...blocks.keys()].flatMap((file) => {
      const source = program.getSourceFile(file);
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    });
    const format = {
      getCanonicalFileName: String,
      getCurrentDirectory: () => repositoryRoot,
      getNewLine: () => "\n",
    };
    assert.equal(ts.formatDiagnostics(problems, format), "");
  });

  it("links only to what exists", () => {
    assert.deepEqual([...pages, pageAt("sandbox/README.md")].flatMap(brokenLinks), []);
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
    ["connection", "ConnectionArgs", ""],
  ] as const;
  for (const [page, name, prefix] of tables) {
    it(`names every property of ${name} in the tables of docs/reference/${page}.md`, () => {
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
    it(`names every output of ${name} in its tables`, () => {
      const words = tableWordsIn(pageAt(`docs/reference/${page}.md`).text);
      const own = ownOutputs(program, name);

      assert.ok(own.includes("cluster"));
      assert.deepEqual(
        own.filter((output) => !words.has(output)),
        [],
      );
    });
  }

  it("explains every guard of a policy", () => {
    const words = tableWordsIn(sectionOf(pageAt("docs/guides/prune-safely.md"), "Guards"));

    assert.deepEqual(
      forcibleObjections.filter((guard) => !words.has(guard)),
      [],
    );
  });

  const otherTools: readonly (readonly [page: string, tool: string, options: () => readonly string[]])[] = [
    ["oc", "oc adm prune images", () => ocPruneFlags],
    ["oc", "oc image mirror and oc image extract", () => ocMirrorFlags],
    ["ansible", "openshift_adm_prune_images", () => ansiblePruneOptions],
    ["ansible", "docker_image_export", () => ansibleExportOptions],
    ["ansible", "podman_save", () => ansibleSaveOptions],
    ["docker", "docker save and podman save", () => dockerSaveFlags],
    ["skopeo", "skopeo copy", () => skopeoCopyFlags],
    ["oc-mirror", "oc adm release mirror and oc-mirror", () => imageSetSettings],
  ];
  for (const [page, tool, options] of otherTools) {
    it(`says where every option of ${tool} has gone`, () => {
      const table = sectionOf(pageAt(`docs/from/${page}.md`), tool);
      const words = [...tableWordsIn(table)].map((word) => word.split(/[:= ]/)[0]);

      assert.deepEqual(
        options().filter((option) => !words.includes(option)),
        [],
      );
    });
  }

  it("keeps the README to 200 lines", () => {
    assert.ok(pageAt("README.md").text.split("\n").length <= 200);
  });

  it("lists every way to configure the connection", () => {
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

  it("explains every error code, and only those", () => {
    const union = exportedType(program, "support/imageError.d.ts", "ErrorCode") as ts.UnionType;
    const codes = union.types.map((type) => (type as ts.StringLiteralType).value).sort();
    const explained = [
      ...pageAt("docs/reference/errors.md").text.matchAll(/^\| `([A-Z]+(?:_[A-Z]+)*)` \|/gm),
    ].map(([, code = ""]) => code);

    assert.deepEqual(explained, codes);
  });
});

/** Flags of `oc adm prune images`, and the global one that it honours. */
const ocPruneFlags = [
  "--confirm",
  "--all",
  "--keep-younger-than",
  "--keep-tag-revisions",
  "--prune-over-size-limit",
  "--certificate-authority",
  "--registry-url",
  "--force-insecure",
  "--prune-registry",
  "--ignore-invalid-refs",
  "--num-workers",
  "--namespace",
];

/** Of community.okd's openshift_adm_prune_images, what it returns included; it connects as the other module does. */
const ansiblePruneOptions = [
  "namespace",
  "all_images",
  "keep_younger_than",
  "prune_over_size_limit",
  "registry_url",
  "registry_ca_cert",
  "registry_validate_certs",
  "prune_registry",
  "ignore_invalid_refs",
  "deleted_images",
  "updated_image_streams",
];

/** Of community.docker's docker_image_export, what it returns and how it connects included. */
const ansibleExportOptions = [
  "names",
  "name",
  "tag",
  "path",
  "force",
  "platform",
  "docker_host",
  "tls_hostname",
  "api_version",
  "use_ssh_client",
  "validate_certs",
  "tls",
  "ca_path",
  "client_cert",
  "client_key",
  "timeout",
  "debug",
  "images",
];

/** Of containers.podman's podman_save. */
const ansibleSaveOptions = [
  "image",
  "multi_image_archive",
  "dest",
  "format",
  "force",
  "compress",
  "executable",
];

/** Of `docker save` and `podman save`, and those of `docker` that choose the engine. */
const dockerSaveFlags = [
  "--output",
  "--platform",
  "--quiet",
  "--uncompressed",
  "--host",
  "--context",
  "--config",
  "--tls",
  "--tlscacert",
  "--tlscert",
  "--tlskey",
  "--tlsverify",
];

/** Those that decide what is copied into a file, and how its source is reached. */
const skopeoCopyFlags = [
  "--all",
  "--multi-arch",
  "--override-os",
  "--override-arch",
  "--override-variant",
  "--preserve-digests",
  "--format",
  "--additional-tag",
  "--src-creds",
  "--src-username",
  "--src-password",
  "--src-no-creds",
  "--src-registry-token",
  "--authfile",
  "--src-authfile",
  "--src-cert-dir",
  "--src-tls-verify",
  "--src-daemon-host",
  "--dest-compress",
  "--dest-compress-format",
  "--dest-decompress",
  "--digestfile",
  "--retry-times",
  "--command-timeout",
  "--tmpdir",
  "--policy",
  "--registries.d",
  "--remove-signatures",
  "--sign-by",
  "--encryption-key",
  "--decryption-key",
];

/** Of `oc image mirror`. */
const ocMirrorFlags = [
  "--dir",
  "--from-dir",
  "--filename",
  "--filter-by-os",
  "--keep-manifest-list",
  "--registry-config",
  "--certificate-authority",
  "--insecure",
  "--skip-verification",
  "--dry-run",
  "--force",
  "--skip-missing",
  "--continue-on-error",
  "--max-registry",
  "--max-per-registry",
  "--skip-mount",
  "--skip-multiple-scopes",
  "--s3-source-bucket",
];

/** What an ImageSetConfiguration of oc-mirror says. */
const imageSetSettings = [
  "archiveSize",
  "mirror.additionalImages",
  "mirror.blockedImages",
  "mirror.helm",
  "mirror.operators",
  "mirror.platform",
];

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
