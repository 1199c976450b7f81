import type { ClusterIdentity } from "../support/clusterIdentity.js";
import type { ImageImportSpec, ImageStream, ImportResult } from "./imageStream.js";

export interface StreamKey {
  readonly namespace: string;
  readonly name: string;
}

export interface RequestOptions {
  readonly signal: AbortSignal;
}

/** Reads and writes of image streams. Every failure is an ImageError whose code tells what kind it was. */
export interface ImageStreams {
  /** `undefined` only on a proven 404. */
  getStream(key: StreamKey, options: RequestOptions): Promise<ImageStream | undefined>;
  /** POST; `dryRun` stores nothing, but whitelist, limits and quota answer as for real (okd-live.md 6). */
  createStream(
    stream: ImageStream,
    options: RequestOptions & { readonly dryRun?: boolean },
  ): Promise<ImageStream>;
  /** PUT with metadata.resourceVersion as the precondition: API_CONFLICT when somebody else wrote meanwhile. */
  replaceStream(
    stream: ImageStream,
    options: RequestOptions & { readonly dryRun?: boolean },
  ): Promise<ImageStream>;
  /** DELETE with both preconditions, so that only the stream that was looked at can go. */
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
   * POST of an ImageStreamImport. `store: false` is the only true preview (import.md 2.3).
   * Resolves also when single images failed: look at every row.
   */
  importImages(
    key: StreamKey,
    images: readonly ImageImportSpec[],
    options: RequestOptions & { readonly store: boolean },
  ): Promise<ImportResult>;
}

/** Explanations that only some users may read; `undefined` where reading is refused. */
export interface ImportDiagnosis {
  /** Registry hosts for which the namespace holds pull secrets, sorted. */
  pullSecretHosts(namespace: string, options: RequestOptions): Promise<readonly string[] | undefined>;
}

/** One cluster, as a handler sees it. */
export interface Cluster {
  readonly identity: ClusterIdentity;
  /** Namespace of the connection or of its kubeconfig context. */
  readonly defaultNamespace: string | undefined;
  readonly streams: ImageStreams;
  readonly diagnosis: ImportDiagnosis;
}
