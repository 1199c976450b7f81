import type { Dispatcher } from "undici";
import type { TokenSource } from "../../http/credentials.js";
import { createDispatcher } from "../../http/dispatcher.js";
import { isTlsFailure, type SettingNames, toUnreachable } from "../../http/failures.js";
import type { StreamKey } from "../../okd/streamName.js";
import { bareMessage, ImageError } from "../../support/imageError.js";
import { proxyHost } from "../../http/proxy.js";
import { repeatedly, type RetryPolicy } from "../../http/retry.js";
import { ask, type HttpAnswer, type HttpRequest } from "../../http/send.js";
import { tokenAsPassword } from "../auth/tokenServer.js";
import { isPassingFailure, offersOnlyBasic, passingAnswer } from "../client/answer.js";
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
  readonly isFinal?: (answer: HttpAnswer) => boolean;
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
  readonly send: (request: RegistryRequest) => Promise<HttpAnswer>;
  /** The same without credentials, and at most twice. */
  readonly sendAnonymously: (request: RegistryRequest) => Promise<HttpAnswer>;
  readonly close: () => Promise<void>;
}

export interface RegistryClientSettings {
  readonly server: string;
  readonly tls: RegistryTls;
  readonly proxyUrl: string | undefined;
  readonly credentials: TokenSource;
  /** Milliseconds for one attempt of a request. */
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly wording: RegistryWording;
}

export interface RegistryTls {
  /** PEM text of the CAs that the user gives for the registry. */
  readonly caCert?: string | undefined;
  /** PEM text of the CAs to trust where the user gives none, default the system's. */
  readonly defaultCa?: string | undefined;
  readonly skipTlsVerify?: boolean | undefined;
}

type Send = (request: RegistryRequest, authorization: string | undefined) => Promise<HttpAnswer>;

function settingNames({ argument }: RegistryWording): SettingNames {
  return {
    caCert: `${argument}.caCert`,
    skipTlsVerify: `${argument}.skipTlsVerify`,
    serverName: `${argument}.url`,
    proxyUrl: "HTTPS_PROXY",
    noProxy: "NO_PROXY",
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
  const send: Send = (request, authorization) => askOnce(settings, dispatcher, request, authorization);
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
  attempt: () => Promise<HttpAnswer>,
  { signal, isFinal = () => false }: RegistryRequest,
  policy: RetryPolicy,
): Promise<HttpAnswer> {
  const waitAfterAnswer = (answer: HttpAnswer) => (isFinal(answer) ? undefined : passingAnswer(answer));
  const waitAfterError = (error: unknown) => (isPassingFailure(error) ? 0 : undefined);
  return await repeatedly(attempt, { policy, signal, waitAfterAnswer, waitAfterError });
}

/**
 * Sends with the token as Bearer. A registry that answers 401 and offers Basic alone gets the token as the password of
 * any user (facts/registries.md 9); what has worked once is kept. After that, other credentials are asked for once.
 */
function authorised(send: Send, credentials: TokenSource): (request: RegistryRequest) => Promise<HttpAnswer> {
  let scheme: "Bearer" | "Basic" = "Bearer";
  let isProven = false;

  const sendWith = async (request: RegistryRequest, token: string): Promise<HttpAnswer> => {
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
  return scheme === "Bearer" ? `Bearer ${token}` : tokenAsPassword(token);
}

async function askOnce(
  settings: RegistryClientSettings,
  dispatcher: Dispatcher,
  request: RegistryRequest,
  authorization: string | undefined,
): Promise<HttpAnswer> {
  const { server, proxyUrl, wording } = settings;
  const { method, path, accept, attempted, signal, timeoutMs = settings.timeoutMs } = request;
  const sent: HttpRequest = {
    ...{ method, path, signal, origin: server },
    ...(accept === undefined ? {} : { headers: { accept: accept.join(", ") } }),
    ...(authorization === undefined ? {} : { credentials: { authorization } }),
  };
  return await ask(dispatcher, sent, {
    ...{ timeoutMs, attempted, maxBytes: () => maxAnswerBytes },
    failures: {
      late(cause) {
        const text = `Cannot ${attempted}: ${server} did not answer within ${timeoutMs / 1000} s`;
        return new ImageError("REGISTRY_UNREACHABLE", text, { cause });
      },
      unusable: (cause) =>
        new ImageError("REGISTRY_ERROR", `Cannot ${attempted}: ${bareMessage(cause)}`, { cause }),
      unreachable(error) {
        const target = { server, via: proxyHost(proxyUrl), settings: settingNames(wording) };
        const cause = toUnreachable(error, target, attempted);
        const code = isTlsFailure(cause) ? "REGISTRY_TLS" : "REGISTRY_UNREACHABLE";
        return new ImageError(code, bareMessage(cause), { cause });
      },
    },
  });
}

/** Path of a stream's repository in the distribution API. */
export function repositoryPath({ namespace, name }: StreamKey): string {
  return `/v2/${pathSegment(namespace)}/${pathSegment(name)}`;
}

/** A segment of a path; the colon of a digest stays readable in the registry's log. */
export function pathSegment(text: string): string {
  return encodeURIComponent(text).replaceAll("%3A", ":");
}
