import { hasConfigBlob, isIndexType } from "../../oci/mediaTypes.js";
import type { Image } from "./snapshot.js";

/**
 * Whether an Image says which blobs it needs. An index always does: its children are Images of their own (prune.md 1.4).
 */
export function hasKnownContent({ mediaType, metadata }: Image): boolean {
  return isIndexType(mediaType) || metadata.kind === "known";
}

/** Digests of the Images that do not. */
export function unreadableDigests(images: Iterable<Image>): ReadonlySet<string> {
  const unreadable = new Set<string>();
  for (const image of images) if (!hasKnownContent(image)) unreadable.add(image.digest);
  return unreadable;
}

/**
 * Visits the blobs that an Image needs beside its manifest: layers, which may repeat, then the config. A visitor and not
 * a list, because a plan asks this several times of every Image of a cluster.
 */
export function visitContent(image: Image, visit: (digest: string) => void): void {
  for (const layer of image.layers) visit(layer);
  const { mediaType, metadata } = image;
  if (metadata.kind === "known" && metadata.configId !== "" && hasConfigBlob(mediaType)) {
    visit(metadata.configId);
  }
}
