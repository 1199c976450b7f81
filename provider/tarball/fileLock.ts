import { randomBytes } from "node:crypto";
import {
  closeSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { sleep } from "../support/abortable.js";
import { ImageError } from "../support/imageError.js";
import { systemCode } from "./fileErrors.js";
import { cleanUpAtEnd } from "./leftovers.js";
import type { TargetPath } from "./targetPath.js";

/** Who holds a lock, as its file says. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When its process began, as the kernel counts; empty where it does not say. Process numbers are used again. */
  readonly processStart: string;
  /** RFC 3339. */
  readonly since: string;
}

/** A lock of another user, which cannot be read: as that of another machine. */
const unknownOwner: Owner = { pid: 0, host: "", processStart: "", since: "" };
/** A file without an owner is just being written; after this it belongs to a process that was killed then. */
const ownerlessMs = 2_000;
const maxTries = 30;
const heartbeatMs = 10_000;
/** Of another machine's process only the lock's time can be seen; the clocks may differ a little. */
const silenceMs = 120_000;

const queues = new Map<string, Promise<unknown>>();

/**
 * Runs `work` while no one else writes the target: neither this process, whose turn is waited for, nor another one.
 * The lock of a process that is gone is taken over.
 * @throws ImageError ARCHIVE_LOCKED: another process holds it
 */
export async function withLock<Result>(
  target: TargetPath,
  attempt: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const before = queues.get(target.path) ?? Promise.resolve();
  const turn = before.then(() => lockAndRun(target, attempt, signal, work));
  const settled = turn.catch(() => undefined);
  queues.set(target.path, settled);
  try {
    return await turn;
  } finally {
    if (queues.get(target.path) === settled) queues.delete(target.path);
  }
}

async function lockAndRun<Result>(
  target: TargetPath,
  attempt: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const lock = join(target.folder, `${target.stem}.lock`);
  await acquire(lock, `${attempt} ${target.path}`, signal);
  const forget = cleanUpAtEnd(lock);
  const heartbeat = setInterval(() => touch(lock), heartbeatMs).unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    forget();
    rmSync(lock, { force: true });
  }
}

async function acquire(lock: string, work: string, signal: AbortSignal): Promise<void> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    if (createLock(lock)) return;
    if (isFolder(lock)) throw noLock(lock, work);
    const owner = readOwner(lock);
    if (owner !== undefined && isAlive(owner, lock)) throw lockedBy(owner, lock, work);
    if (owner !== undefined || ageMs(lock) > ownerlessMs) takeAway(lock);
    else await sleep(ownerlessMs / 20, signal);
  }
  throw new ImageError(
    "ARCHIVE_LOCKED",
    `${work} failed: ${lock} is written by somebody else again and again. Run again; if no process writes this archive, remove that file`,
  );
}

/** Synchronous, so that only a kill in this very moment can leave a lock without its owner. */
function createLock(lock: string): boolean {
  let file: number;
  try {
    file = openSync(lock, "wx", 0o644); // whoever waits for it, as another user too, reads whose it is
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
  try {
    writeSync(file, JSON.stringify(ownOwner()));
  } catch {
    // a full disk: an old archive can be removed all the same, and writing a new one will say so
  } finally {
    closeSync(file);
  }
  return true;
}

function ownOwner(): Owner {
  const { pid } = process;
  return { pid, host: hostname(), processStart: processStart(pid) ?? "", since: new Date().toISOString() };
}

/** Undefined where the file says no owner. */
function readOwner(lock: string): Owner | undefined {
  try {
    const owner = JSON.parse(readFileSync(lock, "utf8")) as Partial<Owner> | null;
    const { pid, host, processStart = "", since = "" } = owner ?? {};
    return typeof pid === "number" && typeof host === "string"
      ? { pid, host, processStart, since }
      : undefined;
  } catch (error) {
    return ["EACCES", "EPERM"].includes(systemCode(error) ?? "") ? unknownOwner : undefined;
  }
}

function isAlive({ pid, host, processStart: recorded }: Owner, lock: string): boolean {
  if (host !== hostname()) return ageMs(lock) < silenceMs;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCode(error) === "ESRCH") return false;
  }
  const start = processStart(pid);
  return start === undefined || recorded === "" || start === recorded;
}

/** Field 22 of /proc/PID/stat (proc(5)), counted behind the command's name, which may hold blanks. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function isFolder(lock: string): boolean {
  return lstatSync(lock, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** 0 when it is gone: the next attempt finds out. */
function ageMs(lock: string): number {
  try {
    return Date.now() - statSync(lock).mtimeMs;
  } catch {
    return 0;
  }
}

function touch(lock: string): void {
  try {
    utimesSync(lock, new Date(), new Date());
  } catch {
    // somebody has removed it by hand
  }
}

/** By renaming, which only one of several can do, and giving back what turns out to be a new owner's. */
function takeAway(lock: string): void {
  const aside = `${lock}.${randomBytes(8).toString("hex")}`;
  try {
    renameSync(lock, aside);
    const owner = readOwner(aside);
    if (owner !== undefined && isAlive(owner, aside)) renameSync(aside, lock);
    else unlinkSync(aside);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

function noLock(lock: string, work: string): ImageError {
  const what = "a folder stands where its lock is to be; move it away, or choose another path";
  return new ImageError("ARCHIVE_LOCKED", `${work} failed: ${lock}: ${what}`);
}

function lockedBy({ pid, host, since }: Owner, lock: string, work: string): ImageError {
  const who = host === "" ? "a process of another user is" : `process ${pid} on ${host} has been`;
  const when = host === "" ? "" : ` since ${since}`;
  return new ImageError(
    "ARCHIVE_LOCKED",
    `${work} failed: ${who} writing it${when}. Wait for its end; if there is no such process, remove ${lock}`,
  );
}
