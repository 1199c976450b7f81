import { hasCode, type ImageError } from "../../support/imageError.js";
import type { ArchiveContent } from "../outputs.js";

/** How a check proceeds although a source did not answer. */
export interface Unavailable {
  readonly warning: string;
  /** The archive as it is; undefined: what it will hold is not known yet. */
  readonly kept: ArchiveContent | undefined;
}

export interface CheckFacts {
  /** What the last run has recorded; undefined for a new resource. */
  readonly before: ArchiveContent | undefined;
  /** The archive is there, and its arguments are the same. */
  readonly isSame: boolean;
  readonly isPreview: boolean;
}

/**
 * A source that cannot be asked changes nothing about an archive that exists already and is to stay the same. Undefined:
 * the error counts.
 */
export function whenUnavailable(
  error: unknown,
  { before, isSame, isPreview }: CheckFacts,
): Unavailable | undefined {
  // The program itself may make the stream, but not one that was there before.
  const isExpected = hasCode(error, "STREAM_NOT_FOUND", "NAMESPACE_NOT_FOUND") && before === undefined;
  if (!isExpected && !isUnreachable(error)) return undefined;
  if (isSame && before !== undefined) {
    const kept = { ...before, action: "keep", reason: "its source cannot be asked" } as const;
    return { warning: `${error.message}. The archive is taken to be up to date`, kept };
  }
  return isPreview ? { warning: `pulumi up would stop here: ${error.message}`, kept: undefined } : undefined;
}

function isUnreachable(error: unknown): error is ImageError {
  return hasCode(
    error,
    "ENGINE_UNREACHABLE",
    "REGISTRY_UNREACHABLE",
    "API_UNREACHABLE",
    "API_TIMEOUT",
    "DEADLINE_EXCEEDED",
  );
}
