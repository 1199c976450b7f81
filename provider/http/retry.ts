import { abortReason } from "../support/async/abortable.js";
import { retry, type RetryOptions } from "../support/async/attempts.js";
import { isImageError } from "../support/imageError.js";

/** How often a request is sent and how long is waited in between, as in `RetryOptions`. */
export type RetryPolicy = Pick<RetryOptions, "attempts" | "baseDelayMs" | "maxDelayMs">;

/** For API servers and registries: 4 attempts, waits up to 250 ms that double up to 5 s, or what `Retry-After` asks for. */
export const usualPolicy: RetryPolicy = { attempts: 4, baseDelayMs: 250, maxDelayMs: 5_000 };

/** Whether a server that answers so may well answer the same request a moment later. */
export function isTransientStatus(status: number): boolean {
  return [429, 500, 502, 503, 504].includes(status);
}

/** Milliseconds that the header Retry-After asks for, in seconds or as a date; undefined when it asks for none. */
export function askedWaitMs(retryAfter: string | readonly string[] | undefined): number | undefined {
  const asked = String(retryAfter ?? "");
  const ms = /^[\d.]+$/.test(asked) ? Number(asked) * 1000 : Date.parse(asked) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

export interface RepeatOptions<Answer> {
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  /** Milliseconds to wait after a failure at least; undefined where trying again cannot help. */
  readonly waitAfterError: (error: unknown) => number | undefined;
  /** The same after an answer, with its description for messages; undefined for an answer that counts. Default: every one counts. */
  readonly waitAfterAnswer?: (answer: Answer) => PassingAnswer | undefined;
}

export interface PassingAnswer {
  readonly waitMs: number;
  readonly description: string;
}

/** Carries a passing answer through `retry`. */
class Passing extends Error {
  readonly waitMs: number;

  constructor({ waitMs, description }: PassingAnswer) {
    super(description);
    this.waitMs = waitMs;
  }
}

/**
 * Repeats a request after passing failures and answers. What is left after the last attempt is an answer like others.
 * @throws what the last attempt throws; ImageError: the signal's reason
 */
export async function repeatedly<Answer>(
  attempt: () => Promise<Answer>,
  { policy, signal, waitAfterError, waitAfterAnswer = () => undefined }: RepeatOptions<Answer>,
): Promise<Answer> {
  let last: { readonly answer: Answer } | undefined;
  const once = async () => {
    signal.throwIfAborted();
    const answer = await attempt();
    last = { answer };
    const passing = waitAfterAnswer(answer);
    if (passing !== undefined) throw new Passing(passing);
    return answer;
  };
  const waitBeforeRetry = (error: unknown) =>
    error instanceof Passing ? error.waitMs : waitAfterError(error);
  try {
    return await retry(once, { ...policy, signal, waitBeforeRetry });
  } catch (error) {
    if (error instanceof Passing && last !== undefined) return last.answer;
    throw signal.aborted && !isImageError(error) ? abortReason(signal) : error;
  }
}
