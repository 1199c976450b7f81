/** Stable codes: programs and tests match on them, so a code is never renamed. */
export type ErrorCode =
  | "API_CONFLICT"
  | "API_ERROR"
  | "API_FORBIDDEN"
  | "API_INVALID"
  | "API_NOT_FOUND"
  | "API_TIMEOUT"
  | "API_UNAUTHORIZED"
  | "API_UNREACHABLE"
  | "ARCHIVE_BROKEN"
  | "ARCHIVE_DISK_FULL"
  | "ARCHIVE_FILE"
  | "ARCHIVE_LOCKED"
  | "ARCHIVE_MOVED"
  | "ARCHIVE_PATH"
  | "ARCHIVE_UNMANAGED"
  | "ARGUMENT_INVALID"
  | "CANCELLED"
  | "CLAIM_LOST"
  | "CONNECTION_INVALID"
  | "DEADLINE_EXCEEDED"
  | "ENGINE_ERROR"
  | "ENGINE_INVALID"
  | "ENGINE_UNREACHABLE"
  | "ENGINE_UNSUPPORTED"
  | "HAND_OVER_UNSAFE"
  | "IMAGE_NOT_FOUND"
  | "IMPORT_FAILED"
  | "IMPORT_LIMIT"
  | "IMPORT_MOVED"
  | "IMPORT_NOT_FOUND"
  | "IMPORT_RATE_LIMITED"
  | "IMPORT_REGISTRY_NOT_ALLOWED"
  | "IMPORT_TLS"
  | "IMPORT_UNAUTHORIZED"
  | "NAMESPACE_NOT_FOUND"
  | "OTHER_CLUSTER"
  | "PRUNE_BUSY"
  | "PRUNE_INVALID_REFERENCE"
  | "PRUNE_LEASE_LOST"
  | "PRUNE_LIMIT"
  | "PRUNE_NOT_APPROVED"
  | "PRUNE_NOT_PREVIEWED"
  | "PRUNE_OVERLAP"
  | "PRUNE_PERMISSION"
  | "PRUNE_PLAN_CHANGED"
  | "PRUNE_REFUSED"
  | "REGISTRY_BLOCKED"
  | "REGISTRY_CORRUPT"
  | "REGISTRY_DELETE_DISABLED"
  | "REGISTRY_ERROR"
  | "REGISTRY_NOT_FOUND"
  | "REGISTRY_PLATFORM"
  | "REGISTRY_RATE_LIMITED"
  | "REGISTRY_READ_ONLY"
  | "REGISTRY_STILL_REFERENCED"
  | "REGISTRY_TLS"
  | "REGISTRY_UNAUTHORIZED"
  | "REGISTRY_UNREACHABLE"
  | "REGISTRY_UNSUPPORTED"
  | "REPORT_NOT_WRITTEN"
  | "SECRET_NOT_OWNED"
  | "SOURCE_FORBIDDEN"
  | "SOURCE_NOT_FOUND"
  | "STREAM_CLAIMED"
  | "STREAM_IN_USE"
  | "STREAM_NOT_FOUND"
  | "TAG_CHANGED"
  | "TAG_NOT_OWNED";

/**
 * An error that says what was attempted, on what, and what to do next.
 * The code is appended to the message, so that it is seen wherever only the text travels.
 */
export class ImageError extends Error {
  override readonly name = "ImageError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(`${message} [${code}]`, options);
    this.code = code;
  }
}

/** Narrow by marker and not by class: two copies of this package may be loaded in one process. */
export function isImageError(error: unknown): error is ImageError {
  return error instanceof Error && error.name === "ImageError" && "code" in error;
}

export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): error is ImageError {
  return isImageError(error) && codes.includes(error.code);
}

/** The message without the code at its end, for quoting it in another error. */
export function bareMessage(error: ImageError): string {
  return error.message.replace(/ \[[A-Z_]+\]$/, "");
}

/** The code of an error of the system, like `ENOENT`; undefined for other errors. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
