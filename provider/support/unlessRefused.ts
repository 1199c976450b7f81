import { isImageError } from "./imageError.js";

/** What `read` answers, or `otherwise` where it fails for a reason that is no defect; for what only makes a message better. */
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
