import { bareMessage, ImageError, isImageError } from "../imageError.js";
import { abortReason, sleep } from "./abortable.js";

export interface RetryOptions {
  /** How often the work is tried at most, the first time included. */
  readonly attempts: number;
  /** Milliseconds; the wait before attempt n+1 is random between 0 and base * 2^(n-1) ("full jitter"). */
  readonly baseDelayMs: number;
  /** Milliseconds; no wait of our own is longer. */
  readonly maxDelayMs: number;
  readonly signal: AbortSignal;
  /**
   * Whether trying again can help: `undefined` gives up, a number is the least wait in milliseconds that the other
   * side asked for (`Retry-After`), 0 when it asked for none. An asked wait longer than `maxAskedDelayMs` gives up too.
   */
  readonly waitBeforeRetry: (error: unknown) => number | undefined;
  /** Milliseconds, default 30,000. */
  readonly maxAskedDelayMs?: number;
}

/**
 * Runs `attempt` until it succeeds, fails for good, or the attempts are used up; rejects with the last failure.
 * When the signal fires during a wait, the rejection says both: why it fired, and what had failed before.
 */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { default: pRetry } = await import("p-retry");
  const maxAsked = options.maxAskedDelayMs ?? 30_000;
  return await pRetry(attempt, {
    retries: options.attempts - 1,
    minTimeout: 0, // the wait is ours, below: p-retry knows neither full jitter nor Retry-After
    shouldRetry: async ({ error, attemptNumber }) => {
      const asked = options.waitBeforeRetry(error);
      if (asked === undefined || asked > maxAsked) return false;
      const ceiling = Math.min(options.maxDelayMs, options.baseDelayMs * 2 ** (attemptNumber - 1));
      await waitUnlessAborted(asked + Math.random() * ceiling, options.signal, error);
      return true;
    },
  });
}

async function waitUnlessAborted(ms: number, signal: AbortSignal, failure: Error): Promise<void> {
  try {
    await sleep(ms, signal);
  } catch {
    const reason = abortReason(signal);
    throw new ImageError(reason.code, `${bareMessage(reason)}. The last failure was: ${failure.message}`, {
      cause: failure,
    });
  }
}

/** What `read` answers, or `otherwise` if it fails for a reason that is no defect; for details that only improve a message. */
export async function unlessRefused<Result, Otherwise>(
  read: () => Promise<Result>,
  otherwise: Otherwise,
  { signal }: { readonly signal: AbortSignal },
): Promise<Result | Otherwise> {
  try {
    return await read();
  } catch (error) {
    signal.throwIfAborted();
    if (isImageError(error)) return otherwise;
    throw error;
  }
}
