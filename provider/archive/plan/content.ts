import { isDeepStrictEqual } from "node:util";
import { chainId } from "../../oci/imageConfig.js";
import { arePlatformsEqual } from "../../oci/platform.js";
import { own } from "../../support/collections.js";
import type { ArchiveContent, ContentImage } from "../outputs.js";

/** The key of an image: what the user wrote, and the name in the archive where it gets another one. */
export function contentKey(source: string, as: string | undefined): string {
  return as === undefined ? source : `${source}${renamed}${as}`;
}

/** What the user wrote, of a key; no reference has a space in it. */
export function sourceInKey(key: string): string {
  return key.split(renamed, 1)[0] ?? key;
}

const renamed = " as ";

/** As content tells of layers. */
export function layersOf(diffIds: readonly string[] = []): Pick<ContentImage, "chainId"> {
  const id = chainId(diffIds);
  return id === undefined ? {} : { chainId: id };
}

/** Whether these are the image's layers, which says nothing where none are known. */
export function hasLayers({ chainId: recorded }: ContentImage, diffIds: readonly string[]): boolean {
  return recorded !== undefined && chainId(diffIds) === recorded;
}

/** Whether both are the same image, whatever store or Docker version named them. */
export function isSameImage(a: ContentImage, b: ContentImage): boolean {
  if (a.digest === b.digest) return true;
  if (a.identity === b.identity) return false;
  return (
    a.chainId !== undefined &&
    a.chainId === b.chainId &&
    arePlatformsEqual(a.platforms ?? [], b.platforms ?? []) &&
    isSameTime(a.created, b.created)
  );
}

/** Engines write fractions and zones of one time in several ways. */
function isSameTime(a = "", b = ""): boolean {
  return a === b || Date.parse(a) === Date.parse(b);
}

/**
 * Whether nothing is left to write, and the images are those of before. An executed action stays in the inputs until the next
 * `up`, so a refresh asks this.
 */
export function isKept(before: ArchiveContent, now: ArchiveContent): boolean {
  if (isDeepStrictEqual(before, now)) return true;
  return (now.action === "keep" || now.action === "adopt") && holdSameImages(before, now);
}

/** Whether both hold the same images under the same keys. */
function holdSameImages({ images: a }: ArchiveContent, { images: b }: ArchiveContent): boolean {
  const keys = Object.keys(b);
  if (keys.length !== Object.keys(a).length) return false;
  return keys.every((key) => {
    const [before, now] = [own(a, key), own(b, key)];
    return before !== undefined && now !== undefined && isSameImage(before, now);
  });
}
