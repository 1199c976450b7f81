import assert from "node:assert/strict";
import fc from "fast-check";
import { cutKey, type Approval } from "../../provider/prune/approval.js";
import type { PrunePlan } from "../../provider/prune/plan.js";
import { planPrune } from "../../provider/prune/planPrune.js";
import type { SafePolicy } from "../../provider/prune/policy.js";
import type { ClusterSnapshot } from "../../provider/prune/snapshot.js";
import { applyStep, applySteps, snapshotOf, stepsOf, type PlanStep } from "../oracle/applyPlan.js";
import { brokenImages, brokenItems, brokenLinks, brokenReferences } from "../oracle/broken.js";
import { clusters } from "../oracle/clusters.js";
import { forbiddenDeletions } from "../oracle/forbidden.js";
import { itemReferences, liveReferences } from "../oracle/liveReferences.js";
import { policies } from "../oracle/policies.js";
import { referrers } from "../oracle/referrers.js";
import { createRegistry, servedBy } from "../oracle/registryModel.js";
import { storyOf } from "../oracle/story.js";
import { labels } from "../oracle/universe.js";

/** The plan, or undefined where the policy refuses to make one. */
function planOf(snapshot: ClusterSnapshot, policy: SafePolicy, approval?: Approval): PrunePlan | undefined {
  const result = planPrune(snapshot, policy, approval);
  return result.ok ? result.plan : undefined;
}

/** Everything that a plan would delete, as texts; nothing when there is no plan. */
function deletionsIn(plan: PrunePlan | undefined): readonly string[] {
  if (plan === undefined) return [];
  const inStreams = plan.streams.flatMap((trim) => [
    ...trim.tags.flatMap(({ tag, cuts }) => cuts.map((cut) => `${cutKey(trim, tag, cut)} #${cut.revision}`)),
    ...trim.layerLinks.map((digest) => `layer link ${trim.namespace}/${trim.name} ${digest}`),
    ...trim.manifestLinks.map((digest) => `manifest link ${trim.namespace}/${trim.name} ${digest}`),
  ]);
  const deletions = plan.images.kind === "planned" ? plan.images.deletions : [];
  const inRegistry = deletions.flatMap(({ digest, blobs, manifestBlob }) => [
    `image ${digest}`,
    ...[...blobs, ...(manifestBlob ? [digest] : [])].map((blob) => `blob ${blob}`),
  ]);
  return [...inStreams, ...inRegistry];
}

/** What only the first of them deletes. */
function added(plan: PrunePlan | undefined, allowed: PrunePlan | undefined): readonly string[] {
  const known = new Set(deletionsIn(allowed));
  return deletionsIn(plan).filter((deletion) => !known.has(deletion));
}

/** What counts is what uses images now, and the items that the whole plan leaves. */
function lossesOf(
  snapshot: ClusterSnapshot,
  policy: SafePolicy,
  plan: PrunePlan,
  done: readonly PlanStep[],
): readonly string[] {
  const before = createRegistry(snapshot);
  const left = applySteps(before, stepsOf(plan));
  const live = [...liveReferences(snapshot, policy), ...itemReferences([...left.streams.values()])];
  return brokenReferences(live, before, applySteps(before, done));
}

/** As many of the elements as there are true bits, which are repeated. */
function chosen<Element>(elements: readonly Element[], bits: readonly boolean[]): readonly Element[] {
  return elements.filter((_, position) => bits[position % bits.length]);
}

const bits = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 });

