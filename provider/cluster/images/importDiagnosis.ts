import type { AllowedRegistry, ImportDiagnosis, ImportRules, PullSecretKey } from "../../imports/ports.js";
import type { ApiResource, ClusterObjects } from "../../okd/objects.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { createSharedAnswers } from "../../support/async/memoized.js";
import { hasCode, ImageError } from "../../support/imageError.js";
import { listAt, textAt, valueAt } from "../../support/json.js";
import { byText } from "../../support/text/spelling.js";
import type { ClusterClient } from "../api/client.js";
import { readList } from "../lists/answer.js";

const pullSecretTypes = ["kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"] as const;
const excludeAnnotation = "openshift.io/image.excludeSecret";
const pageSize = 250;
/** Milliseconds: long enough that tags that fail together ask once, short enough to see a new secret soon. */
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
  return lists.flat().sort((a, b) => byText(a.secret, b.secret));
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

const imageConfig: ApiResource = { group: "config.openshift.io", version: "v1", resource: "images" };

/** Read once a process, because it only decides whether two requests may be sent side by side. */
export function clusterImportRules(objects: Pick<ClusterObjects, "get">): ImportRules {
  const shared = createSharedAnswers(Infinity, "reading the cluster's image configuration");
  return {
    allowedRegistries: (options) =>
      shared(
        "",
        async (signal) => {
          try {
            return allowedIn(await objects.get(imageConfig, "cluster", { signal }));
          } catch {
            return undefined;
          }
        },
        options.signal,
      ),
  };
}

function allowedIn(config: unknown): readonly AllowedRegistry[] | undefined {
  if (config === undefined) return undefined;
  return listAt(config, "spec", "allowedRegistriesForImport").map((entry) => ({
    domainName: textAt(entry, "domainName"),
    insecure: valueAt(entry, "insecure") === true,
  }));
}
