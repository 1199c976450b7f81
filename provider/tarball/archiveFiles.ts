import { chmod, lstat, stat, unlink, utimes } from "node:fs/promises";
import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip, createZstdCompress } from "node:zlib";
import type { ArchiveFiles, WriteOptions, WrittenFile } from "../archive/filePorts.js";
import type { RequestOptions } from "../okd/requestOptions.js";
import { abortReason } from "../support/async/abortable.js";
import { findObstacle } from "../support/files/place.js";
import { isUntouched } from "../support/files/untouched.js";
import { checkSpace, type Disk, realDisk, replaceFile, type WritableFile } from "./file/atomic.js";
import { writeChunks } from "./file/chunkWriter.js";
import { fileError, unlessAbsent } from "./file/errors.js";
import { hashFile, hashGrowingFile } from "./file/hash.js";
import { type LockRequest, type LockTiming, type MustHold, withLock } from "./file/lock/hold.js";
import { factsOf, fileFacts, refuseIfThere, refuseUnlessFile, resolveTarget } from "./file/target.js";
import { findDamage, readArchiveIdentity } from "./read/archiveIdentity.js";

/** The default of `gzip`. */
const gzipLevel = 6;
/** Bytes; with more frequent syncs, other writes would wait for the disk. */
const syncEvery = 256 * 1024 * 1024;
/** The resolution of FAT's times. */
const coarsestClockMs = 2_000;

type RecordedFile = Pick<WrittenFile, "fileId" | "mtimeMs" | "size">;

/**
 * The archive's file on this machine's disk.
 * @throws ImageError ARCHIVE_*: the file system's refusals, explained; the content's own failures as they are
 */
export function createArchiveFiles(disk: Disk = realDisk, timing?: LockTiming): ArchiveFiles {
  return {
    obstacle: (path, options) => explained("Looking at the archive", path, () => findObstacle(path, options)),
    stat: (path) => explained("Looking at the archive", path, () => fileFacts(path)),
    hash: (path, options) =>
      explained("Reading the archive", path, () => hashRegular(path, options), options),
    identify: (path, options) =>
      explained("Reading the archive", path, () => readArchiveIdentity(path, options), options),
    findDamage: (path, known, options) =>
      explained("Reading the archive", path, () => findDamage(path, known, options), options),
    write: (path, content, options) =>
      explained(
        "Writing the archive",
        path,
        () => writeArchive(path, content, options, { disk, timing }),
        options,
      ),
    claim: (path, options) =>
      explained("Claiming the archive", path, () => claimArchive(path, { ...options, timing }), options),
    changeMode: (path, mode) =>
      explained("Changing the permissions of the archive", path, () => changeMode(path, mode)),
    remove: (path, expected, options) =>
      explained(
        "Removing the archive",
        path,
        () => removeArchive(path, expected, { ...options, timing }),
        options,
      ),
  };
}

/** Opening a pipe would wait for its writer. */
async function hashRegular(path: string, options: RequestOptions): Promise<string> {
  await refuseUnlessFile(path, "Reading the archive");
  return await hashFile(path, options);
}

/** A failure of the content and not of the file. */
class ContentFailure extends Error {}

async function explained<Result>(
  attempt: string,
  path: string,
  work: () => Promise<Result>,
  options?: RequestOptions,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (options?.signal.aborted === true) throw abortReason(options.signal);
    if (error instanceof ContentFailure) throw error.cause;
    throw fileError(error, attempt, path);
  }
}

async function writeArchive(
  path: string,
  content: AsyncIterable<Uint8Array>,
  options: WriteOptions,
  { disk, timing }: { readonly disk: Disk; readonly timing: LockTiming | undefined },
): Promise<WrittenFile> {
  options.signal.throwIfAborted();
  const attempt = "Writing the archive";
  const target = await resolveTarget(path, { attempt, createDirectories: options.createDirectories });
  return await withLock(target, { attempt, signal: options.signal, timing }, async (mustHold) => {
    const check = async () => {
      if (options.mustBeNew === true) await refuseIfThere(target.path);
    };
    await check();
    await checkSpace(target, options.expectedBytes ?? 0, disk);
    let sha256 = "";
    const facts = await replaceFile(target, options.mode, { disk, mustHold }, async (file, unfinished) => {
      sha256 = await fill(file, unfinished, content, options);
      await check();
    });
    return { ...facts, sha256 };
  });
}

/** Answers the file's sha256. */
async function fill(
  file: WritableFile,
  path: string,
  content: AsyncIterable<Uint8Array>,
  { compression, signal }: WriteOptions,
): Promise<string> {
  const hash = hashGrowingFile(path);
  const options = { signal, syncEvery, onGrowth: (bytes: number) => hash.grewTo(bytes) };
  try {
    const compressor = compressorFor(compression);
    if (compressor === undefined) {
      await writeChunks(file, marked(content), options);
    } else {
      const source = Readable.from(marked(content), { objectMode: false });
      const sink = (chunks: AsyncIterable<Uint8Array>) => writeChunks(file, chunks, options);
      await pipeline(source, compressor, sink, { signal });
    }
    return await hash.digest({ signal });
  } finally {
    await hash.stop();
  }
}

async function* marked(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* content;
  } catch (error) {
    throw new ContentFailure("The content failed", { cause: error });
  }
}

/** Neither writes a time, so equal content makes equal files (with the same version of Node). */
function compressorFor(compression: WriteOptions["compression"]): Transform | undefined {
  switch (compression) {
    case "none":
      return undefined;
    case "gzip":
      return createGzip({ level: gzipLevel });
    case "zstd":
      return createZstdCompress();
  }
}

async function changeMode(path: string, mode: number): Promise<void> {
  await refuseUnlessFile(path, "Changing the permissions of the archive");
  await unlessAbsent(chmod(path, mode));
}

type LockOptions = Omit<LockRequest, "attempt">;

/** Runs `work` on an existing file while nobody writes it. */
async function withTarget<Result>(
  path: string,
  request: LockRequest,
  work: (target: string, mustHold: MustHold) => Promise<Result>,
): Promise<Result> {
  const target = await resolveTarget(path, { attempt: request.attempt, createDirectories: false });
  return await withLock(target, request, (mustHold) => work(target.path, mustHold));
}

async function removeArchive(
  path: string,
  expected: RecordedFile,
  options: LockOptions,
): Promise<"removed" | "absent" | "changed"> {
  if ((await fileFacts(path)) === undefined) return "absent";
  const request = { ...options, attempt: "Removing the archive" };
  return await withTarget(path, request, async (target, mustHold) => {
    const facts = await fileFacts(target);
    if (facts === undefined) return "absent";
    if (!isUntouched(expected, facts)) return "changed";
    mustHold();
    await unlink(target);
    return "removed";
  });
}

async function claimArchive(path: string, options: LockOptions): Promise<WrittenFile> {
  const { signal } = options;
  const request = { ...options, attempt: "Claiming the archive" };
  return await withTarget(path, request, async (target, mustHold) => {
    const sha256 = await hashFile(target, { signal });
    const { mtimeMs } = await stat(target);
    const now = Date.now();
    mustHold();
    const fresh = Math.abs(now - mtimeMs) < coarsestClockMs ? mtimeMs + coarsestClockMs : now;
    await utimes(target, fresh / 1000, fresh / 1000);
    return { ...factsOf(await lstat(target, { bigint: true })), sha256 };
  });
}
