import type { Dispatcher } from "undici";
import { isUnreachable } from "../../http/failures.js";
import { type ImageError, isImageError } from "../../support/imageError.js";
import { type PassingAnswer, repeatedly, type RetryPolicy } from "../../http/retry.js";
import type { HttpAnswer } from "../../http/send.js";
import type { Authorisation } from "../auth/header.js";
import type { TokenSender } from "../auth/tokenServer.js";
import { isPassingFailure, passingAnswer } from "./answer.js";
import type { PullSource } from "../settings/mirrors.js";
import { type HostConnections, readStart } from "./connections.js";
import { followedRequests, type PullRequest, type SendFollowed } from "./redirects.js";

export type PullAnswer =
  /** 200 or 206; the caller reads or destroys the body. `url`: where it came from in the end. */
  { readonly kind: "content"; readonly response: Dispatcher.ResponseData; readonly url: URL } | PullRefusal;

export interface PullRefusal {
  readonly kind: "refused";
  readonly answer: HttpAnswer;
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
  readonly retry: RetryPolicy;
}

/** Bytes that are read of a refusal. */
const maxRefusalBytes = 1024 * 1024;
/** Attempts: as nobody, as the user, and once more with fresh credentials. */
const maxShown = 3;

export function repositorySession(source: PullSource, options: SessionOptions): RepositorySession {
  const { connections, authorisation, idleMs } = options;
  const common = { onBehalfOf: { host: source.apiHost, insecure: source.insecure }, idleMs };
  const bodyFailure: RepositorySession["bodyFailure"] = (error, url, { attempted, signal }) =>
    connections.explain(error, { url, onBehalfOf: common.onBehalfOf, attempted, signal });
  const readRefusal: ReadRefusal = async (response, url, request) => {
    try {
      const bytes = await readStart(response, maxRefusalBytes);
      return { status: response.statusCode, headers: response.headers, text: bytes.toString("utf8") };
    } catch (error) {
      throw isImageError(error) ? error : bodyFailure(error, url, request);
    }
  };
  const repeated: Repeat = (signal, attempt) =>
    repeatedly(attempt, {
      ...{ policy: options.retry, signal, waitAfterError },
      waitAfterAnswer: passingResult,
    });
  const tokenSender = (request: PullRequest): TokenSender => {
    const { attempted, signal } = request;
    return async (wanted) =>
      await repeated(signal, async () => {
        const response = await connections.send({ ...common, ...wanted, attempted, signal });
        return await readRefusal(response, wanted.url, request);
      });
  };
  const sendFollowed = followedRequests(source, connections, common);
  const parts = { authorisation, sendFollowed, readRefusal, tokenSender };
  return {
    source,
    authorisation,
    bodyFailure,
    send: (request) => repeated(request.signal, async () => await sendAuthorised(request, parts)),
  };
}

type ReadRefusal = (response: Dispatcher.ResponseData, url: URL, request: PullRequest) => Promise<HttpAnswer>;

type Repeat = <Answer extends PullAnswer | HttpAnswer>(
  signal: AbortSignal,
  attempt: () => Promise<Answer>,
) => Promise<Answer>;

interface SendingParts {
  readonly authorisation: Authorisation;
  readonly sendFollowed: SendFollowed;
  readonly readRefusal: ReadRefusal;
  readonly tokenSender: (request: PullRequest) => TokenSender;
}

async function sendAuthorised(
  request: PullRequest,
  { authorisation, sendFollowed, readRefusal, tokenSender }: SendingParts,
): Promise<PullAnswer> {
  const { attempted, signal } = request;
  const context = { attempted, signal, sendToken: tokenSender(request) };
  for (let shown = 1; ; shown += 1) {
    const authorization = await authorisation.current(context);
    const { url, response, isRedirected, redirectedTo } = await sendFollowed(request, authorization);
    if (response.statusCode === 200 || response.statusCode === 206) return { kind: "content", response, url };
    const answer = await readRefusal(response, url, request);
    const isFinal = answer.status !== 401 || isRedirected || shown === maxShown;
    const challenges = answer.headers["www-authenticate"];
    if (isFinal || !(await authorisation.replace(authorization, challenges, context))) {
      return { kind: "refused", answer, redirectedTo };
    }
  }
}

function passingResult(result: PullAnswer | HttpAnswer): PassingAnswer | undefined {
  if (!("kind" in result)) return passingAnswer(result);
  return result.kind === "refused" ? passingAnswer(result.answer) : undefined;
}

function waitAfterError(error: unknown): number | undefined {
  return isPassingFailure(error) && !isSilent(error) ? 0 : undefined;
}

/** Nothing has answered for many seconds, so trying again would only take as long. */
function isSilent(error: unknown): boolean {
  return (
    isImageError(error) && isUnreachable(error.cause) && error.cause.failure === "UND_ERR_CONNECT_TIMEOUT"
  );
}
