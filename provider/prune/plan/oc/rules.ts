import { createUsageIndex, type UsageIndex } from "../../../usage/oc/index.js";
import { describeReferrer, type Referrer } from "../../../usage/referrer.js";
import type { OcPolicy, Retention } from "../../args/policy.js";
import type { ClusterSnapshot } from "../../snapshot.js";
import { undecodedDigests } from "../imageContent.js";
import { cutoffBefore, youngImage, youngItem, youngStream } from "../rules/age.js";
import {
  danglingItem,
  externalImage,
  keptRevision,
  unreadableMetadata,
  usedByStream,
  withinLimit,
} from "../rules/ofBothSets.js";
import type { ItemRule, Protectors, RuleSet, StreamRule } from "../rules/set.js";

/**
 * The rules of `oc adm prune images` (facts/pruning.md 12, 19). Its choices, not ours: a workload protects items of the stream
 * that it names and never an Image; dangling items are cut even when they are recent revisions; with a namespace, workloads
 * elsewhere do not count.
 */
export function ocRules(snapshot: ClusterSnapshot, policy: OcPolicy): RuleSet {
  const cutoffAt = cutoffOf(snapshot, policy.retention);
  const usage = countedUsage(snapshot, policy, cutoffAt);
  const blockers = undecodedDigests(snapshot.images);
  return {
    invalidReferences: usage.invalidReferences,
    selects: (stream) => isInScope(stream, policy),
    selectsTag: () => true,
    anchorRules: [usedByStream],
    prunesImages: policy.namespace === undefined,
    blockers,
    prunesRegistry: policy.pruneRegistry,
    dropsEmptyTags: true,
    linksChildren: false,
    warnings: [],
    protectors: () => protectorsIn(usage),
    ...retentionRules(policy, { snapshot, usage, unreadable: unreadableMetadata(blockers), cutoffAt }),
  };
}

interface RetentionFacts {
  readonly snapshot: ClusterSnapshot;
  readonly usage: UsageIndex;
  readonly unreadable: StreamRule;
  readonly cutoffAt: number;
}

function retentionRules(
  { retention, allImages }: OcPolicy,
  { snapshot, usage, unreadable, cutoffAt }: RetentionFacts,
): Pick<RuleSet, "streamRules" | "itemRules" | "cutReason" | "imageRules"> {
  const external = allImages ? [] : [externalImage];
  switch (retention.kind) {
    case "revisions":
      return {
        streamRules: [youngStream(cutoffAt), unreadable],
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
        streamRules: [unreadable],
        itemRules: [tagInUse(usage), danglingItem, withinLimit(snapshot.imageLimits), digestInUse(usage)],
        cutReason: "over-limit",
        imageRules: external,
      };
  }
}

/** Without an age limit nothing is older than the cutoff, so pods count however long ago they ended (facts/pruning.md 6). */
function cutoffOf({ takenAt }: ClusterSnapshot, retention: Retention): number {
  switch (retention.kind) {
    case "revisions":
      return cutoffBefore(takenAt, retention.keepYoungerThanSeconds);
    case "over-size-limit":
      return -Infinity;
  }
}

/** With a namespace `oc` lists nothing of the others, so workloads there protect nothing (facts/pruning.md 3). */
function isInScope(object: { readonly namespace: string }, { namespace }: OcPolicy): boolean {
  return namespace === undefined || object.namespace === namespace;
}

function countedUsage({ referrers }: ClusterSnapshot, policy: OcPolicy, cutoffAt: number): UsageIndex {
  return createUsageIndex(
    inReportOrder(referrers).filter(
      (referrer) => isInScope(referrer, policy) && isStillUsing(referrer, cutoffAt),
    ),
  );
}

/** Pods that have ended count only while they are young; everything else always (facts/pruning.md 6, 7). */
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

/** The order in which `oc` reads the kinds, and so reports their invalid references. */
function inReportOrder(referrers: readonly Referrer[]): readonly Referrer[] {
  return reportOrder.flatMap((kind) => referrers.filter((referrer) => referrer.kind === kind));
}

/** A tag names its newest image, so it protects no older one (facts/pruning.md 14). */
function tagInUse(usage: UsageIndex): ItemRule {
  return ({ stream, tag, revision }) =>
    revision === 0 && usage.usersOfTag(stream.namespace, stream.name, tag).length > 0
      ? { kind: "keep", reason: "tag-in-use" }
      : undefined;
}

function digestInUse(usage: UsageIndex): ItemRule {
  return ({ stream, item }) =>
    usage.usersOfDigest(stream.namespace, stream.name, item.digest).length > 0
      ? { kind: "keep", reason: "digest-in-use" }
      : undefined;
}

function protectorsIn(usage: UsageIndex): Protectors {
  return {
    ofItem({ stream: { namespace, name }, tag, item }, reason) {
      const users =
        reason === "tag-in-use"
          ? usage.usersOfTag(namespace, name, tag)
          : reason === "digest-in-use"
            ? usage.usersOfDigest(namespace, name, item.digest)
            : [];
      return users.map(describeReferrer);
    },
    ofImage: () => [],
  };
}
