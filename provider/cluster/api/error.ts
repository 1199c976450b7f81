import { askedWaitMs } from "../../http/retry.js";
import type { ApiStatus } from "../../okd/imageStream.js";
import { type ErrorCode, ImageError, isImageError } from "../../support/imageError.js";
import { excerpt } from "../../support/text/excerpt.js";

/** Characters; a server lists every wrong field, and admission plugins may explain at length. */
const maxMessage = 4000;

/** One of several reasons in a Status. */
interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** metav1.Status with everything that an explanation can use. */
export interface ApiFailure extends ApiStatus {
  readonly metadata?: { readonly continue?: string };
  readonly details?: NonNullable<ApiStatus["details"]> & {
    readonly group?: string;
    readonly causes?: readonly StatusCause[];
  };
}

/** An answer that is no success. */
export interface FailedResponse {
  readonly httpStatus: number;
  readonly contentType: string;
  readonly text: string;
  /** Value of the header Retry-After. */
  readonly retryAfter?: string;
}

/** A failure that the API server (or something in its place) answered. */
export class ApiError extends ImageError {
  readonly httpStatus: number;
  /** The answered Status; one made from the text where the answer was something else. */
  readonly status: ApiFailure;
  /** True when the answer was a Status of Kubernetes: only then a 404 proves that an object is absent. */
  readonly isStatus: boolean;
  /** The wait that the server asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, details: ApiErrorDetails) {
    super(code, message, details.cause === undefined ? undefined : { cause: details.cause });
    this.httpStatus = details.httpStatus;
    this.status = details.status;
    this.isStatus = details.isStatus;
    this.retryAfterMs = details.retryAfterMs;
  }
}

export interface ApiErrorDetails {
  readonly httpStatus: number;
  readonly status: ApiFailure;
  readonly isStatus: boolean;
  readonly retryAfterMs: number | undefined;
  readonly cause?: unknown;
}

export function isApiError(error: unknown): error is ApiError {
  return isImageError(error) && "httpStatus" in error && "status" in error;
}

/** The same failure with a better text or code; keeps the first one as the cause. */
export function explainedApiError(error: ApiError, code: ErrorCode, message: string): ApiError {
  const { httpStatus, status, isStatus, retryAfterMs } = error;
  return new ApiError(code, message, { httpStatus, status, isStatus, retryAfterMs, cause: error });
}

/** `attempted` completes "Cannot ...": "read image stream shop/web". */
export function toApiError(response: FailedResponse, attempted: string): ApiError {
  const parsed = parseStatus(response.text);
  const status = parsed ?? { status: "Failure", message: describeText(response), code: response.httpStatus };
  const reason = status.reason === undefined ? "" : ` ${status.reason}`;
  const text = status.message === undefined ? "the answer was empty" : excerpt(status.message, maxMessage);
  return new ApiError(
    codeOf(response.httpStatus),
    `Cannot ${attempted}: ${text} (HTTP ${response.httpStatus}${reason})`,
    {
      httpStatus: response.httpStatus,
      status,
      isStatus: parsed !== undefined,
      retryAfterMs: retryAfterMs(response, status),
    },
  );
}

function codeOf(httpStatus: number): ErrorCode {
  switch (httpStatus) {
    case 401:
      return "API_UNAUTHORIZED";
    case 403:
      return "API_FORBIDDEN";
    case 404:
      return "API_NOT_FOUND";
    case 409:
      return "API_CONFLICT";
    case 422:
      return "API_INVALID";
    case 504:
      return "API_TIMEOUT";
    default:
      return "API_ERROR";
  }
}

/** A timed-out import answers a Status without kind as text/plain, so neither decides (facts/api-server.md 16). */
function parseStatus(text: string): ApiFailure | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    const parsed = JSON.parse(text) as { readonly kind?: unknown; readonly status?: unknown };
    return parsed.kind === "Status" || parsed.status === "Failure" ? (parsed as ApiFailure) : undefined;
  } catch {
    return undefined;
  }
}

function retryAfterMs({ retryAfter }: FailedResponse, status: ApiFailure): number | undefined {
  const seconds = status.details?.retryAfterSeconds;
  return askedWaitMs(retryAfter) ?? (seconds === undefined ? undefined : Math.max(0, seconds * 1000));
}

function describeText({ contentType, text, httpStatus }: FailedResponse): string {
  const start = text.slice(0, 4000);
  if (contentType.includes("html") || /^\s*<(?:!doctype|html)/i.test(start)) {
    const title = /<(?:title|h1)>([^<]{1,200})</i.exec(start)?.[1];
    const named = title === undefined ? "" : ` ("${excerpt(title)}")`;
    return `an HTML page${named} was answered, so this is a router, proxy or console and not the API server`;
  }
  if (httpStatus === 400 && start.includes("HTTP request to an HTTPS server")) {
    return "the server speaks HTTPS: write https:// in the address";
  }
  const line = excerpt(text);
  return line === "" ? "the answer was empty" : line;
}
