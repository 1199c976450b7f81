import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { isIP } from "node:net";
import { RegistryFailure } from "./failure.js";
import { describeNetworkError } from "./networkErrors.js";

export interface NetworkOptions {
  /** Host name as in references, with a port if it has one, to the `host:port` on loopback that plays it. */
  readonly hosts: ReadonlyMap<string, string>;
  /** PEM of the authorities that imports trust (additionalTrustedCA). */
  readonly trustedCertificates: readonly string[];
  readonly handshakeSeconds: number;
  readonly responseSeconds: number;
}

export interface NetworkRequest {
  readonly method: "GET" | "HEAD";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly skipVerification: boolean;
  readonly signal: AbortSignal;
}

export interface NetworkResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Requests that never leave loopback: any other host must be mapped, or is answered as an unknown name is. */
export class Network {
  readonly #options: NetworkOptions;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  async send(request: NetworkRequest): Promise<NetworkResponse> {
    const url = new URL(request.url);
    const address = this.#addressOf(url);
    if (address === undefined) {
      const lookup = `dial tcp: lookup ${url.hostname} on 127.0.0.1:53: no such host`;
      throw new RegistryFailure("other", `Get "${request.url}": ${lookup}`);
    }
    try {
      return await this.#exchange(url, address, request);
    } catch (error) {
      request.signal.throwIfAborted();
      throw new RegistryFailure("other", `Get "${request.url}": ${describeNetworkError(error, address)}`);
    }
  }

  #addressOf(url: URL): { readonly host: string; readonly port: number } | undefined {
    const mapped = this.#options.hosts.get(url.host) ?? this.#options.hosts.get(url.hostname);
    const target = mapped === undefined ? url : new URL(`${url.protocol}//${mapped}`);
    const host = target.hostname.replace(/^\[|\]$/g, "");
    if (host !== "localhost" && host !== "::1" && !(isIP(host) === 4 && host.startsWith("127.")))
      return undefined;
    const port = target.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(target.port);
    return { host, port };
  }

  #exchange(
    url: URL,
    address: { readonly host: string; readonly port: number },
    request: NetworkRequest,
  ): Promise<NetworkResponse> {
    const isTls = url.protocol === "https:";
    const limit = new AbortController();
    const { handshakeSeconds, responseSeconds } = this.#options;
    let timer = setTimeout(() => limit.abort(), (isTls ? handshakeSeconds : responseSeconds) * 1000);
    let hasConnection = !isTls;
    const options = this.#requestOptions(
      url,
      address,
      request,
      AbortSignal.any([request.signal, limit.signal]),
    );
    return new Promise<NetworkResponse>((resolve, reject) => {
      const sent = (isTls ? httpsRequest : httpRequest)(options, (incoming) => {
        collect(incoming).then(resolve, reject);
      });
      sent.on("socket", (socket) => {
        socket.once("secureConnect", () => {
          clearTimeout(timer);
          hasConnection = true;
          timer = setTimeout(() => limit.abort(), responseSeconds * 1000);
        });
      });
      sent.on("error", (error) => {
        if (limit.signal.aborted) reject(new Error(hasConnection ? clientTimeout : handshakeTimeout));
        else reject(error);
      });
      sent.end();
    }).finally(() => clearTimeout(timer));
  }

  #requestOptions(
    url: URL,
    address: { readonly host: string; readonly port: number },
    request: NetworkRequest,
    signal: AbortSignal,
  ): RequestOptions {
    const isTls = url.protocol === "https:";
    return {
      host: address.host,
      port: address.port,
      path: `${url.pathname}${url.search}`,
      method: request.method,
      headers: { host: url.host, "user-agent": "openshift-apiserver/sandbox", ...request.headers },
      signal,
      // A fresh connection each time: one that the registry is about to close would look like its failure.
      agent: false,
      ...(isIP(url.hostname) === 0 ? { servername: url.hostname } : {}),
      ...(isTls
        ? { ca: [...this.#options.trustedCertificates], rejectUnauthorized: !request.skipVerification }
        : {}),
    };
  }
}

const handshakeTimeout = "net/http: TLS handshake timeout";
const clientTimeout = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";

async function collect(incoming: IncomingMessage): Promise<NetworkResponse> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) };
}
