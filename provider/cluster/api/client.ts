import type { Dispatcher } from "undici";
import type { CredentialChain } from "../../http/credentialChain.js";
import type { RequestCredentials } from "../../http/credentials.js";
import { certificateDispatchers, createDetachedDispatcher, type Endpoint } from "../../http/dispatcher.js";
import { isUnreachable, toUnreachable } from "../../http/failures.js";
import { proxyHost } from "../../http/proxy.js";
import { describeRefusal } from "../../http/refusal.js";
import { isTransientStatus, repeatedly, usualPolicy } from "../../http/retry.js";
import { ask, type HttpAnswer, type HttpRequest } from "../../http/send.js";
import { bareMessage, ImageError } from "../../support/imageError.js";
import { parseAnswer } from "./answer.js";
import { explainedApiError, isApiError } from "./error.js";
import { openLines } from "./openLines.js";

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path below the server's URL, its segments encoded: `/api/v1/namespaces/shop`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** Default `application/json`. */
  readonly accept?: string;
  readonly signal: AbortSignal;
  /** Milliseconds for one attempt, default the connection's `timeoutSeconds`. */
  readonly timeoutMs?: number;
  /** Completes "Cannot ..." in messages: `read image stream shop/web`. */
  readonly attempted: string;
}

type LinesRequest = Pick<ApiRequest, "path" | "query" | "accept" | "signal" | "attempted">;

export interface ApiAnswer<T> {
  readonly body: T;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Characters of the text, unzipped: its bytes, where it is ASCII. */
  readonly length: number;
}

/** REST calls to one API server as one user. */
export interface ClusterClient {
  readonly server: string;
  /**
   * Sends one request and returns the parsed JSON of the answer; `T` is what the caller knows about the API.
   *
   * Repeated after a failure, at most 4 times in all, with growing random waits and `Retry-After`, until the signal fires:
   * GET after 429, 500, 502, 503, 504 and lost connections. Writes only where the server cannot have acted on them:
   * 429 (refused at the door), 503 with `Retry-After`, and a connection that was never made (refused, no DNS, no TCP).
   * Beyond that a write is never repeated here, although PUT and DELETE carry preconditions and an import is idempotent:
   * the caller reads the object first. After a 401 the request is sent again when other credentials are at hand,
   * which `createCredentialChain` decides.
   *
   * @throws ImageError: `ApiError` with the server's Status (API_UNAUTHORIZED, API_FORBIDDEN, API_NOT_FOUND, API_CONFLICT,
   * API_INVALID, API_TIMEOUT, API_ERROR), `UnreachableError` (API_UNREACHABLE), the signal's reason.
   */
  readonly request: <T>(request: ApiRequest) => Promise<T>;
  /** The same, with the headers of the answer. */
  readonly requestWithHeaders: <T>(request: ApiRequest) => Promise<ApiAnswer<T>>;
  /**
   * Sends a GET whose answer is a stream of lines, and resolves when it begins. Repeated after a 401 only; its connection
   * keeps no process alive. Ends when the signal fires, or when the caller stops taking lines.
   * @throws ImageError as `request`; the lines: API_UNREACHABLE when the connection is lost
   */
  readonly openLines: (request: LinesRequest) => Promise<AsyncIterable<string>>;
  /** The token that requests carry at the moment; undefined when they carry something else, or nothing. */
  readonly bearerToken: (signal: AbortSignal) => Promise<string | undefined>;
  /** Closes idle connections; later requests open new ones. */
  readonly close: () => Promise<void>;
}

export interface ClientSettings {
  readonly endpoint: Endpoint;
  readonly credentials: CredentialChain;
  /** Milliseconds for one attempt of a request. */
  readonly timeoutMs: number;
}

const maxErrorBytes = 1024 * 1024;
const maxAnswerBytes = 256 * 1024 * 1024;

export function createClusterClient(settings: ClientSettings): ClusterClient {
  const { endpoint, credentials } = settings;
  const connections = certificateDispatchers(endpoint);
  const detached = certificateDispatchers(endpoint, createDetachedDispatcher);
  const requestWithHeaders = async <T>(request: ApiRequest) => {
    const once = () =>
      sendAuthorised(settings, request, (used) =>
        askOnce(settings, connections.get(used.certificate), used, request),
      );
    const waitAfterError = (error: unknown) => waitBeforeRetry(request.method, error);
    const answer = await repeatedly(once, { policy: usualPolicy, signal: request.signal, waitAfterError });
    return answer as ApiAnswer<T>;
  };
  return {
    server: endpoint.server,
    request: async <T>(request: ApiRequest) => (await requestWithHeaders<T>(request)).body,
    requestWithHeaders,
    openLines: (request) => {
      const { server, proxyUrl } = endpoint;
      const target = { server, via: proxyHost(proxyUrl), attempted: request.attempted };
      return sendAuthorised(settings, request, (used) => {
        const sent = toHttpRequest(server, { method: "GET", ...request }, used, "identity");
        return openLines(detached.get(used.certificate), sent, target);
      });
    },
    bearerToken: async (signal) => {
      const { Authorization: authorization } = (await credentials.current(signal)).headers;
      return typeof authorization === "string" ? /^Bearer (.+)$/.exec(authorization)?.[1] : undefined;
    },
    close: async () => {
      await Promise.all([connections.close(), detached.destroy()]);
    },
  };
}

