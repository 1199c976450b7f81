import type { Platform } from "./platform.js";

/** Points at a blob (OCI image specification, content descriptors). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
  /** For layers that registries do not distribute: where else to get them. */
  readonly urls?: readonly string[];
}

/** A manifest or index as it is stored: its digest is that of these very bytes. */
export interface StoredDocument {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** An image for one platform. */
export interface SingleImage extends StoredDocument {
  readonly platform: Platform;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  /** Digests of the uncompressed layers, from the config; empty where the config does not say. */
  readonly diffIds: readonly string[];
  /** RFC 3339, from the config. */
  readonly created: string | undefined;
}

/**
 * An image with everything below it but the blobs' content. For an image that is for one platform, `root` is the
 * descriptor of its only manifest and there is no index.
 */
export interface ImageTree {
  readonly root: Descriptor;
  /** The root index first, then nested ones. */
  readonly indexes: readonly StoredDocument[];
  /** In the order of the index. */
  readonly images: readonly SingleImage[];
}

/** Every blob of an image but its documents: configs and layers, each once. */
export function blobsOf({ images }: Pick<ImageTree, "images">): readonly Descriptor[] {
  const blobs = new Map<string, Descriptor>();
  for (const { config, layers } of images) {
    for (const blob of [config, ...layers]) blobs.set(blob.digest, blob);
  }
  return [...blobs.values()];
}
