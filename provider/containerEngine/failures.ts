import { type SettingNames, toUnreachable } from "../http/failures.js";
import { ImageError } from "../support/imageError.js";
import { excerpt } from "../support/text/excerpt.js";
import type { EngineAddress } from "./address/resolve.js";
import { sshReason } from "./ssh/failures.js";

/** Characters; ssh may have a banner before what it complains about. */
const maxComplaint = 1000;

const settings: SettingNames = {
  caCert: "engine.caCert or as ca.pem in DOCKER_CERT_PATH",
  skipTlsVerify: "engine.skipTlsVerify",
  serverName: "engine.tlsHostname",
  proxyUrl: "HTTP_PROXY, HTTPS_PROXY",
  noProxy: "NO_PROXY",
};

/** `unix:///var/run/docker.sock (variable DOCKER_HOST)`; the proxy without its password. */
export function describeAddress({ host, origin, route }: EngineAddress): string {
  const proxy = route.kind === "tcp" ? route.proxyUrl : undefined;
  return `${host} (${origin}${proxy === undefined ? "" : `, through the proxy ${new URL(proxy).host}`})`;
}

/**
 * Why an engine could not be asked, and what to do about it: ENGINE_UNREACHABLE.
 * @param attempted completes "Cannot ..."
 */
export function engineUnreachable(error: unknown, address: EngineAddress, attempted: string): ImageError {
  const reason = reasonOf(error, address, attempted);
  const text = `Cannot ${attempted}: the container engine at ${describeAddress(address)} cannot be reached: ${reason}`;
  return new ImageError("ENGINE_UNREACHABLE", text, { cause: error });
}

/** Whether asking again may help at once: the engine restarted, or closed an idle connection. */
export function wasConnectionCut(error: unknown): boolean {
  return ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"].includes(codeOf(error));
}

function reasonOf(error: unknown, address: EngineAddress, attempted: string): string {
  const { route } = address;
  switch (route.kind) {
    case "socket":
      return socketReason(codeOf(error), route.path, address) ?? textOf(error);
    case "ssh":
      return sshReason(textOf(error));
    case "tcp": {
      if (codeOf(error) === "ERR_SSL_WRONG_VERSION_NUMBER" || codeOf(error) === "EPROTO") {
        return "it does not speak TLS; unset DOCKER_TLS_VERIFY and engine's TLS settings if that is intended";
      }
      const via = route.proxyUrl === undefined ? undefined : new URL(route.proxyUrl).host;
      return toUnreachable(error, { server: route.origin, via, settings }, attempted).reason;
    }
  }
}

function socketReason(code: string, path: string, address: EngineAddress): string | undefined {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return `there is no socket ${path}; ${howToReach(path, address)}`;
    case "ECONNREFUSED":
      return `nothing listens at ${path}; ${howToReach(path, address)}`;
    case "EINVAL":
    case "ENAMETOOLONG":
      return `the path ${path} is too long for a socket: some 100 characters are allowed; make a shorter link to it`;
    case "EACCES":
    case "EPERM":
      return `this user may not use ${path}; become a member of its group (\`usermod -aG docker USER\`, then log in again), or use a rootless engine`;
    case "ECONNRESET":
    case "EPIPE":
    case "UND_ERR_SOCKET":
      return "the connection was cut; did the engine restart?";
    default:
      return undefined;
  }
}

function howToReach(path: string, { origin }: EngineAddress): string {
  const programs = path.startsWith("\\\\")
    ? "Docker Desktop"
    : "`systemctl start docker`, `systemctl --user start podman.socket`";
  const where = origin === "usual place" ? "set engine.host or DOCKER_HOST" : `correct the ${origin}`;
  return `is the engine running (${programs})? If it listens elsewhere, ${where}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function textOf(error: unknown): string {
  return excerpt(error instanceof Error ? error.message : String(error), maxComplaint);
}
