import type { SettingNames } from "../openshift/transport/failures.js";
import { toUnreachable } from "../openshift/transport/failures.js";
import { ImageError } from "../support/imageError.js";
import type { EngineAddress } from "./engineAddress.js";

const settings: SettingNames = {
  caCert: "engine.caCert",
  skipTlsVerify: "engine.skipTlsVerify",
  serverName: "engine.tlsHostname",
  proxyUrl: "ssh:// as engine.host",
};

/** `unix:///var/run/docker.sock (variable DOCKER_HOST)` */
export function describeAddress({ host, origin }: EngineAddress): string {
  return `${host} (${origin})`;
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

/** Whether the connection was lost so that the same question may well be answered at once: a restart, an idle end. */
export function isLostConnection(error: unknown): boolean {
  return ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"].includes(codeOf(error));
}

function reasonOf(error: unknown, { route }: EngineAddress, attempted: string): string {
  switch (route.kind) {
    case "socket":
      return socketReason(codeOf(error), route.path) ?? textOf(error);
    case "ssh":
      return sshReason(textOf(error));
    case "tcp": {
      if (codeOf(error) === "ERR_SSL_WRONG_VERSION_NUMBER" || codeOf(error) === "EPROTO") {
        return "it does not speak TLS; unset DOCKER_TLS_VERIFY and engine's TLS settings if that is intended";
      }
      return toUnreachable(error, { server: route.origin, via: undefined, settings }, attempted).reason;
    }
  }
}

function socketReason(code: string, path: string): string | undefined {
  switch (code) {
    case "ENOENT":
      return `there is no socket ${path}; is the engine running (\`systemctl start docker\`, \`systemctl --user start podman.socket\`)?`;
    case "ECONNREFUSED":
      return `nothing listens at ${path}; is the engine running (\`systemctl start docker\`, \`systemctl --user start podman.socket\`)?`;
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

function sshReason(complaint: string): string {
  if (/permission denied \(/i.test(complaint)) {
    return `ssh was refused (${complaint}); it asks for nothing here, so the key must be in its agent or without a passphrase`;
  }
  if (/host key verification failed/i.test(complaint)) {
    return `ssh does not know the host's key (${complaint}); connect once by hand`;
  }
  if (/not found|unknown command|not recognized/i.test(complaint)) {
    return `there is neither docker (18.09 or later) nor podman (4.0 or later) on that machine's PATH (${complaint})`;
  }
  return complaint;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
