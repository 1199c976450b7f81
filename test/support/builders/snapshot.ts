import type { OcPolicy, PrunePolicy, SafePolicy } from "../../../provider/prune/args/policy.js";
import { planPrune } from "../../../provider/prune/plan/decide.js";
import type { PruneDecision } from "../../../provider/prune/plan/decision.js";
import type { ClusterSnapshot, Image } from "../../../provider/prune/snapshot.js";
import type { ImageSource, Mentions, PodReferrer } from "../../../provider/usage/referrer.js";
import type { StreamFacts, TagItem } from "../../../provider/usage/streamFacts.js";

export const takenAt = Date.parse("2026-11-20T12:00:00Z");
const minute = 60_000;

/** An instant before the snapshot. */
export function minutesAgo(minutes: number): number {
  return takenAt - minutes * minute;
}

/** Old, pushed to the integrated registry, with one layer of its own and a config. */
export function image(digest: string, overrides: Partial<Image> = {}): Image {
  return {
    digest,
    uid: `uid-${digest}`,
    createdAt: minutesAgo(600),
    managed: true,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    repository: "",
    isSigned: false,
    layers: [`layer-${digest}`],
    metadata: { kind: "known", configId: `config-${digest}`, sizeBytes: 1000 },
    manifests: [],
    unsaid: overrides.metadata === undefined || overrides.metadata.kind === "known" ? "nothing" : "blobs",
    ...overrides,
  };
}

export function index(digest: string, ...manifests: readonly string[]): Image {
  return image(digest, {
    mediaType: "application/vnd.oci.image.index.v1+json",
    layers: [],
    metadata: { kind: "absent" },
    manifests,
    unsaid: "nothing",
  });
}

/** An old item, or one of a certain age. */
export function item(digest: string, age = 600): TagItem {
  return { digest, createdAt: minutesAgo(age), pullSpec: "" };
}

/** An old stream; histories newest first. */
export function stream(
  name: string,
  histories: Readonly<Record<string, readonly TagItem[]>>,
  overrides: Partial<StreamFacts> = {},
): StreamFacts {
  const [namespace = "", streamName = ""] = name.split("/");
  return {
    namespace,
    name: streamName,
    createdAt: minutesAgo(600),
    labels: {},
    resourceVersion: "1",
    specTags: [],
    tags: Object.entries(histories).map(([tag, items]) => ({ tag, items })),
    ...overrides,
  };
}

export function pod(image: string, overrides: Partial<PodReferrer> = {}): PodReferrer {
  return {
    kind: "pod",
    namespace: "shop",
    name: "web-1",
    phase: "Running",
    createdAt: minutesAgo(600),
    images: [{ role: "container", name: "web", image }],
    ...overrides,
  };
}

export function snapshot(parts: Partial<ClusterSnapshot>): ClusterSnapshot {
  return {
    takenAt,
    images: [],
    streams: [],
    referrers: [],
    imageLimits: [],
    layerBytes: new Map(),
    ...parts,
  };
}

/** An hour and one revision. */
export function policy(overrides: Partial<OcPolicy> = {}): OcPolicy {
  return {
    rules: "oc",
    namespace: undefined,
    allImages: true,
    pruneRegistry: true,
    ignoreInvalidRefs: false,
    retention: { kind: "revisions", keepYoungerThanSeconds: 3600, keepTagRevisions: 1 },
    ...overrides,
  };
}

/** An hour, one revision, nothing selected in particular; Images that no stream lists are deleted after an hour too. */
export function safePolicy(overrides: Partial<SafePolicy> = {}): SafePolicy {
  const everything = { namespaces: [], streams: [], tags: [], labels: {} };
  return {
    rules: "safe",
    namespace: undefined,
    allImages: true,
    pruneRegistry: true,
    invalidRefs: "fail",
    keepUnreferencedYoungerThanSeconds: 3600,
    retention: { kind: "revisions", keepYoungerThanSeconds: 3600, keepTagRevisions: 1 },
    select: everything,
    keep: { ...everything, digests: [] },
    ...overrides,
  };
}

/** An hour, one revision, and no time of grace. */
export function strictPolicy(overrides: Partial<SafePolicy> = {}): SafePolicy {
  return safePolicy({ keepUnreferencedYoungerThanSeconds: 0, ...overrides });
}

/** `sha256:` and one hexadecimal digit 64 times. */
export function digestOf(digit: string): string {
  return `sha256:${digit.repeat(64)}`;
}

export function mentions(parts: Partial<Mentions>): Mentions {
  return { pullSpecs: [], sources: [], digests: [], imageIds: [], ...parts };
}

export function source(kind: string, name: string, namespace = ""): ImageSource {
  return { kind, name, namespace };
}

export function planOf(given: ClusterSnapshot, under: PrunePolicy = policy()): PruneDecision {
  const result = planPrune(given, under);
  if (!result.ok) throw new Error(`refused: ${result.refusal.kind}`);
  return result.plan;
}

/** `shop/web:latest#1 obsolete-revision` for each cut. */
export function cutsIn({ streams }: PruneDecision): readonly string[] {
  return streams.flatMap(({ namespace, name, tags }) =>
    tags.flatMap(({ tag, cuts }) =>
      cuts.map(({ revision, reason }) => `${namespace}/${name}:${tag}#${revision} ${reason}`),
    ),
  );
}

export function imagesIn({ images }: PruneDecision): readonly string[] {
  return images.kind === "planned" ? images.deletions.map(({ digest }) => digest) : [];
}

export function blobsIn({ images }: PruneDecision): readonly string[] {
  if (images.kind !== "planned") return [];
  return images.deletions
    .flatMap(({ digest, blobs, manifestBlob }) => [...blobs, ...(manifestBlob ? [digest] : [])])
    .sort();
}
