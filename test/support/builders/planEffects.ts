import assert from "node:assert/strict";
import fc from "fast-check";
import type { PrunePolicy } from "../../../provider/prune/args/policy.js";
import type { Approval } from "../../../provider/prune/plan/approval.js";
import { planPrune } from "../../../provider/prune/plan/decide.js";
import type { PruneDecision, StreamTrim } from "../../../provider/prune/plan/decision.js";
import { visitContent } from "../../../provider/prune/plan/imageContent.js";
import { withDescendants } from "../../../provider/prune/plan/imageGraph.js";
import type { ClusterSnapshot, Image } from "../../../provider/prune/snapshot.js";
import type { StreamFacts, TagHistory } from "../../../provider/usage/streamFacts.js";
import { snapshots } from "./arbitrarySnapshot.js";

/** Everything that a plan would delete, as texts; nothing when there is no plan. */
export function deletionsOf(
  snapshot: ClusterSnapshot,
  policy: PrunePolicy,
  approval?: Approval,
): ReadonlySet<string> {
  const result = planPrune(snapshot, policy, approval);
  return new Set(result.ok ? deletionsIn(result.plan) : []);
}

export function deletionsIn({ streams, images }: PruneDecision): readonly string[] {
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

export function assertOnlyLess(stricter: ReadonlySet<string>, looser: ReadonlySet<string>): void {
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

export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

function permutation<Element>(list: readonly Element[]): fc.Arbitrary<readonly Element[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length });
}

/** The cluster after the execution of the plan. */
export function afterPlan(snapshot: ClusterSnapshot, plan: PruneDecision): ClusterSnapshot {
  const deletions = plan.images.kind === "planned" ? plan.images.deletions : [];
  const gone = new Set(deletions.map((deletion) => deletion.digest));
  return {
    ...snapshot,
    images: snapshot.images.filter(({ digest }) => !gone.has(digest)),
    streams: snapshot.streams.map((stream) => ({ ...stream, tags: historiesLeft(stream, plan) })),
  };
}

function trimOf(stream: StreamFacts, { streams }: PruneDecision): StreamTrim | undefined {
  return streams.find(({ namespace, name }) => namespace === stream.namespace && name === stream.name);
}

function historiesLeft(stream: StreamFacts, plan: PruneDecision): readonly TagHistory[] {
  const trims = trimOf(stream, plan)?.tags ?? [];
  return stream.tags.flatMap(({ tag, items }) => {
    const trim = trims.find((each) => each.tag === tag);
    const cut = trim?.cuts.map(({ revision }) => revision) ?? [];
    return trim?.vanishes === true
      ? []
      : [{ tag, items: items.filter((_, revision) => !cut.includes(revision)) }];
  });
}

/** Derived from the plan's effect alone: what is left, and what that needs; with `children`, below indexes too. */
export function assertNothingNeededGoes(
  snapshot: ClusterSnapshot,
  plan: PruneDecision,
  { children }: { readonly children: boolean },
): void {
  const byDigest = new Map(snapshot.images.map((image) => [image.digest, image]));
  const after = afterPlan(snapshot, plan);
  const left = new Set(after.images.map(({ digest }) => digest));
  const deletions = plan.images.kind === "planned" ? plan.images.deletions : [];
  const goneBlobs = new Set(
    deletions.flatMap(({ digest, blobs, manifestBlob }) => [...blobs, ...(manifestBlob ? [digest] : [])]),
  );
  for (const image of after.images) {
    for (const blob of [image.digest, ...contentOf(image)]) {
      assert.ok(!goneBlobs.has(blob), `${image.digest} needs ${blob}`);
    }
  }
  for (const stream of after.streams) {
    const trim = trimOf(stream, plan);
    const listed = stream.tags.flatMap(({ items }) => items.map(({ digest }) => digest));
    for (const digest of children ? withDescendants(listed, byDigest) : listed) {
      const image = byDigest.get(digest);
      if (image === undefined) continue;
      assert.ok(left.has(digest), `${stream.name} needs ${digest}`);
      assert.ok(!(trim?.manifestLinks.includes(digest) ?? false), `${stream.name} needs ${digest}`);
      const lost = contentOf(image).filter((blob) => trim?.layerLinks.includes(blob));
      assert.deepEqual(lost, [], `${stream.name} needs ${digest}`);
    }
  }
}

/** A cluster, and the same one listed in another order. */
export const reordered = snapshots.chain((snapshot) =>
  fc.record({
    before: fc.constant(snapshot),
    after: fc.record({
      takenAt: fc.constant(snapshot.takenAt),
      images: permutation(snapshot.images),
      streams: permutation(
        snapshot.streams.map((stream) => ({
          ...stream,
          tags: stream.tags.toReversed(),
          specTags: stream.specTags.toReversed(),
        })),
      ),
      referrers: permutation(snapshot.referrers),
      imageLimits: permutation(snapshot.imageLimits),
      layerBytes: fc.constant(snapshot.layerBytes),
    }),
  }),
);
