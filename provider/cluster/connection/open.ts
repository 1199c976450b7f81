import { createHash } from "node:crypto";
import { createCredentialChain } from "../../http/credentialChain.js";
import type { CredentialSource, RequestCredentials } from "../../http/credentials.js";
import type { Machine } from "../../http/machine.js";
import { describeIdentityChange } from "../../http/refusal.js";
import type { Cluster } from "../../imports/ports.js";
import type { Connector } from "../../lifecycle/session.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { schemaIssues } from "../../support/arguments/parsed.js";
import { withDeadline } from "../../support/async/abortable.js";
import { openOnce } from "../../support/async/memoized.js";
import { type ClusterClient, createClusterClient } from "../api/client.js";
import { readClusterIdentity } from "../identity.js";
import { clusterImportDiagnosis } from "../images/importDiagnosis.js";
import { clusterImageStreams } from "../images/streams.js";
import { type ConnectionRequest, resolveConnection, type ResolvedConnection } from "./decide.js";
import { stackConfigKeys } from "./fields.js";
import type { ConnectionInputs } from "./schema.js";

/** A cluster with the client that reaches it, for adapters that need more than the ports. */
export interface ConnectedCluster extends Pick<
  Cluster,
  "identity" | "defaultNamespace" | "streams" | "diagnosis"
> {
  readonly client: ClusterClient;
  /** PEM text of the CAs that the server is trusted by; other servers of the cluster may have a certificate of the same CA. */
  readonly ca: string | undefined;
}

export type Connect = (request: ConnectionRequest, options: RequestOptions) => Promise<ConnectedCluster>;

/** What the connections tell the process. */
export interface ConnectionEvents {
  /** Called with every credential before it is used. */
  readonly onSecret?: (secret: string) => void;
  /** Called once for each case where another identity takes over for a refused one. */
  readonly warn?: (message: string) => void;
}

/** Milliseconds for finding out which cluster it is, retries included. */
const identityDeadlineMs = 60_000;

/**
 * A function that connects to the cluster that `connectionSources.ts` decides on. It reads the cluster's identity, so
 * that an unreachable server or refused credentials are told here. Equal requests share the answer and equal
 * connections share one client; a failure is not remembered.
 *
 * @throws ImageError (the function) CONNECTION_INVALID: what was given is wrong; API_UNREACHABLE, API_UNAUTHORIZED,
 * API_ERROR
 */
export function createConnector(
  machine: Machine,
  { onSecret = () => undefined, warn = () => undefined }: ConnectionEvents = {},
): Connect {
  const clients = new Map<string, ConnectedClient>();
  const events = { onSecret, warn: onceEach(warn) };
  const environment: Machine = {
    ...machine,
    get homeFolder() {
      return machine.homeFolder;
    },
    onSecret,
  };

  const openCluster = async (request: ConnectionRequest): Promise<ConnectedCluster> => {
    const connection = resolveConnection(request, environment);
    const shared = clients.get(connection.fingerprint) ?? openClient(connection, events);
    clients.set(connection.fingerprint, shared);
    const identity = await shared.identity();
    return {
      identity,
      defaultNamespace: connection.namespace,
      client: shared.client,
      ca: connection.endpoint.ca,
      streams: clusterImageStreams(shared.client),
      diagnosis: clusterImportDiagnosis(shared.client),
    };
  };

  return openOnce(openCluster, requestKey);
}

interface ConnectedClient {
  readonly client: ClusterClient;
  readonly identity: () => Promise<ConnectedCluster["identity"]>;
}

