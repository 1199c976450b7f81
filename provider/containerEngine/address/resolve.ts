import { join } from "node:path";
import type { EngineArgs } from "../../archive/args/parsed.js";
import { type Machine, setVariable } from "../../http/machine.js";
import { ImageError } from "../../support/imageError.js";
import { excerpt } from "../../support/text/excerpt.js";
import { trimmedEnd } from "../../support/text/spelling.js";
import { quoted } from "../../support/text/visible.js";
import { currentContext, defaultContext, type DockerContext, readContext } from "./contexts.js";
import { engineProxy } from "./proxy.js";
import { type EngineTls, engineTls } from "./tls.js";

/** How bytes get to an engine. */
export type EngineRoute =
  /** A Unix socket or a Windows pipe. */
  | { readonly kind: "socket"; readonly path: string }
  | {
      readonly kind: "tcp";
      /** `http://` or `https://`, host and port. */
      readonly origin: string;
      /** Without a slash at its end; mostly empty. */
      readonly basePath: string;
      readonly tls: EngineTls | undefined;
      /** May hold a password. */
      readonly proxyUrl: string | undefined;
    }
  /** The `ssh` program; `socketPath` on the other machine, where it is not the default one. */
  | {
      readonly kind: "ssh";
      readonly host: string;
      readonly user: string | undefined;
      readonly port: string | undefined;
      readonly socketPath: string | undefined;
    };

export interface EngineAddress {
  readonly route: EngineRoute;
  /** As it is written in DOCKER_HOST. */
  readonly host: string;
  /** Where it comes from, for messages: `variable DOCKER_HOST`. */
  readonly origin: string;
  /** Instead of negotiating; `1.41`. */
  readonly apiVersion: string | undefined;
}

/*
 * Names for users of community.docker:
 *   docker_host, url, docker_url           engine.host             DOCKER_HOST
 *   cli_context                            engine.context          DOCKER_CONTEXT
 *   ca_path, cacert_path                   engine.caCert           DOCKER_CERT_PATH/ca.pem
 *   client_cert, cert_path                 engine.clientCert       DOCKER_CERT_PATH/cert.pem
 *   client_key, key_path                   engine.clientKey        DOCKER_CERT_PATH/key.pem
 *   tls: true                              engine.skipTlsVerify    DOCKER_TLS
 *   validate_certs, tls_verify             the default with any of them; DOCKER_TLS_VERIFY
 *   tls_hostname                           engine.tlsHostname
 *   api_version, docker_api_version        engine.apiVersion       DOCKER_API_VERSION
 *   timeout                                engine.timeoutSeconds
 *   use_ssh_client                         always: ssh:// runs the ssh program
 */

interface FoundHost {
  readonly host: string;
  readonly origin: string;
  readonly context: DockerContext | undefined;
}

/**
 * Which engine: the argument `host` or `context`, DOCKER_HOST, DOCKER_CONTEXT, the context that config.json names, and
 * then the first of the usual sockets that exists (facts/engines.md 13, 16).
 * @throws ImageError ENGINE_INVALID: an address or a context that cannot be used; ENGINE_UNREACHABLE: nothing names an
 * engine, and none of the usual sockets is there
 */
export function resolveEngineAddress(args: EngineArgs, machine: Machine): EngineAddress {
  const given = givenHost(args, machine) ?? defaultHost(machine);
  const found = { ...given, host: given.host.trim() };
  const pinned =
    args.apiVersion === undefined
      ? { text: setVariable(machine, "DOCKER_API_VERSION"), origin: "variable DOCKER_API_VERSION" }
      : { text: args.apiVersion, origin: "argument engine.apiVersion" };
  return {
    route: routeOf(found, args, machine),
    host: found.host,
    origin: found.origin,
    apiVersion: apiVersionOf(pinned.text, pinned.origin),
  };
}

function givenHost(args: EngineArgs, machine: Machine): FoundHost | undefined {
  const { host, context } = args;
  if (host !== undefined && context !== undefined) {
    throw new ImageError("ENGINE_INVALID", "engine.host and engine.context exclude each other: give one");
  }
  if (host !== undefined) return { host, origin: "argument engine.host", context: undefined };
  if (context !== undefined) return hostOfContext(context, "argument engine.context", machine);
  const variable = setVariable(machine, "DOCKER_HOST");
  if (variable !== undefined) return { host: variable, origin: "variable DOCKER_HOST", context: undefined };
  const named = setVariable(machine, "DOCKER_CONTEXT");
  if (named !== undefined) return hostOfContext(named, "variable DOCKER_CONTEXT", machine);
  const current = currentContext(machine);
  return current === undefined
    ? undefined
    : hostOfContext(current, "currentContext in Docker's config.json", machine);
}

function hostOfContext(name: string, origin: string, machine: Machine): FoundHost | undefined {
  if (name === defaultContext) {
    const host = setVariable(machine, "DOCKER_HOST");
    return host === undefined ? undefined : { host, origin: "variable DOCKER_HOST", context: undefined };
  }
  const context = readContext(name, origin, machine);
  if (context.host === undefined) {
    const text = `The Docker context ${JSON.stringify(name)} (${origin}) names no engine: \`docker context inspect ${name}\` shows it`;
    throw new ImageError("ENGINE_INVALID", text);
  }
  return { host: context.host, origin: `Docker context ${name} (${origin})`, context };
}

const dockerSocket = "/var/run/docker.sock";
const dockerPipe = "//./pipe/docker_engine";

