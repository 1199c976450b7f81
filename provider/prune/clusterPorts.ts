import type { ClusterIdentity } from "../support/clusterIdentity.js";
import type {
  BlobDeleter,
  ContentFinder,
  ImageDeleter,
  LayerLinkDeleter,
  ManifestLinkDeleter,
  PermissionReview,
  PruneLease,
  RequestOptions,
  StreamTagRestorer,
} from "./execute/ports.js";
import type { RegistryArgs } from "./pruneArgs.js";
import type { RegistryHints } from "./survey/survey.js";
import type { ClusterObjects, ObjectChanges } from "./survey/surveyPorts.js";

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
  openRegistry(hints: RegistryHints, args: RegistryArgs, options: RequestOptions): Promise<PrunedRegistry>;
}

/** The integrated registry. */
export interface PrunedRegistry extends LayerLinkDeleter, ManifestLinkDeleter, BlobDeleter, ContentFinder {
  readonly server: string;
  /** Where the address comes from, for people. */
  readonly origin: string;
  /**
   * Rejects unless the registry is writable and deletes for this user. To be asked before any blob: in read-only mode it
   * deletes blobs all the same (okd-live.md 7.2).
   */
  preflight(options: RequestOptions): Promise<void>;
}
