import type { ImportDiagnosis, PullSecretKey, RequestOptions } from "../imports/ports.js";
import { hasCode, ImageError } from "../support/imageError.js";
import { createSharedAnswers } from "../support/sharedAnswers.js";
import type { ClusterClient } from "./clusterClient.js";
import { readList } from "./listAnswer.js";

const pullSecretTypes = ["kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"] as const;
const excludeAnnotation = "openshift.io/image.excludeSecret";
const pageSize = 250;
/** Milliseconds: tags that fail together ask once, and a secret that was created meanwhile is soon seen. */
const secretsSharedForMs = 10_000;

/** Explanations from a live cluster. Of secrets only their names and the keys of their entries are kept. */
export function clusterImportDiagnosis(client: ClusterClient): ImportDiagnosis {
  const shared = createSharedAnswers(secretsSharedForMs, "listing pull secrets");
  return {
    pullSecretKeys: (namespace, options) =>
      shared(
        namespace,
        (signal) => unlessRefused(() => pullSecretKeys(client, namespace, { signal })),
        options.signal,
      ),
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
  readonly metadata?: { readonly name?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
}

async function pullSecretKeys(
  client: ClusterClient,
  namespace: string,
  options: RequestOptions,
): Promise<readonly PullSecretKey[]> {
  const lists = await Promise.all(
    pullSecretTypes.map((type) => secretsOfType(client, namespace, type, options)),
  );
  return lists.flat().sort((a, b) => (a.secret < b.secret ? -1 : a.secret > b.secret ? 1 : 0));
}

async function secretsOfType(
  client: ClusterClient,
  namespace: string,
  type: string,
  { signal }: RequestOptions,
): Promise<readonly PullSecretKey[]> {
  const keys: PullSecretKey[] = [];
  const attempted = `list pull secrets of namespace ${namespace}`;
  const used = new Set<string>();
  for (let token: string | undefined; token !== "";) {
    const answer = await client.request<unknown>({
      method: "GET",
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`,
      query: { fieldSelector: `type=${type}`, limit: pageSize, continue: token },
      signal,
      attempted,
    });
    const { items, next } = readList(answer, attempted);
    for (const secret of items) keys.push(...keysOf(secret as Secret));
    if (used.has(next)) throw new ImageError("API_ERROR", `Cannot ${attempted}: the list has no end`);
    used.add(next);
    token = next;
  }
  return keys;
}

function keysOf({ metadata, data }: Secret): readonly PullSecretKey[] {
  const config = entriesOf(data?.[".dockerconfigjson"], (parsed) => parsed.auths);
  const legacy = entriesOf(data?.[".dockercfg"], (parsed) => parsed);
  const isExcluded = metadata?.annotations?.[excludeAnnotation] === "true";
  return [...config, ...legacy].map((key) => ({ secret: metadata?.name ?? "", key, isExcluded }));
}

/** An unreadable secret names no registry: the server skips it in the same way. */
function entriesOf(
  base64: string | undefined,
  pick: (parsed: { readonly auths?: unknown }) => unknown,
): readonly string[] {
  if (base64 === undefined) return [];
  try {
    const parsed = JSON.parse(Buffer.from(base64, "base64").toString("utf8")) as { readonly auths?: unknown };
    return Object.keys(pick(parsed) ?? {});
  } catch {
    return [];
  }
}
