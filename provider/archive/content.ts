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
  /** `linux/amd64`, sorted; absent where an image is not imported yet. */
  readonly platforms?: readonly string[];
  /** Bytes in the archive. */
  readonly size?: number;
  /** RFC 3339, of the image for the first platform. */
  readonly created?: string;
  /** Digests of the uncompressed layers of the first platform: the same in every store (archive.md 6). */
  readonly diffIds?: readonly string[];
  /** The platforms that were chosen make another index: pods that name the original digest will not find it. */
  readonly digestChanges?: string;
  /** An image stream's tag that the same run imports. */
  readonly isPending?: boolean;
}

/** Whether both are the same image, whatever store or Docker version named them (archive.md 6, "Same image test"). */
export function isSameImage(a: ContentImage, b: ContentImage): boolean {
  if (a.digest === b.digest) return true;
  if (a.identity === b.identity) return false;
  return (
    a.diffIds !== undefined &&
    a.diffIds.length > 0 &&
    sameTexts(a.diffIds, b.diffIds ?? []) &&
    sameTexts(a.platforms ?? [], b.platforms ?? []) &&
    a.created === b.created
  );
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}
