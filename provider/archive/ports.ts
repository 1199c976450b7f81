import type { Descriptor } from "../oci/content.js";
import type { Platform } from "../oci/platform.js";
import type { PermissionReview } from "../okd/accessRights.js";
import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import type { ImageStream } from "../okd/imageStream.js";
import type { ClusterObjects } from "../okd/objects.js";
import type { RequestOptions } from "../okd/requestOptions.js";
import type { StreamKey } from "../okd/streamName.js";
import type { ImageError } from "../support/imageError.js";
import type {
  EngineArgs,
  RequestedSource,
  IntegratedRegistrySettings,
  ArchiveRegistry,
} from "./args/parsed.js";
import type { ArchiveFiles, FoundImage, Tarballs } from "./filePorts.js";

/** Images in registries, without any daemon. */
export interface ImageRegistry {
  /**
   * The digest that a reference names now; of a digest reference that digest, without any request.
   * @throws ImageError REGISTRY_*: the registry's refusal, explained
   */
  digestOf(reference: string, options: RequestOptions): Promise<string>;
  /**
   * Everything about an image but the content of its blobs, every document verified. `platforms` undefined: all that the
   * reference has.
   */
  find(
    reference: string,
    platforms: readonly Platform[] | undefined,
    options: RequestOptions,
  ): Promise<FoundImage>;
}

/** What an engine says about an image (facts/engines.md 1). */
export interface EngineImage {
  /** As the engine names it: the config's digest, or with the containerd store the manifest's or index's. */
  readonly id: string;
  /** The image store knows manifests (containerd): `id` is then the digest of this descriptor. */
  readonly descriptor: Descriptor | undefined;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  /** Of an index the one that was asked for, or the engine's choice; undefined where that one was not pulled. */
  readonly platform: Platform | undefined;
  readonly diffIds: readonly string[];
  readonly created: string | undefined;
  /** Bytes, uncompressed; about what an export needs. */
  readonly size: number;
  /** Why no more than one of its platforms can be exported, a sentence; undefined where several can. */
  readonly whyOnePlatform: string | undefined;
}

/** A container engine: Docker or podman. */
export interface ImageEngine {
  /** For messages: `unix:///var/run/docker.sock (Docker 28.2, API 1.50)`. */
  readonly description: string;
  /**
   * Undefined only when the engine says that there is no such image. With a platform, the image for that one.
   * @throws ImageError IMAGE_NOT_FOUND: it is there, but not for the platform; ENGINE_UNREACHABLE, ENGINE_ERROR
   */
  inspect(
    reference: string,
    platform: Platform | undefined,
    options: RequestOptions,
  ): Promise<EngineImage | undefined>;
  /**
   * The engine's own archive of these images, byte for byte. Every byte comes from a successful answer; a connection that is
   * cut rejects, and so does silence after the first byte. The content of a successful answer is not checked here: an error
   * that is appended late, an archive of nothing, or of another image than the inspected one, is found by the check that the
   * archive passes through while it is written (facts/engines.md 7). So are platforms: before API
   * 1.48 Docker sends all that it has, and of several it leaves out what it does not have.
   * @param platforms empty: the engine's choice
   * @throws ImageError IMAGE_NOT_FOUND: one of them is not there, or not for the platforms; ENGINE_UNSUPPORTED: several
   * platforms, where `whyOnePlatform` says why not; ENGINE_UNREACHABLE, ENGINE_ERROR
   */
  export(
    references: readonly string[],
    platforms: readonly Platform[],
    options: RequestOptions,
  ): AsyncIterable<Uint8Array>;
}

/** An image that a stream lists. */
export interface StreamImage {
  readonly namespace: string;
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
  /**
   * Where it was imported from, by digest; undefined where it was pushed, or where its tag leaves only the integrated
   * registry (`referencePolicy: Local`).
   */
  readonly source: string | undefined;
}

export type StreamSource = Extract<RequestedSource, { readonly kind: "stream" }>;

/** The cluster's own registry, at an address that answers from here. */
export interface StreamRegistry extends ImageRegistry {
  /** With its port; `<host>/<namespace>/<name>@<digest>` is what it pulls. */
  readonly host: string;
}

/** Image streams of the connection's cluster. */
export interface StreamImages {
  readonly cluster: ClusterIdentity;
  /**
   * The images that a source stands for, sorted; empty when the stream or the tag does not exist. For a source with a digest
   * the image with it, whatever its tag points to now: the registry serves all of a stream's history.
   */
  find(source: StreamSource, options: RequestOptions): Promise<readonly StreamImage[]>;
  /** Why `find` was empty: STREAM_NOT_FOUND or NAMESPACE_NOT_FOUND, with the name that may have been meant. */
  explainMissing(source: StreamSource, options: RequestOptions): Promise<ImageError>;
  /** @throws ImageError REGISTRY_UNREACHABLE, which names every address that was tried; CONNECTION_INVALID: no login */
  registry(settings: IntegratedRegistrySettings, options: RequestOptions): Promise<StreamRegistry>;
}

/** What of a connected cluster image streams are read by. */
export interface StreamCluster {
  readonly identity: ClusterIdentity;
  /** Namespace of the connection or of its kubeconfig context. */
  readonly defaultNamespace: string | undefined;
  readonly objects: Pick<ClusterObjects, "get" | "list">;
  readonly permissions: PermissionReview;
  /** Undefined only when there is no such stream. */
  getStream(key: StreamKey, options: RequestOptions): Promise<ImageStream | undefined>;
  /**
   * The cluster's own registry, under nobody's deadline.
   * @param seen - a stream of the cluster, which may name the registry's hosts; undefined where none was read
   * @throws ImageError as `StreamImages.registry`
   */
  openRegistry(settings: IntegratedRegistrySettings, seen: ImageStream | undefined): Promise<StreamRegistry>;
}

/** Everything that an archive is made from, opened when it is needed. */
export interface ArchivePorts {
  readonly files: ArchiveFiles;
  readonly tarballs: Tarballs;
  registry(registries: Readonly<Record<string, ArchiveRegistry>>): Promise<ImageRegistry>;
  /** @throws ImageError ENGINE_UNREACHABLE */
  engine(engine: EngineArgs, options: RequestOptions): Promise<ImageEngine>;
  streams(options: RequestOptions): Promise<StreamImages>;
}
