import type { StreamTrim } from "./plan.js";
import type { ImageStream, StreamKey } from "./snapshot.js";

export interface RequestOptions {
  readonly signal: AbortSignal;
}

export interface StreamTagTrimmer {
  /** The stream as it is now; undefined only on a proven 404. */
  readStream(key: StreamKey, options: RequestOptions): Promise<ImageStream | undefined>;
  /**
   * Writes the stream's status without the cut items and without tags that have none left. The resourceVersion is the
   * precondition: API_CONFLICT when somebody else wrote meanwhile.
   */
  trimStream(stream: ImageStream, trim: StreamTrim, options: RequestOptions): Promise<"trimmed" | "absent">;
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

export interface ImageDeleter {
  /** Deletes an Image object; "absent" when it was already gone. */
  deleteImage(digest: string, options: RequestOptions): Promise<"deleted" | "absent">;
}

export interface PrunePorts {
  readonly streams: StreamTagTrimmer;
  readonly layerLinks: LayerLinkDeleter;
  readonly manifestLinks: ManifestLinkDeleter;
  readonly blobs: BlobDeleter;
  readonly images: ImageDeleter;
}
