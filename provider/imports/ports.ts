import type { IntegratedRegistryAddress } from "../oci/names/registryUrl.js";
import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import type { ImageImportSpec, ImageStream, ImportResult } from "../okd/imageStream.js";
import type { RequestOptions } from "../okd/requestOptions.js";
import type { StreamKey } from "../okd/streamName.js";
import type { VanishingImages } from "../usage/findUsers.js";
import type { TriggeredObject } from "../usage/triggers.js";
import type { PullSecrets, SecretUsers } from "./pullSecrets.js";
import type { Repositories } from "./repositories.js";

/** Reads and writes of image streams. Every failure is an ImageError whose code tells what kind it was. */
export interface ImageStreams {
  /** `undefined` only on a proven 404. */
  getStream(key: StreamKey, options: RequestOptions): Promise<ImageStream | undefined>;
  /** Digests in the stream's history whose Image object is gone. */
  lostImages(key: StreamKey, options: RequestOptions): Promise<readonly string[]>;
  /** What the indexes in the stream's history contain: the digests of an index's manifests, by its own. */
  indexContents(key: StreamKey, options: RequestOptions): Promise<ReadonlyMap<string, readonly string[]>>;
  /** All streams of a namespace; `undefined` when they are too many for one answer, or may not be listed. */
  listStreams(namespace: string, options: RequestOptions): Promise<readonly ImageStream[] | undefined>;
  /** POST; `dryRun` stores nothing, but whitelist, limits and quota answer as for real (facts/api-server.md 14). */
  createStream(
    stream: ImageStream,
    options: RequestOptions & { readonly dryRun?: boolean },
  ): Promise<ImageStream>;
  /** PUT with metadata.resourceVersion as the precondition: API_CONFLICT when somebody else wrote meanwhile. */
  replaceStream(
    stream: ImageStream,
    options: RequestOptions & { readonly dryRun?: boolean },
  ): Promise<ImageStream>;
  /** DELETE with both preconditions, so that only the stream that was read can be deleted. */
  deleteStream(
    key: StreamKey,
    preconditions: { readonly uid: string; readonly resourceVersion: string },
    options: RequestOptions,
  ): Promise<"deleted" | "absent">;
  /** DELETE of the ImageStreamTag, which removes the tag from spec and status; `uid` is the stream's. */
  deleteTag(
    key: StreamKey,
    tag: string,
    preconditions: { readonly uid: string },
    options: RequestOptions,
  ): Promise<"deleted" | "absent">;
  /**
   * POST of an ImageStreamImport. `store: false` is the only true preview (facts/importing.md 3).
   * Resolves also when single images failed: check every row.
   */
  importImages(
    key: StreamKey,
    images: readonly ImageImportSpec[],
    options: RequestOptions & { readonly store: boolean },
  ): Promise<ImportResult>;
}

/** Explanations that only some users may read; `undefined` where reading is refused. */
export interface ImportDiagnosis {
  /** The keys of all pull secrets of the namespace, sorted by secret. */
  pullSecretKeys(namespace: string, options: RequestOptions): Promise<readonly PullSecretKey[] | undefined>;
}

/** One entry of a pull secret, without its credentials. */
export interface PullSecretKey {
  /** Name of the secret. */
  readonly secret: string;
  /** What its credentials are for, as written: `quay.io/acme`, `https://index.docker.io/v1/`. */
  readonly key: string;
  /** An annotation keeps the secret from being used for imports. */
  readonly isExcluded: boolean;
}

/** What the cluster's configuration says about imports. */
export interface ImportRules {
  /** `allowedRegistriesForImport`, empty: every registry is allowed. `undefined` where it may not be read. */
  allowedRegistries(options: RequestOptions): Promise<readonly AllowedRegistry[] | undefined>;
}

/** Objects as `oc` names them (`pod/web-1 namespace=shop`), sorted. */
export interface FoundUsers {
  /** What runs, or will pull again. */
  readonly blocking: readonly string[];
  /** Records, and what a rollback would bring back: replica sets, revisions, builds, jobs. */
  readonly history: readonly string[];
  /** What may not be read, with where: `pods, jobs of other namespaces`. */
  readonly unread: readonly string[];
}

export interface FindOptions extends RequestOptions {
  /** The caller deletes if nothing is found, so earlier answers are not good enough. */
  readonly isForRemoval: boolean;
}

/** Users of a stream's images. */
export interface StreamUsers {
  /**
   * Searches every kind that names images. `unread` names refused rights (403).
   * @throws ImageError every other failure: unreadable is not unused
   */
  find(vanishing: VanishingImages, options: FindOptions): Promise<FoundUsers>;
  /** Resolves when `find` may find something else, at the latest after `withinMs` milliseconds. */
  changed(options: RequestOptions & { readonly withinMs: number }): Promise<void>;
  /** To be called after writing streams: earlier answers about them no longer count. */
  noteWrite(): void;
}

/** The machines that pods run on. */
export interface ClusterNodes {
  /** As images name them (`amd64`), sorted, each once; `undefined` where nodes may not or cannot be listed. */
  architectures(options: RequestOptions): Promise<readonly string[] | undefined>;
}

/** What a new image in a stream's tags sets in motion. */
export interface Rollouts {
  /**
   * Objects with a trigger on some tag of the stream, paused or not, of all namespaces where they may be listed, else of the
   * stream's. What may not or cannot be read is left out.
   */
  find(stream: StreamKey, options: RequestOptions): Promise<readonly TriggeredObject[]>;
}

export interface MirrorOrder {
  /** A stream whose history has the digest. */
  readonly stream: ImageStream;
  readonly digest: string;
  readonly registry: IntegratedRegistryAddress;
}

export interface MirrorWatch extends RequestOptions {
  /** Blobs that the registry has, and how many it will have. */
  readonly progress: (done: number, total: number) => void;
}

/** Copies of imported images in the integrated registry. */
export interface Mirror {
  /**
   * Resolves once the registry itself has every manifest, config and layer of the image, or of all images of an index.
   * @throws ImageError REGISTRY_*, CONNECTION_INVALID
   */
  store(order: MirrorOrder, watch: MirrorWatch): Promise<void>;
}

/** One cluster, as a handler sees it. */
export interface Cluster {
  readonly identity: ClusterIdentity;
  /** Namespace of the connection or of its kubeconfig context. */
  readonly defaultNamespace: string | undefined;
  readonly streams: ImageStreams;
  readonly repositories: Repositories;
  readonly diagnosis: ImportDiagnosis;
  readonly rules: ImportRules;
  readonly users: StreamUsers;
  readonly rollouts: Rollouts;
  readonly nodes: ClusterNodes;
  readonly mirror: Mirror;
  readonly secrets: PullSecrets;
  readonly secretUsers: SecretUsers;
}

/** An entry of `allowedRegistriesForImport` in images.config.openshift.io/cluster. */
export interface AllowedRegistry {
  /** Host, with or without port; `*` and `?` stand for parts of it. */
  readonly domainName: string;
  /** Without a port it allows port 80 instead of 443. */
  readonly insecure: boolean;
}
