import assert from "node:assert/strict";
import fc from "fast-check";
import { buildReport, type ReportInput } from "../../../../provider/prune/report/build.js";
import { renderMarkdown } from "../../../../provider/prune/report/markdown.js";
import { hostileReport, hostileTexts } from "../../../support/builders/hostileReport.js";
import { exampleReport } from "../../../support/builders/pruneReport.js";

function markdownOf(input: ReportInput): string {
  return renderMarkdown(buildReport(input));
}

/** Without code spans: a run of backticks up to the next run of the same length (CommonMark 6.1). */
function withoutCode(line: string): string {
  return line.replace(/(?<!`)(`+)(?!`)(?:.*?[^`])\1(?!`)/g, "");
}

describe("the Markdown report", () => {
  const example = exampleReport();

  it("names the deletions, the cluster, and how to approve them", () => {
    const text = markdownOf(example);
    const { totals } = buildReport(example);

    assert.match(
      text,
      new RegExp(`^## Prune plan \`monthly\`: ${totals.images} images and ${totals.revisions} revisions of`),
    );
    assert.ok(text.includes(`approvedFingerprint: "${example.fingerprint}"`));
    assert.ok(text.includes("https://api.prod.example:6443"));
    assert.match(text, /`keepYoungerThan` spares what appeared after 2026-10-21T12:00:00/);
  });

  it("puts objections first, then warnings", () => {
    const text = markdownOf({
      ...example,
      objections: [{ name: "limits.images", message: "4,443 of 500." }],
    });

    const [caution, warning, table] = ["> [!CAUTION]", "> [!WARNING]", "### By stream"].map((part) =>
      text.indexOf(part),
    );
    assert.ok(0 < caution! && caution! < warning! && warning! < table!, `${caution} ${warning} ${table}`);
    assert.match(text, /> - \*\*`limits\.images`\*\* 4,443 of 500\./);
  });

  it("counts every row beyond the limit, and fits a comment", () => {
    for (const input of [example, exampleReport(400), longNames(example)]) {
      const text = markdownOf(input);
      const report = buildReport(input);
      const rows = text
        .split("\n")
        .filter((line) => /^\| (?:`|Image)/.test(line) && cellsOf(line) === 6).length;
      const rest = Number(/^and ([\d,]+) more, which/m.exec(text)?.[1]?.replaceAll(",", "") ?? 0);

      assert.equal(rows + rest, report.items.length + report.images.filter(({ hasItem }) => !hasItem).length);
      assert.ok(rows > 0 && rows <= 500, `${rows}`);
      assert.ok(text.length < 65_536, `${text.length}`);
    }
  });

  it("shows thirty warnings and counts the others", () => {
    const text = markdownOf({
      ...example,
      warnings: Array.from({ length: 40 }, (_, at) => `Warning ${at}.`),
    });

    const { warnings } = buildReport(example);
    assert.equal(text.split("> - ").length - 1, 31);
    assert.match(text, new RegExp(`> - and ${warnings.length + 10} more, which the JSON report lists`));
  });

  it("shows the biggest rows", () => {
    const shown = /^\| `([^`]+)`.*$/m.exec(markdownOf(example).split("### What would go")[1]!);
    const biggest = buildReport(example).items.toSorted((a, b) => b.bytes - a.bytes)[0]!;
    assert.equal(shown?.[1], `${biggest.namespace}/${biggest.stream}:${biggest.tag}#${biggest.revision}`);
  });

  it("says that nothing would be deleted", () => {
    const plan = { ...example.plan, streams: [], images: { kind: "planned" as const, deletions: [] } };
    const text = markdownOf({ ...example, plan });

    assert.match(text, /: Nothing would go\n/);
    assert.doesNotMatch(text, /### What would go/);
  });

  it("keeps its structure whatever the names: they make no line, cell, markup, mention or link", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
      fc.string({
        unit: fc.constantFrom(...Array.from("`|\\<>[]()@#*_!-:/. \n\u202ea1")),
        minLength: 1,
        maxLength: 12,
      }),
      fc.constantFrom(...hostileTexts),
    );
    const visible = texts.filter((text) => text.trim() !== "");
    fc.assert(
      fc.property(fc.uniqueArray(visible, { minLength: 3, maxLength: 3 }), (names) => {
        const lines = markdownOf(hostileReport(names)).split("\n");
        const harmless = markdownOf(hostileReport(["a", "b", "c"])).split("\n");
        assert.equal(lines.length, harmless.length);
        for (const [at, line] of lines.entries()) {
          const ours = withoutCode(line).replace(/^(?:> )?(?:\[!\w+\]|- (?:\*\*\*\* )?|#+ |>)?/, "");
          assert.doesNotMatch(ours.replaceAll("**", ""), /[<>@#`\\[\]!_*]|:\/\/|www\./, line);
          if (line.startsWith("| ")) assert.equal(cellsOf(line), cellsOf(harmless[at]!), line);
        }
      }),
    );
  });
});

function longNames({ plan, ...input }: ReportInput): ReportInput {
  const streams = plan.streams.map((stream) => ({
    ...stream,
    namespace: `${stream.namespace}-${"x".repeat(250)}`,
  }));
  return { ...input, plan: { ...plan, streams } };
}

function cellsOf(line: string): number {
  return withoutCode(line).split("|").length - 2;
}
