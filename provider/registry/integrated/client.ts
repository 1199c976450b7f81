import type { Dispatcher } from "undici";
import { readText } from "../../http/body.js";
import type { TokenSource } from "../../http/credentials.js";
import { createDispatcher } from "../../http/dispatcher.js";
import { isTlsFailure, isUnreachable, type SettingNames, toUnreachable } from "../../http/failures.js";
import { userAgent } from "../../http/userAgent.js";
import type { StreamKey } from "../../okd/streamName.js";
import { abortReason, withDeadline } from "../../support/async/abortable.js";
import { retry } from "../../support/async/retry.js";
import { bareMessage, hasCode, ImageError, isImageError } from "../../support/imageError.js";
import type { RegistryAnswer } from "../answer.js";
import type { RegistryRetry } from "../settings/hosts.js";
import { askedWaitMs, isTransient, offersOnlyBasic, TransientAnswer } from "./answer.js";
import type { RegistryWording } from "./refusal.js";

export interface RegistryRequest {
  readonly method: "GET" | "HEAD" | "DELETE";
  /** Its segments encoded. */
  readonly path: string;
  readonly accept?: readonly string[];
  readonly signal: AbortSignal;
  /** Completes "Cannot ..." in messages: `delete blob sha256:...`. */
  readonly attempted: string;
  /** Milliseconds for one attempt, default the client's. */
  readonly timeoutMs?: number;
  /** Recognises a final answer that looks like a passing failure. */
  readonly isFinal?: (answer: RegistryAnswer) => boolean;
}

/** Requests to one registry, in the name of the connection's user. */
export interface RegistryClient {
  /** URL without a path. */
  readonly server: string;
  /**
   * Sends the request as the user and resolves with whatever comes back, also 401. Every request of this client may be sent
   * twice, so it repeats them after passing failures (429, 500, 502, 503, 504, lost connections).
   * No redirect is followed.
   * @throws ImageError REGISTRY_UNREACHABLE, REGISTRY_TLS, REGISTRY_ERROR for an answer that is too long, the signal's reason, and what
   * the token's source throws
   */
  readonly send: (request: RegistryRequest) => Promise<RegistryAnswer>;
  /** The same without credentials, and at most twice. */
  readonly sendAnonymously: (request: RegistryRequest) => Promise<RegistryAnswer>;
  readonly close: () => Promise<void>;
}

export interface RegistryClientSettings {
  readonly server: string;
  readonly tls: RegistryTls;
  readonly proxyUrl: string | undefined;
  readonly credentials: TokenSource;
  /** Milliseconds for one attempt of a request. */
  readonly timeoutMs: number;
  readonly retry: RegistryRetry;
  readonly wording: RegistryWording;
}

export interface RegistryTls {
  /** PEM text of the CAs that the user gives for the registry. */
  readonly caCert?: string | undefined;
  /** PEM text of the CAs to trust where the user gives none, default the system's. */
  readonly defaultCa?: string | undefined;
  readonly skipTlsVerify?: boolean | undefined;
}

type Send = (request: RegistryRequest, authorization: string | undefined) => Promise<RegistryAnswer>;

function settingNames({ argument }: RegistryWording): SettingNames {
  return {
    caCert: `${argument}.caCert`,
    skipTlsVerify: `${argument}.skipTlsVerify`,
    serverName: `${argument}.url`,
    proxyUrl: "HTTPS_PROXY",
  };
}

/** Manifests are the longest answers. */
const maxAnswerBytes = 4 * 1024 * 1024;
const anonymousAttempts = 2;

export function createRegistryClient(settings: RegistryClientSettings): RegistryClient {
  const { server, tls, proxyUrl, credentials } = settings;
  const ca = tls.caCert ?? tls.defaultCa;
  const endpoint = { server, ca, skipTlsVerify: tls.skipTlsVerify === true, proxyUrl };
  const dispatcher = createDispatcher({ ...endpoint, tlsServerName: undefined }, undefined);
  const send: Send = (request, authorization) => sendOnce(settings, dispatcher, request, authorization);
  const sendAsUser = authorised(send, credentials);
  return {
    server,
    send: (request) => repeated(() => sendAsUser(request), request, settings.retry),
    sendAnonymously: (request) =>
      repeated(() => send(request, undefined), request, { ...settings.retry, attempts: anonymousAttempts }),
    close: () => dispatcher.close(),
  };
}

