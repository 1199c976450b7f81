import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import fc from "fast-check";
import ts from "typescript";
import { buildReport, type ReportInput } from "../../../../../provider/prune/report/build.js";
import { renderHtml } from "../../../../../provider/prune/report/html/page.js";
import { hostileReport, hostileTexts } from "../../../../support/builders/hostileReport.js";
import { exampleReport } from "../../../../support/builders/pruneReport.js";
import { repositoryRoot } from "../../../../support/repositoryRoot.js";

function pageOf(input: ReportInput): string {
  return renderHtml(buildReport(input));
}

/** Tags and the names of their attributes, in order: what a browser builds the page from. */
function structureOf(page: string): readonly string[] {
  const [start = "", end = ""] = page.split(/<script type="application\/json" id="tables">.*<\/script>/);
  return [...`${start}${end}`.matchAll(/<[^>]*>/g)].map(([tag]) =>
    tag.replaceAll(/="[^"]*"/g, "").replace(/ title| aria-sort/g, ""),
  );
}

function embeddedTables(page: string): readonly { readonly rows: readonly unknown[] }[] {
  const [, json = ""] =
    /<script type="application\/json" id="tables">(.*)<\/script>\n<script>/.exec(page) ?? [];
  assert.doesNotMatch(json, /[<>&\u2028\u2029]/);
  return JSON.parse(json) as readonly { readonly rows: readonly unknown[] }[];
}

describe("the HTML report", () => {
  it("allows its own script and style by their hashes, and nothing else at all", () => {
    const page = pageOf(exampleReport());
    const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    const [, style = ""] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
    const [, script = ""] = /<script>(.*?)<\/script>/s.exec(page) ?? [];
    const [, policy = ""] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];

    assert.deepEqual(policy.replaceAll("&#39;", "'").split("; "), [
      "default-src 'none'",
      `script-src ${hashOf(script)}`,
      `style-src ${hashOf(style)}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    assert.ok(style.length > 1000 && script.length > 1000);
    assert.doesNotMatch(page, /\sstyle=|\son\w+=|url\(|@import|\ssrc=/);
  });

  it("holds every row for its script, and the first 200 for readers without scripts", () => {
    const input = exampleReport(120);
    const page = pageOf(input);
    const report = buildReport(input);
    const [going, kept] = embeddedTables(page);

    assert.ok(report.items.length > 1000);
    assert.equal(going?.rows.length, report.items.length);
    assert.equal(kept?.rows.length, report.kept.revisions.length);
    const [first = ""] = page.split('<section id="kept"');
    assert.equal(first.split('<tr role="row">').length - 2, 200);
  });

  it("lists Images that no item names", () => {
    const input = exampleReport(3);
    const page = pageOf({ ...input, plan: { ...input.plan, streams: [] } });
    const deletions = buildReport(input).images;

    assert.ok(deletions.length > 0);
    for (const { digest } of deletions) assert.ok(page.includes(digest), digest);
    assert.match(page, /Image without a revision/);
  });

  it("keeps its structure whatever the names", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
      fc.string({
        unit: fc.constantFrom(...Array.from("<>&\"'/=`!-]sript \n\u0000\u202e")),
        minLength: 1,
        maxLength: 16,
      }),
      fc.constantFrom(...hostileTexts),
    );
    const harmless = structureOf(pageOf(hostileReport(["a", "b", "c"])));
    fc.assert(
      fc.property(fc.uniqueArray(texts, { minLength: 3, maxLength: 3 }), (names) => {
        const page = pageOf(hostileReport(names));
        assert.deepEqual(structureOf(page), harmless);
        assert.equal(embeddedTables(page).length, 2);
        assert.doesNotMatch(page, /[\u0000-\u0009\u000b-\u001f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it("shows the arguments line by line", () => {
    assert.match(pageOf(exampleReport(3)), /\nkeepTagRevisions: 3\nkeepYoungerThan: &quot;30d&quot;\n/);
  });

  it("has a script whose types fit a browser", function () {
    this.timeout(60_000);
    const folder = join(repositoryRoot, "provider/prune/report/html/browser");
    const { options, fileNames } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(join(folder, "tsconfig.json"), (file) => ts.sys.readFile(file)).config,
      ts.sys,
      folder,
    );
    assert.ok(fileNames.length > 0);
    const program = ts.createProgram(fileNames, options);

    const problems = ts.getPreEmitDiagnostics(program).map(({ messageText, start, file }) => {
      const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
      return `${file?.fileName ?? ""}:${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
    assert.deepEqual(problems, []);
  });
});
