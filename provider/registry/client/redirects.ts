import type { Dispatcher } from "undici";
import { isUnreachable, speaksNoTls } from "../../http/failures.js";
import { isLoopbackHost } from "../../oci/names/registryUrl.js";
import { ImageError, isImageError } from "../../support/imageError.js";
import type { PullSource } from "../settings/mirrors.js";
import type { HostConnections, OutgoingRequest } from "./connections.js";

/** A read from a repository. */
export interface PullRequest {
  readonly method: "GET" | "HEAD";
  /** Below the repository: `manifests/v1`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Completes "Cannot ...". */
  readonly attempted: string;
  readonly signal: AbortSignal;
}

interface FollowedAnswer {
  readonly response: Dispatcher.ResponseData;
  /** Where it came from in the end. */
  readonly url: URL;
  readonly isRedirected: boolean;
  /** The other server that it came from, host and port. */
  readonly redirectedTo: string | undefined;
}

/** Sends one request and follows its redirects; sends `authorization` to the registry itself only. */
export type SendFollowed = (
  request: PullRequest,
  authorization: string | undefined,
) => Promise<FollowedAnswer>;

type SendTo = (
  url: URL,
  request: PullRequest,
  authorization: string | undefined,
) => Promise<Dispatcher.ResponseData>;

type Scheme = "https" | "http";

const maxRedirects = 5;
const maxDroppedBytes = 65_536;

/** Redirects are followed, but never out of TLS. */
export function followedRequests(
  source: PullSource,
  connections: HostConnections,
  common: Pick<OutgoingRequest, "onBehalfOf" | "idleMs">,
): SendFollowed {
  const sendTo: SendTo = async (url, { method, headers, attempted, signal }, authorization) => {
    // Compressed on the way, a blob would have neither the size nor the digest that it is checked by.
    const plain = { ...headers, "accept-encoding": "identity" };
    return await connections.send({
      ...common,
      ...{ method, url, headers: plain, authorization, attempted, signal },
    });
  };
  const sendFirst = inTheRightScheme(source, sendTo);
  return async (request, authorization) => {
    const first = await sendFirst(request, authorization);
    let { url, response } = first;
    for (let redirects = 0; isRedirect(response); redirects += 1) {
      dropBody(response);
      const next = redirectTarget(response, url, request.attempted);
      if (redirects === maxRedirects)
        throw redirectFailure(request.attempted, url, "redirects again and again");
      const isSameServer = next.origin === first.url.origin;
      url = next;
      response = await sendTo(url, request, isSameServer ? authorization : undefined);
    }
    const redirectedTo = url.origin === first.url.origin ? undefined : url.host;
    return { url, response, isRedirected: url !== first.url, redirectedTo };
  };
}

/** Drops a body that nobody needs: reads a short one, so that its connection can be used again. */
export function dropBody({ body }: Dispatcher.ResponseData): void {
  void body.dump({ limit: maxDroppedBytes }).catch(() => undefined);
}

/** Finds out once whether a registry that may do without TLS speaks it. */
function inTheRightScheme(source: PullSource, sendTo: SendTo) {
  let known: Scheme | undefined = source.http ? "http" : mayBePlain(source) ? undefined : "https";
  return async (request: PullRequest, authorization: string | undefined) => {
    const sendBy = async (scheme: Scheme) => {
      const url = new URL(`${scheme}://${source.apiHost}/v2/${source.repository}/${request.path}`);
      const response = await sendTo(url, request, authorization);
      known = scheme;
      return { url, response };
    };
    if (known !== undefined) return await sendBy(known);
    try {
      return await sendBy("https");
    } catch (error) {
      if (!wantsPlain(error)) throw error;
      return await sendBy("http");
    }
  };
}

function mayBePlain({ apiHost, insecure }: PullSource): boolean {
  return insecure || isLoopbackHost(new URL(`https://${apiHost}`).hostname);
}

/** Whether plain HTTP is worth a try: TLS is not spoken, or nothing listens at its port. */
function wantsPlain(error: unknown): boolean {
  if (!isImageError(error) || !isUnreachable(error.cause)) return false;
  return speaksNoTls(error.cause) || error.cause.failure === "ECONNREFUSED";
}

function isRedirect({ statusCode, headers }: Dispatcher.ResponseData): boolean {
  return [301, 302, 303, 307, 308].includes(statusCode) && headers["location"] !== undefined;
}

function redirectTarget({ headers }: Dispatcher.ResponseData, from: URL, attempted: string): URL {
  const location = String(headers["location"]);
  const target = URL.parse(location, from.href);
  if (target === null || !/^https?:$/.test(target.protocol)) {
    throw redirectFailure(attempted, from, "redirects to something that is no web address");
  }
  if (from.protocol === "https:" && target.protocol === "http:") {
    throw redirectFailure(
      attempted,
      from,
      `redirects to ${target.host} without TLS, which is never followed`,
    );
  }
  return target;
}

function redirectFailure(attempted: string, { host }: URL, what: string): ImageError {
  return new ImageError("REGISTRY_ERROR", `Cannot ${attempted}: ${host} ${what}`);
}
