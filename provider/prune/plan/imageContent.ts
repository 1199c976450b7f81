import { hasConfigBlob, isIndexType } from "../../oci/mediaTypes.js";
import type { StreamFacts } from "../../usage/streamFacts.js";
import type { Image } from "../snapshot.js";

/** Whether everything that the Image needs is known. */
export function saysAll({ unsaid }: Pick<Image, "unsaid">): boolean {
  return unsaid === "nothing";
}

/**
 * Digests of the Images whose metadata `oc` cannot read. It takes layers and children that are not listed for none, and
 * asks an index for no metadata (facts/pruning.md 5, 22).
 */
export function undecodedDigests(images: Iterable<Image>): ReadonlySet<string> {
  const undecoded = new Set<string>();
  for (const { digest, mediaType, metadata } of images) {
    if (metadata.kind !== "known" && !isIndexType(mediaType)) undecoded.add(digest);
  }
  return undecoded;
}

/**
 * Visits the blobs that an Image needs beside its manifest, as far as it says: layers, which may repeat, then the config. A
 * visitor and not a list, because a plan does this several times for every Image of a cluster.
 */
export function visitContent(image: Image, visit: (digest: string) => void): void {
  for (const layer of image.layers) visit(layer);
  const { mediaType, metadata } = image;
  if (metadata.kind === "known" && metadata.configId !== "" && hasConfigBlob(mediaType)) {
    visit(metadata.configId);
  }
}

/**
 * Digest of the image that a tag's content is attached to: tools for signatures, attestations and SBOMs name such tags
 * after it (facts/pruning.md 40).
 */
export function subjectOf(tag: string): string | undefined {
  const hex = /^sha256-([0-9a-f]{64})(?:\.(?:sig|att|sbom))?$/.exec(tag)?.[1];
  return hex === undefined ? undefined : `sha256:${hex}`;
}

/** The subject, if its Image exists; without the Image nobody can tell what the tag is for. */
export function knownSubjectOf(tag: string, images: ReadonlyMap<string, Image>): string | undefined {
  const subject = subjectOf(tag);
  return subject !== undefined && images.has(subject) ? subject : undefined;
}

/** Digests of all items of the streams. */
export function listedIn(streams: readonly StreamFacts[]): readonly string[] {
  return streams.flatMap(({ tags }) => tags.flatMap(({ items }) => items.map((item) => item.digest)));
}
