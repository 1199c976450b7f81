import type { ImportDiagnosis, RequestOptions } from "../imports/ports.js";
import { hasCode } from "../support/imageError.js";
import type { ClusterClient } from "./clusterClient.js";

const pullSecretTypes = ["kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"] as const;
const excludeAnnotation = "openshift.io/image.excludeSecret";
const pageSize = 250;

/** Explanations from a live cluster. Of secrets only the names of the registries are kept. */
export function clusterImportDiagnosis(client: ClusterClient): ImportDiagnosis {
  return {
    pullSecretHosts: (namespace, options) => unlessRefused(() => pullSecretHosts(client, namespace, options)),
  };
}

async function unlessRefused<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (hasCode(error, "API_FORBIDDEN", "API_NOT_FOUND")) return undefined;
    throw error;
  }
}

interface Secret {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
}

interface SecretList {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly Secret[] | null;
}

async function pullSecretHosts(
  client: ClusterClient,
  namespace: string,
  options: RequestOptions,
): Promise<readonly string[]> {
  const lists = await Promise.all(
    pullSecretTypes.map((type) => hostsOfType(client, namespace, type, options)),
  );
  return [...new Set(lists.flat())].sort();
}

async function hostsOfType(
  client: ClusterClient,
  namespace: string,
  type: string,
  { signal }: RequestOptions,
): Promise<readonly string[]> {
  const hosts: string[] = [];
  let page: string | undefined;
  do {
    const list = await client.request<SecretList>({
      method: "GET",
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`,
      query: { fieldSelector: `type=${type}`, limit: pageSize, continue: page },
      signal,
      attempted: `list pull secrets of namespace ${namespace}`,
    });
    for (const secret of list.items ?? []) hosts.push(...hostsOf(secret));
    page = list.metadata?.continue;
  } while (page !== undefined && page !== "");
  return hosts;
}

function hostsOf({ metadata, data }: Secret): readonly string[] {
  if (metadata?.annotations?.[excludeAnnotation] === "true") return [];
  const config = keysOf(data?.[".dockerconfigjson"], (parsed) => parsed["auths"]);
  const legacy = keysOf(data?.[".dockercfg"], (parsed) => parsed);
  return [...config, ...legacy].map(registryOfKey);
}

/** An unreadable secret names no registry: the server skips it in the same way. */
function keysOf(
  base64: string | undefined,
  pick: (parsed: Record<string, unknown>) => unknown,
): readonly string[] {
  if (base64 === undefined) return [];
  try {
    const parsed = JSON.parse(Buffer.from(base64, "base64").toString("utf8")) as Record<string, unknown>;
    return Object.keys(pick(parsed) ?? {});
  } catch {
    return [];
  }
}

/** `https://index.docker.io/v1/` is how docker login writes docker.io; other keys lose scheme and slash at the end. */
function registryOfKey(key: string): string {
  const plain = key.replace(/^https?:\/\//, "").replace(/\/+$/, "");
  return /^(?:index\.)?docker\.io(?:\/v[12])?$/.test(plain) ? "docker.io" : plain;
}
