import { isDeepStrictEqual } from "node:util";
import { chainId } from "../../oci/chainId.js";
import { arePlatformsEqual } from "../../oci/platform.js";
import { own } from "../../support/collections.js";

/**
 * What a preview shows of an archive and what state remembers of it: for every image which one it is, and what happens to
 * the file. Deterministic: the same sources and the same file give the same value.
 */
export interface ArchiveContent {
  readonly action: ArchiveAction;
  /** Why, for people: `the file does not exist`, `quay.io/acme/web:v1 moved`. */
  readonly reason: string;
  /** By what the user wrote, or the tag of the stream that a glob stands for; ` as ` another name where it gets one. */
  readonly images: Readonly<Record<string, ContentImage>>;
  /** Bytes of everything in the archive together, before compression, where it is known. */
  readonly size?: number;
}

/** `write` makes a new file, `rewrite` replaces ours, `adopt` takes over one that holds just this, `keep` does nothing. */
export type ArchiveAction = "write" | "rewrite" | "adopt" | "keep";

/** Which image an entry is. */
export interface ContentImage {
  /** What identifies it; see `identityKind`. */
  readonly digest: string;
  /**
   * - `manifest`: digest of the manifest or index, as registries and the containerd image store name it.
   * - `config`: digest of the config, as other engines name it.
   */
  readonly identity: "manifest" | "config";
  /** Names in the archive. */
  readonly names: readonly string[];
  /** `linux/amd64`, sorted; absent where an image is not imported yet, or its engine does not say. */
  readonly platforms?: readonly string[];
  /** Bytes in the archive. */
  readonly size?: number;
  /** RFC 3339, of the image for the first platform. */
  readonly created?: string;
  /** Of the layers of the first platform: the same in every store (facts/engines.md 1). */
  readonly chainId?: string;
  /** The platforms that were chosen make another index: pods that name the original digest will not find it. For people. */
  readonly digestChanges?: string;
  /** Of what is in the archive then; older states have the text alone. */
  readonly archivedDigest?: string;
  /** An image stream's tag that the same run imports. */
  readonly isPending?: boolean;
}

/** The key of an image: what the user wrote, and the name in the archive where it gets another one. */
export function contentKey(source: string, as: string | undefined): string {
  return as === undefined ? source : `${source}${renamed}${as}`;
}

/** What the user wrote, of a key; no reference has a space in it. */
export function sourceOf(key: string): string {
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

/** Whether both are the same image, whatever store or Docker version named them (facts/engines.md 1). */
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
 * Whether nothing is left to be written, and the images are those of before. What was done stands in the inputs until the next
 * `up`: a refresh asks about it.
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
