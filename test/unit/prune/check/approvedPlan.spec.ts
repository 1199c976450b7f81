import assert from "node:assert/strict";
import fc from "fast-check";
import { approvedPlanIssues, parseApprovedPlan } from "../../../../provider/prune/check/approvedPlan.js";
import { renderJson } from "../../../../provider/prune/check/reportFile.js";
import { contentOf } from "../../../../provider/prune/plan/approval.js";
import { buildReport } from "../../../../provider/prune/report/build.js";
import { hostileReport } from "../../../support/builders/hostileReport.js";
import { exampleReport } from "../../../support/builders/pruneReport.js";

const example = exampleReport(3);
const written = renderJson(buildReport(example));

function approvedBy(text: string) {
  const parsed = parseApprovedPlan(text);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.args;
}

function refusalOf(text: string): string {
  const parsed = parseApprovedPlan(text);
  assert.ok(!parsed.ok);
  assert.deepEqual(
    parsed.issues.map(({ path }) => path),
    [["approvedPlan"]],
  );
  return parsed.issues[0]!.message;
}

describe("a report as an approval", () => {
  it("approves exactly what the plan lists", () => {
    const { cuts, images, fingerprint, cluster } = approvedBy(written);

    assert.deepEqual({ cuts, images }, contentOf(example.plan));
    assert.equal(fingerprint, example.fingerprint);
    assert.deepEqual(cluster, example.cluster);
  });

  it("approves exactly what the plan lists, whatever the names", () => {
    const names = fc.uniqueArray(fc.string({ unit: "binary", minLength: 1 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(names, (texts) => {
        const input = hostileReport(texts);
        const { cuts, images } = approvedBy(renderJson(buildReport(input)));
        assert.deepEqual({ cuts, images }, contentOf(input.plan));
      }),
    );
  });

  it("is always the same text, line by line", () => {
    assert.equal(renderJson(buildReport(exampleReport(3))), written);
    assert.ok(written.endsWith("}\n"));
    assert.ok(written.split("\n").length > 100);
  });

  it("holds no character that hides or turns text", () => {
    assert.doesNotMatch(
      renderJson(buildReport(hostileReport())),
      /[<>&\u200b-\u200f\u2028-\u202e\u2066-\u2069]/,
    );
  });

  it("approves no row that somebody took out", () => {
    const report = JSON.parse(written) as { items: { key: string }[]; images: unknown[] };
    const [removed] = report.items.splice(0, 1);
    report.images = [];
    const { cuts, images } = approvedBy(JSON.stringify(report));

    assert.ok(!cuts.has(removed!.key));
    assert.equal(cuts.size, contentOf(example.plan).cuts.size - 1);
    assert.equal(images.size, 0);
  });

  const withField = (name: string, value: unknown) =>
    JSON.stringify({ ...(JSON.parse(written) as object), [name]: value });
  const rows = [
    ["no JSON", "# Prune plan", /not a plan report: it is no JSON object/],
    ["another JSON text", "[]", /not a plan report: it is no JSON object/],
    ["another JSON file", '{"name": "web"}', /not a plan report: kind is not "ImagePrunePlan"/],
    ["another version", withField("schemaVersion", 2), /another version \(schemaVersion 2, read here: 1\)/],
    ["no items", withField("items", undefined), /damaged plan report: "items"/],
    ["an item without a key", withField("items", [{ key: 1 }]), /damaged plan report: "items"/],
    ["an Image without a digest", withField("images", ["sha256:d"]), /damaged plan report: "images"/],
    ["no cluster", withField("cluster", { uid: "u" }), /damaged plan report: "cluster"/],
    ["a strange cluster", withField("cluster", { server: "s", uid: 1 }), /damaged plan report: "cluster"/],
    ["no fingerprint", withField("fingerprint", null), /damaged plan report: "fingerprint"/],
  ] as const;
  for (const [name, text, message] of rows) {
    it(`is refused: ${name}`, () => assert.match(refusalOf(text), message));
  }

  it("is accepted for its cluster alone, whose address may have changed", () => {
    const approved = approvedBy(written);
    const other = { server: example.cluster.server, uid: "another" };

    assert.deepEqual(approvedPlanIssues(approved, { ...example.cluster, server: "https://moved:6443" }), []);
    const [issue] = approvedPlanIssues(approved, other);
    assert.match(
      issue!.message,
      /made for the cluster https:\/\/api\.prod.*but the connection names .*another/,
    );
  });
});
