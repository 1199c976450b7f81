import assert from "node:assert/strict";
import fc from "fast-check";
import {
  fromHandOver,
  type HandedOver,
  type HowPruned,
  type ShownPlan,
  toHandOver,
} from "../../../../provider/prune/check/handOver.js";
import { runApproval } from "../../../../provider/prune/check/runApproval.js";
import { type Approval, commonApproval, fingerprintOf } from "../../../../provider/prune/plan/approval.js";
import { clearedPlan } from "../../../../provider/prune/plan/preview.js";

const approvalOf = (...cuts: readonly string[]): Approval => ({ cuts: new Set(cuts), images: new Set(cuts) });
const cluster = { server: "https://api.example.com:6443", uid: "1" };
const how: HowPruned = { mode: "prune", rules: "safe", pruneRegistry: true };
const shown = (approval: Approval, more: Partial<ShownPlan> = {}): ShownPlan => ({
  ...{ kind: "planned", cluster, how, takenAt: 7, approval },
  input: { ...clearedPlan(), fingerprint: fingerprintOf(approval) },
  ...more,
});

type May = "everything" | "nothing" | readonly string[];

/** What may be deleted, and whether a message explains why nothing may. */
function decided(
  handed: HandedOver | undefined,
  given: { readonly plan?: Approval; readonly fingerprint?: boolean; readonly how?: HowPruned } = {},
) {
  const { approvals, objection } = runApproval({
    handed,
    cluster,
    how: given.how ?? how,
    approvedPlan: given.plan,
    hasApprovedFingerprint: given.fingerprint === true,
  });
  const common = commonApproval(approvals);
  const may: May =
    common === undefined ? "everything" : common.cuts.size === 0 ? "nothing" : [...common.cuts];
  return { may, isTold: objection !== undefined, objection };
}

describe("what a run may delete", () => {
  const skipped = { kind: "nothing", preview: "skipped" } as const;
  const plan = approvalOf("b", "c");
  const damaged = { kind: "unreadable", why: "is damaged" } as const;
  const without = "neither";
  const rows: readonly (readonly [
    what: string,
    handed: HandedOver | undefined,
    neither: May,
    withPlan: May,
    withFingerprint: May,
  ])[] = [
    ["a preview", undefined, "everything", ["b", "c"], "everything"],
    ["a run whose preview has shown a and b", shown(approvalOf("a", "b")), ["a", "b"], ["b"], ["a", "b"]],
    ["a run whose preview has shown an empty plan", shown(approvalOf()), "nothing", "nothing", "nothing"],
    ["a run whose preview did not know the plan", { kind: "unknown" }, "nothing", "nothing", "nothing"],
    ["a run whose preview has refused the plan", { kind: "refused" }, "nothing", "nothing", "nothing"],
    ["a run without a preview, as asked", skipped, "everything", ["b", "c"], "everything"],
    [
      "a run whose preview left nothing",
      { kind: "nothing", preview: "shown" },
      "nothing",
      ["b", "c"],
      "everything",
    ],
    [
      "a run of another command",
      { kind: "nothing", preview: "unknown" },
      "nothing",
      ["b", "c"],
      "everything",
    ],
    ["a run whose preview left what cannot be read", damaged, "nothing", ["b", "c"], "everything"],
    ["a run of a CLI that cannot be found", { kind: "unavailable" }, "nothing", ["b", "c"], "everything"],
  ];
  for (const [what, handed, ...expected] of rows) {
    it(`is decided for ${what}: ${[without, "approvedPlan", "approvedFingerprint"].join(", ")}`, () => {
      const found = [decided(handed), decided(handed, { plan }), decided(handed, { fingerprint: true })];
      assert.deepEqual(
        found.map(({ may }) => may),
        expected,
      );
      const isShown = handed?.kind === "planned";
      for (const { may, isTold } of found) assert.equal(isTold, may === "nothing" && !isShown);
    });
  }

  it("is nothing where the preview was of another cluster, or of another mode", () => {
    const others: readonly Partial<ShownPlan>[] = [
      { cluster: { server: "https://api.example.com:6443", uid: "2" } },
      { cluster: { server: "https://other.example.com:6443" } },
      { how: { ...how, mode: "report" } },
      { how: { ...how, rules: "oc" } },
      { how: { ...how, pruneRegistry: false } },
    ];
    for (const other of others) {
      for (const given of [{}, { plan }, { fingerprint: true }]) {
        const { may, isTold } = decided(shown(plan, other), given);
        assert.equal(may, "nothing", JSON.stringify(other));
        assert.ok(isTold);
      }
    }
  });

  it("is the preview's plan for a report, and everything without a preview", () => {
    const report: HowPruned = { ...how, mode: "report" };
    for (const [, handed] of rows) {
      if (handed?.kind === "planned") continue;
      assert.deepEqual(decided(handed, { how: report }), {
        ...{ may: "everything", isTold: false, objection: undefined },
      });
    }
    assert.deepEqual(decided(shown(plan, { how: report }), { how: report }).may, ["b", "c"]);
  });

  it("is explained with what happened and what to do", () => {
    const says = (handed: HandedOver) => decided(handed).objection ?? "";
    assert.match(
      says({ kind: "nothing", preview: "shown" }),
      /was not in the preview of this run.*pulumi up again/,
    );
    assert.match(says({ kind: "nothing", preview: "unknown" }), /--skip-preview as its first argument/);
    assert.match(says(damaged), /has left is damaged.*pulumi up again/);
    assert.match(says({ kind: "unavailable" }), /cannot be found.*approvedFingerprint/);
    assert.match(
      says({ kind: "unknown" }),
      /not known in the preview of this run, so nothing is pruned in it/,
    );
  });
});