function openClient(
  connection: ResolvedConnection,
  { onSecret, warn }: Required<ConnectionEvents>,
): ConnectedClient {
  const { endpoint, timeoutMs, impersonate } = connection;
  const asSomebody = (source: CredentialSource) => impersonating(reporting(source, onSecret), impersonate);
  const { sources, barredBy } = connection.otherIdentities;
  const credentials = createCredentialChain(asSomebody(connection.credentials), {
    sources: () => sources().map(asSomebody),
    barredBy,
    onChange: (refused, next) => warn(describeIdentityChange(endpoint.server, refused, next)),
  });
  const client = createClusterClient({ endpoint, credentials, timeoutMs });
  const read = () => {
    // All callers share it, so it has a deadline of its own and no caller's signal.
    const signal = withDeadline(
      new AbortController().signal,
      identityDeadlineMs,
      `reaching ${endpoint.server}`,
    );
    return readClusterIdentity(client, endpoint.ca, signal);
  };
  let identity: ReturnType<typeof read> | undefined;
  return {
    client,
    identity: () => {
      if (identity === undefined) {
        identity = read();
        identity.catch(() => (identity = undefined));
      }
      return identity;
    },
  };
}

/** Reports every credential before it is used, wherever it came from, so that messages can leave it out. */
function reporting(source: CredentialSource, onSecret: (secret: string) => void): CredentialSource {
  const report = (credentials: RequestCredentials) => {
    const authorization = credentials.headers.Authorization;
    if (typeof authorization !== "string") return credentials;
    const [scheme, secret = ""] = authorization.split(" ", 2);
    onSecret(secret);
    if (scheme === "Basic")
      onSecret(
        Buffer.from(secret, "base64")
          .toString("utf8")
          .replace(/^[^:]*:/, ""),
      );
    return credentials;
  };
  return { ...source, read: async (signal) => report(await source.read(signal)) };
}

function impersonating(
  source: CredentialSource,
  impersonate: ResolvedConnection["impersonate"],
): CredentialSource {
  if (impersonate === undefined) return source;
  const { user, groups = [] } = impersonate;
  const headers = {
    "Impersonate-User": user,
    ...(groups.length === 0 ? {} : { "Impersonate-Group": groups }),
  };
  const add = (own: RequestCredentials) => ({ ...own, headers: { ...own.headers, ...headers } });
  return { ...source, read: async (signal) => add(await source.read(signal)) };
}

/** What the decision depends on; variables and files are the machine's and do not change under a running process. */
function requestKey({ inputs, config, otherIdentities }: ConnectionRequest): string {
  const settings = stackConfigKeys.map((key) => config(key));
  return createHash("sha256")
    .update(JSON.stringify([inputs, settings, otherIdentities]))
    .digest("hex");
}

function onceEach(tell: (message: string) => void): (message: string) => void {
  const told = new Set<string>();
  return (message) => {
    if (told.has(message)) return;
    told.add(message);
    tell(message);
  };
}

/** Opens clusters as their `connection` says; `otherIdentities` as in a `ConnectionRequest`. */
export interface ClusterConnector extends Pick<Connector<ConnectedCluster>, "issues"> {
  open(
    ...request: [...Parameters<Connector<ConnectedCluster>["open"]>, ConnectionRequest["otherIdentities"]?]
  ): Promise<ConnectedCluster>;
}

/**
 * The common `connection` argument on its way to a cluster, with clients that all resources of a process share.
 * Everything heavy is loaded at the first use.
 */
export function createClusterConnector(events?: ConnectionEvents): ClusterConnector {
  let connect: Promise<Connect> | undefined;

  async function load(): Promise<Connect> {
    const { createConnector } = await import("./open.js");
    const { processMachine } = await import("../../http/machine.js");
    return createConnector(processMachine, events);
  }

  return {
    async issues(connection) {
      if (connection === undefined) return [];
      const { connectionSchema } = await import("./schema.js");
      const parsed = connectionSchema.safeParse(connection);
      if (parsed.success) return [];
      return parsed.error.issues.flatMap((issue) =>
        schemaIssues(issue, {
          schema: connectionSchema,
          inputs: connection,
          unknownKey: "is not a setting of a connection",
        }),
      );
    },

    async open(connection, config, signal, otherIdentities = "never") {
      connect ??= load();
      const inputs = connection as ConnectionInputs | undefined;
      return (await connect)({ inputs, config, otherIdentities }, { signal });
    },
  };
}