function approvalOf(plan: PrunePlan, approved: readonly boolean[]): Approval {
  const cuts = plan.streams.flatMap((trim) =>
    trim.tags.flatMap(({ tag, cuts: ofTag }) => ofTag.map((cut) => cutKey(trim, tag, cut))),
  );
  const deletions = plan.images.kind === "planned" ? plan.images.deletions : [];
  return {
    cuts: new Set(chosen(cuts, approved)),
    images: new Set(
      chosen(
        deletions.map(({ digest }) => digest),
        approved.toReversed(),
      ),
    ),
  };
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

/** Fails with the case in readable form, if there is a plan with problems. */
function assertSound(numRuns: number, problemsOf: (...given: Planned) => readonly string[]): void {
  fc.assert(
    fc.property(clusters, policies, bits, (snapshot, policy, chosenBits) => {
      const plan = planOf(snapshot, policy);
      if (plan === undefined) return;
      const problems = problemsOf(snapshot, policy, plan, chosenBits);
      if (problems.length > 0) assert.fail([...problems, storyOf(snapshot, policy, plan)].join("\n"));
    }),
    { numRuns },
  );
}

type Planned = readonly [ClusterSnapshot, SafePolicy, PrunePlan, readonly boolean[]];

describe("a safe plan, judged by a model of cluster and registry", () => {
  it("leaves every live reference pullable when it is executed wholly", () => {
    assertSound(5000, (snapshot, policy, plan) => lossesOf(snapshot, policy, plan, stepsOf(plan)));
  });

  it("leaves every live reference pullable when any steps of it fail", () => {
    assertSound(1000, (snapshot, policy, plan, done) =>
      lossesOf(snapshot, policy, plan, chosen(stepsOf(plan), done)),
    );
  });

  it("leaves whatever is still listed pullable, and its links, at every instant of the execution", () => {
    assertSound(2000, (snapshot, _, plan) => {
      const before = createRegistry(snapshot);
      let now = before;
      return stepsOf(plan).flatMap((step) => {
        now = applyStep(now, step);
        const images = step.kind === "image" ? brokenImages(before, now) : [];
        return [...brokenItems(before, now), ...brokenLinks(before, now), ...images];
      });
    });
  });

  it("deletes nothing that its policy does not allow, artifacts only with their subject", () => {
    assertSound(5000, forbiddenDeletions);
  });

  it("names each image in use that no stream serves", () => {
    assertSound(2000, (snapshot, policy, plan) => {
      const named = plan.warnings.flatMap((each) =>
        each.kind === "already-unpullable" ? [each.digest] : [],
      );
      return unservedDigests(snapshot, policy).filter((digest) => !named.includes(digest));
    });
  });

  it("stays safe, and within both, when only a part is approved", () => {
    assertSound(2000, (snapshot, policy, whole, approved) => {
      const approval = approvalOf(whole, approved);
      const plan = planOf(snapshot, policy, approval);
      assert.ok(plan !== undefined, "an approval makes no plan impossible");
      return [
        ...added(plan, whole),
        ...unapproved(plan, approval),
        ...lossesOf(snapshot, policy, plan, stepsOf(plan)),
        ...forbiddenDeletions(snapshot, policy, plan),
      ];
    });
  });

  it("leaves nothing to plan once it is executed", () => {
    assertSound(2000, (snapshot, policy, plan) => {
      if (forgetsYoungItems(snapshot, policy, plan)) return [];
      const after = applySteps(createRegistry(snapshot), stepsOf(plan));
      return deletionsIn(planOf(snapshotOf(snapshot, after), policy));
    });
  });

  it("does not depend on the order of any list", () => {
    const shuffled = clusters.chain((before) =>
      fc.record({ before: fc.constant(before), after: reordered(before) }),
    );
    fc.assert(
      fc.property(shuffled, policies, ({ before, after }, policy) => {
        assert.deepEqual(planOf(after, policy), planOf(before, policy));
      }),
      { numRuns: 1000 },
    );
  });

  it("changes none of its arguments", () => {
    fc.assert(
      fc.property(clusters, policies, (snapshot, policy) => {
        const copy = structuredClone({ snapshot, policy });
        planPrune(deepFreeze(snapshot), deepFreeze(policy));
        assert.deepEqual(structuredClone({ snapshot, policy }), copy);
      }),
      { numRuns: 500 },
    );
  });
});

/** Digests in use whose Image exists, which no stream lists, neither itself nor by an index. */
function unservedDigests(snapshot: ClusterSnapshot, policy: SafePolicy): readonly string[] {
  const registry = createRegistry(snapshot);
  const used = liveReferences(snapshot, policy).flatMap((each) =>
    each.kind === "digest" && each.by !== "keep.digests" ? [each.digest] : [],
  );
  const served = new Set(
    [...registry.streams.keys()].flatMap((repository) => [...servedBy(registry, repository)]),
  );
  return [...new Set(used)].filter((digest) => registry.images.has(digest) && !served.has(digest));
}

/** With such an item goes the knowledge that keepUnreferencedYoungerThan still protects its Image. */
function forgetsYoungItems(snapshot: ClusterSnapshot, policy: SafePolicy, { streams }: PrunePlan): boolean {
  const cutoff = snapshot.takenAt - policy.keepUnreferencedYoungerThanSeconds * 1000;
  return streams.some(({ tags }) => tags.some(({ cuts }) => cuts.some((cut) => cut.createdAt > cutoff)));
}

function unapproved(plan: PrunePlan, { cuts, images }: Approval): readonly string[] {
  const keys = plan.streams.flatMap((trim) =>
    trim.tags.flatMap(({ tag, cuts: ofTag }) => ofTag.map((cut) => cutKey(trim, tag, cut))),
  );
  const deletions = plan.images.kind === "planned" ? plan.images.deletions : [];
  return [
    ...keys.filter((key) => !cuts.has(key)),
    ...deletions.map(({ digest }) => digest).filter((digest) => !images.has(digest)),
  ].map((what) => `${what} was not approved`);
}

function reordered(snapshot: ClusterSnapshot): fc.Arbitrary<ClusterSnapshot> {
  return fc.record({
    takenAt: fc.constant(snapshot.takenAt),
    images: permutation(snapshot.images),
    streams: permutation(
      snapshot.streams.map((stream) => ({
        ...stream,
        specTags: stream.specTags.toReversed(),
        tags: stream.tags.toReversed(),
      })),
    ),
    referrers: permutation(snapshot.referrers),
    imageLimits: permutation(snapshot.imageLimits),
    layerBytes: fc.constant(snapshot.layerBytes),
  });
}

function permutation<Element>(list: readonly Element[]): fc.Arbitrary<readonly Element[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length });
}

