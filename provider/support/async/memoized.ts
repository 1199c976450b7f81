import { abortable, withDeadline } from "./abortable.js";

/** Computes each answer once. An answer of `undefined` is computed again. */
export function memoized<Result>(compute: (text: string) => Result): (text: string) => Result {
  const known = new Map<string, Result>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const result = compute(text);
    known.set(text, result);
    return result;
  };
}

/**
 * Computes each answer once, for as long as the process lives: for few texts that come many times.
 * Forgets all of them when there are more than `most`; a text of more than `longest` characters is not kept.
 */
export function remembered<Result>(
  compute: (text: string) => Result,
  { most, longest }: { readonly most: number; readonly longest: number },
): (text: string) => Result {
  const known = new Map<string, { readonly result: Result }>();
  return (text) => {
    if (text.length > longest) return compute(text);
    const before = known.get(text);
    if (before !== undefined) return before.result;
    const result = compute(text);
    if (known.size >= most) known.clear();
    known.set(Buffer.from(text).toString(), { result }); // a part of a text would keep all of it in memory
    return result;
  };
}

/** One thing for each owner, for as long as the owner is in use. */
export function onePer<Owner extends object, Thing>(
  create: (owner: Owner) => Thing,
): (owner: Owner) => Thing {
  const things = new WeakMap<Owner, { readonly thing: Thing }>();
  return (owner) => {
    const before = things.get(owner);
    if (before !== undefined) return before.thing;
    const thing = create(owner);
    things.set(owner, { thing });
    return thing;
  };
}

/** One answer for each key, for all who ask, until it is dropped; a failure is not remembered. */
export interface Answers<Answer> {
  get(key: string, ask: () => Promise<Answer>): Promise<Answer>;
  drop(key: string): void;
  size(): number;
}

export function createAnswers<Answer>(): Answers<Answer> {
  const known = new Map<string, Promise<Answer>>();
  return {
    get(key, ask) {
      const before = known.get(key);
      if (before !== undefined) return before;
      const answer = ask();
      known.set(key, answer);
      answer.catch(() => {
        if (known.get(key) === answer) known.delete(key);
      });
      return answer;
    },
    drop: (key) => known.delete(key),
    size: () => known.size,
  };
}

/**
 * Opens each thing once, for all callers. `open` has no caller's deadline, so a caller that stops waiting does not affect the
 * others. A failure reaches all who wait for it, and is not remembered.
 */
export function openOnce<Wanted, Opened>(
  open: (wanted: Wanted) => Promise<Opened>,
  keyOf: (wanted: Wanted) => string,
): (wanted: Wanted, options: { readonly signal: AbortSignal }) => Promise<Opened> {
  const answers = createAnswers<Opened>();
  return (wanted, { signal }) =>
    abortable(
      answers.get(keyOf(wanted), () => open(wanted)),
      signal,
    );
}

/** Answers that equal requests share for a while; a failure is not remembered. */
export type SharedAnswers = <Answer>(
  key: string,
  ask: (signal: AbortSignal) => Promise<Answer>,
  signal: AbortSignal,
) => Promise<Answer>;

/** Milliseconds for one answer, instead of a caller's deadline, so that a caller that stops waiting does not affect the others. */
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
