import type { Dispatcher } from "undici";
import type * as undici from "undici";

/** How one server is reached; certificates and keys are PEM texts. */
export interface Endpoint {
  /** URL without a trailing slash, such as https://api.example.com:6443; may have a path. */
  readonly server: string;
  /** CAs to trust instead of the system's. */
  readonly ca: string | undefined;
  readonly skipTlsVerify: boolean;
  /** Name that the certificate must be for; default is the host of `server`. */
  readonly tlsServerName: string | undefined;
  /** http, https or socks5 URL; may contain user and password. */
  readonly proxyUrl: string | undefined;
}

export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

const connectTimeoutMs = 10_000;
const maxConnections = 32;

/**
 * Connections of one endpoint, kept alive between requests. undici is loaded on the first call (about 65 ms).
 * Idle sockets are unref'ed by undici, so that nothing delays the end of the process.
 */
export function createDispatcher(endpoint: Endpoint, certificate: ClientCertificate | undefined): Dispatcher {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- lazy: loading costs more than most hooks take
  const { Agent, ProxyAgent } = require("undici") as typeof undici;
  const tls = {
    ...(endpoint.ca === undefined ? {} : { ca: endpoint.ca }),
    ...(endpoint.tlsServerName === undefined ? {} : { servername: endpoint.tlsServerName }),
    ...(certificate === undefined ? {} : { cert: certificate.cert, key: certificate.key }),
    rejectUnauthorized: !endpoint.skipTlsVerify,
    timeout: connectTimeoutMs,
    allowH2: false,
  };
  const limits = { connections: maxConnections, connectTimeout: connectTimeoutMs, allowH2: false };
  if (endpoint.proxyUrl !== undefined) {
    return new ProxyAgent({ ...limits, uri: endpoint.proxyUrl, requestTls: tls });
  }
  return new Agent({ ...limits, connect: tls });
}
