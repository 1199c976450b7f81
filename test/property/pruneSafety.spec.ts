import assert from "node:assert/strict";
import fc from "fast-check";
import type { SafePolicy } from "../../provider/prune/args/policy.js";
import type { Approval } from "../../provider/prune/plan/approval.js";
import { planPrune } from "../../provider/prune/plan/decide.js";
import type { PruneDecision } from "../../provider/prune/plan/decision.js";
import type { ClusterSnapshot, Image } from "../../provider/prune/snapshot.js";
import { mirroredClusters } from "../oracle/clusters/mirrored.js";
import {
  forgottenDigests,
  secretiveClusters,
  type ToldCluster,
  toldClusters,
} from "../oracle/clusters/omissions.js";
import { policies } from "../oracle/clusters/policies.js";
import { referrers } from "../oracle/clusters/referrers.js";
import { stricterPolicies } from "../oracle/clusters/stricterPolicies.js";
import { takenAt } from "../oracle/clusters/universe.js";
import { applyStep, applySteps, type PlanStep, snapshotOf, stepsOf } from "../oracle/model/applyPlan.js";
import { itemReferences, liveReferences } from "../oracle/model/liveReferences.js";
import { addedBy, cutKeysIn, deletionsIn, deletionsOfImagesIn } from "../oracle/model/planContent.js";
import { createRegistry, servedBy } from "../oracle/model/registry.js";
import { brokenImages, brokenItems, brokenLinks, brokenReferences } from "../oracle/verdict/broken.js";
import { forbiddenDeletions } from "../oracle/verdict/forbidden.js";
import { storyOf } from "../oracle/verdict/story.js";

/** The plan, or undefined where the policy refuses to make one. */
function planOf(
  snapshot: ClusterSnapshot,
  policy: SafePolicy,
  approval?: Approval,
): PruneDecision | undefined {
  const result = planPrune(snapshot, policy, approval);
  return result.ok ? result.plan : undefined;
}

/** Counts what uses images now, and the items that the whole plan leaves. */
function lossesOf(
  snapshot: ClusterSnapshot,
  policy: SafePolicy,
  plan: PruneDecision,
  done: readonly PlanStep[],
  truth: ClusterSnapshot = snapshot,
): readonly string[] {
  const before = createRegistry(truth);
  const left = applySteps(before, stepsOf(plan));
  const live = [
    ...liveReferences(snapshot, policy),
    ...itemReferences([...left.streams.values()], snapshot.mirrors),
  ];
  const forgotten = forgottenDigests({ truth, told: snapshot }, policy);
  return brokenReferences(live, before, applySteps(before, done), forgotten);
}

/** The elements whose bit is true; the bits are repeated. */
function chosen<Element>(elements: readonly Element[], bits: readonly boolean[]): readonly Element[] {
  return elements.filter((_, position) => bits[position % bits.length]);
}

const bits = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 });

