import { sleep } from "./abortable.js";

/** Wakes everybody who waits for it. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, or after `withinMs` milliseconds; rejects with the signal's reason. */
  next(withinMs: number, signal: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  const waiting = new Set<() => void>();
  return {
    ring() {
      for (const wake of waiting) wake();
      waiting.clear();
    },
    async next(withinMs, signal) {
      const rung = new AbortController();
      const wake = () => rung.abort();
      waiting.add(wake);
      try {
        await sleep(withinMs, AbortSignal.any([signal, rung.signal]));
      } catch (error) {
        if (signal.aborted) throw error;
      } finally {
        waiting.delete(wake);
      }
    },
  };
}

/** Ends something a while after its last user has released it. Keeps no process alive. */
export interface Linger {
  /** Answers the function that releases it. */
  hold(): () => void;
}

export function createLinger(ms: number, end: () => void): Linger {
  let held = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    hold() {
      held += 1;
      clearTimeout(timer);
      return () => {
        held -= 1;
        if (held === 0) timer = setTimeout(end, ms).unref();
      };
    },
  };
}