describe("the record that a preview hands over", () => {
  const texts = fc.uniqueArray(fc.string({ maxLength: 5 }), { maxLength: 6 });
  const plans = fc.record({ cuts: texts, images: texts }).map(({ cuts, images }) => ({
    cuts: new Set(cuts),
    images: new Set(images),
  }));
  const asJson = (value: object) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>;

  it("is read as it was written", () => {
    fc.assert(
      fc.property(plans, fc.integer(), (approval, takenAt) => {
        const left = shown(approval, { takenAt });
        assert.deepEqual(fromHandOver(asJson(toHandOver(left))), left);
      }),
    );
    for (const kind of ["unknown", "refused"] as const) {
      assert.deepEqual(fromHandOver(asJson(toHandOver({ kind }))), { kind });
    }
  });

  it("approves nothing beyond the preview's plan, however the file is changed", () => {
    const keys = fc.constantFrom("shape", "kind", "cluster", "how", "takenAt", "cuts", "images", "input");
    const edits = fc.array(
      fc.oneof(
        fc.record({ key: keys, value: fc.oneof(fc.jsonValue(), texts) }),
        fc.record({ key: keys, value: fc.constant(undefined) }),
      ),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(plans, edits, (approval, changes) => {
        const value = new Map(Object.entries(asJson(toHandOver(shown(approval)))));
        for (const { key, value: edited } of changes) {
          if (edited === undefined) value.delete(key);
          else value.set(key, edited);
        }
        const common = commonApproval(
          runApproval({
            handed: fromHandOver(Object.fromEntries(value)),
            cluster,
            how,
            approvedPlan: undefined,
            hasApprovedFingerprint: false,
          }).approvals,
        );
        assert.ok(common !== undefined, "everything is approved");
        for (const cut of common.cuts) assert.ok(approval.cuts.has(cut));
        for (const image of common.images) assert.ok(approval.images.has(image));
      }),
      { numRuns: 2000 },
    );
  });

  it("is unreadable when it is of another version, cut short, or not what its fingerprint says", () => {
    const value = asJson(toHandOver(shown(approvalOf("a", "b"))));
    const { shape: _, ...earlier } = value;
    const unreadable = (changed: unknown) => fromHandOver(changed).kind === "unreadable";
    for (const changed of [
      ...[
        undefined,
        null,
        3,
        "planned",
        [],
        {},
        earlier,
        { ...value, shape: 1 },
        { ...value, kind: "other" },
      ],
      ...[
        { ...value, cuts: ["a", "b", "c"] },
        { ...value, cuts: ["a", 3] },
        { ...value, images: "a" },
      ],
      ...[
        { ...value, takenAt: "7" },
        { ...value, how: {} },
        { ...value, cluster: {} },
        { ...value, input: {} },
      ],
    ]) {
      assert.ok(unreadable(changed), JSON.stringify(changed));
    }
  });
});
