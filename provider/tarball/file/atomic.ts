import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, readdir, rename, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { FileFacts } from "../../archive/filePorts.js";
import { systemCode } from "../../support/imageError.js";
import { diskFull } from "./errors.js";
import { cleanUpAtEnd } from "./leftovers.js";
import type { MustHold } from "./lock/hold.js";
import { factsOf, refuseUnlessFile, type TargetPath } from "./target.js";

/** The system calls that write; tests use a disk that gets full. */
export interface Disk {
  open(path: string, flags: number, mode: number): Promise<WritableFile>;
  statfs(path: string): Promise<{ readonly bavail: number; readonly bsize: number }>;
}

export interface WritableFile extends Pick<FileHandle, "datasync" | "sync" | "chmod" | "stat" | "close"> {
  /** In their order; may write only a part. */
  writev(chunks: readonly Uint8Array[]): Promise<{ readonly bytesWritten: number }>;
}

export const realDisk: Disk = { open, statfs };

const { O_CREAT, O_EXCL, O_WRONLY } = constants;
/** Windows has none. */
const noFollow = (constants as Partial<typeof constants>).O_NOFOLLOW ?? 0;
/** What a killed process may leave, behind the target's stem. */
const leftover = /^(?:[0-9a-f]{16}\.partial|lock\.[0-9a-f]{16})$/;
/** File systems that cannot sync a folder say one of these. */
const cannotSync = ["EINVAL", "EISDIR", "ENOTSUP", "EPERM", "EACCES"];

/**
 * Gives `fill` an empty file beside the target, and puts it in the target's place when `fill` has succeeded: complete, with
 * these permissions, and safe from a power cut. Otherwise removes it. Call it with the target's lock only, because it
 * removes unfinished files: those belong to processes that have ended.
 */
export async function replaceFile(
  target: TargetPath,
  mode: number,
  { disk, mustHold }: { readonly disk: Disk; readonly mustHold: MustHold },
  fill: (file: WritableFile, path: string) => Promise<void>,
): Promise<FileFacts> {
  await removeUnfinished(target);
  const unfinished = join(target.folder, `${target.stem}.${randomBytes(8).toString("hex")}.partial`);
  const forget = cleanUpAtEnd(unfinished);
  try {
    const facts = await writeUnfinished(unfinished, mode, disk, fill);
    await refuseUnlessFile(target.path, "Writing the archive");
    mustHold();
    await rename(unfinished, target.path);
    await syncFolder(target.folder);
    return facts;
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined); // the next write removes it
    throw error;
  } finally {
    forget();
  }
}

async function writeUnfinished(
  path: string,
  mode: number,
  disk: Disk,
  fill: (file: WritableFile, path: string) => Promise<void>,
): Promise<FileFacts> {
  const file = await disk.open(path, O_CREAT | O_EXCL | O_WRONLY | noFollow, 0o600);
  try {
    await fill(file, path);
    await file.chmod(mode);
    await file.sync();
    return factsOf(await file.stat({ bigint: true }));
  } finally {
    await file.close();
  }
}

/** @throws ImageError ARCHIVE_DISK_FULL */
export async function checkSpace(target: TargetPath, needed: number, disk: Disk): Promise<void> {
  const { bavail, bsize } = await disk.statfs(target.folder);
  if (bavail * bsize < needed) throw diskFull(target.path, needed, bavail * bsize);
}

async function removeUnfinished({ folder, stem }: TargetPath): Promise<void> {
  for (const name of await readdir(folder)) {
    const isOurs = name.startsWith(`${stem}.`) && leftover.test(name.slice(stem.length + 1));
    if (isOurs) await rm(join(folder, name), { force: true });
  }
}

async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (!cannotSync.includes(systemCode(error) ?? "")) throw error;
  }
}
