import assert from "node:assert/strict";
import fc from "fast-check";
import type { SafePolicy } from "../../provider/prune/args/policy.js";
import { cutKey } from "../../provider/prune/plan/approval.js";
import { planPrune } from "../../provider/prune/plan/decide.js";
import type { PruneDecision } from "../../provider/prune/plan/decision.js";
import { explainKept } from "../../provider/prune/plan/explainKept.js";
import {
  approvalsOf,
  extraReferrers,
  extraSpecTags,
  safePolicies,
  snapshots,
} from "../support/builders/arbitrarySnapshot.js";
import {
  afterPlan,
  assertNothingNeededGoes,
  assertOnlyLess,
  deepFreeze,
  deletionsIn,
  deletionsOf,
  reordered,
} from "../support/builders/planEffects.js";

const runs = { numRuns: 500 };

const stricterChanges: readonly {
  readonly name: string;
  readonly apply: (policy: SafePolicy) => SafePolicy;
}[] = [
  {
    name: "a longer keepYoungerThan",
    apply: ({ retention, ...policy }) => ({
      ...policy,
      retention: { ...retention, keepYoungerThanSeconds: retention.keepYoungerThanSeconds + 1800 },
    }),
  },
  {
    name: "a larger keepTagRevisions",
    apply: ({ retention, ...policy }) => ({
      ...policy,
      retention:
        retention.kind === "revisions"
          ? { ...retention, keepTagRevisions: retention.keepTagRevisions + 1 }
          : retention,
    }),
  },
  {
    name: "a longer keepUnreferencedYoungerThan",
    apply: (policy) => ({
      ...policy,
      keepUnreferencedYoungerThanSeconds: policy.keepUnreferencedYoungerThanSeconds + 1800,
    }),
  },
  { name: "allImages: false", apply: (policy) => ({ ...policy, allImages: false }) },
  { name: "pruneRegistry: false", apply: (policy) => ({ ...policy, pruneRegistry: false }) },
  { name: "invalidRefs: fail", apply: (policy) => ({ ...policy, invalidRefs: "fail" }) },
  {
    name: "invalidRefs: wildcard instead of ignore",
    apply: (policy) => (policy.invalidRefs === "ignore" ? { ...policy, invalidRefs: "wildcard" } : policy),
  },
  { name: "a namespace", apply: (policy) => ({ ...policy, namespace: policy.namespace ?? "a" }) },
  {
    name: "selected streams",
    apply: ({ select, ...policy }) => ({ ...policy, select: { ...select, streams: ["a/web"] } }),
  },
  {
    name: "selected tags",
    apply: ({ select, ...policy }) => ({
      ...policy,
      select: { ...select, tags: select.tags.length === 0 ? ["v1"] : select.tags },
    }),
  },
  {
    name: "selected labels",
    apply: ({ select, ...policy }) => ({ ...policy, select: { ...select, labels: { team: "a" } } }),
  },
  {
    name: "more to keep",
    apply: ({ keep, ...policy }) => ({
      ...policy,
      keep: {
        ...keep,
        digests: [...keep.digests, `sha256:${"3".repeat(64)}`],
        streams: [...keep.streams, "b/web"],
        tags: [...keep.tags, "v2"],
      },
    }),
  },
];

