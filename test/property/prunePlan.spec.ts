import assert from "node:assert/strict";
import fc from "fast-check";
import { executePrune } from "../../provider/prune/executePrune.js";
import { visitContent } from "../../provider/prune/imageContent.js";
import type { PrunePlan } from "../../provider/prune/plan.js";
import { planPrune } from "../../provider/prune/planPrune.js";
import type { PrunePolicy } from "../../provider/prune/policy.js";
import type { ClusterSnapshot, Image } from "../../provider/prune/snapshot.js";
import { extraReferrers, policies, snapshots } from "../unit/prune/clusterArbitrary.js";
import { createRecordingPorts } from "../unit/prune/recordingPorts.js";

const runs = { numRuns: 2000 };

/** Everything that a plan would delete, as texts; nothing when there is no plan. */
function deletionsOf(snapshot: ClusterSnapshot, policy: PrunePolicy): ReadonlySet<string> {
  const result = planPrune(snapshot, policy);
  return new Set(result.ok ? deletionsIn(result.plan) : []);
}

function deletionsIn({ streams, images }: PrunePlan): readonly string[] {
  const inStreams = streams.flatMap(({ namespace, name, tags, layerLinks, manifestLinks }) => [
    ...tags.flatMap(({ tag, cuts }) => cuts.map(({ revision }) => `${namespace}/${name}:${tag}#${revision}`)),
    ...tags.filter((tag) => tag.vanishes).map(({ tag }) => `${namespace}/${name}:${tag}`),
    ...layerLinks.map((digest) => `layer link ${namespace}/${name} ${digest}`),
    ...manifestLinks.map((digest) => `manifest link ${namespace}/${name} ${digest}`),
  ]);
  const deletions = images.kind === "planned" ? images.deletions : [];
  const ofImages = deletions.flatMap(({ digest, blobs, manifestBlob }) => [
    `image ${digest}`,
    ...[...blobs, ...(manifestBlob ? [digest] : [])].map((blob) => `blob ${blob}`),
  ]);
  return [...inStreams, ...ofImages];
}

function assertOnlyLess(stricter: ReadonlySet<string>, looser: ReadonlySet<string>): void {
  assert.deepEqual(
    [...stricter].filter((deletion) => !looser.has(deletion)),
    [],
  );
}

function contentOf(image: Image): readonly string[] {
  const content: string[] = [];
  visitContent(image, (digest) => content.push(digest));
  return content;
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

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

describe("planPrune, for any cluster", () => {
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
    const shuffled = snapshots.chain((snapshot) =>
      fc.record({
        before: fc.constant(snapshot),
        after: fc.record({
          takenAt: fc.constant(snapshot.takenAt),
          images: permutation(snapshot.images),
          streams: permutation(
            snapshot.streams.map((stream) => ({ ...stream, tags: stream.tags.toReversed() })),
          ),
          referrers: permutation(snapshot.referrers),
          imageLimits: permutation(snapshot.imageLimits),
          layerBytes: fc.constant(snapshot.layerBytes),
        }),
      }),
    );
    fc.assert(
      fc.property(shuffled, policies, ({ before, after }, policy) => {
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

  it("frees only what nothing left needs", () => {
    fc.assert(
      fc.property(snapshots, policies, (snapshot, policy) => {
        const result = planPrune(snapshot, policy);
        fc.pre(result.ok);
        assertNothingNeededGoes(snapshot, result.plan);
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
        const outcome = await executePrune(order, ports, { workers: 3, signal });
        assert.equal(outcome.images, ports.calls.images.size);
        assert.deepEqual([...deletionsOf(ports.snapshotAfter(), policy)], []);
      }),
      { numRuns: 500 },
    );
  });
});

function permutation<Element>(list: readonly Element[]): fc.Arbitrary<readonly Element[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length });
}

/** Told from the plan's effect alone: what is left, and what that needs. */
function assertNothingNeededGoes(snapshot: ClusterSnapshot, plan: PrunePlan): void {
  const byDigest = new Map(snapshot.images.map((image) => [image.digest, image]));
  const deletions = plan.images.kind === "planned" ? plan.images.deletions : [];
  const gone = new Set(deletions.map((deletion) => deletion.digest));
  const goneBlobs = new Set(
    deletions.flatMap(({ digest, blobs, manifestBlob }) => [...blobs, ...(manifestBlob ? [digest] : [])]),
  );
  const needs = (image: Image) => [image.digest, ...contentOf(image)];
  for (const image of snapshot.images.filter(({ digest }) => !gone.has(digest))) {
    for (const blob of needs(image)) assert.ok(!goneBlobs.has(blob), `${image.digest} needs ${blob}`);
  }
  for (const stream of snapshot.streams) {
    const trim = plan.streams.find(
      (each) => each.namespace === stream.namespace && each.name === stream.name,
    );
    const left = stream.tags.flatMap(({ tag, items }) => {
      const cuts = trim?.tags.find((each) => each.tag === tag)?.cuts ?? [];
      return items.filter((_, revision) => !cuts.some((cut) => cut.revision === revision));
    });
    for (const { digest } of left) {
      assert.ok(!gone.has(digest), `${stream.name} lists ${digest}`);
      const image = byDigest.get(digest);
      if (image === undefined) continue;
      assert.equal(trim?.manifestLinks.includes(digest) ?? false, false, `${stream.name} lists ${digest}`);
      const lost = contentOf(image).filter((blob) => trim?.layerLinks.includes(blob));
      assert.deepEqual(lost, [], `${stream.name} lists ${digest}`);
    }
  }
}
