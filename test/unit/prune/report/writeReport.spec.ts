import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderHtml } from "../../../../provider/prune/report/renderHtml.js";
import { renderJson } from "../../../../provider/prune/report/renderJson.js";
import { renderMarkdown } from "../../../../provider/prune/report/renderMarkdown.js";
import { buildReport } from "../../../../provider/prune/report/reportModel.js";
import { writeReport } from "../../../../provider/prune/report/writeReport.js";
import { hasCode } from "../../../../provider/support/imageError.js";
import { exampleReport } from "../../../builders/pruneReportExample.js";

describe("writing a report", () => {
  const report = buildReport(exampleReport(3));
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "report-"))));
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const formats = [
    ["out.json", renderJson],
    ["out.md", renderMarkdown],
    ["OUT.HTML", renderHtml],
  ] as const;
  for (const [path, render] of formats) {
    it(`takes the format from the extension: ${path}`, async () => {
      await writeReport(path, report, folder);
      assert.equal(await readFile(join(folder, path), "utf8"), render(report));
    });
  }

  it("makes the folder, and replaces what was there without leaving anything beside it", async () => {
    await writeReport("a/b/plan.md", report, folder);
    await writeFile(join(folder, "a/b/plan.md"), `${renderMarkdown(report)}\nA remark of its reader.\n`);
    await writeReport("a/b/plan.md", report, folder);

    assert.deepEqual(await readdir(join(folder, "a/b")), ["plan.md"]);
    assert.equal(await readFile(join(folder, "a/b/plan.md"), "utf8"), renderMarkdown(report));
  });

  it("takes an absolute path as it is", async () => {
    await writeReport(join(folder, "plan.md"), report, "/nowhere");
    assert.deepEqual(await readdir(folder), ["plan.md"]);
  });

  it("refuses another extension before it touches anything", async () => {
    await assert.rejects(writeReport("new/plan.txt", report, folder), (error) => {
      assert.ok(hasCode(error, "REPORT_NOT_WRITTEN"));
      assert.match(error.message, /plan\.txt.*\.json, \.md or \.html/);
      return true;
    });
    assert.deepEqual(await readdir(folder), []);
  });

  it("leaves the old one whole and nothing beside it when it fails", async () => {
    // A folder can be replaced by no file.
    await mkdir(join(folder, "plan.md"));
    await writeFile(join(folder, "plan.md/inside"), "old");
    await assert.rejects(writeReport("plan.md", report, folder), (error) =>
      hasCode(error, "REPORT_NOT_WRITTEN"),
    );

    assert.deepEqual(await readdir(folder), ["plan.md"]);
    assert.equal(await readFile(join(folder, "plan.md/inside"), "utf8"), "old");
  });
});
