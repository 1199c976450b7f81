import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { KeyPair } from "./server/certificates.js";

export interface KubeconfigParts {
  readonly server: string;
  /** PEM; left out for plain HTTP. */
  readonly certificateAuthority?: string | undefined;
  readonly user: string;
  readonly credentials: { readonly token: string } | { readonly keyPair: KeyPair };
  readonly namespace?: string | undefined;
}

export interface KubeconfigOptions {
  /** Default: the admin. */
  readonly user?: string;
  readonly namespace?: string;
  /** Use the plain-HTTP address. */
  readonly plainHttp?: boolean;
  /** Log in with this client certificate instead of a token. */
  readonly clientCertificate?: KeyPair;
}

/** What a kubeconfig needs to know of a cluster. */
export interface KubeconfigCluster {
  readonly url: string;
  readonly httpUrl: string | undefined;
  readonly certificateAuthority: string;
  readonly adminToken: string;
  readonly users: readonly { readonly name: string; readonly token: string }[];
}

/** @throws Error when the cluster has no such user, or no plain HTTP */
export function userKubeconfig(cluster: KubeconfigCluster, options: KubeconfigOptions): string {
  const { user = "admin", namespace, plainHttp = false, clientCertificate } = options;
  const credentials =
    clientCertificate === undefined ? { token: tokenOf(cluster, user) } : { keyPair: clientCertificate };
  const { url, httpUrl, certificateAuthority } = cluster;
  if (!plainHttp)
    return formatKubeconfig({ server: url, certificateAuthority, user, credentials, namespace });
  if (httpUrl === undefined) throw new Error("the sandbox was started without plainHttp");
  return formatKubeconfig({ server: httpUrl, user, credentials, namespace });
}

function tokenOf({ adminToken, users }: KubeconfigCluster, user: string): string {
  if (user === "admin") return adminToken;
  const found = users.find(({ name }) => name === user);
  if (found === undefined) throw new Error(`the sandbox has no user ${user}`);
  return found.token;
}

/** A kubeconfig with one context named `sandbox`. JSON is YAML, and every client reads it. */
export function formatKubeconfig(parts: KubeconfigParts): string {
  const { server, certificateAuthority, user, credentials, namespace } = parts;
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "sandbox",
        cluster: {
          server,
          ...(certificateAuthority === undefined
            ? {}
            : { "certificate-authority-data": base64(certificateAuthority) }),
        },
      },
    ],
    users: [{ name: user, user: userEntry(credentials) }],
    contexts: [
      {
        name: "sandbox",
        context: { cluster: "sandbox", user, ...(namespace === undefined ? {} : { namespace }) },
      },
    ],
    "current-context": "sandbox",
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

export async function writeKubeconfigFile(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { mode: 0o600 });
}

function userEntry(credentials: KubeconfigParts["credentials"]): object {
  if ("token" in credentials) return credentials;
  const { certificate, key } = credentials.keyPair;
  return { "client-certificate-data": base64(certificate), "client-key-data": base64(key) };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
