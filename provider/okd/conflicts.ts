import { retry } from "../support/async/attempts.js";
import { hasCode } from "../support/imageError.js";

/** Tries again after API_CONFLICT, as often as `oc` does (facts/pruning.md 18); `attempt` reads the object afresh each time. */
export async function retryConflicts<Result>(
  attempt: () => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  return await retry(attempt, {
    attempts: 5,
    baseDelayMs: 50,
    maxDelayMs: 1000,
    signal,
    waitBeforeRetry: (error) => (hasCode(error, "API_CONFLICT") ? 0 : undefined),
  });
}

/** Milliseconds; a controller of the cluster needs a moment for what it does after another write. */
const leastPauseMs = 100;

/**
 * Tries again after a conflict or a lost answer too. `attempt` must begin by reading afresh: the cluster's own controllers
 * write image streams too, and a write whose answer was lost may have happened.
 */
export async function retryLostWrites<Result>(
  attempt: () => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  return await retry(attempt, {
    attempts: 6,
    baseDelayMs: 200,
    maxDelayMs: 3_200,
    signal,
    waitBeforeRetry: (error) =>
      hasCode(error, "API_CONFLICT", "API_TIMEOUT", "API_UNREACHABLE") ? leastPauseMs : undefined,
  });
}
