import assert from "node:assert/strict";
import fc from "fast-check";
import type { PrunePolicy } from "../../provider/prune/args/policy.js";
import { executePrune } from "../../provider/prune/execute/oc/prune.js";
import { planPrune } from "../../provider/prune/plan/decide.js";
import { extraReferrers, policies, snapshots } from "../support/builders/arbitrarySnapshot.js";
import {
  assertNothingNeededGoes,
  assertOnlyLess,
  deepFreeze,
  deletionsOf,
  reordered,
} from "../support/builders/planEffects.js";
import { createRecordingPorts } from "../support/fakes/recordingPorts.js";

const runs = { numRuns: 1000 };

const stricterChanges: readonly {
  readonly name: string;
  readonly apply: (policy: PrunePolicy) => PrunePolicy;
}[] = [
  {
    name: "a longer keepYoungerThan",
    apply: (policy) =>
      policy.retention.kind === "revisions"
        ? {
            ...policy,
            retention: {
              ...policy.retention,
              keepYoungerThanSeconds: policy.retention.keepYoungerThanSeconds + 1800,
            },
          }
        : policy,
  },
  {
    name: "a larger keepTagRevisions",
    apply: (policy) =>
      policy.retention.kind === "revisions"
        ? {
            ...policy,
            retention: { ...policy.retention, keepTagRevisions: policy.retention.keepTagRevisions + 1 },
          }
        : policy,
  },
  { name: "allImages: false", apply: (policy) => ({ ...policy, allImages: false }) },
  { name: "pruneRegistry: false", apply: (policy) => ({ ...policy, pruneRegistry: false }) },
  { name: "ignoreInvalidRefs: false", apply: (policy) => ({ ...policy, ignoreInvalidRefs: false }) },
];

describe("planPrune by oc's rules, for any cluster", () => {
  for (const { name, apply } of stricterChanges) {
    it(`deletes nothing more with ${name}`, () => {
      fc.assert(
        fc.property(snapshots, policies, (snapshot, policy) =>
          assertOnlyLess(deletionsOf(snapshot, apply(policy)), deletionsOf(snapshot, policy)),
        ),
        runs,
      );
    });
  }

  it("deletes nothing more when one more object refers to images", () => {
    fc.assert(
      fc.property(snapshots, extraReferrers, policies, (snapshot, referrer, policy) => {
        const withOneMore = { ...snapshot, referrers: [...snapshot.referrers, referrer] };
        assertOnlyLess(deletionsOf(withOneMore, policy), deletionsOf(snapshot, policy));
      }),
      runs,
    );
  });

  it("does not depend on the order of any list", () => {
    fc.assert(
      fc.property(reordered, policies, ({ before, after }, policy) => {
        const planning = { ...policy, ignoreInvalidRefs: true };
        assert.deepEqual(planPrune(after, planning), planPrune(before, planning));
        assert.equal(planPrune(after, policy).ok, planPrune(before, policy).ok);
      }),
      runs,
    );
  });

  it("changes neither argument", () => {
    fc.assert(
      fc.property(snapshots, policies, (snapshot, policy) => {
        const copy = structuredClone({ snapshot, policy });
        planPrune(deepFreeze(snapshot), deepFreeze(policy));
        assert.deepEqual(structuredClone({ snapshot, policy }), copy);
      }),
      runs,
    );
  });

  it("frees only blobs that nothing left needs", () => {
    fc.assert(
      fc.property(snapshots, policies, (snapshot, policy) => {
        const result = planPrune(snapshot, policy);
        fc.pre(result.ok);
        assertNothingNeededGoes(snapshot, result.plan, { children: false });
      }),
      runs,
    );
  });

  it("leaves nothing to plan once it is executed", async () => {
    await fc.assert(
      fc.asyncProperty(snapshots, policies, async (snapshot, policy) => {
        const result = planPrune(snapshot, policy);
        fc.pre(result.ok);
        const ports = createRecordingPorts(snapshot);
        const { signal } = new AbortController();
        const order = { plan: result.plan, snapshot, policy };
        const outcome = await executePrune(order, ports, { workers: 3, signal, progress: () => undefined });
        assert.equal(outcome.images, ports.calls.images.size);
        assert.deepEqual([...deletionsOf(ports.snapshotAfter(), policy)], []);
      }),
      { numRuns: 500 },
    );
  });
});
