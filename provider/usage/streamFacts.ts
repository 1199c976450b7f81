import type { StreamKey } from "../okd/streamName.js";
import type { ImageSource } from "./referrer.js";

/** What decides about an ImageStream of image.openshift.io/v1. */
export interface StreamFacts extends StreamKey {
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Precondition of a write. */
  readonly resourceVersion: string;
  readonly specTags: readonly SpecTag[];
  /** `status.tags`. */
  readonly tags: readonly TagHistory[];
}

/** An entry of `spec.tags`. */
export interface SpecTag {
  readonly name: string;
  readonly from: ImageSource | undefined;
  /** `reference: true`: never imported, the tag only remembers its source. */
  readonly isReference: boolean;
}

export interface TagHistory {
  readonly tag: string;
  /** Newest first: the first one is what the tag points to. */
  readonly items: readonly TagItem[];
}

/** An entry of `status.tags[].items` (TagEvent). */
export interface TagItem {
  /** Empty for tags that are references. */
  readonly digest: string;
  readonly createdAt: number;
  /** `dockerImageReference`: where the tag's users are sent to pull from. */
  readonly pullSpec: string;
}
