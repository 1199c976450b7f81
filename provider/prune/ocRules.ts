import type { Referrer } from "../usage/referrer.js";
import { createUsageIndex, type UsageIndex } from "../usage/usageIndex.js";
import { hasKnownContent } from "./imageContent.js";
import type { PrunePolicy, Retention } from "./policy.js";
import { parseQuantity } from "./quantity.js";
import type { ImageRule, ItemRule, RuleSet, StreamRule } from "./rules.js";
import type { ClusterSnapshot, Image, ImageLimit, ImageStream } from "./snapshot.js";

/**
 * The rules of `oc adm prune images` (prune.md 1.2-1.5). Its choices, not ours: a workload protects items of the stream
 * that it names and never an Image; dangling items go even when they are recent revisions; with a namespace, workloads
 * elsewhere do not count.
 */
export function ocRules(snapshot: ClusterSnapshot, policy: PrunePolicy): RuleSet {
  const { retention } = policy;
  const cutoffAt = cutoffOf(snapshot, retention);
  const usage = countedUsage(snapshot, policy, cutoffAt);
  const external = policy.allImages ? [] : [externalImage];
  const common = {
    invalidReferences: usage.invalidReferences,
    selects: (stream: ImageStream) => isInScope(stream, policy),
    anchorRules: [usedByStream],
    prunesImages: policy.namespace === undefined,
    prunesRegistry: policy.pruneRegistry,
  };
  switch (retention.kind) {
    case "revisions":
      return {
        ...common,
        streamRules: [youngStream(cutoffAt), unreadableMetadata(snapshot.images)],
        itemRules: [
          youngItem(cutoffAt),
          tagInUse(usage),
          danglingItem,
          keptRevision(retention.keepTagRevisions),
          digestInUse(usage),
        ],
        cutReason: "obsolete-revision",
        imageRules: [...external, youngImage(cutoffAt)],
      };
    case "over-size-limit":
      return {
        ...common,
        streamRules: [unreadableMetadata(snapshot.images)],
        itemRules: [tagInUse(usage), danglingItem, withinLimit(snapshot.imageLimits), digestInUse(usage)],
        cutReason: "over-limit",
        imageRules: external,
      };
  }
}

/** Without an age limit nothing is older than the cutoff, so pods count however long ago they ended (prune.md 1.2.1). */
function cutoffOf({ takenAt }: ClusterSnapshot, retention: Retention): number {
  switch (retention.kind) {
    case "revisions":
      return takenAt - retention.keepYoungerThanSeconds * 1000;
    case "over-size-limit":
      return -Infinity;
  }
}

/** With a namespace `oc` lists nothing of the others, so workloads there protect nothing (prune.md 1.1). */
function isInScope(object: { readonly namespace: string }, { namespace }: PrunePolicy): boolean {
  return namespace === undefined || object.namespace === namespace;
}

function countedUsage({ referrers }: ClusterSnapshot, policy: PrunePolicy, cutoffAt: number): UsageIndex {
  return createUsageIndex(
    inReportOrder(referrers).filter(
      (referrer) => isInScope(referrer, policy) && isStillUsing(referrer, cutoffAt),
    ),
  );
}

/** Pods that have ended count only while they are young; everything else always (prune.md 1.2.1, 1.2.2). */
function isStillUsing(referrer: Referrer, cutoffAt: number): boolean {
  if (referrer.kind !== "pod") return true;
  return referrer.phase === "Running" || referrer.phase === "Pending" || referrer.createdAt >= cutoffAt;
}

const reportOrder: readonly Referrer["kind"][] = [
  "pod",
  "replicationcontroller",
  "deploymentconfig",
  "replicaset",
  "deployment",
  "daemonset",
  "build",
  "buildconfig",
  "statefulset",
  "job",
  "cronjob",
];

/** The order in which `oc` looks at the kinds, and so reports their invalid references. */
function inReportOrder(referrers: readonly Referrer[]): readonly Referrer[] {
  return reportOrder.flatMap((kind) => referrers.filter((referrer) => referrer.kind === kind));
}

function youngStream(cutoffAt: number): StreamRule {
  return (stream) => (stream.createdAt > cutoffAt ? "young-stream" : undefined);
}

/** Which layers the stream needs cannot be known, so `oc` leaves it alone with a warning (prune.md 1.4). */
function unreadableMetadata(images: readonly Image[]): StreamRule {
  const unreadable = new Set<string>();
  for (const image of images) if (!hasKnownContent(image)) unreadable.add(image.digest);
  return (stream: ImageStream) =>
    unreadable.size > 0 && stream.tags.some(({ items }) => items.some((item) => unreadable.has(item.digest)))
      ? "unreadable-metadata"
      : undefined;
}

function youngItem(cutoffAt: number): ItemRule {
  return ({ item }) => (item.createdAt > cutoffAt ? { kind: "keep", reason: "young-item" } : undefined);
}

/** A tag names its newest image, so it protects no older one. */
function tagInUse(usage: UsageIndex): ItemRule {
  return ({ stream, tag, revision }) =>
    revision === 0 && usage.usersOfTag(stream.namespace, stream.name, tag).length > 0
      ? { kind: "keep", reason: "tag-in-use" }
      : undefined;
}

const danglingItem: ItemRule = ({ image }) =>
  image === undefined ? { kind: "cut", reason: "dangling-item" } : undefined;

function keptRevision(keepTagRevisions: number): ItemRule {
  return ({ revision }) =>
    revision < keepTagRevisions ? { kind: "keep", reason: "revision-kept" } : undefined;
}

function digestInUse(usage: UsageIndex): ItemRule {
  return ({ stream, item }) =>
    usage.usersOfDigest(stream.namespace, stream.name, item.digest).length > 0
      ? { kind: "keep", reason: "digest-in-use" }
      : undefined;
}

/** Exceeding one limit is enough, so the smallest one of the stream's namespace decides (prune.md 1.5). */
function withinLimit(limits: readonly ImageLimit[]): ItemRule {
  const smallest = new Map<string, number>();
  for (const { namespace, maxStorage } of limits) {
    const bytes = parseQuantity(maxStorage) ?? Infinity;
    smallest.set(namespace, Math.min(bytes, smallest.get(namespace) ?? Infinity));
  }
  return ({ stream, image }) => {
    const limit = smallest.get(stream.namespace) ?? Infinity;
    const exceeds = image?.metadata.kind === "known" && image.metadata.sizeBytes > limit;
    return exceeds ? undefined : { kind: "keep", reason: "within-limit" };
  };
}

const usedByStream: ImageRule = (image, listed) => (listed.has(image.digest) ? "used-by-stream" : undefined);

const externalImage: ImageRule = (image) => (image.managed ? undefined : "external-image");

function youngImage(cutoffAt: number): ImageRule {
  return (image) => (image.createdAt > cutoffAt ? "young-image" : undefined);
}
