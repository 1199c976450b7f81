import { parseDuration } from "./duration.js";

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
