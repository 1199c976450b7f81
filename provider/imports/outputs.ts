/** What a tag resolves to: shown in the preview, recorded in the state. */
export interface ResolvedImage {
  /** Digest of the image, or of the index where every platform is imported. */
  readonly digest: string;
  /** What to put into a workload: by digest, with its registry, honouring the reference policy. */
  readonly pullSpec: string;
  /** Like `linux/arm64/v8`, sorted, `linux/amd64` first; absent where the cluster does not say. */
  readonly platforms?: readonly string[];
  /** Bytes of the compressed layers; absent for an index. */
  readonly sizeBytes?: number;
  /** When the image was built, RFC 3339; absent for an index. */
  readonly created?: string;
  /**
   * In the plan of a run, where the digest changes: what is rolled out or built because of its image triggers, like `deployment/web` and
   * `buildconfig/site namespace=build`, at most ten. Only what may be listed is named.
   */
  readonly rollsOut?: readonly string[];
  /** How many there are, where `rollsOut` does not name all. */
  readonly rollsOutTotal?: number;
  /** What the tag takes its image from, where that is no registry: `v1` for an alias, `dev/app:v1` for a tag of another stream. */
  readonly from?: string;
  /** Tag upstream, where `repository` gave it another name in the stream. */
  readonly source?: string;
}

/** A tag that only names an image (`reference: true`), so that nothing is known of it. */
export interface ReferencedImage {
  /** The image as the tag names it, always with a registry. */
  readonly pullSpec: string;
  readonly reference: true;
}

/** A tag that could not be resolved, which does not stop the others. */
export interface UnresolvedTag {
  /** Why, with the error's code. */
  readonly error: string;
  /** As of a tag that was resolved. */
  readonly source?: string;
}

export type ResolvedTag = ResolvedImage | ReferencedImage | UnresolvedTag;

/** By tag name. */
export type ResolvedTags = Readonly<Record<string, ResolvedTag>>;
