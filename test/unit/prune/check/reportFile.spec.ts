import assert from "node:assert/strict";
import { link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderJson, writeReport } from "../../../../provider/prune/check/reportFile.js";
import { buildReport } from "../../../../provider/prune/report/build.js";
import { renderHtml } from "../../../../provider/prune/report/html/page.js";
import { renderMarkdown } from "../../../../provider/prune/report/markdown.js";
import { hasCode } from "../../../../provider/support/imageError.js";
import { exampleReport } from "../../../support/builders/pruneReport.js";

describe("writing a report", () => {
  const report = buildReport(exampleReport(3));
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "report-"))));
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const at = (planReport: string, baseFolder: string, approvedPlan?: string) => ({
    planReport,
    approvedPlan,
    baseFolder,
  });
  const formats = [
    ["out.json", renderJson],
    ["out.md", renderMarkdown],
    ["OUT.HTML", renderHtml],
  ] as const;
  for (const [path, render] of formats) {
    it(`takes the format from the extension: ${path}`, async () => {
      await writeReport(at(path, folder), report);
      assert.equal(await readFile(join(folder, path), "utf8"), render(report));
    });
  }

  it("makes the folder, and replaces what was there without leaving anything beside it", async () => {
    await writeReport(at("a/b/plan.md", folder), report);
    await writeFile(join(folder, "a/b/plan.md"), `${renderMarkdown(report)}\nA remark of its reader.\n`);
    await writeReport(at("a/b/plan.md", folder), report);

    assert.deepEqual(await readdir(join(folder, "a/b")), ["plan.md"]);
    assert.equal(await readFile(join(folder, "a/b/plan.md"), "utf8"), renderMarkdown(report));
  });

  it("keeps an absolute path as it is", async () => {
    await writeReport(at(join(folder, "plan.md"), "/nowhere"), report);
    assert.deepEqual(await readdir(folder), ["plan.md"]);
  });

  it("refuses another extension before it touches anything", async () => {
    await assert.rejects(writeReport(at("new/plan.txt", folder), report), (error) => {
      assert.ok(hasCode(error, "REPORT_NOT_WRITTEN"));
      assert.match(error.message, /plan\.txt.*\.json, \.md or \.html/);
      return true;
    });
    assert.deepEqual(await readdir(folder), []);
  });

  it("keeps the old report whole, and no other file, when it fails", async () => {
    // A folder can be replaced by no file.
    await mkdir(join(folder, "plan.md"));
    await writeFile(join(folder, "plan.md/inside"), "old");
    await assert.rejects(writeReport(at("plan.md", folder), report), (error) =>
      hasCode(error, "REPORT_NOT_WRITTEN"),
    );

    assert.deepEqual(await readdir(folder), ["plan.md"]);
    assert.equal(await readFile(join(folder, "plan.md/inside"), "utf8"), "old");
  });

  it("never overwrites an approved plan, however links that came meanwhile lead there", async () => {
    await writeReport(at("approved.json", folder), report);
    const approved = await readFile(join(folder, "approved.json"), "utf8");
    await symlink("approved.json", join(folder, "link.json"));
    await symlink(folder, join(folder, "out"));
    await link(join(folder, "approved.json"), join(folder, "hard.json"));
    for (const path of [
      "approved.json",
      "./out/../approved.json",
      "link.json",
      "out/link.json",
      "hard.json",
    ]) {
      await assert.rejects(
        writeReport(at(path, folder, "approved.json"), buildReport(exampleReport(1))),
        /it is the file of approvedPlan: approved\.json/,
      );
    }
    assert.equal(await readFile(join(folder, "approved.json"), "utf8"), approved);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.endsWith(".tmp")),
      [],
    );
  });

  it("replaces one name of a report that has two, and keeps the other", async () => {
    await writeReport(at("plan.json", folder), report);
    await link(join(folder, "plan.json"), join(folder, "kept.json"));
    const before = await readFile(join(folder, "kept.json"), "utf8");
    await writeReport(at("plan.json", folder), buildReport(exampleReport(1)));
    assert.equal(await readFile(join(folder, "kept.json"), "utf8"), before);
    assert.notEqual(await readFile(join(folder, "plan.json"), "utf8"), before);
  });
});