function defaultHost(machine: Machine): FoundHost {
  const origin = "usual place";
  if (machine.isWindows) return { host: `npipe://${dockerPipe}`, origin, context: undefined };
  const runtime = setVariable(machine, "XDG_RUNTIME_DIR");
  const places = [
    dockerSocket,
    join(machine.homeFolder, ".docker/run/docker.sock"),
    ...(runtime === undefined ? [] : [join(runtime, "podman/podman.sock")]),
    "/run/podman/podman.sock",
  ];
  const path = places.find(machine.socketExists);
  if (path !== undefined) return { host: `unix://${path}`, origin, context: undefined };
  throw new ImageError(
    "ENGINE_UNREACHABLE",
    `No container engine was found: neither engine.host, engine.context, DOCKER_HOST nor a Docker context names one, and there is no socket at ${places.join(", ")}. ` +
      "Start Docker (`systemctl start docker`) or podman (`systemctl --user start podman.socket`), or give engine.host",
  );
}

function routeOf(found: FoundHost, args: EngineArgs, machine: Machine): EngineRoute {
  const { host, context } = found;
  const [, scheme = "", rest = ""] = /^([a-z]+):\/\/(.*)$/.exec(host) ?? [];
  switch (scheme) {
    case "unix":
      return { kind: "socket", path: trimmedEnd(rest, "/") || rest.slice(0, 1) || dockerSocket };
    case "npipe":
      return { kind: "socket", path: (rest === "" ? dockerPipe : rest).replaceAll("/", "\\") };
    case "ssh":
      return sshRoute(found);
    case "tcp":
    case "http":
    case "https": {
      const tls = engineTls(args, context, machine) ?? (scheme === "https" ? systemTls : undefined);
      return tcpRoute(found, rest, tls, machine);
    }
    default:
      throw badHost(found, "it must begin with unix://, tcp://, http://, https://, npipe:// or ssh://");
  }
}

const systemTls: EngineTls = {
  ca: undefined,
  cert: undefined,
  key: undefined,
  skipVerify: false,
  serverName: undefined,
};

function tcpRoute(found: FoundHost, rest: string, tls: EngineTls | undefined, machine: Machine): EngineRoute {
  const protocol = tls === undefined ? "http" : "https";
  // To the Docker CLI, an address without a host is this machine.
  const url = URL.parse(`${protocol}://${rest.replace(/^(?=:|$)/, "localhost")}`);
  const isPlain = url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
  // URL would take the first part of a path for the host.
  if (!isPlain || rest.startsWith("/")) {
    throw badHost(found, "host, port and nothing else must follow tcp://");
  }
  // URL drops the protocol's own port, but an engine's address without a port means another one.
  const hasPort = /^[^/]*:\d+(?:\/|$)/.test(rest);
  const port = hasPort ? url.port : tls === undefined ? "2375" : "2376";
  const host = port === "" ? url.hostname : `${url.hostname}:${port}`;
  const basePath = trimmedEnd(url.pathname, "/");
  const origin = `${protocol}://${host}`;
  return { kind: "tcp", origin, basePath, tls, proxyUrl: engineProxy(origin, machine) };
}

/** Host and user become words of a command line, so nothing may pass that ssh takes for an option. */
function sshRoute(found: FoundHost): EngineRoute {
  const url = URL.parse(found.host);
  if (url === null || url.hostname === "" || url.search !== "" || url.hash !== "") {
    throw badHost(found, "it must read ssh://[user@]host[:port][/path/of/the/socket]");
  }
  if (url.password !== "") throw badHost(found, "ssh takes no password: use a key and its agent");
  const [user, path] = [decoded(url.username), decoded(trimmedEnd(url.pathname, "/"))];
  if (user === undefined || path === undefined)
    throw badHost(found, "it has a % that stands for no character");
  if (url.hostname.startsWith("-") || !/^[\w.][\w.@\\-]*$|^$/.test(user)) {
    throw badHost(found, "host or user would be read as an option of ssh");
  }
  return {
    kind: "ssh",
    host: url.hostname.replace(/^\[|\]$/g, ""),
    user: user === "" ? undefined : user,
    port: url.port === "" ? undefined : url.port,
    socketPath: path === "" ? undefined : path,
  };
}

/** Undefined for a broken escape, and for characters that no program can be given. */
function decoded(text: string): string | undefined {
  try {
    const plain = decodeURIComponent(text);
    return plain.includes("\0") ? undefined : plain;
  } catch {
    return undefined;
  }
}

/** Without user and password, which do not belong there and need not be in a log. */
function badHost({ host, origin }: FoundHost, problem: string): ImageError {
  const [start, end] = [host.indexOf("//") + 2, host.lastIndexOf("@")];
  const plain = start > 1 && end >= start ? `${host.slice(0, start)}...${host.slice(end)}` : host;
  const shown = quoted(excerpt(plain, 200));
  const text = `${shown} (${origin}) is not the address of a container engine: ${problem}`;
  return new ImageError("ENGINE_INVALID", text);
}

function apiVersionOf(text: string | undefined, origin: string): string | undefined {
  if (text === undefined || text === "auto") return undefined;
  const version = /^v?(\d+\.\d+)$/.exec(text)?.[1];
  if (version !== undefined) return version;
  throw new ImageError(
    "ENGINE_INVALID",
    `${quoted(excerpt(text, 40))} (${origin}) is not a version of the Engine API, such as 1.41`,
  );
}
