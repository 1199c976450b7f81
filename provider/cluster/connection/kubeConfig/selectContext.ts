import { createHash } from "node:crypto";
import path from "node:path";
import type { CredentialSource } from "../../../http/credentials.js";
import type { Endpoint } from "../../../http/dispatcher.js";
import { describeReadFailure, type Machine } from "../../../http/machine.js";
import { checkPem, pemText } from "../../../http/tls.js";
import { excerpt } from "../../../support/text/excerpt.js";
import { quoted, visibleText } from "../../../support/text/visible.js";
import { invalid } from "../fields.js";
import { type BundledKubeConfig, type KubeCluster, loadBundle } from "./bundle.js";
import { createKubeConfigCredentials, type LoadedKubeConfig } from "./credentials.js";
import { secretsOfKubeconfig } from "./secrets.js";

/** One kubeconfig before it is parsed. */
export interface KubeConfigDocument {
  /** YAML or JSON text, or the parsed object. */
  readonly content: string | object;
  /** Folder that relative paths in it start from; absent when it did not come from a file. */
  readonly folder?: string;
  /** For messages: `/home/ann/.kube/config (variable KUBECONFIG)`. */
  readonly origin: string;
}

export interface WantedContext {
  readonly context: string | undefined;
  readonly cluster: string | undefined;
  /** Where the names come from. */
  readonly origin: string;
}

/** What a context of a kubeconfig says. */
export interface SelectedContext {
  readonly endpoint: Endpoint;
  readonly namespace: string | undefined;
  readonly credentials: CredentialSource;
  /** False when its user has nothing to log in with. */
  readonly hasCredentials: boolean;
  /** Changes when anything that decides about cluster or user changes; holds no secret in clear. */
  readonly fingerprint: string;
}

/**
 * Reads a context out of one or more kubeconfigs, merged as kubectl does it: the first one that has a name wins.
 * `load` is called again when the server refuses the credentials: for the same context, whatever is current then.
 * @throws ImageError CONNECTION_INVALID that names the file and, for an unknown context, the known ones
 */
export function selectContext(
  load: () => readonly KubeConfigDocument[],
  wanted: WantedContext,
  { readFile, onSecret }: Pick<Machine, "readFile" | "onSecret">,
): SelectedContext {
  const documents = load();
  const merged = mergeDocuments(documents, onSecret);
  const { config } = merged;
  const origin = documents.map((document) => document.origin).join(", ");
  const { contextName, cluster } = pickCluster(config, wanted, origin);
  const user = config.getCurrentUser();
  const reload = () => {
    const reloaded = mergeDocuments(load(), onSecret);
    const again = pickCluster(reloaded.config, { ...wanted, context: contextName }, origin);
    if (again.cluster.server === cluster.server && reloaded.config.getCurrentUser()?.name === user?.name)
      return reloaded;
    // A token is sent to the server of its context only, and no other identity continues the work.
    throw invalid(
      "context",
      `context ${quoted(contextName)} has become that of another server or user`,
      origin,
    );
  };
  const { authProvider, exec, token, username, certData, certFile } = user ?? {};
  return {
    endpoint: endpointOf(cluster, readFile, origin),
    namespace: config.getContextObject(contextName)?.namespace,
    credentials: createKubeConfigCredentials(merged, reload, `context ${contextName} of ${origin}`),
    hasCredentials: [authProvider, exec, token, username, certData, certFile].some(Boolean),
    fingerprint: createHash("sha256")
      .update(JSON.stringify([cluster, user]))
      .digest("hex"),
  };
}

function mergeDocuments(
  documents: readonly KubeConfigDocument[],
  onSecret: Machine["onSecret"],
): LoadedKubeConfig {
  const { KubeConfig } = loadBundle();
  const loaded = documents.map((document) => parseDocument(document, onSecret));
  const parsed = loaded.map(({ config }) => config);
  const merged = new KubeConfig();
  merged.loadFromOptions({
    clusters: firstOfEachName(parsed.flatMap((config) => config.getClusters())),
    users: firstOfEachName(parsed.flatMap((config) => config.getUsers())),
    contexts: firstOfEachName(parsed.flatMap((config) => config.getContexts())),
    currentContext: parsed.map((config) => config.getCurrentContext()).find(Boolean) ?? "",
  });
  const groups = loaded.flatMap(({ impersonatedGroups }) => [...impersonatedGroups]).reverse();
  return { config: merged, impersonatedGroups: new Map(groups) };
}

function firstOfEachName<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  return [...new Map([...entries].reverse().map((entry) => [entry.name, entry])).values()];
}

interface RawUser {
  readonly name?: string;
  readonly user?: {
    tokenFile?: string;
    token?: string;
    "as-groups"?: readonly string[];
    "auth-provider"?: unknown;
    exec?: { command?: string; apiVersion?: string; env?: { name: string; value: string }[] | null };
  } | null;
}

function parseDocument(document: KubeConfigDocument, onSecret: Machine["onSecret"]): LoadedKubeConfig {
  const raw =
    typeof document.content === "string" ? parseText(document.content, document.origin) : document.content;
  if (onSecret !== undefined) secretsOfKubeconfig(raw).forEach(onSecret);
  const prepared = structuredClone(raw) as { readonly users?: unknown };
  const users = Array.isArray(prepared.users) ? (prepared.users as readonly RawUser[]) : [];
  for (const entry of users) prepareUser(entry, document.folder);
  const config = new (loadBundle().KubeConfig)();
  try {
    config.loadFromString(JSON.stringify(prepared));
  } catch (error) {
    throw invalid("kubeconfig", `is incomplete: ${excerpt((error as Error).message)}`, document.origin);
  }
  if (document.folder !== undefined) config.makePathsAbsolute(document.folder);
  const groups = users.map(({ name = "", user }) => [name, user?.["as-groups"] ?? []] as const);
  return { config, impersonatedGroups: new Map(groups) };
}

