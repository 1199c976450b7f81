import type { Socket } from "node:net";
import type * as undici from "undici";
import type { Dispatcher } from "undici";
import type { EngineRoute } from "./address/resolve.js";
import { openSshSocket } from "./ssh/socket.js";

const connectTimeoutMs = 10_000;

/** How requests are sent on a route. */
export interface EngineConnection {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  /** Before every path. */
  readonly basePath: string;
}

/** Connections that are kept alive between requests. undici is loaded on the first call. */
export function openConnection(route: EngineRoute): EngineConnection {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- lazy: loading costs more than most hooks take
  const { Agent, ProxyAgent } = require("undici") as typeof undici;
  // As many connections as requests: an export holds one for minutes, and all archives of a process share an engine.
  const limits = { connectTimeout: connectTimeoutMs, allowH2: false };
  switch (route.kind) {
    case "socket": {
      const connect = { socketPath: route.path, timeout: connectTimeoutMs };
      return { dispatcher: new Agent({ ...limits, connect }), origin: localOrigin, basePath: "" };
    }
    case "ssh": {
      const connect = sshConnector(route);
      return { dispatcher: new Agent({ ...limits, connect }), origin: localOrigin, basePath: "" };
    }
    case "tcp": {
      const connect = { timeout: connectTimeoutMs, allowH2: false, ...tlsOptions(route) };
      const dispatcher =
        route.proxyUrl === undefined
          ? new Agent({ ...limits, connect })
          : new ProxyAgent({ ...limits, uri: route.proxyUrl, requestTls: connect });
      return { dispatcher, origin: route.origin, basePath: route.basePath };
    }
  }
}

/** The Host header needs a value, and sockets have no host. */
const localOrigin = "http://localhost";

function sshConnector(
  route: Extract<EngineRoute, { readonly kind: "ssh" }>,
): undici.buildConnector.connector {
  return (_, done) => {
    // undici uses what every stream has, and `ref` and `unref`, which this one has too.
    const socket = openSshSocket(route) as unknown as Socket;
    queueMicrotask(() => done(null, socket)); // undici reads no answer before the request has ended
  };
}

function tlsOptions({
  tls,
}: Extract<EngineRoute, { readonly kind: "tcp" }>): undici.buildConnector.BuildOptions {
  if (tls === undefined) return {};
  return {
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined || tls.key === undefined ? {} : { cert: tls.cert, key: tls.key }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    rejectUnauthorized: !tls.skipVerify,
  };
}
