import { createHash, randomBytes } from "node:crypto";
import {
  type BigIntStats,
  closeSync,
  fstatSync,
  futimesSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { systemCode } from "../../../support/imageError.js";
import { newOwner, type Owner, readOwner } from "./owner.js";

/** A lock of this process. Its file stays open, so that no other file can get its inode number. */
export interface HeldLock {
  readonly path: string;
  readonly token: string;
  readonly descriptor: number;
}

/** An existing lock. */
export interface FoundLock {
  readonly kind: "file" | "link" | "folder" | "other";
  /** Undefined where it names none. */
  readonly owner: Owner | undefined;
  /** Identifies this very file as it is now: a new lock, and a touched one, has another state. */
  readonly state: string;
  readonly fileId: string;
  /** Milliseconds since 1970. */
  readonly touchedAt: number;
}

/** Undefined when a lock exists. Synchronous, so that only a kill in this very moment leaves a lock without an owner. */
export function createLock(path: string): HeldLock | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, "wx", 0o644); // other users who wait for the lock must be able to read its owner
  } catch (error) {
    if (systemCode(error) === "EEXIST") return undefined;
    throw error;
  }
  const owner = newOwner();
  const held = { path, token: owner.token, descriptor };
  try {
    writeSync(descriptor, JSON.stringify(owner));
  } catch {
    // a full disk: an old archive can still be removed, and writing a new one will report it
  }
  if (isHeld(held)) return held;
  closeSync(descriptor); // this process was stopped for so long that the lock was taken for an abandoned one
  return undefined;
}

/** Undefined when there is none any more. */
export function findLock(path: string): FoundLock | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const fileId = `${stats.dev}:${stats.ino}`;
  return {
    kind: kindOf(stats),
    owner: stats.isFile() ? readOwner(path) : undefined,
    state: `${fileId}:${stats.mtimeNs}:${stats.size}`,
    fileId,
    touchedAt: Number(stats.mtimeMs),
  };
}

function kindOf(stats: BigIntStats): FoundLock["kind"] {
  if (stats.isFile()) return "file";
  if (stats.isSymbolicLink()) return "link";
  return stats.isDirectory() ? "folder" : "other";
}

/** Whether the lock is still this process's own: while it slept, another process may have taken it for dead. */
export function isHeld({ path, token, descriptor }: HeldLock): boolean {
  return isOwn(path, token, descriptor);
}

function isOwn(path: string, token: string, descriptor: number): boolean {
  const found = findLock(path);
  if (found === undefined) return false;
  if (found.owner !== undefined) return found.owner.token === token;
  const { dev, ino } = fstatSync(descriptor, { bigint: true });
  return found.fileId === `${dev}:${ino}`; // on a full disk the lock names no owner
}

/** Shows that the process lives. Touches the open file: the path may hold somebody else's lock by now. */
export function touchLock({ descriptor }: HeldLock): void {
  try {
    futimesSync(descriptor, new Date(), new Date());
  } catch {
    // the server of a network drive is away
  }
}

/** Removes the lock, unless it is somebody else's. */
export function releaseLock({ path, token, descriptor }: HeldLock): void {
  try {
    if (isOwn(path, token, descriptor)) {
      takeAway(path, `${path}.${randomBytes(8).toString("hex")}`, (aside) => isOwn(aside, token, descriptor));
    }
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Removes the lock of a process that has ended. Of several processes only one can: the one that creates the file named after
 * this state of the lock, which no later lock has. False: another process is doing it.
 */
export function breakLock(path: string, { state }: FoundLock, abandonedMs: number): boolean {
  const aside = `${path}.${createHash("sha256").update(state).digest("hex").slice(0, 16)}`;
  try {
    closeSync(openSync(aside, "wx", 0o600));
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    const other = findLock(aside);
    if (other !== undefined && Date.now() - other.touchedAt > abandonedMs) unlinkSync(aside);
    return false;
  }
  if (findLock(path)?.state === state) takeAway(path, aside, (moved) => findLock(moved)?.state === state);
  else unlinkSync(aside);
  return true;
}

/** Renames the file to see what it is; puts somebody else's back, unless a new one stands there by now. */
function takeAway(path: string, aside: string, isMeant: (aside: string) => boolean): void {
  try {
    renameSync(path, aside);
    if (!isMeant(aside)) linkSync(aside, path);
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes(systemCode(error) ?? "")) throw error;
  }
  try {
    unlinkSync(aside);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}
