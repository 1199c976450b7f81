import type { Dispatcher } from "undici";
import { abortReason, withDeadline } from "../support/async/abortable.js";
import { type ImageError, isImageError } from "../support/imageError.js";
import { readText } from "./body.js";
import type { RequestCredentials } from "./credentials.js";

/** One request to one server. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** Scheme, host and port. */
  readonly origin: string;
  /** With the query; its segments encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Who asks. Every credential gets onto the wire here. */
  readonly credentials?: RequestCredentials["headers"];
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Milliseconds until the headers are there, and then at most between two pieces of the body; default no limit. */
  readonly idleMs?: number;
}

/** What a server answered, whatever the status. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Sends a request once, and resolves when its answer begins; the caller reads or destroys the body. Follows no redirect. */
export async function send(dispatcher: Dispatcher, request: HttpRequest): Promise<Dispatcher.ResponseData> {
  const { method, origin, path, signal, body, idleMs = 0 } = request;
  return await dispatcher.request({
    ...{ method, origin, path, signal },
    headers: headersOf(request),
    body: body ?? null,
    headersTimeout: idleMs,
    bodyTimeout: idleMs,
  });
}

function headersOf({ headers, credentials = {} }: HttpRequest): Record<string, string | string[]> {
  const all: Record<string, string | string[]> = { "user-agent": userAgent(), ...headers };
  for (const [name, value] of Object.entries(credentials)) {
    all[name.toLowerCase()] = typeof value === "string" ? value : [...value];
  }
  return all;
}

/** `pulumi-okd-images/<version>` */
function userAgent(): string {
  // Resolved by the package's own name, because the distance to package.json differs between build folders.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- JSON outside of rootDir
  const { version } = require("pulumi-okd-images/package.json") as { readonly version: string };
  return `pulumi-okd-images/${version}`;
}

export interface AskOptions {
  /** Milliseconds for the whole answer: the only clock. */
  readonly timeoutMs: number;
  /** Bytes of an answer's text, by its status. */
  readonly maxBytes: (status: number) => number;
  /** Completes "Cannot ..." in messages. */
  readonly attempted: string;
  readonly failures: FailureMeanings;
}

/** What it means when no usable answer comes; each makes the error that is thrown. */
interface FailureMeanings {
  /** The answer was not there in time. */
  readonly late: (cause: unknown) => ImageError;
  /** The answer is too long, or is not compressed as it says. */
  readonly unusable: (cause: ImageError) => ImageError;
  /** There was no connection, or it was lost. */
  readonly unreachable: (cause: unknown) => ImageError;
}

/**
 * Sends a request once, and reads its answer to the end.
 * @throws ImageError: the signal's reason, or what `failures` make of it
 */
export async function ask(
  dispatcher: Dispatcher,
  request: HttpRequest,
  { timeoutMs, maxBytes, attempted, failures }: AskOptions,
): Promise<HttpAnswer> {
  const { signal } = request;
  const deadline = withDeadline(signal, timeoutMs, attempted);
  try {
    const response = await send(dispatcher, { ...request, signal: deadline });
    const { statusCode: status, headers } = response;
    return { status, headers, text: await readText(response, maxBytes(status)) };
  } catch (error) {
    if (signal.aborted) throw abortReason(signal);
    if (deadline.aborted) throw failures.late(error);
    throw isImageError(error) ? failures.unusable(error) : failures.unreachable(error);
  }
}
