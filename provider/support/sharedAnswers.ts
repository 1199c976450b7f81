import { abortable, withDeadline } from "./abortable.js";

/** Answers that all who ask for the same share for a while; a failure is not remembered. */
export type SharedAnswers = <Answer>(
  key: string,
  ask: (signal: AbortSignal) => Promise<Answer>,
  signal: AbortSignal,
) => Promise<Answer>;

/** Milliseconds for one answer: it is under nobody's deadline, so that one who stops waiting takes it from nobody else. */
const answerDeadlineMs = 60_000;

/** @param forMs - milliseconds from the moment of the question */
export function createSharedAnswers(
  forMs: number,
  what: string,
  now: () => number = Date.now,
): SharedAnswers {
  const known = new Map<string, { readonly askedAt: number; readonly answer: Promise<unknown> }>();
  return async <Answer>(key: string, ask: (signal: AbortSignal) => Promise<Answer>, signal: AbortSignal) => {
    const before = known.get(key);
    if (before !== undefined && now() - before.askedAt < forMs) {
      return await abortable(before.answer as Promise<Answer>, signal);
    }
    const until = withDeadline(new AbortController().signal, answerDeadlineMs, what);
    const asked = { askedAt: now(), answer: ask(until) };
    known.set(key, asked);
    asked.answer.catch(() => {
      if (known.get(key) === asked) known.delete(key);
    });
    return await abortable(asked.answer, signal);
  };
}
