import type { Dispatcher } from "undici";
import { createDispatcher } from "../../http/dispatcher.js";
import { isTlsFailure, type SettingNames, speaksNoTls, toUnreachable } from "../../http/failures.js";
import { proxyFromEnvironment, proxyHost } from "../../http/proxy.js";
import { type HttpRequest, send } from "../../http/send.js";
import { trustedBeside } from "../../http/tls.js";
import { abortReason } from "../../support/async/abortable.js";
import { bareMessage, ImageError } from "../../support/imageError.js";
import type { ImageRegistrySettings } from "../settings/hosts.js";
import { hostTls } from "../settings/tls.js";

export interface OutgoingRequest extends Omit<HttpRequest, "origin" | "path" | "credentials"> {
  readonly url: URL;
  /** Value of the header; undefined for nobody. */
  readonly authorization?: string | undefined;
  /**
   * The registry that the request is for: its CAs count beside those of the URL's host. Its `insecure` does not count for a
   * token server or a redirect on another host.
   */
  readonly onBehalfOf: { readonly host: string; readonly insecure: boolean };
  /** Completes "Cannot ...". */
  readonly attempted: string;
  /** As in `HttpRequest`. */
  readonly idleMs: number;
}

/** Connections to registries, token servers and object storage, kept between requests. */
export interface HostConnections {
  /**
   * Follows no redirects.
   * @throws ImageError REGISTRY_UNREACHABLE or REGISTRY_TLS, caused by an UnreachableError; CONNECTION_INVALID; the signal's reason
   */
  readonly send: (request: OutgoingRequest) => Promise<Dispatcher.ResponseData>;
  /** What a failure means while the body of an answer is read. */
  readonly explain: (error: unknown, request: AnsweredRequest) => ImageError;
}

type AnsweredRequest = Pick<OutgoingRequest, "url" | "onBehalfOf" | "attempted" | "signal">;

export function hostConnections(settings: ImageRegistrySettings): HostConnections {
  const open = new Map<string, Dispatcher>();
  const dispatcherFor = ({ url, onBehalfOf }: OutgoingRequest): Dispatcher => {
    const key = `${url.origin} ${onBehalfOf.host} ${onBehalfOf.insecure}`;
    const known = open.get(key);
    if (known !== undefined) return known;
    const own = hostTls(settings, url.host);
    const isItself = isSameHost(url, onBehalfOf.host);
    const registry = onBehalfOf.host === url.host ? own : hostTls(settings, onBehalfOf.host);
    const endpoint = {
      server: url.origin,
      ca: trustedBeside([...new Set([...own.caCerts, ...registry.caCerts])]),
      skipTlsVerify: own.insecure || (isItself && onBehalfOf.insecure),
      tlsServerName: undefined,
      proxyUrl: proxyFor(settings, url),
    };
    const dispatcher = createDispatcher(endpoint, own.certificate);
    open.set(key, dispatcher);
    return dispatcher;
  };
  return {
    async send(request) {
      const dispatcher = dispatcherFor(request);
      try {
        return await send(dispatcher, toHttpRequest(request));
      } catch (error) {
        throw connectionFailure(error, request, settings);
      }
    },
    explain: (error, request) => connectionFailure(error, request, settings),
  };
}

/** Equal hosts, with a default port written or not. */
function isSameHost(url: URL, host: string): boolean {
  return URL.parse(`${url.protocol}//${host}`)?.host === url.host;
}

function toHttpRequest({ url, authorization, ...request }: OutgoingRequest): HttpRequest {
  const credentials = authorization === undefined ? {} : { credentials: { authorization } };
  return { ...request, ...credentials, origin: url.origin, path: `${url.pathname}${url.search}` };
}

function connectionFailure(
  error: unknown,
  { url, onBehalfOf, attempted, signal }: AnsweredRequest,
  settings: ImageRegistrySettings,
): ImageError {
  if (signal.aborted) return interruption(signal, attempted);
  const via = proxyHost(proxyFor(settings, url));
  const trusting = isSameHost(url, onBehalfOf.host) ? onBehalfOf.host : url.host;
  const target = { server: url.origin, via, settings: settingNames(onBehalfOf.host, trusting) };
  const cause = toUnreachable(error, target, attempted);
  const code = isTlsFailure(cause) ? "REGISTRY_TLS" : "REGISTRY_UNREACHABLE";
  const advice = speaksNoTls(cause)
    ? ` If it has no TLS, set registries[${JSON.stringify(trusting)}].insecure`
    : "";
  return new ImageError(code, `${bareMessage(cause)}${advice}`, { cause });
}

/** Adds what was waited for, because a deadline alone does not tell who was too slow. */
function interruption(signal: AbortSignal, attempted: string): ImageError {
  const reason = abortReason(signal);
  return new ImageError(reason.code, `Cannot ${attempted}: ${bareMessage(reason)}`, { cause: reason });
}

function proxyFor({ machine }: ImageRegistrySettings, url: URL): string | undefined {
  return proxyFromEnvironment(url, machine.variable);
}

/** CAs of the registry count for its token server too; only the token server's own settings turn checks off. */
function settingNames(registry: string, host: string): SettingNames {
  return {
    caCert: `registries[${JSON.stringify(registry)}].caCert`,
    skipTlsVerify: `registries[${JSON.stringify(host)}].insecure`,
    serverName: "the image's reference",
    proxyUrl: "HTTPS_PROXY",
    noProxy: "NO_PROXY",
  };
}

/** Reads a body to its end. @throws ImageError REGISTRY_ERROR when it is longer */
export async function readBytes(
  { body }: Dispatcher.ResponseData,
  maxBytes: number,
  attempted: string,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new ImageError(
        "REGISTRY_ERROR",
        `Cannot ${attempted}: the answer is longer than ${maxBytes} bytes`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** The beginning of a body; closes the connection if there is more. */
export async function readStart({ body }: Dispatcher.ResponseData, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    chunks.push(chunk);
    if (size >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}
