import type { Descriptor, ImageTree } from "../oci/content.js";
import type { Platform } from "../oci/platform.js";
import type { RequestOptions } from "../okd/requestOptions.js";
import type { Obstacle } from "../support/files/place.js";
import type { Compression } from "./args/parsed.js";

/** Gives the content of blobs, checked: it rejects when size or digest are not the descriptor's. */
export interface BlobSource {
  read(blob: Descriptor, options: RequestOptions): AsyncIterable<Uint8Array>;
}

/** An image that was found, and where its blobs come from. */
export interface FoundImage {
  readonly tree: ImageTree;
  readonly blobs: BlobSource;
}

/** What one stat tells. */
export interface FileFacts {
  readonly kind: "file" | "directory" | "symlink" | "other";
  readonly size: number;
  /** Milliseconds since 1970, as exact as the file system has it. */
  readonly mtimeMs: number;
  /** Device and inode. */
  readonly fileId: string;
}

/** A finished file. */
export interface WrittenFile extends FileFacts {
  readonly sha256: string;
}

export interface WriteOptions extends RequestOptions {
  /** Octal permissions. */
  readonly mode: number;
  readonly createDirectories: boolean;
  /** A file at the path has appeared since the check and is somebody else's: ARCHIVE_UNMANAGED. */
  readonly mustBeNew?: boolean;
  /** How many bytes will be written at least; the free space is checked before. */
  readonly expectedBytes: number | undefined;
  readonly compression: "none" | "gzip" | "zstd";
}

/** The archive's file. Paths are absolute. */
export interface ArchiveFiles {
  /** What prevents writing a file there, without opening anything; undefined when nothing does. */
  obstacle(path: string, options: { readonly makesFolders: boolean }): Promise<Obstacle | undefined>;
  /** Undefined only when there is nothing at the path. */
  stat(path: string): Promise<FileFacts | undefined>;
  /** sha256, hex. */
  hash(path: string, options: RequestOptions): Promise<string>;
  /**
   * Which images the file holds, whoever wrote it. Checks that its tar is whole and its members are as long as its manifests
   * say, but not the content of its layers.
   */
  identify(path: string, options: RequestOptions): Promise<FoundArchive>;
  /**
   * Reads every byte: says which blob is not what its digest says, or why it is no archive; undefined when all is right.
   * @param known - digests of manifests and indexes whose layers are right when they have their digests; those of others are
   * decompressed, and compared with what the config says
   */
  findDamage(path: string, known: readonly string[], options: RequestOptions): Promise<string | undefined>;
  /**
   * Writes beside the target, checks, syncs, and renames: the path always holds the complete old or the complete new
   * file. Nothing is left when it fails.
   */
  write(path: string, content: AsyncIterable<Uint8Array>, options: WriteOptions): Promise<WrittenFile>;
  /** Gives the file a fresh modification time, so that its former owner no longer takes it for its own. */
  claim(path: string, options: RequestOptions): Promise<WrittenFile>;
  /** Nothing happens to a file that is not there. */
  changeMode(path: string, mode: number): Promise<void>;
  /** Removes the file if it still is the expected one. */
  remove(
    path: string,
    expected: Pick<WrittenFile, "fileId" | "mtimeMs" | "size">,
    options: RequestOptions,
  ): Promise<"removed" | "absent" | "changed">;
}

/** What a file turned out to be. */
export type FoundArchive =
  | { readonly kind: "archive"; readonly identity: ArchiveIdentity; readonly compression: Compression }
  /** No archive of images, or not a whole one; `why` is a clause: `it ends too early, after 512 bytes`. */
  | { readonly kind: "none"; readonly why: string };

/** Which images an archive holds, read from its manifests. */
export interface ArchiveIdentity {
  readonly format: "docker-archive" | "oci-archive" | "hybrid";
  readonly images: readonly ArchivedImage[];
}

export interface ArchivedImage {
  /** Names in the archive, as written: `nginx:1.27`, `docker.io/library/nginx:1.27`. */
  readonly names: readonly string[];
  readonly configDigest: string | undefined;
  /** Of the image's own manifest, where the archive has one. */
  readonly manifestDigest: string | undefined;
  /** Of the index that it stands in, where there is one. */
  readonly indexDigest: string | undefined;
  readonly diffIds: readonly string[];
  readonly platform: Platform | undefined;
}

/** An image and the names that it has in an archive. */
export interface NamedImage {
  readonly names: readonly string[];
  readonly found: FoundImage;
}

/** An archive on its way. */
export interface ArchiveStream {
  readonly content: AsyncIterable<Uint8Array>;
  /** Bytes of the content, where they are known before. */
  readonly size: number | undefined;
  /** What has passed; to be called after the end of the content. */
  readonly identity: () => ArchiveIdentity;
}

/** An engine's archive on disk, so that its parts can be read in any order. */
export interface SpooledArchive {
  readonly images: readonly NamedImage[];
  close(): Promise<void>;
}

/** Tar archives of images. */
export interface Tarballs {
  /** Reproducible: the same images give the same bytes. */
  layout(
    images: readonly NamedImage[],
    format: "docker-archive" | "oci-archive",
    options: RequestOptions,
  ): ArchiveStream;
  /** An engine's archive, checked to its end while it passes. */
  passage(content: AsyncIterable<Uint8Array>): ArchiveStream;
  /** Writes an engine's archive to a file in `folder`. */
  spool(content: AsyncIterable<Uint8Array>, folder: string, options: RequestOptions): Promise<SpooledArchive>;
}
