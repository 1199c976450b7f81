import type { PermissionReview } from "../okd/accessRights.js";
import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import type { ClusterObjects, ObjectChanges } from "../okd/objects.js";
import type { RequestOptions } from "../okd/requestOptions.js";
import type { StreamKey } from "../okd/streamName.js";
import type { StreamFacts } from "../usage/streamFacts.js";
import type { PrunedRegistryArgs } from "./args/parsed.js";
import type { RegistryHints } from "./clusterSurvey.js";
import type { RevisionCut, StreamTrim } from "./plan/decision.js";
import type { ClusterSnapshot, Image } from "./snapshot.js";

/** A cluster as the handler of ImagePrunePolicy needs it. */
export interface PruneCluster {
  readonly identity: ClusterIdentity;
  readonly objects: ClusterObjects;
  readonly changes: ObjectChanges;
  readonly streams: StreamTagRestorer;
  readonly images: ImageDeleter;
  readonly lease: PruneLease;
  readonly permissions: PermissionReview;
  /** @throws ImageError REGISTRY_UNREACHABLE naming every address that was tried */
  openRegistry(
    hints: RegistryHints,
    args: PrunedRegistryArgs,
    options: RequestOptions,
  ): Promise<PrunedRegistry>;
}

/** The integrated registry. */
export interface PrunedRegistry extends LayerLinkDeleter, ManifestLinkDeleter, BlobDeleter, ContentFinder {
  readonly server: string;
  /** Where the address comes from, for people. */
  readonly origin: string;
  /**
   * Rejects unless the registry is writable and deletes for this user. To be asked before any blob: in read-only mode it
   * deletes blobs all the same (facts/registries.md 6).
   */
  preflight(options: RequestOptions): Promise<void>;
}

interface StreamTagTrimmer {
  /** The stream as it is now; undefined only on a proven 404. */
  readStream(key: StreamKey, options: RequestOptions): Promise<StreamFacts | undefined>;
  /**
   * Writes the status of a stream that `readStream` answered without the cut items and without tags that have none left.
   * The resourceVersion is the precondition: API_CONFLICT when somebody else wrote meanwhile.
   */
  trimStream(stream: StreamFacts, trim: StreamTrim, options: RequestOptions): Promise<"trimmed" | "absent">;
}

/** Trims streams, and undoes trims. */
export interface StreamTagRestorer extends StreamTagTrimmer {
  /**
   * Writes items back that `trimStream` has cut with this trim, as they were and where they stood, into a stream that
   * `readStream` answered: API_CONFLICT when somebody else wrote meanwhile. "absent" when that stream is gone, also when
   * another one has its name.
   */
  restoreItems(
    stream: StreamFacts,
    trim: StreamTrim,
    cuts: readonly TagCut[],
    options: RequestOptions,
  ): Promise<"restored" | "absent">;
}

/** One item of a trim. */
export interface TagCut {
  readonly tag: string;
  readonly cut: RevisionCut;
}

export interface LayerLinkDeleter {
  /** Takes a layer or config out of a repository of the registry; "absent" when it was not there. */
  deleteLayerLink(key: StreamKey, digest: string, options: RequestOptions): Promise<"deleted" | "absent">;
}

export interface ManifestLinkDeleter {
  /** Takes a manifest out of a repository of the registry; "absent" when it was not there. */
  deleteManifestLink(key: StreamKey, digest: string, options: RequestOptions): Promise<"deleted" | "absent">;
}

export interface BlobDeleter {
  /** Deletes a blob from the registry's storage, whatever repositories link to it. */
  deleteBlob(digest: string, options: RequestOptions): Promise<"deleted" | "absent">;
}

/** What a manifest needs. */
export interface ManifestContent {
  readonly mediaType: string;
  /** Empty for an index. */
  readonly layers: readonly { readonly digest: string }[];
  /** Undefined for an index. */
  readonly config: { readonly digest: string } | undefined;
  /** Children of an index, else empty. */
  readonly manifests: readonly { readonly digest: string }[];
}

/** What can be pulled from a repository of the registry. */
export interface ContentFinder {
  /** A layer or config. */
  hasBlob(key: StreamKey, digest: string, options: RequestOptions): Promise<boolean>;
  /** Undefined when the registry serves no such manifest from there. */
  readManifest(key: StreamKey, digest: string, options: RequestOptions): Promise<ManifestContent | undefined>;
}

export interface ImageDeleter {
  /**
   * Deletes an Image object, provided that it still is the one with this uid: API_CONFLICT when another one has taken its
   * place. "absent" when it was already gone.
   */
  deleteImage(image: Pick<Image, "digest" | "uid">, options: RequestOptions): Promise<"deleted" | "absent">;
}

/** What oc's order needs. */
export interface PrunePorts {
  readonly streams: StreamTagTrimmer;
  readonly layerLinks: LayerLinkDeleter;
  readonly manifestLinks: ManifestLinkDeleter;
  readonly blobs: BlobDeleter;
  readonly images: ImageDeleter;
}

/** What a safe prune needs beyond that. */
export interface SafePrunePorts extends PrunePorts {
  readonly streams: StreamTagRestorer;
  readonly looks: ClusterLooks;
  readonly lease: PruneLease;
  readonly content: ContentFinder;
}

/**
 * The cluster as it is: each survey contains what was written before it began. All surveys of a run measure ages against one
 * instant, so that nothing becomes old enough to be deleted during the run.
 */
export interface ClusterLooks {
  /** Lists only what watches do not tell. */
  next(options: RequestOptions): Promise<ClusterSnapshot>;
  /** Lists everything, without watches. */
  whole(options: RequestOptions): Promise<ClusterSnapshot>;
}

/** One prune at a time in a cluster, whoever runs it and from where. */
export interface PruneLease {
  /**
   * @param options.holder who prunes, for the messages of other runs
   * @throws ImageError PRUNE_BUSY while another run holds it
   */
  acquire(options: RequestOptions & { readonly holder: string }): Promise<HeldLease>;
}

export interface HeldLease {
  /** Fires when the lease can no longer be counted on; its reason is an ImageError PRUNE_LEASE_LOST. */
  readonly lost: AbortSignal;
  /** Lets the next run begin. Never rejects: a lease that is not released expires. */
  release(): Promise<void>;
}
