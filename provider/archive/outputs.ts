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
