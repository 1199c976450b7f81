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

const readme = pageAt("README.md");
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

/** A section of the README, with those below it. */
function sectionOf(heading: string): string {
  const [, section] = readme.text.split(`\n## ${heading}\n`);
  assert.ok(section, `there is no section ${heading}`);
  return section.split(/\n## /)[0] ?? "";
}

const tableWords = tableWordsIn(readme.text);

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
    assert.deepEqual(pages.flatMap(brokenLinks), []);
  });

  for (const name of ["ImportedImageStreamArgs", "ImageTagArgs", "ConnectionArgs"]) {
    it(`names every argument of ${name} in the README's tables`, () => {
      const names = exportedType(program, "index.d.ts", name)
        .getProperties()
        .map((property) => property.name);

      assert.ok(names.length > 0);
      assert.deepEqual(
        names.filter((argument) => !tableWords.has(argument)),
        [],
      );
    });
  }

  const tables = [
    ["ImagePrunePolicy", "ImagePrunePolicyArgs", ""],
    ["ImagePrunePolicy", "StreamSelectionArgs", "select."],
    ["ImagePrunePolicy", "KeepArgs", "keep."],
    ["ImagePrunePolicy", "PruneLimitsArgs", "limits."],
    ["ImagePrunePolicy", "PruneRegistryArgs", "registry."],
    ["ImagePrunePolicy", "ExtraReferenceArgs", ""],
    ["ImagePrunePolicy", "PrunePlan", "plan."],
    ["ImagePrunePolicy", "LastPrune", "lastPrune."],
    ["ImageArchive", "ImageArchiveArgs", ""],
    ["ImageArchive", "ArchivedImageArgs", ""],
    ["ImageArchive", "EngineConnectionArgs", "engine."],
    ["ImageArchive", "ArchiveRegistryArgs", ""],
    ["ImageArchive", "IntegratedRegistryArgs", "integratedRegistry."],
    ["ImageArchive", "ArchiveContent", "content."],
    ["ImageArchive", "ContentImage", ""],
  ] as const;
  for (const [resource, name, prefix] of tables) {
    it(`names every property of ${name} in the tables about ${resource}`, () => {
      const names = exportedType(program, "index.d.ts", name)
        .getProperties()
        .map((property) => `${prefix}${property.name}`);
      const words = tableWordsIn(sectionOf(resource));

      assert.ok(names.length > 0);
      assert.deepEqual(
        names.filter((argument) => !words.has(argument)),
        [],
      );
    });
  }

  it("names every output and every guard of ImagePrunePolicy in its tables", () => {
    const words = tableWordsIn(sectionOf("ImagePrunePolicy"));
    const own = ownOutputs(program, "ImagePrunePolicy");

    assert.ok(own.includes("lastPrune"));
    assert.deepEqual(
      [...own, ...forcibleObjections].filter((word) => !words.has(word)),
      [],
    );
  });

  it("names every output of ImageArchive in its tables", () => {
    const words = tableWordsIn(sectionOf("ImageArchive"));
    const own = ownOutputs(program, "ImageArchive");

    assert.ok(own.includes("sha256"));
    assert.deepEqual(
      own.filter((output) => !words.has(output)),
      [],
    );
  });

  const otherTools: Readonly<Record<string, () => readonly string[]>> = {
    "oc adm prune images": () => ocPruneFlags,
    "Ansible: openshift_adm_prune_images": () => ansiblePruneOptions,
    "Ansible: docker_image_export": () => ansibleExportOptions,
    "Ansible: podman_save": () => ansibleSaveOptions,
    "docker save and podman save": () => dockerSaveFlags,
    "skopeo copy": () => skopeoCopyFlags,
    "oc image mirror and oc image extract": () => ocMirrorFlags,
    "oc adm release mirror and oc-mirror": () => imageSetSettings,
  };
  for (const [tool, options] of Object.entries(otherTools)) {
    it(`says where every option of ${tool} has gone`, () => {
      const tables = sectionOf("Coming from oc, Ansible, Docker or skopeo").split(/^### /m);
      const table = tables.find((each) => each.startsWith(`${tool}\n`)) ?? "";
      const words = [...tableWordsIn(table)].map((word) => word.split(/[:= ]/)[0]);

      assert.deepEqual(
        options().filter((option) => !words.includes(option)),
        [],
      );
    });
  }

  it("names every output in the README's tables", () => {
    const own = ownOutputs(program, "ImportedImageStream");

    assert.ok(own.includes("resolved") && own.includes("digest(tag)"));
    assert.deepEqual(
      own.filter((output) => !tableWords.has(output)),
      [],
    );
  });

  it("lists every way to configure the connection", () => {
    const fields = readFileSync(join(repositoryRoot, "provider/cluster/connection/fields.ts"), "utf8");
    const variables = [...fields.matchAll(/"((?:OKD|K8S_AUTH)_[A-Z_]+|KUBECONFIG)"/g)].map(
      ([, name = ""]) => name,
    );

    assert.ok(variables.length > 0);
    assert.deepEqual(
      [...variables, ...stackConfigKeys].filter((name) => !tableWords.has(name)),
      [],
    );
  });

  it("explains every error code, and only those", () => {
    const union = exportedType(program, "support/imageError.d.ts", "ErrorCode") as ts.UnionType;
    const codes = union.types.map((type) => (type as ts.StringLiteralType).value).sort();
    const explained = [...readme.text.matchAll(/^\| `([A-Z]+(?:_[A-Z]+)*)` \|/gm)].map(
      ([, code = ""]) => code,
    );

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
