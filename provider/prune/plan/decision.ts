import type { StreamKey } from "../../okd/streamName.js";
import { describeInvalidReference, type InvalidReference } from "../../usage/oc/index.js";
import type { TagItem } from "../../usage/streamFacts.js";
import type { Unsaid } from "../snapshot.js";

/** Why a revision of a tag is cut. */
export type CutReason =
  | "dangling-revision"
  | "obsolete-revision"
  | "over-limit"
  /** A signature, attestation or SBOM whose subject is deleted too. */
  | "subject-gone";

/** Why a revision of a tag is kept. */
export type RevisionKeepReason =
  | "young-stream"
  | "unreadable-metadata"
  | "young-revision"
  | "tag-in-use"
  | "revision-kept"
  | "within-limit"
  | "digest-in-use"
  /** A revision of a tag that is a reference: it has no image of its own. */
  | "reference-tag"
  /** Every Image of the stream is missing; something else is wrong there. */
  | "all-images-missing"
  | "current-dangling"
  /** The newest item of a tag that would be imported again (facts/image-streams.md 5). */
  | "importable-tag"
  | "external-image"
  | "follows-subject"
  | "kept-by-policy"
  | "invalid-reference"
  | "not-approved";

/** Why an Image is deleted. */
export type ImageDeletionReason = "unreferenced-image" | "child-of-removed-index";

/** Why an Image is kept. */
export type ImageKeepReason =
  | "used-by-stream"
  | "child-of-kept-index"
  | "external-image"
  | "young-image"
  /** A reference names its digest or its config, or an index or child of it. */
  | "digest-in-use"
  /** No stream lists it, but it appeared only lately. */
  | "young-unreferenced"
  /** The policy's selection does not reach it. */
  | "not-selected"
  | "invalid-reference"
  | "kept-by-policy"
  /** It does not say what it needs. */
  | "unknown-content"
  | "not-approved";

/** What a prune would do, and why; sorted, so that the same cluster always gives the same value. */
export interface PruneDecision {
  /** Streams that lose revisions, by namespace and name. */
  readonly streams: readonly StreamTrim[];
  readonly images: ImageStage;
  readonly kept: KeptCounts;
  /** References that cannot be read and did not refuse the plan: ignored, or taken for wildcards. */
  readonly ignoredReferences: readonly InvalidReference[];
  readonly warnings: readonly PlanWarning[];
}

/** What an approver should know about a plan. */
export type PlanWarning =
  | { readonly kind: "stream-without-images"; readonly stream: StreamKey }
  /** Live objects name it, and no stream serves it any more; at most three users. */
  | {
      readonly kind: "already-unpullable";
      readonly digest: string;
      readonly users: readonly string[];
      /** Where it was pushed to, if that is still there. */
      readonly stream?: StreamKey;
    }
  /** `imageID`s of running containers that are neither a digest nor a config ID of any Image. */
  | { readonly kind: "unmatched-image-ids"; readonly count: number }
  | { readonly kind: "signed-image-goes"; readonly digest: string }
  | UnknownContent;

/** An Image that does not say what it needs, and about which the registry could not be asked either. It is kept. */
export interface UnknownContent {
  readonly kind: "unknown-content";
  readonly digest: string;
  readonly unsaid: Exclude<Unsaid, "nothing">;
  /** `namespace/name` in its `dockerImageReference`; may be empty. */
  readonly repository: string;
  /** Streams that list it, or an index that contains it: they lose nothing. By namespace and name. */
  readonly streams: readonly StreamKey[];
  /**
   * - `everything`: somebody may pull it, so any Image and any blob may be a part of it, and none is deleted.
   * - `itself`: no stream lists it, nothing refers to it and it is old, so nothing else is kept for it.
   */
  readonly holdsUp: "everything" | "itself";
}

/** One write of a stream's status, and what its repository in the registry loses with it. */
export interface StreamTrim extends StreamKey {
  /** Tags with cuts; with oc's rules also tags that had no item before, which the write then removes as well. */
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

export interface RevisionCut extends TagItem {
  /** Position in the history as it was, 0 for the newest. */
  readonly revision: number;
  readonly reason: CutReason;
}

export type ImageStage =
  | { readonly kind: "planned"; readonly deletions: readonly ImageDeletion[] }
  /** With `namespace`, `oc` leaves Images alone. */
  | { readonly kind: "skipped" }
  /** These Images may need any blob and any other Image, because they do not say what they need. */
  | { readonly kind: "blocked"; readonly unreadable: readonly string[] };

/** One Image and the blobs that are free once it and those before it are deleted. */
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
  readonly revisions: Readonly<Partial<Record<RevisionKeepReason, number>>>;
  readonly images: Readonly<Partial<Record<ImageKeepReason, number>>>;
}

/** Why there is no plan at all. */
export type PlanRefusal =
  /** Only with oc's rules; `safe` leaves all Images alone then. */
  | { readonly kind: "undecodable-metadata"; readonly digest: string; readonly problem: string }
  /** Every one; with oc's rules in the order in which `oc` reports them, else sorted by object. */
  | { readonly kind: "invalid-references"; readonly references: readonly InvalidReference[] };

export type PlanResult =
  { readonly ok: true; readonly plan: PruneDecision } | { readonly ok: false; readonly refusal: PlanRefusal };

/** The refusal in oc's words: one error alone, several in brackets, each text once. */
export function describePlanRefusal(refusal: PlanRefusal): string {
  switch (refusal.kind) {
    case "undecodable-metadata":
      return `failed to read image metadata for ${refusal.digest}: ${refusal.problem}`;
    case "invalid-references": {
      const texts = [...new Set(refusal.references.map(describeInvalidReference))];
      return texts.length === 1 ? texts.join() : `[${texts.join(", ")}]`;
    }
  }
}
