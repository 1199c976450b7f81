/**
 * Runs `work` for every item, at most `limit` at a time, and resolves with the results in the items' order. After the
 * first failure no further item is started; the rejection is that failure, once everything that had started has ended.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const { default: pLimit } = await import("p-limit");
  const queue = pLimit(limit);
  let failure: { readonly error: unknown } | undefined;
  const runs = items.map((item, index) =>
    queue(async () => {
      if (failure !== undefined) throw failure.error;
      try {
        return await work(item, index);
      } catch (error) {
        failure ??= { error };
        throw error;
      }
    }),
  );
  const settled = await Promise.allSettled(runs);
  if (failure !== undefined) throw failure.error;
  return settled.flatMap((run) => (run.status === "fulfilled" ? [run.value] : []));
}

/** Limits how many works run at a time; the others wait in order. */
export type Gate = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function createGate(limit: number): Gate {
  let queue: Promise<Gate> | undefined;
  return async (work) => {
    queue ??= import("p-limit").then(({ default: pLimit }) => pLimit(limit));
    return await (
      await queue
    )(work);
  };
}

/** Runs work after all earlier work has ended; result and failure go to its caller alone. */
export type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function createTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