const stricterPolicies: readonly {
  readonly name: string;
  readonly apply: (policy: SafePolicy) => SafePolicy;
}[] = [
  {
    name: "a longer keepYoungerThan",
    apply: (policy) => {
      const keepYoungerThanSeconds = policy.retention.keepYoungerThanSeconds + 1800;
      return { ...policy, retention: { ...policy.retention, keepYoungerThanSeconds } };
    },
  },
  {
    name: "a larger keepTagRevisions",
    apply: (policy) => {
      if (policy.retention.kind === "over-size-limit") return policy;
      const keepTagRevisions = policy.retention.keepTagRevisions + 1;
      return { ...policy, retention: { ...policy.retention, keepTagRevisions } };
    },
  },
  {
    name: "a longer keepUnreferencedYoungerThan",
    apply: (policy) => ({
      ...policy,
      keepUnreferencedYoungerThanSeconds: policy.keepUnreferencedYoungerThanSeconds + 1440 * 60,
    }),
  },
  { name: "allImages: false", apply: (policy) => ({ ...policy, allImages: false }) },
  { name: "pruneRegistry: false", apply: (policy) => ({ ...policy, pruneRegistry: false }) },
  {
    name: "a namespace",
    apply: (policy) => ({ ...policy, namespace: policy.namespace ?? "a" }),
  },
  { name: "invalidRefs: fail", apply: (policy) => ({ ...policy, invalidRefs: "fail" }) },
  {
    name: "invalidRefs: wildcard instead of ignore",
    apply: (policy) => ({
      ...policy,
      invalidRefs: policy.invalidRefs === "ignore" ? "wildcard" : policy.invalidRefs,
    }),
  },
  ...(["namespaces", "streams", "tags"] as const).flatMap((list) => [
    {
      name: `select.${list}`,
      apply: (policy: SafePolicy) => {
        const globs = { namespaces: ["a"], streams: ["*/web"], tags: ["v*"] }[list];
        const narrower = policy.select[list].length === 0 ? globs : policy.select[list].slice(0, 1);
        return { ...policy, select: { ...policy.select, [list]: narrower } };
      },
    },
    {
      name: `keep.${list}`,
      apply: (policy: SafePolicy) => {
        const more = { namespaces: "a", streams: "*/web", tags: "v*" }[list];
        return { ...policy, keep: { ...policy.keep, [list]: [...policy.keep[list], more] } };
      },
    },
  ]),
  { name: "select.labels", apply: (policy) => ({ ...policy, select: { ...policy.select, labels } }) },
  { name: "keep.labels", apply: (policy) => ({ ...policy, keep: { ...policy.keep, labels } }) },
  {
    name: "keep.digests",
    apply: (policy) => {
      const more = [`sha256:${"0".repeat(64)}`, `sha256:${"3".repeat(64)}`];
      return { ...policy, keep: { ...policy.keep, digests: [...policy.keep.digests, ...more] } };
    },
  },
];

/** The looser case tells the story: it has a plan wherever the stricter one has. */
function assertOnlyLess(looser: Given, stricter: Given): void {
  const plan = planOf(...looser);
  const more = added(planOf(...stricter), plan);
  if (more.length === 0) return;
  assert.fail([...more, plan === undefined ? "no plan" : storyOf(...looser, plan)].join("\n"));
}

type Given = readonly [ClusterSnapshot, SafePolicy];

describe("a safe plan deletes nothing more", () => {
  for (const { name, apply } of stricterPolicies) {
    it(`with ${name}`, () => {
      fc.assert(
        fc.property(clusters, policies, (snapshot, policy) =>
          assertOnlyLess([snapshot, policy], [snapshot, apply(policy)]),
        ),
        { numRuns: 1000 },
      );
    });
  }

  it("with one more object that refers to images", () => {
    fc.assert(
      fc.property(clusters, referrers, policies, (snapshot, referrer, policy) => {
        const withOneMore = { ...snapshot, referrers: [...snapshot.referrers, referrer] };
        assertOnlyLess([snapshot, policy], [withOneMore, policy]);
      }),
      { numRuns: 2000 },
    );
  });
});
