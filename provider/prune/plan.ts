import type { InvalidReference } from "../usage/usageIndex.js";
import type { StreamKey } from "./snapshot.js";

/** Why an item of a tag's history goes. */
export type CutReason = "dangling-item" | "obsolete-revision" | "over-limit";

/** Why an item of a tag's history stays. */
export type ItemKeepReason =
  | "young-stream"
  | "unreadable-metadata"
  | "young-item"
  | "tag-in-use"
  | "revision-kept"
  | "within-limit"
  | "digest-in-use";

/** Why an Image goes. */
export type ImageDeletionReason = "unreferenced-image" | "child-of-removed-index";

/** Why an Image stays. */
export type ImageKeepReason = "used-by-stream" | "child-of-kept-index" | "external-image" | "young-image";

/** What a prune would do, and why; sorted, so that the same cluster always gives the same value. */
export interface PrunePlan {
  /** Streams that lose items, by namespace and name. */
  readonly streams: readonly StreamTrim[];
  readonly images: ImageStage;
  readonly kept: KeptCounts;
  /** What `ignoreInvalidRefs` passed over; it protects nothing. */
  readonly ignoredReferences: readonly InvalidReference[];
}

/** One write of a stream's status, and what its repository in the registry loses with it. */
export interface StreamTrim extends StreamKey {
  /** Tags with cuts, and tags that had no item before: the write removes those as well. */
  readonly tags: readonly TagTrim[];
  /** Digests of layers and configs that nothing left in the stream needs. */
  readonly layerLinks: readonly string[];
  /** Digests of manifests that nothing left in the stream names. */
  readonly manifestLinks: readonly string[];
}

export interface TagTrim {
  readonly tag: string;
  readonly cuts: readonly RevisionCut[];
  /** Nothing is left of its history. */
  readonly vanishes: boolean;
}

export interface RevisionCut {
  /** Position in the history as it was, 0 for the newest. */
  readonly revision: number;
  readonly digest: string;
  readonly createdAt: number;
  readonly reason: CutReason;
}

export type ImageStage =
  | { readonly kind: "planned"; readonly deletions: readonly ImageDeletion[] }
  /** With `namespace`, `oc` leaves Images alone. */
  | { readonly kind: "skipped" }
  /** These Images do not say which blobs they need, so no blob can be known to be free. */
  | { readonly kind: "blocked"; readonly unreadable: readonly string[] };

/** One Image and the blobs that are free once it and those before it are gone. */
export interface ImageDeletion {
  readonly digest: string;
  readonly reason: ImageDeletionReason;
  /** Layers and config. */
  readonly blobs: readonly string[];
  /** Whether the manifest's own blob is free too; it is not while another Image has it as a layer or config. */
  readonly manifestBlob: boolean;
  /** Of the layers among `blobs`, as far as their sizes are known. */
  readonly bytes: number;
}

export interface KeptCounts {
  readonly items: Readonly<Partial<Record<ItemKeepReason, number>>>;
  readonly images: Readonly<Partial<Record<ImageKeepReason, number>>>;
}

/** Why there is no plan at all. */
export type PlanRefusal =
  | { readonly kind: "undecodable-metadata"; readonly digest: string; readonly problem: string }
  /** Every one, object kind by object kind and within a kind in the order of the listing, as `oc` reports them. */
  | { readonly kind: "invalid-references"; readonly references: readonly InvalidReference[] };

export type PlanResult =
  { readonly ok: true; readonly plan: PrunePlan } | { readonly ok: false; readonly refusal: PlanRefusal };