function parseText(text: string, origin: string): object {
  let parsed: unknown;
  try {
    parsed = loadBundle().parseYaml(text);
  } catch (error) {
    // Only reason and line: the full message quotes the text, where tokens may be.
    const { reason, mark } = error as {
      readonly reason?: string;
      readonly mark?: { readonly line?: number };
    };
    const line = mark?.line === undefined ? "" : ` in line ${mark.line + 1}`;
    throw invalid("kubeconfig", `is not valid YAML${line}: ${reason ?? "it cannot be parsed"}`, origin);
  }
  if (typeof parsed === "object" && parsed !== null && ("clusters" in parsed || "contexts" in parsed))
    return parsed;
  throw invalid("kubeconfig", "is not a kubeconfig: it has neither clusters nor contexts", origin);
}

/** What client-node leaves out: `tokenFile`, commands relative to the file, and the plugin protocol's variable. */
function prepareUser({ user }: RawUser, folder: string | undefined): void {
  if (user?.tokenFile !== undefined) {
    const tokenFile = path.resolve(folder ?? ".", user.tokenFile);
    user["auth-provider"] = { name: "tokenFile", config: { tokenFile } };
    delete user.token; // the file counts (facts/api-server.md 22)
  }
  const { exec } = user ?? {};
  if (exec === undefined) return;
  if (folder !== undefined && exec.command !== undefined && /[/\\]/.test(exec.command)) {
    exec.command = path.resolve(folder, exec.command);
  }
  const info = { apiVersion: exec.apiVersion, kind: "ExecCredential", spec: { interactive: false } };
  exec.env = [...(exec.env ?? []), { name: "KUBERNETES_EXEC_INFO", value: JSON.stringify(info) }];
}

function pickCluster(
  config: BundledKubeConfig,
  wanted: WantedContext,
  origin: string,
): { readonly contextName: string; readonly cluster: KubeCluster } {
  const contextName = wanted.context ?? config.getCurrentContext();
  const known = nameList(config.getContexts());
  if (contextName === undefined || contextName === "") {
    const advice = known === "none" ? " and no other context" : `; name one of: ${known}`;
    throw invalid("context", `the kubeconfig has no current-context${advice}`, origin);
  }
  const context = config.getContexts().find(({ name }) => name === contextName);
  if (context === undefined) {
    const place = wanted.context === undefined ? "current-context" : wanted.origin;
    const file = withoutPlace(origin, place);
    throw invalid("context", `there is no context ${quoted(contextName)} in ${file}; known: ${known}`, place);
  }
  const clusterName = wanted.cluster ?? context.cluster;
  const cluster = config.getClusters().find(({ name }) => name === clusterName);
  if (cluster === undefined) {
    const clusters = nameList(config.getClusters());
    throw wanted.cluster === undefined
      ? invalid(
          "context",
          `context ${quoted(contextName)} names the cluster ${quoted(clusterName)}, which is not there; known: ${clusters}`,
          origin,
        )
      : invalid(
          "cluster",
          `there is no cluster ${quoted(clusterName)} in ${withoutPlace(origin, wanted.origin)}; known: ${clusters}`,
          wanted.origin,
        );
  }
  config.setCurrentContext(contextName);
  return { contextName, cluster };
}

/** Without the place, which the end of the sentence names. */
function withoutPlace(origin: string, place: string): string {
  return origin.replace(` (${place})`, "");
}

function nameList(entries: readonly { readonly name: string }[]): string {
  const names = entries.map(({ name }) => visibleText(name)).sort();
  return names.length === 0 ? "none" : names.slice(0, 20).join(", ");
}

function endpointOf(cluster: KubeCluster, readFile: (file: string) => string, origin: string): Endpoint {
  if (!/^https?:\/\//i.test(cluster.server) || !URL.canParse(cluster.server)) {
    throw invalid(
      "kubeconfig",
      `server of cluster ${quoted(cluster.name)} is not an http(s) URL: ${excerpt(cluster.server, 200)}`,
      origin,
    );
  }
  return {
    server: cluster.server,
    ca: authorityOf(cluster, readFile, origin),
    skipTlsVerify: cluster.skipTLSVerify,
    tlsServerName: cluster.tlsServerName,
    proxyUrl: cluster.proxyUrl,
  };
}

function authorityOf(
  cluster: KubeCluster,
  readFile: (file: string) => string,
  origin: string,
): string | undefined {
  const { caData, caFile } = cluster;
  if (!caData && !caFile) return undefined;
  let pem: string | undefined;
  try {
    pem = pemText(caData || readFile(caFile ?? ""));
  } catch (error) {
    const problem = `certificate-authority of cluster ${quoted(cluster.name)} cannot be read: ${describeReadFailure(error)}`;
    throw invalid("kubeconfig", problem, origin);
  }
  const verdict = checkPem(pem ?? "", "certificates");
  if (verdict.ok) return verdict.pem;
  throw invalid("kubeconfig", `the CA of cluster ${quoted(cluster.name)} ${verdict.reason}`, origin);
}