/** See `ClusterClient.request` for the rule and its reason. */
function waitBeforeRetry(method: ApiRequest["method"], error: unknown): number | undefined {
  if (isUnreachable(error)) {
    const mayRepeat = method === "GET" ? error.transient : error.transient && error.beforeSending;
    return mayRepeat ? 0 : undefined;
  }
  if (!isApiError(error)) return undefined;
  if (error.httpStatus === 429) return error.retryAfterMs ?? 0;
  if (method === "GET") return isTransientStatus(error.httpStatus) ? (error.retryAfterMs ?? 0) : undefined;
  return error.httpStatus === 503 ? error.retryAfterMs : undefined;
}

async function sendAuthorised<Answer>(
  settings: ClientSettings,
  request: Pick<ApiRequest, "signal" | "attempted">,
  send: (used: RequestCredentials) => Promise<Answer>,
): Promise<Answer> {
  const { credentials } = settings;
  for (;;) {
    request.signal.throwIfAborted();
    const used = await credentials.current(request.signal);
    try {
      const answer = await send(used);
      credentials.accepted(used);
      return answer;
    } catch (error) {
      if (!isApiError(error) || error.httpStatus !== 401) throw error;
      if (await credentials.replace(used, request.signal)) continue;
      const refusal = describeRefusal({ server: settings.endpoint.server, ...credentials.refusal() });
      throw explainedApiError(error, "API_UNAUTHORIZED", `Cannot ${request.attempted}: ${refusal}`);
    }
  }
}

async function askOnce(
  { endpoint, timeoutMs: usualMs }: ClientSettings,
  dispatcher: Dispatcher,
  used: RequestCredentials,
  request: ApiRequest,
): Promise<ApiAnswer<unknown>> {
  const { server, proxyUrl } = endpoint;
  const { attempted, timeoutMs = usualMs } = request;
  const answer = await ask(dispatcher, toHttpRequest(server, request, used, "gzip"), {
    timeoutMs,
    maxBytes: (status) => (status < 300 ? maxAnswerBytes : maxErrorBytes),
    attempted,
    failures: {
      late: () => lateAnswer(request, server, timeoutMs),
      unusable: (cause) =>
        new ImageError(cause.code, `Cannot ${attempted}: ${bareMessage(cause)}`, { cause }),
      unreachable: (cause) => toUnreachable(cause, { server, via: proxyHost(proxyUrl) }, attempted),
    },
  });
  return toApiAnswer(answer, server, attempted);
}

function toApiAnswer(answer: HttpAnswer, server: string, attempted: string): ApiAnswer<unknown> {
  const { headers, text } = answer;
  return { body: parseAnswer(answer, server, attempted), headers, length: text.length };
}

/** A read can be repeated later; after a write nobody knows whether it happened, so that is API_TIMEOUT. */
function lateAnswer(request: ApiRequest, server: string, timeoutMs: number): ImageError {
  const text = `Cannot ${request.attempted}: ${server} did not answer within ${timeoutMs / 1000} s`;
  if (request.method === "GET") return new ImageError("API_UNREACHABLE", `${text} (timeoutSeconds)`);
  return new ImageError("API_TIMEOUT", `${text}; it may have been done all the same`);
}

function toHttpRequest(
  server: string,
  request: Omit<ApiRequest, "timeoutMs">,
  { headers: credentials }: RequestCredentials,
  encoding: "gzip" | "identity",
): HttpRequest {
  const { method, body, contentType = "application/json", accept = "application/json", signal } = request;
  const typed = body === undefined ? {} : { "content-type": contentType };
  return {
    ...{ method, signal, credentials },
    origin: new URL(server).origin,
    path: pathAndQuery(server, request),
    headers: { accept, "accept-encoding": encoding, ...typed },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

function pathAndQuery(server: string, { path, query = {} }: Pick<ApiRequest, "path" | "query">): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  const base = new URL(server).pathname.replace(/\/$/, "");
  return `${base}${path}${search.size === 0 ? "" : `?${search.toString()}`}`;
}
