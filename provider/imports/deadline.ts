import { parseDuration } from "../support/duration.js";

const defaultSeconds = { check: 30, diff: 30, read: 60, create: 600, update: 600, delete: 300 } as const;

/** Milliseconds that a verb may take; `timeouts` is the checked argument, or that of an older state. */
export function deadlineMs(verb: keyof typeof defaultSeconds, timeouts: unknown): number {
  const own = (timeouts as Readonly<Record<string, string | number>> | undefined)?.[verb];
  const seconds = own === undefined ? undefined : parseDuration(own);
  return (seconds ?? defaultSeconds[verb]) * 1000;
}