async function repeated(
  attempt: () => Promise<RegistryAnswer>,
  { signal, isFinal = () => false }: RegistryRequest,
  policy: RegistryRetry,
): Promise<RegistryAnswer> {
  try {
    return await retry(
      async () => {
        signal.throwIfAborted();
        const answer = await attempt();
        if (isTransient(answer) && !isFinal(answer)) throw new TransientAnswer(answer);
        return answer;
      },
      { ...policy, signal, waitBeforeRetry },
    );
  } catch (error) {
    if (error instanceof TransientAnswer) return error.answer;
    if (signal.aborted && !isImageError(error)) throw abortReason(signal);
    throw error;
  }
}

function waitBeforeRetry(error: unknown): number | undefined {
  if (error instanceof TransientAnswer) return askedWaitMs(error.answer);
  const isLost =
    hasCode(error, "REGISTRY_UNREACHABLE") && isUnreachable(error.cause) && error.cause.transient;
  return isLost ? 0 : undefined;
}

/**
 * Sends with the token as Bearer. A registry that answers 401 and offers Basic alone gets the token as the password of
 * any user (facts/registries.md 9); what has worked once is kept. After that, other credentials are asked for once.
 */
function authorised(
  send: Send,
  credentials: TokenSource,
): (request: RegistryRequest) => Promise<RegistryAnswer> {
  let scheme: "Bearer" | "Basic" = "Bearer";
  let isProven = false;

  const sendWith = async (request: RegistryRequest, token: string): Promise<RegistryAnswer> => {
    const answer = await send(request, authorizationOf(scheme, token));
    if (answer.status !== 401) {
      isProven ||= answer.status < 500;
      return answer;
    }
    if (isProven || scheme === "Basic" || !offersOnlyBasic(answer)) return answer;
    const second = await send(request, authorizationOf("Basic", token));
    if (second.status < 500 && second.status !== 401) {
      scheme = "Basic";
      isProven = true;
    }
    return second;
  };

  return async (request) => {
    const token = await credentials.token(request.signal);
    const answer = await sendWith(request, token);
    if (answer.status !== 401 || !(await credentials.renew(token, request.signal))) return answer;
    return await sendWith(request, await credentials.token(request.signal));
  };
}

function authorizationOf(scheme: "Bearer" | "Basic", token: string): string {
  return scheme === "Bearer"
    ? `Bearer ${token}`
    : `Basic ${Buffer.from(`pulumi:${token}`).toString("base64")}`;
}

async function sendOnce(
  settings: RegistryClientSettings,
  dispatcher: Dispatcher,
  request: RegistryRequest,
  authorization: string | undefined,
): Promise<RegistryAnswer> {
  const { server, proxyUrl, wording } = settings;
  const { method, path, attempted, signal, timeoutMs = settings.timeoutMs } = request;
  const deadline = withDeadline(signal, timeoutMs, attempted);
  try {
    const response = await dispatcher.request({
      origin: server,
      path,
      method,
      headers: requestHeaders(request, authorization),
      signal: deadline,
      headersTimeout: 0, // the deadline is the only clock
      bodyTimeout: 0,
    });
    const text = await readText(response, maxAnswerBytes);
    return { status: response.statusCode, headers: response.headers, text };
  } catch (error) {
    if (signal.aborted) throw abortReason(signal);
    if (deadline.aborted) {
      const text = `Cannot ${attempted}: ${server} did not answer within ${timeoutMs / 1000} s`;
      throw new ImageError("REGISTRY_UNREACHABLE", text, { cause: error });
    }
    if (isImageError(error)) {
      const text = `Cannot ${attempted}: ${bareMessage(error)}`;
      throw new ImageError("REGISTRY_ERROR", text, { cause: error });
    }
    const via = proxyUrl === undefined ? undefined : new URL(proxyUrl).host;
    const cause = toUnreachable(error, { server, via, settings: settingNames(wording) }, attempted);
    throw new ImageError(isTlsFailure(cause) ? "REGISTRY_TLS" : "REGISTRY_UNREACHABLE", bareMessage(cause), {
      cause,
    });
  }
}

function requestHeaders(
  { accept }: RegistryRequest,
  authorization: string | undefined,
): Record<string, string> {
  return {
    "user-agent": userAgent(),
    ...(accept === undefined ? {} : { accept: accept.join(", ") }),
    ...(authorization === undefined ? {} : { authorization }),
  };
}

/** Path of a stream's repository in the distribution API. */
export function repositoryPath({ namespace, name }: StreamKey): string {
  return `/v2/${pathSegment(namespace)}/${pathSegment(name)}`;
}

/** A segment of a path; the colon of a digest stays readable in the registry's log. */
export function pathSegment(text: string): string {
  return encodeURIComponent(text).replaceAll("%3A", ":");
}

/** The repository in the integrated registry that belongs to a stream. */
export function nameOf({ namespace, name }: StreamKey): string {
  return `${namespace}/${name}`;
}
