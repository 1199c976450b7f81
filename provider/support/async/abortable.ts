import { setTimeout as wait } from "node:timers/promises";
import { ImageError, isImageError } from "../imageError.js";
import { parseDuration } from "../text/units.js";

/** The longest wait of a timer; a longer one fires at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * A signal that fires with its parent or after `ms` milliseconds, whichever is first. In the second case its reason is
 * an ImageError DEADLINE_EXCEEDED: `what` is the subject of its sentence ("the check of stream shop/web").
 * The timer never keeps the process alive.
 */
export function withDeadline(parent: AbortSignal, ms: number, what: string): AbortSignal {
  const deadline = new AbortController();
  const expire = () => {
    deadline.abort(new ImageError("DEADLINE_EXCEEDED", `${what} took longer than ${ms / 1000} s`));
  };
  setTimeout(expire, Math.min(ms, longestTimerMs)).unref();
  return AbortSignal.any([parent, deadline.signal]);
}

/** Settles like `work`, or rejects with the signal's reason as soon as it fires; `work` itself continues. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(abortReason(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    const forget = () => signal.removeEventListener("abort", onAbort);
    work.then(resolve, reject).then(forget, forget);
  });
}

/** Waits `ms` milliseconds; rejects with the signal's reason when it fires meanwhile. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch {
    throw abortReason(signal);
  }
}

/** Runs work whose parts run side by side: when one part fails, the signal stops the others. */
export async function stoppingTogether<Result>(
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  try {
    return await work(AbortSignal.any([signal, stop.signal]));
  } catch (error) {
    stop.abort(error);
    throw signal.aborted ? abortReason(signal) : error;
  }
}

/** The reason of a fired signal as an ImageError: its own reason if that is one, else CANCELLED. */
export function abortReason(signal: AbortSignal): ImageError {
  const reason: unknown = signal.reason;
  if (isImageError(reason)) return reason;
  return new ImageError("CANCELLED", "The work was cancelled", { cause: reason });
}

/** Milliseconds that a verb may take: what `timeouts` says (the checked argument, or that of an older state), else the default. */
export function deadlineMs<Verb extends string>(
  verb: Verb,
  timeouts: unknown,
  defaultSeconds: Readonly<Record<Verb, number>>,
): number {
  const own = (timeouts as Readonly<Record<string, string | number>> | undefined)?.[verb];
  const seconds = own === undefined ? undefined : parseDuration(own);
  return (seconds ?? defaultSeconds[verb]) * 1000;
}
