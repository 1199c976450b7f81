import { join } from "node:path";
import { sleep } from "../../../support/async/abortable.js";
import { ImageError } from "../../../support/imageError.js";
import { cleanUpAtEnd } from "../leftovers.js";
import type { TargetPath } from "../target.js";
import {
  breakLock,
  createLock,
  findLock,
  type FoundLock,
  type HeldLock,
  isHeld,
  releaseLock,
  touchLock,
} from "./marker.js";
import { isRunning, type Owner } from "./owner.js";

/** Milliseconds. */
export interface LockTiming {
  /** A lock without an owner is being written; after this time its process was killed while writing. */
  readonly ownerlessMs: number;
  readonly heartbeatMs: number;
  /** For another machine's process only the lock's time tells whether it lives. */
  readonly silenceMs: number;
  /** Clocks may differ by more, so the lock is also watched for some heartbeats. */
  readonly watchedMs: number;
}

const usualTiming: LockTiming = {
  ownerlessMs: 2_000,
  heartbeatMs: 10_000,
  silenceMs: 120_000,
  watchedMs: 25_000,
};
const lookEveryMs = 100;
const maxTries = 30;

const queues = new Map<string, Promise<unknown>>();

/** Throws ARCHIVE_LOCKED when the lock is no longer this process's: to be called before anything is changed for good. */
export type MustHold = () => void;

export interface LockRequest {
  /** As in `Writing the archive`. */
  readonly attempt: string;
  readonly signal: AbortSignal;
  readonly timing?: LockTiming | undefined;
}

/**
 * Runs `work` while nobody else writes the target: waits for other work of this process, and refuses if another process
 * writes it. Takes over the lock of a process that has ended, and no other lock.
 * @throws ImageError ARCHIVE_LOCKED: another process holds it
 */
export async function withLock<Result>(
  target: TargetPath,
  request: LockRequest,
  work: (mustHold: MustHold) => Promise<Result>,
): Promise<Result> {
  const before = queues.get(target.path) ?? Promise.resolve();
  const turn = before.then(() => lockAndRun(target, request, work));
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
  { attempt, signal, timing = usualTiming }: LockRequest,
  work: (mustHold: MustHold) => Promise<Result>,
): Promise<Result> {
  const what = `${attempt} ${target.path}`;
  const held = await acquire(join(target.folder, `${target.stem}.lock`), what, signal, timing);
  const forget = cleanUpAtEnd(held.path, () => releaseLock(held));
  const heartbeat = setInterval(() => touchLock(held), timing.heartbeatMs).unref();
  try {
    return await work(() => {
      if (!isHeld(held)) throw lost(held, what);
    });
  } finally {
    clearInterval(heartbeat);
    if (forget()) releaseLock(held);
  }
}

async function acquire(
  lock: string,
  work: string,
  signal: AbortSignal,
  timing: LockTiming,
): Promise<HeldLock> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const held = createLock(lock);
    if (held !== undefined) return held;
    const found = findLock(lock);
    if (found === undefined) continue;
    if (found.kind === "folder" || found.kind === "other") throw noLock(lock, found.kind, work);
    if (await isAbandoned(lock, found, signal, timing)) {
      if (breakLock(lock, found, timing.ownerlessMs)) continue;
    } else if (found.owner !== undefined) throw lockedBy(found.owner, lock, work);
    await sleep(lookEveryMs, signal);
  }
  throw new ImageError(
    "ARCHIVE_LOCKED",
    `${work} failed: ${lock} is written by somebody else again and again. Run again; if no process writes this archive, remove that file`,
  );
}

async function isAbandoned(
  lock: string,
  { owner, state, touchedAt }: FoundLock,
  signal: AbortSignal,
  { ownerlessMs, silenceMs, watchedMs }: LockTiming,
): Promise<boolean> {
  const ageMs = Date.now() - touchedAt;
  if (owner === undefined) return ageMs > ownerlessMs;
  const running = isRunning(owner);
  if (running !== undefined) return !running;
  if (ageMs < silenceMs) return false;
  const until = performance.now() + watchedMs;
  while (performance.now() < until) {
    await sleep(Math.min(lookEveryMs, watchedMs), signal);
    if (findLock(lock)?.state !== state) return false;
  }
  return true;
}

function noLock(lock: string, kind: "folder" | "other", work: string): ImageError {
  const what = kind === "folder" ? "a folder" : "a device, pipe or socket";
  return new ImageError(
    "ARCHIVE_LOCKED",
    `${work} failed: ${lock}: ${what} stands where its lock is to be; move it away, or choose another path`,
  );
}

function lost({ path }: HeldLock, work: string): ImageError {
  return new ImageError(
    "ARCHIVE_LOCKED",
    `${work} failed: this process did not run for so long that another one took its lock ${path} over. Nothing was changed; run again`,
  );
}

function lockedBy({ pid, host, since }: Owner, lock: string, work: string): ImageError {
  const who = host === "" ? "a process of another user is" : `process ${pid} on ${host} has been`;
  const when = host === "" ? "" : ` since ${since}`;
  return new ImageError(
    "ARCHIVE_LOCKED",
    `${work} failed: ${who} writing it${when}. Wait for its end; if there is no such process, remove ${lock}`,
  );
}
