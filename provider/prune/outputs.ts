/** What a preview shows of a plan, and what state keeps: counts in full, at most 200 of the things that are pruned. */
export interface PrunePlan {
  /** Images to delete. */
  readonly images: number;
  /** Revisions to delete: entries of tags' histories. */
  readonly revisions: number;
  /** Streams that lose revisions. */
  readonly streams: number;
  /** Tags that have no revision left. */
  readonly vanishingTags: number;
  /** For people: `7.2 GB`, or `up to 7.2 GB` where images were imported, whose layers may lie elsewhere. */
  readonly frees: string;
  /** The same in bytes. */
  readonly freesBytes: number;
  /** `sha256:…` of everything that is to be pruned, not only of what `items` shows; ages and order do not change it. */
  readonly fingerprint: string;
  /** What is to be pruned, and why: `shop/web:v1 sha256:77aa01b2c3d4` or `image sha256:77aa01b2c3d4`. At most 200. */
  readonly items: Readonly<Record<string, string>>;
  /** How many more there are than `items` shows; a report has all. */
  readonly moreItems: number;
  /** How many revisions and Images are kept, by reason. */
  readonly kept: Readonly<Record<string, number>>;
  /** How many objects were read, by resource; what was not read and why; where the registry is. */
  readonly coverage: Readonly<Record<string, number | string | readonly string[]>>;
  /** What an approver should know. */
  readonly warnings: readonly string[];
}

/** What the last prune did that had something to do. */
export interface LastPrune {
  /** When it ended, ISO 8601. */
  readonly at: string;
  /** Images deleted. */
  readonly images: number;
  /** Revisions deleted: entries of tags' histories. */
  readonly revisions: number;
  /** Blobs deleted in the registry: layers, configs, manifests. */
  readonly blobs: number;
  /** Links to layers and manifests deleted in the registry's repositories. */
  readonly links: number;
  /** Bytes of the deleted blobs. */
  readonly freedBytes: number;
  /** Planned, but in use or gone when its turn came, and so never touched. */
  readonly notEligible: number;
  /** Revisions that came into use while they were deleted, and were put back. Absent in outputs of older versions. */
  readonly restored?: number;
  /** What came into use and cannot be pulled, at most 200. Absent in outputs of older versions. */
  readonly broken?: readonly BrokenOutput[];
  /** Digests of deleted Images, at most 200. */
  readonly deletedImages: readonly string[];
  /** How many revisions each stream has lost, at most 200 streams. */
  readonly updatedImageStreams: Readonly<Record<string, number>>;
}

/** An image that came into use during a prune, and cannot be pulled. */
export interface BrokenOutput {
  /** `shop/web@sha256:…` */
  readonly image: string;
  /** A line for `oc` that repairs it, or what else does. */
  readonly repair: string;
}
