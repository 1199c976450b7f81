import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";
import { type Page, pageAt, pages } from "../support/documented/pages.js";
import { repositoryRoot } from "../support/repositoryRoot.js";

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
  return ts.createProgram([...files.keys()], options, host);
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

describe("the pages for users and contributors", function () {
  this.timeout(120_000);
  const blocks = new Map(pages.flatMap(codeBlocks));

  it("code blocks of all pages type-check", () => {
    const program = compile(blocks);
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

  it("links of all pages lead to what exists", () => {
    assert.deepEqual([...pages, pageAt("sandbox/README.md")].flatMap(brokenLinks), []);
  });

  it("README.md has at most 200 lines", () => {
    assert.ok(pageAt("README.md").text.split("\n").length <= 200);
  });
});
