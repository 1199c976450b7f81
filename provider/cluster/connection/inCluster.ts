import { isIPv6 } from "node:net";
import type { CredentialSource, RequestCredentials } from "../../http/credentials.js";
import type { Endpoint } from "../../http/dispatcher.js";
import { type Machine, describeReadFailure } from "../../http/machine.js";
import { abortable } from "../../support/async/abortable.js";
import { ImageError } from "../../support/imageError.js";

const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
/** Milliseconds; the kubelet rotates the file long before the token expires. */
const tokenValidityMs = 60_000;

export interface InClusterConnection {
  readonly endpoint: Endpoint;
  readonly credentials: CredentialSource;
  readonly namespace: string | undefined;
}

/**
 * The service account of the pod that we run in; `undefined` outside of a pod.
 * @throws ImageError CONNECTION_INVALID in a pod without the account's files
 */
export function inClusterConnection(machine: Machine): InClusterConnection | undefined {
  const host = machine.variable("KUBERNETES_SERVICE_HOST") ?? "";
  const port = machine.variable("KUBERNETES_SERVICE_PORT") ?? "443";
  if (host === "") return undefined;
  const ca = readAccountFile("ca.crt", machine);
  readAccountFile("token", machine);
  return {
    endpoint: {
      server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      ca,
      skipTlsVerify: false,
      tlsServerName: undefined,
      proxyUrl: undefined,
    },
    credentials: serviceAccountToken(machine),
    namespace: optionalAccountFile("namespace", machine),
  };
}

function serviceAccountToken(machine: Machine): CredentialSource {
  let cached: { readonly credentials: RequestCredentials; readonly readAt: number } | undefined;
  const read = () => {
    if (cached === undefined || Date.now() - cached.readAt > tokenValidityMs) {
      const token = readAccountFile("token", machine);
      const headers = { Authorization: `Bearer ${token}` };
      cached = { credentials: { headers, certificate: undefined }, readAt: Date.now() };
    }
    return cached.credentials;
  };
  return {
    origin: "service account of this pod",
    kind: "serviceAccount",
    read: (signal) => abortable(new Promise((resolve) => resolve(read())), signal),
    forget: () => (cached = undefined),
  };
}

function readAccountFile(name: string, machine: Machine): string {
  const file = `${folder}/${name}`;
  try {
    return machine.readFile(file).trim();
  } catch (error) {
    throw new ImageError(
      "CONNECTION_INVALID",
      `connection: this is a pod (KUBERNETES_SERVICE_HOST is set), but ${file} cannot be read: ` +
        `${describeReadFailure(error)}. Is automountServiceAccountToken off? Otherwise give connection.`,
    );
  }
}

function optionalAccountFile(name: string, machine: Machine): string | undefined {
  try {
    return readAccountFile(name, machine);
  } catch {
    return undefined;
  }
}
