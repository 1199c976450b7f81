/** Answers that all who ask for the same share for a while; a failure is not remembered. */
export type SharedAnswers = <Answer>(key: string, ask: () => Promise<Answer>) => Promise<Answer>;

/** @param forMs - milliseconds from the moment of the question; Infinity: as long as the process lives */
export function createSharedAnswers(forMs: number, now: () => number = Date.now): SharedAnswers {
  const known = new Map<string, { readonly askedAt: number; readonly answer: Promise<unknown> }>();
  return <Answer>(key: string, ask: () => Promise<Answer>) => {
    const before = known.get(key);
    if (before !== undefined && now() - before.askedAt < forMs) return before.answer as Promise<Answer>;
    const asked = { askedAt: now(), answer: ask() };
    known.set(key, asked);
    asked.answer.catch(() => {
      if (known.get(key) === asked) known.delete(key);
    });
    return asked.answer;
  };
}