describe("planPrune by the rules of safe, for any cluster", () => {
  for (const { name, apply } of stricterChanges) {
    it(`deletes nothing more with ${name}`, () => {
      fc.assert(
        fc.property(snapshots, safePolicies, (snapshot, policy) =>
          assertOnlyLess(deletionsOf(snapshot, apply(policy)), deletionsOf(snapshot, policy)),
        ),
        runs,
      );
    });
  }

  it("deletes nothing more when one more object refers to images", () => {
    fc.assert(
      fc.property(snapshots, extraReferrers, safePolicies, (snapshot, referrer, policy) => {
        const withOneMore = { ...snapshot, referrers: [...snapshot.referrers, referrer] };
        assertOnlyLess(deletionsOf(withOneMore, policy), deletionsOf(snapshot, policy));
      }),
      runs,
    );
  });

  it("deletes nothing more when a stream has one more source", () => {
    fc.assert(
      fc.property(snapshots, extraSpecTags, safePolicies, (snapshot, specTag, policy) => {
        const [first, ...rest] = snapshot.streams;
        fc.pre(first !== undefined);
        const withOneMore = { ...first, specTags: [...first.specTags, specTag] };
        const after = { ...snapshot, streams: [withOneMore, ...rest] };
        assertOnlyLess(deletionsOf(after, policy), deletionsOf(snapshot, policy));
      }),
      runs,
    );
  });

  it("does not depend on the order of any list", () => {
    fc.assert(
      fc.property(reordered, safePolicies, ({ before, after }, policy) => {
        assert.deepEqual(planPrune(after, policy), planPrune(before, policy));
        assert.deepEqual(explainKept(after, policy), explainKept(before, policy));
      }),
      runs,
    );
  });

  it("changes neither argument", () => {
    fc.assert(
      fc.property(snapshots, safePolicies, (snapshot, policy) => {
        const copy = structuredClone({ snapshot, policy });
        planPrune(deepFreeze(snapshot), deepFreeze(policy));
        assert.deepEqual(structuredClone({ snapshot, policy }), copy);
      }),
      runs,
    );
  });

  it("frees only blobs that nothing left needs, below indexes too", () => {
    fc.assert(
      fc.property(snapshots, safePolicies, (snapshot, policy) => {
        const result = planPrune(snapshot, policy);
        fc.pre(result.ok);
        assertNothingNeededGoes(snapshot, result.plan, { children: true });
      }),
      runs,
    );
  });

  it("leaves nothing to plan once it is executed", () => {
    fc.assert(
      fc.property(snapshots, safePolicies, (snapshot, policy) => {
        const result = planPrune(snapshot, policy);
        fc.pre(result.ok);
        assert.deepEqual([...deletionsOf(afterPlan(snapshot, result.plan), policy)], []);
      }),
      runs,
    );
  });

  it("deletes nothing that an approval does not list, and nothing more than without it", () => {
    const approved = fc.tuple(snapshots, safePolicies).chain(([snapshot, policy]) => {
      const result = planPrune(snapshot, policy);
      const { cuts, images } = listedIn(result.ok ? result.plan : undefined);
      return fc.record({
        snapshot: fc.constant(snapshot),
        policy: fc.constant(policy),
        approval: approvalsOf(cuts, images),
      });
    });
    fc.assert(
      fc.property(approved, ({ snapshot, policy, approval }) => {
        const result = planPrune(snapshot, policy, approval);
        fc.pre(result.ok);
        const { cuts, images } = listedIn(result.plan);
        assert.ok(cuts.every((key) => approval.cuts.has(key)));
        assert.ok(images.every((digest) => approval.images.has(digest)));
        assertOnlyLess(new Set(deletionsIn(result.plan)), deletionsOf(snapshot, policy));
        assertNothingNeededGoes(snapshot, result.plan, { children: true });
      }),
      runs,
    );
  });

  it("plans the same with an approval of the whole plan", () => {
    fc.assert(
      fc.property(snapshots, safePolicies, (snapshot, policy) => {
        const result = planPrune(snapshot, policy);
        fc.pre(result.ok);
        const { cuts, images } = listedIn(result.plan);
        const approval = { cuts: new Set(cuts), images: new Set(images) };
        assert.deepEqual(planPrune(snapshot, policy, approval), result);
      }),
      runs,
    );
  });
});

/** What a plan would have approved. */
function listedIn(plan: PruneDecision | undefined): { readonly cuts: string[]; readonly images: string[] } {
  return {
    cuts:
      plan?.streams.flatMap((stream) =>
        stream.tags.flatMap(({ tag, cuts }) => cuts.map((cut) => cutKey(stream, tag, cut))),
      ) ?? [],
    images: plan?.images.kind === "planned" ? plan.images.deletions.map(({ digest }) => digest) : [],
  };
}
