import { sleep } from "../../support/async/abortable.js";
import { hasCode } from "../../support/imageError.js";

const attempts = 6;
const firstPauseMs = 100;

/**
 * Runs `work` again after a conflict or a lost answer. `work` must begin by reading afresh: the cluster's own
 * controllers write image streams too, and a write whose answer was lost may have happened.
 */
export async function retryConflicts<Result>(
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts || !hasCode(error, "API_CONFLICT", "API_TIMEOUT", "API_UNREACHABLE"))
        throw error;
      await sleep(firstPauseMs * 2 ** attempt * (0.5 + Math.random() / 2), signal);
    }
  }
}
