import { ImageError } from "../support/imageError.js";

/**
 * Runs `work` with a signal that is aborted after `milliseconds` or together with `parent`.
 * The engine enforces no time limits of its own (customTimeouts reach no dynamic provider).
 */
export async function withDeadline<Result>(
  parent: AbortSignal,
  milliseconds: number,
  what: string,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const expire = () =>
    controller.abort(
      new ImageError(
        "DEADLINE_EXCEEDED",
        `${what} took longer than ${milliseconds / 1000} s and was stopped. Raise timeouts, or look at the cluster's load.`,
      ),
    );
  const timer = setTimeout(expire, milliseconds);
  timer.unref();
  try {
    return await work(AbortSignal.any([parent, controller.signal]));
  } finally {
    clearTimeout(timer);
  }
}