function approvalOf(plan: PruneDecision, approved: readonly boolean[]): Approval {
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

/** Images of which nothing is known but that they are there: old, in no stream, named by nobody. */
const strangers: fc.Arbitrary<Image> = fc.record({
  digest: fc.constant(`sha256:${"f".repeat(64)}`),
  uid: fc.constant("uid"),
  createdAt: fc.constantFrom(-Infinity, takenAt - 1e12),
  managed: fc.boolean(),
  mediaType: fc.constantFrom("", "application/vnd.oci.image.index.v1+json", "text/plain"),
  repository: fc.constantFrom("", "ext/unknown"),
  isSigned: fc.boolean(),
  layers: fc.constant([]),
  metadata: fc.constant({ kind: "absent" as const }),
  manifests: fc.constant([]),
  unsaid: fc.constantFrom("blobs" as const, "manifests" as const, "kind" as const),
});

/** Fails with the case in readable form, if there is a plan with problems. */
function assertSound(
  numRuns: number,
  problemsOf: (...given: Planned) => readonly string[],
  given: fc.Arbitrary<ToldCluster> = toldClusters,
): void {
  fc.assert(
    fc.property(given, policies, bits, ({ truth, told }, policy, chosenBits) => {
      const plan = planOf(told, policy);
      if (plan === undefined) return;
      const problems = problemsOf(told, policy, plan, chosenBits, truth);
      if (problems.length > 0) assert.fail([...problems, storyOf(told, policy, plan, truth)].join("\n"));
    }),
    { numRuns },
  );
}

type Planned = readonly [
  told: ClusterSnapshot,
  policy: SafePolicy,
  plan: PruneDecision,
  chosen: readonly boolean[],
  truth: ClusterSnapshot,
];

describe("a safe plan, judged by a model of cluster and registry", () => {
  it("leaves every live reference pullable when it is executed wholly", () => {
    assertSound(10_000, (told, policy, plan, _, truth) => lossesOf(told, policy, plan, stepsOf(plan), truth));
  });

  it("leaves every live reference pullable where Images do not tell their content", () => {
    assertSound(
      5000,
      (told, policy, plan, _, truth) => lossesOf(told, policy, plan, stepsOf(plan), truth),
      secretiveClusters,
    );
  });

  it("deletes nothing because of an Image that tells nothing and that nobody can want", () => {
    fc.assert(
      fc.property(toldClusters, policies, strangers, ({ told }, policy, stranger) => {
        const withStranger = { ...told, images: [...told.images, stranger] };
        assert.deepEqual(deletionsIn(planOf(withStranger, policy)), deletionsIn(planOf(told, policy)));
      }),
      { numRuns: 2000 },
    );
  });

  it("leaves images pullable that are named by a mirror, or by its source", () => {
    const told = mirroredClusters.map((snapshot) => ({ truth: snapshot, told: snapshot }));
    assertSound(5000, (snapshot, policy, plan) => lossesOf(snapshot, policy, plan, stepsOf(plan)), told);
  });

  it("leaves every live reference pullable when any steps of it fail", () => {
    assertSound(1000, (told, policy, plan, done, truth) =>
      lossesOf(told, policy, plan, chosen(stepsOf(plan), done), truth),
    );
  });

  it("leaves every listed image pullable, with its links, at every instant of the execution", () => {
    assertSound(2000, (told, policy, plan, _, truth) => {
      const before = createRegistry(truth);
      const forgotten = forgottenDigests({ truth, told }, policy);
      let now = before;
      return stepsOf(plan).flatMap((step) => {
        now = applyStep(now, step);
        const images = step.kind === "image" ? brokenImages(before, now, forgotten) : [];
        return [...brokenItems(before, now), ...brokenLinks(before, now), ...images];
      });
    });
  });

  it("deletes nothing that its policy does not allow, artifacts only with their subject", () => {
    assertSound(5000, (told, policy, plan, _, truth) => forbiddenDeletions(told, policy, plan, truth));
  });

  it("names each image in use that no stream serves", () => {
    assertSound(2000, (_told, policy, plan, _, truth) => {
      const named = plan.warnings.flatMap((each) =>
        each.kind === "already-unpullable" ? [each.digest] : [],
      );
      return unservedDigests(truth, policy).filter((digest) => !named.includes(digest));
    });
  });

  it("stays safe, and within plan and approval, when only a part is approved", () => {
    assertSound(2000, (told, policy, whole, approved, truth) => {
      const approval = approvalOf(whole, approved);
      const plan = planOf(told, policy, approval);
      assert.ok(plan !== undefined, "an approval makes no plan impossible");
      return [
        ...addedBy(plan, whole),
        ...unapproved(plan, approval),
        ...lossesOf(told, policy, plan, stepsOf(plan), truth),
        ...forbiddenDeletions(told, policy, plan, truth),
      ];
    });
  });

  it("leaves nothing to plan once it is executed", () => {
    assertSound(2000, (told, policy, plan) => {
      const after = applySteps(createRegistry(told), stepsOf(plan));
      return deletionsIn(planOf(snapshotOf(told, after), policy));
    });
  });

  it("does not depend on the order of any list", () => {
    const shuffled = toldClusters.chain(({ told: before }) =>
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
      fc.property(toldClusters, policies, ({ told: snapshot }, policy) => {
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

function unapproved(plan: PruneDecision, { cuts, images }: Approval): readonly string[] {
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
    mirrors: permutation(snapshot.mirrors ?? []),
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
        fc.property(toldClusters, policies, ({ told }, policy) =>
          assertOnlyLess([told, policy], [told, apply(policy)]),
        ),
        { numRuns: 1000 },
      );
    });
  }

  it("with one more object that refers to images", () => {
    fc.assert(
      fc.property(toldClusters, referrers, policies, ({ told }, referrer, policy) => {
        const withOneMore = { ...told, referrers: [...told.referrers, referrer] };
        assertOnlyLess([told, policy], [withOneMore, policy]);
      }),
      { numRuns: 2000 },
    );
  });
});
