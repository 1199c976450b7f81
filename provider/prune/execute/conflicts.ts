import { retry } from "../../support/async/retry.js";
import { hasCode } from "../../support/imageError.js";

/** Tries again after API_CONFLICT, as often as `oc` does (facts/pruning.md 18); `attempt` reads the object afresh each time. */
export async function retryConflicts<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return await retry(attempt, {
    attempts: 5,
    baseDelayMs: 50,
    maxDelayMs: 1000,
    signal,
    waitBeforeRetry: (error) => (hasCode(error, "API_CONFLICT") ? 0 : undefined),
  });
}
