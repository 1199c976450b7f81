import { isDeepStrictEqual } from "node:util";
import { chainId } from "../../oci/chainId.js";
import { arePlatformsEqual } from "../../oci/platform.js";
import { own } from "../../support/collections.js";

/**
 * What a preview shows of an archive and what state remembers of it: for every image which one it is, and what happens to
 * the file. Deterministic: the same sources and the same file give the same value.
 */
export interface ArchiveContent {
  /** `write` makes a new file, `rewrite` replaces ours, `adopt` takes over one that holds just this, `keep` does nothing. */
  readonly action: ArchiveAction;
  /** Why, for people: `there is no file yet`, `quay.io/acme/web:v1 moved`. */
  readonly reason: string;
  /** By what the program names it, or the tag of the stream that a glob stands for; ` as ` another name where it gets one. */
  readonly images: Readonly<Record<string, ContentImage>>;
  /** Bytes of all images together, before compression, where they are known. */
  readonly size?: number;
}

export type ArchiveAction = "write" | "rewrite" | "adopt" | "keep";

/** Which image an entry is. */
export interface ContentImage {
  /** What identifies the image, `sha256:…`; of what, `identity` says. */
  readonly digest: string;
  /**
   * What the digest is of: a `manifest` or an index, as registries and the containerd image store name an image, or its
   * `config`, as other engines do.
   */
  readonly identity: "manifest" | "config";
  /** Names in the archive. */
  readonly names: readonly string[];
  /** What is in the archive: `linux/amd64`, sorted; absent where an image is not imported yet, or its engine does not say. */
  readonly platforms?: readonly string[];
  /** Bytes in the archive. */
  readonly size?: number;
  /** When the image was built, RFC 3339; of the first platform. */
  readonly created?: string;
  /** One digest for the layers of the first platform (OCI's ChainID): the same in every engine and registry. */
  readonly chainId?: string;
  /** For people: the chosen platforms make another index, so that pods that name the original digest will not find it. */
  readonly digestChanges?: string;
  /** Digest of that index, which is what the archive holds then; older states have the text alone. */
  readonly archivedDigest?: string;
  /** An image stream's tag that the same `up` imports; nothing but its digest is known yet. */
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
