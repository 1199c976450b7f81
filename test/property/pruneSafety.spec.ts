import assert from "node:assert/strict";
import fc from "fast-check";
import type { Approval } from "../../provider/prune/plan/approval.js";
import type { PrunePlan } from "../../provider/prune/plan/plan.js";
import { planPrune } from "../../provider/prune/plan/planPrune.js";
import type { SafePolicy } from "../../provider/prune/plan/policy.js";
import type { ClusterSnapshot } from "../../provider/prune/plan/snapshot.js";
import { applyStep, applySteps, snapshotOf, stepsOf, type PlanStep } from "../oracle/applyPlan.js";
import { brokenImages, brokenItems, brokenLinks, brokenReferences } from "../oracle/broken.js";
import { clusters } from "../oracle/clusters.js";
import { forbiddenDeletions } from "../oracle/forbidden.js";
import { itemReferences, liveReferences } from "../oracle/liveReferences.js";
import { addedBy, cutKeysIn, deletionsIn, deletionsOfImagesIn } from "../oracle/planContent.js";
import { policies } from "../oracle/policies.js";
import { referrers } from "../oracle/referrers.js";
import { createRegistry, servedBy } from "../oracle/registryModel.js";
import { storyOf } from "../oracle/story.js";
import { stricterPolicies } from "../oracle/stricterPolicies.js";

/** The plan, or undefined where the policy refuses to make one. */
function planOf(snapshot: ClusterSnapshot, policy: SafePolicy, approval?: Approval): PrunePlan | undefined {
  const result = planPrune(snapshot, policy, approval);
  return result.ok ? result.plan : undefined;
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
  const images = deletionsOfImagesIn(plan).map(({ digest }) => digest);
  return {
    cuts: new Set(chosen(cutKeysIn(plan), approved)),
    images: new Set(chosen(images, approved.toReversed())),
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
    assertSound(10_000, (snapshot, policy, plan) => lossesOf(snapshot, policy, plan, stepsOf(plan)));
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
        ...addedBy(plan, whole),
        ...unapproved(plan, approval),
        ...lossesOf(snapshot, policy, plan, stepsOf(plan)),
        ...forbiddenDeletions(snapshot, policy, plan),
      ];
    });
  });

  it("leaves nothing to plan once it is executed", () => {
    assertSound(2000, (snapshot, policy, plan) => {
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

function unapproved(plan: PrunePlan, { cuts, images }: Approval): readonly string[] {
  const digests = deletionsOfImagesIn(plan).map(({ digest }) => digest);
  return [
    ...cutKeysIn(plan).filter((key) => !cuts.has(key)),
    ...digests.filter((digest) => !images.has(digest)),
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

/** The looser case tells the story: it has a plan wherever the stricter one has. */
function assertOnlyLess(looser: Given, stricter: Given): void {
  const plan = planOf(...looser);
  const more = addedBy(planOf(...stricter), plan);
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
