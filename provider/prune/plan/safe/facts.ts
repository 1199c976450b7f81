import { byText } from "../../../support/text/spelling.js";
import { createMirrors, type Mirrors } from "../../../usage/mirrors.js";
import { createLiveUsage, isLive, type KnownTags, type LiveUsage } from "../../../usage/safe/index.js";
import type { StreamFacts } from "../../../usage/streamFacts.js";
import { streamReferrer } from "../../../usage/toReferrer.js";
import type { SafePolicy } from "../../args/policy.js";
import type { ClusterSnapshot, Image } from "../../snapshot.js";
import { saysAll } from "../imageContent.js";
import { createImageGraph, type ImageGraph } from "../imageGraph.js";
import { cutoffBefore } from "../rules/age.js";
import { createInvalidScope, type InvalidScope } from "./invalidScope.js";
import { Protection } from "./protection.js";
import { createKeptByName, createSelection, type KeptByName, type Selection } from "./selection.js";

/** What the rules of "safe" look up, prepared once. */
export interface SafeFacts {
  readonly snapshot: ClusterSnapshot;
  readonly policy: SafePolicy;
  /** Younger than this is young. */
  readonly cutoffAt: number;
  /** Whatever appeared later is kept even when no stream lists it. */
  readonly unreferencedSince: number;
  readonly graph: ImageGraph;
  readonly usage: LiveUsage;
  readonly selection: Selection;
  readonly keptByName: KeptByName;
  /** Covers nothing unless the policy takes invalid references for wildcards. */
  readonly invalidScope: InvalidScope;
  /** Where references to one repository may pull from another. */
  readonly mirrors: Mirrors;
  readonly protection: Protection;
  /** Images that do not say what they need. */
  readonly unknown: readonly Image[];
}

/** Everything the rules of `safe` look up, prepared once for a plan. */
export function gatherFacts(snapshot: ClusterSnapshot, policy: SafePolicy): SafeFacts {
  const cutoffAt = cutoffBefore(snapshot.takenAt, policy.retention.keepYoungerThanSeconds);
  // Over the size limit every pod counts, as with oc (facts/pruning.md 6).
  const endedSince = policy.retention.kind === "over-size-limit" ? -Infinity : cutoffAt;
  const graph = createImageGraph(new Map(snapshot.images.map((image) => [image.digest, image])));
  const mirrors = createMirrors(snapshot.mirrors ?? []);
  const usage = createLiveUsage(
    [
      ...snapshot.referrers.filter((referrer) => isLive(referrer, endedSince)),
      ...snapshot.streams.filter((stream) => stream.specTags.length > 0).map(asReferrer),
    ],
    snapshot.streams.map(knownTags),
    mirrors,
    "any namespace",
  );
  const wildcards = policy.invalidRefs === "wildcard" ? usage.invalidReferences : [];
  return {
    snapshot,
    policy,
    cutoffAt,
    unreferencedSince: cutoffBefore(snapshot.takenAt, policy.keepUnreferencedYoungerThanSeconds),
    graph,
    usage,
    selection: createSelection(policy, snapshot.streams),
    keptByName: createKeptByName(policy.keep, snapshot.streams),
    invalidScope: createInvalidScope(wildcards),
    mirrors,
    protection: new Protection(graph, mirrors),
    unknown: snapshot.images.filter((image) => !saysAll(image)),
  };
}

function knownTags({ namespace, name, tags }: StreamFacts): KnownTags {
  return { namespace, name, tags: tags.map(({ tag }) => tag) };
}

function asReferrer(stream: StreamFacts): ReturnType<typeof streamReferrer> {
  const tags = stream.specTags.toSorted((a, b) => byText(a.name, b.name));
  return streamReferrer(
    stream,
    tags.flatMap(({ from }) => from ?? []),
  );
}
