import type * as undici from "undici";
import type { Dispatcher } from "undici";
import { connectHeaders, type ProxyHeaders } from "./proxy.js";

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
  /** For the proxy alone. */
  readonly proxyHeaders?: ProxyHeaders | undefined;
}

export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

const connectTimeoutMs = 10_000;
const maxConnections = 32;

/** Between two requests of a program seconds pass, and a new TLS connection costs three round trips; balancers cut after 60 s. */
const keepAliveTimeoutMs = 30_000;

/**
 * Connections of one endpoint, kept alive between requests. undici is loaded on the first call (about 65 ms).
 * Idle sockets are unref'ed by undici, so that nothing delays the end of the process.
 */
export function createDispatcher(endpoint: Endpoint, certificate: ClientCertificate | undefined): Dispatcher {
  const { Agent, ProxyAgent } = loadUndici();
  const { tls, proxy } = settingsOf(endpoint, certificate);
  const limits = { ...commonLimits, connections: maxConnections };
  if (proxy !== undefined) return new ProxyAgent({ ...limits, ...proxy });
  return new Agent({ ...limits, connect: tls });
}

/** Connections for streamed answers: as many as there are requests, and none of them keeps the process alive. */
export function createDetachedDispatcher(
  endpoint: Endpoint,
  certificate: ClientCertificate | undefined,
): Dispatcher {
  const { Agent, Pool, ProxyAgent, buildConnector } = loadUndici();
  const { tls, proxy } = settingsOf(endpoint, certificate);
  if (proxy === undefined) return new Agent({ ...commonLimits, connect: detached(buildConnector(tls)) });
  const factory = (origin: string | URL, options: undici.Pool.Options) => {
    const { connect } = options;
    return new Pool(
      origin,
      typeof connect === "function" ? { ...options, connect: detached(connect) } : options,
    );
  };
  return new ProxyAgent({ ...commonLimits, ...proxy, factory });
}

const commonLimits = {
  connectTimeout: connectTimeoutMs,
  allowH2: false,
  keepAliveTimeout: keepAliveTimeoutMs,
} as const;

function loadUndici(): typeof undici {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- lazy: loading costs more than most hooks take
  return require("undici") as typeof undici;
}

function settingsOf(endpoint: Endpoint, certificate: ClientCertificate | undefined) {
  const tls = {
    ...(endpoint.ca === undefined ? {} : { ca: endpoint.ca }),
    ...(endpoint.tlsServerName === undefined ? {} : { servername: endpoint.tlsServerName }),
    ...(certificate === undefined ? {} : { cert: certificate.cert, key: certificate.key }),
    rejectUnauthorized: !endpoint.skipTlsVerify,
    timeout: connectTimeoutMs,
    allowH2: false,
  };
  return { tls, proxy: proxySettings(endpoint, tls) };
}

/** With headers of its own a proxy is asked for a tunnel, to plain HTTP too: what it only passes on would take them along. */
function proxySettings({ proxyUrl, proxyHeaders }: Endpoint, tls: undici.buildConnector.BuildOptions) {
  if (proxyUrl === undefined) return undefined;
  const usual = { uri: proxyUrl, requestTls: tls };
  if (proxyHeaders === undefined) return usual;
  const { "proxy-authorization": token, ...headers } = connectHeaders(proxyHeaders);
  return { ...usual, headers, proxyTunnel: true, ...(token === undefined ? {} : { token }) };
}

/** undici refs a socket for as long as a request runs. */
function detached(connect: undici.buildConnector.connector): undici.buildConnector.connector {
  return (options, callback) => {
    connect(options, (...result: Parameters<undici.buildConnector.Callback>) => {
      const [, socket] = result;
      if (socket !== null) {
        socket.unref();
        socket.ref = () => socket;
      }
      callback(...result);
    });
  };
}

export interface CertificateDispatchers {
  readonly get: (certificate: ClientCertificate | undefined) => Dispatcher;
  /** Waits for running requests. */
  readonly close: () => Promise<void>;
  /** Cuts them. */
  readonly destroy: () => Promise<void>;
}

/** A client certificate belongs to the connection; exec plugins may hand out a new one while we run. */
export function certificateDispatchers(
  endpoint: Endpoint,
  create: typeof createDispatcher = createDispatcher,
): CertificateDispatchers {
  let open: { readonly certificate: string; readonly dispatcher: Dispatcher } | undefined;
  const closeOpen = async () => {
    const closing = open?.dispatcher;
    open = undefined;
    await closing?.close();
  };
  return {
    get: (certificate) => {
      const wanted = certificate === undefined ? "" : `${certificate.cert}\n${certificate.key}`;
      if (open?.certificate !== wanted) {
        void closeOpen();
        open = { certificate: wanted, dispatcher: create(endpoint, certificate) };
      }
      return open.dispatcher;
    },
    close: closeOpen,
    destroy: async () => {
      const cut = open?.dispatcher;
      open = undefined;
      await cut?.destroy();
    },
  };
}
