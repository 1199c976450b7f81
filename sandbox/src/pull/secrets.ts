import { type ImageReference, matchesWildcards, repositoryKey } from "../images/reference.js";
import type { KubeObject } from "../kube/model/object.js";
import type { ObjectStore } from "../kube/storage/objectStore.js";

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

interface KeyedCredentials extends Credentials {
  /** Host, optional port, optional path prefix; labels of the host may be globs. */
  readonly key: string;
}

/** The pull secrets of a namespace; which service account they are linked to does not matter. */
export function loadPullSecrets(store: ObjectStore, namespace: string): readonly KeyedCredentials[] {
  return store
    .list("secrets", namespace)
    .filter((secret) => secret.metadata.annotations?.["openshift.io/image.excludeSecret"] !== "true")
    .flatMap(credentialsOf)
    .sort((left, right) => (left.key < right.key ? 1 : left.key > right.key ? -1 : 0));
}

/** Only the first match, most specific key first, is ever tried (facts/importing.md 28). */
export function findCredentials(
  secrets: readonly KeyedCredentials[],
  reference: ImageReference,
): Credentials | undefined {
  const target = repositoryKey(reference);
  return secrets.find(({ key }) => hubKeys(key).some((candidate) => matchesKey(candidate, target)));
}

type AuthEntries = Readonly<
  Record<string, { readonly auth?: string; readonly username?: string; readonly password?: string }>
>;

function credentialsOf(secret: KubeObject): readonly KeyedCredentials[] {
  const data = (secret["data"] ?? {}) as Readonly<Record<string, string>>;
  if (secret["type"] === "kubernetes.io/dockercfg")
    return parseEntries(decode(data[".dockercfg"]) as AuthEntries);
  if (secret["type"] !== "kubernetes.io/dockerconfigjson") return [];
  return parseEntries((decode(data[".dockerconfigjson"]) as { readonly auths?: AuthEntries }).auths ?? {});
}

function decode(text: string | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(text ?? "", "base64").toString("utf8"));
  } catch {
    return {};
  }
}

function parseEntries(entries: AuthEntries): readonly KeyedCredentials[] {
  return Object.entries(entries).map(([key, { auth, username, password }]) => {
    const pair = Buffer.from(auth ?? "", "base64").toString("utf8");
    const colon = pair.indexOf(":");
    return {
      key: key
        .replace(/^https?:\/\//, "")
        .replace(/\/v[12]\/?/, "/")
        .replace(/\/$/, ""),
      username: username ?? pair.slice(0, Math.max(colon, 0)),
      password: password ?? pair.slice(colon + 1),
    };
  });
}

function hubKeys(key: string): readonly string[] {
  return [key, key.replace(/^(index|registry-1)\.docker\.io(?=$|\/)/, "docker.io")];
}

function matchesKey(key: string, target: string): boolean {
  const [keyHost = "", ...keyPath] = key.split("/");
  const [targetHost = "", ...targetPath] = target.split("/");
  return matchesHost(keyHost, targetHost) && targetPath.join("/").startsWith(keyPath.join("/"));
}

function matchesHost(pattern: string, host: string): boolean {
  const [patternName = "", patternPort] = pattern.split(":");
  const [hostName = "", hostPort] = host.split(":");
  const patternLabels = patternName.split(".");
  const labels = hostName.split(".");
  if (patternPort !== hostPort || patternLabels.length !== labels.length) return false;
  return patternLabels.every((label, index) => matchesWildcards(label, labels[index] ?? ""));
}
