import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { lstat, mkdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { FileFacts } from "../../archive/filePorts.js";
import { ImageError } from "../../support/imageError.js";
import { unlessAbsent } from "./errors.js";

/** Where an archive is written, and the names of its temporary files. */
export interface TargetPath {
  /** With the folder's symbolic links resolved, so that equal files have equal paths. */
  readonly path: string;
  readonly folder: string;
  /** The beginning of the names of its lock and its unfinished files. */
  readonly stem: string;
}

/** Characters. Names of files have at most 255 bytes, which UTF-8 reaches with a third of the characters. */
const maxStem = 60;

/**
 * Resolves the folder, which it makes on request.
 * @throws ImageError ARCHIVE_PATH: no folder, or something at the path that is no regular file
 */
export async function resolveTarget(
  path: string,
  { attempt, createDirectories }: { readonly attempt: string; readonly createDirectories: boolean },
): Promise<TargetPath> {
  if (path.includes("\0")) throw new ImageError("ARCHIVE_PATH", "path has a NUL character; remove it");
  const named = dirname(path);
  if (createDirectories) await mkdir(named, { recursive: true });
  const folder = await unlessAbsent(realpath(named));
  if (folder === undefined || (await fileFacts(folder))?.kind !== "directory") {
    throw new ImageError(
      "ARCHIVE_PATH",
      `${attempt} ${path} failed: there is no folder ${named}. Create it, or set createDirectories: true`,
    );
  }
  const target = { path: join(folder, basename(path)), folder, stem: stemOf(basename(path)) };
  await refuseUnlessFile(target.path, attempt);
  return target;
}

/** Accepts an empty path. Follows no symbolic link: its target may be anybody's. */
export async function refuseUnlessFile(path: string, attempt: string): Promise<void> {
  const kind = (await fileFacts(path))?.kind;
  if (kind === undefined || kind === "file") return;
  const kinds = { directory: "a folder", symlink: "a symbolic link", other: "a device, pipe or socket" };
  throw new ImageError(
    "ARCHIVE_PATH",
    `${attempt} ${path} was refused: there is ${kinds[kind]}. Remove it, or let path name another file`,
  );
}

/** @throws ImageError ARCHIVE_UNMANAGED when there is anything */
export async function refuseIfThere(path: string): Promise<void> {
  if ((await fileFacts(path)) === undefined) return;
  throw new ImageError(
    "ARCHIVE_UNMANAGED",
    `Writing the archive ${path} was refused: since it was looked at, another resource or program has written a file there. Nothing was changed. Choose another path, or set overwriteUnmanaged`,
  );
}

/** Facts of the path itself, not of a link's target; undefined only when there is nothing. */
export async function fileFacts(path: string): Promise<FileFacts | undefined> {
  const stats = await unlessAbsent(lstat(path, { bigint: true }));
  return stats === undefined ? undefined : factsOf(stats);
}

export function factsOf(stats: BigIntStats): FileFacts {
  return {
    kind: kindOf(stats),
    size: Number(stats.size),
    mtimeMs: Number(stats.mtimeNs) / 1e6,
    fileId: `${stats.dev}:${stats.ino}`,
  };
}

function kindOf(stats: BigIntStats): FileFacts["kind"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "symlink" : "other";
}

function stemOf(base: string): string {
  if (base.length <= maxStem) return `.${base}`;
  const start = Array.from(base)
    .slice(0, maxStem / 2)
    .join(""); // never half a character, which no file system keeps
  return `.${start}-${createHash("sha256").update(base).digest("hex").slice(0, 16)}`;
}
