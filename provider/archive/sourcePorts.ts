import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import type { RequestOptions } from "../okd/requestOptions.js";
import type { ImageError } from "../support/imageError.js";
import type { EngineArgs, ImageSource, IntegratedRegistryArgs, RegistryArgs } from "./args/archive.js";
import type { ArchiveFiles, ImageEngine, ImageRegistry, Tarballs } from "./ports.js";

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

export type StreamSource = Extract<ImageSource, { readonly kind: "stream" }>;

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
  registry(settings: IntegratedRegistryArgs, options: RequestOptions): Promise<StreamRegistry>;
}

/** Everything that an archive is made from, opened when it is needed. */
export interface ArchivePorts {
  readonly files: ArchiveFiles;
  readonly tarballs: Tarballs;
  registry(registries: Readonly<Record<string, RegistryArgs>>): Promise<ImageRegistry>;
  /** @throws ImageError ENGINE_UNREACHABLE */
  engine(engine: EngineArgs, options: RequestOptions): Promise<ImageEngine>;
  streams(options: RequestOptions): Promise<StreamImages>;
}
