import type { Dispatcher } from "undici";
import { isUnreachable } from "../../http/failures.js";
import { abortReason } from "../../support/async/abortable.js";
import { retry } from "../../support/async/retry.js";
import { hasCode, type ImageError, isImageError } from "../../support/imageError.js";
import type { RegistryAnswer } from "../answer.js";
import type { Authorisation, AuthorisationContext } from "../auth/header.js";
import type { TokenSender } from "../auth/tokenServer.js";
import { askedWaitMs, isTransient, TransientAnswer } from "../integrated/answer.js";
import type { RegistryRetry } from "../settings/hosts.js";
import type { PullSource } from "../settings/mirrors.js";
import { type HostConnections, readStart } from "./connections.js";
import { followedRequests, type PullRequest } from "./redirects.js";

export type PullAnswer =
  /** 200 or 206; the caller reads or destroys the body. `url`: where it came from in the end. */
  { readonly kind: "content"; readonly response: Dispatcher.ResponseData; readonly url: URL } | PullRefusal;

export interface PullRefusal {
  readonly kind: "refused";
  readonly answer: RegistryAnswer;
  /** The other server that refuses, which the registry has redirected to. */
  readonly redirectedTo: string | undefined;
}

/** One repository of one registry, with what is known about the user and the server so far. */
export interface RepositorySession {
  readonly source: PullSource;
  /**
   * Repeats passing failures, answers challenges, follows redirects.
   * @throws ImageError REGISTRY_UNREACHABLE, REGISTRY_TLS, REGISTRY_ERROR, the signal's reason
   */
  readonly send: (request: PullRequest) => Promise<PullAnswer>;
  /** What a failure means while the body of an answer is read. */
  readonly bodyFailure: (error: unknown, url: URL, request: PullRequest) => ImageError;
  readonly authorisation: Authorisation;
}

export interface SessionOptions {
  readonly connections: HostConnections;
  readonly authorisation: Authorisation;
  readonly idleMs: number;
  readonly retry: RegistryRetry;
}

/** Bytes that are read of a refusal. */
const maxRefusalBytes = 1024 * 1024;
/** Attempts: as nobody, as the user, and once more with fresh credentials. */
const maxShown = 3;

export function repositorySession(source: PullSource, options: SessionOptions): RepositorySession {
  const { connections, authorisation, idleMs } = options;
  const common = { onBehalfOf: { host: source.apiHost, insecure: source.insecure }, idleMs };
  const sendFollowed = followedRequests(source, connections, common);

  const bodyFailure: RepositorySession["bodyFailure"] = (error, url, { attempted, signal }) =>
    connections.explain(error, { url, onBehalfOf: common.onBehalfOf, attempted, signal });

  const toAnswer = async (response: Dispatcher.ResponseData, url: URL, request: PullRequest) => {
    try {
      const bytes = await readStart(response, maxRefusalBytes);
      return { status: response.statusCode, headers: response.headers, text: bytes.toString("utf8") };
    } catch (error) {
      throw isImageError(error) ? error : bodyFailure(error, url, request);
    }
  };

  const contextOf = (request: PullRequest): AuthorisationContext => {
    const { attempted, signal } = request;
    const sendToken: TokenSender = async (wanted) =>
      await repeatedly(options.retry, signal, async () => {
        const response = await connections.send({ ...common, ...wanted, attempted, signal });
        return await toAnswer(response, wanted.url, request);
      });
    return { signal, attempted, sendToken };
  };

  const sendAuthorised = async (request: PullRequest): Promise<PullAnswer> => {
    const context = contextOf(request);
    for (let shown = 1; ; shown += 1) {
      const authorization = await authorisation.current(context);
      const { url, response, isRedirected, redirectedTo } = await sendFollowed(request, authorization);
      if (response.statusCode === 200 || response.statusCode === 206)
        return { kind: "content", response, url };
      const answer = await toAnswer(response, url, request);
      const isFinal = answer.status !== 401 || isRedirected || shown === maxShown;
      const challenges = answer.headers["www-authenticate"];
      if (isFinal || !(await authorisation.replace(authorization, challenges, context))) {
        return { kind: "refused", answer, redirectedTo };
      }
    }
  };

  return {
    source,
    authorisation,
    bodyFailure,
    send: (request) => repeatedly(options.retry, request.signal, async () => await sendAuthorised(request)),
  };
}

/** Repeats passing failures; the one of the last attempt is an answer like others. */
async function repeatedly<Answer extends PullAnswer | RegistryAnswer>(
  policy: RegistryRetry,
  signal: AbortSignal,
  attempt: () => Promise<Answer>,
): Promise<Answer> {
  let last: Answer | undefined;
  try {
    return await retry(
      async () => {
        signal.throwIfAborted();
        last = await attempt();
        const refusal = refusalOf(last);
        if (refusal !== undefined && isTransient(refusal)) throw new TransientAnswer(refusal);
        return last;
      },
      { ...policy, signal, waitBeforeRetry },
    );
  } catch (error) {
    if (error instanceof TransientAnswer && last !== undefined) return last;
    if (signal.aborted && !isImageError(error)) throw abortReason(signal);
    throw error;
  }
}

function refusalOf(result: PullAnswer | RegistryAnswer): RegistryAnswer | undefined {
  if (!("kind" in result)) return result;
  return result.kind === "refused" ? result.answer : undefined;
}

function waitBeforeRetry(error: unknown): number | undefined {
  if (error instanceof TransientAnswer) return askedWaitMs(error.answer);
  return isLostConnection(error) && !isSilent(error) ? 0 : undefined;
}

/** Nothing has answered for many seconds, so trying again would only take as long. */
function isSilent(error: unknown): boolean {
  return (
    isImageError(error) && isUnreachable(error.cause) && error.cause.failure === "UND_ERR_CONNECT_TIMEOUT"
  );
}

/** Whether the same request may well succeed a moment later. */
export function isLostConnection(error: unknown): boolean {
  return hasCode(error, "REGISTRY_UNREACHABLE") && isUnreachable(error.cause) && error.cause.transient;
}
