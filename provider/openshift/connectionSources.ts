import { createHash } from "node:crypto";
import { ImageError } from "../support/imageError.js";
import type { ConnectionInputs } from "./connectionArgs.js";
import { selectContext } from "./kubeConfig.js";
import type { FoundConnection } from "./sources/ambient.js";
import { ambientConnections } from "./sources/ambient.js";
import type { ConnectionEnvironment } from "./sources/environment.js";
import {
  checkFields,
  credentialFingerprint,
  explicitCredentials,
  overlaidEndpoint,
  proxyProblem,
} from "./sources/explicit.js";
import type { ConnectionFields } from "./sources/fields.js";
import {
  fieldsFromArguments,
  fieldsFromEnvironment,
  fieldsFromStackConfig,
  invalid,
} from "./sources/fields.js";
import { homeKubeConfig, kubeConfigsOf } from "./sources/kubeConfigFiles.js";
import type { CredentialSource } from "./transport/credentials.js";
import { anonymous } from "./transport/credentials.js";
import type { Endpoint } from "./transport/dispatcher.js";
import { proxyFromEnvironment } from "./transport/proxy.js";

/** What a resource brings along: its argument `connection`, and the stack's config by full key (`okd:token`). */
export interface ConnectionRequest {
  readonly inputs: ConnectionInputs | undefined;
  readonly config: (key: string) => string | undefined;
}

/** Which cluster, and as whom. */
export interface ResolvedConnection {
  readonly endpoint: Endpoint;
  readonly credentials: CredentialSource;
  /** Credentials of later places that name the same server; looked for when called, after a 401. */
  readonly laterCredentials: () => readonly CredentialSource[];
  readonly impersonate: ConnectionInputs["impersonate"];
  readonly namespace: string | undefined;
  readonly timeoutMs: number;
  /** Equal for connections that can share one client; holds no secret in clear. */
  readonly fingerprint: string;
}

type Place = () => ConnectionFields;

const defaultTimeoutSeconds = 30;
const credentialFields = ["token", "username", "password", "clientCert", "clientKey"] as const;

/**
 * Decides which cluster is meant and where the credentials come from.
 *
 * Places, best first: the argument `connection`; stack config `okd:*`; the environment (OKD_*, K8S_AUTH_*, KUBECONFIG);
 * ~/.kube/config; the service account of the pod that we run in.
 *
 * 1. The first place that names a host, a kubeconfig, a context or a cluster decides; later ones cannot change that.
 *    A context or cluster without a kubeconfig is looked up in the kubeconfig of the next place that has one.
 * 2. Credentials come from the same place: its own token, user and password or client certificate, else those of its
 *    kubeconfig. When it has none at all, a later place that names the same server lends its own. Credentials in a
 *    place that names no cluster are an error: else they would be sent to whatever cluster a later place names.
 * 3. Settings of better places that name no cluster (`namespace`, `impersonate`, `timeoutSeconds`, `proxyUrl`, `caCert`,
 *    `tlsServerName`, `skipTlsVerify`) are laid over.
 * 4. When the server refuses the credentials (401), they are read once more; then later places are asked, but only
 *    those that name the same server.
 *
 * @throws ImageError CONNECTION_INVALID, each line beginning with `connection.<field>:`
 */
export function resolveConnection(
  request: ConnectionRequest,
  environment: ConnectionEnvironment,
): ResolvedConnection {
  const places: readonly Place[] = [
    () => fieldsFromArguments(request.inputs),
    () => fieldsFromStackConfig(request.config),
    () => fieldsFromEnvironment(environment.variable),
  ];
  const { overlays, later } = readPlaces(places, environment);
  const decider = overlays.at(-1);
  const decides = decider !== undefined && namesCluster(decider);
  const found = decides ? connectionOf(decider, later, environment) : ambientConnection(environment);
  const endpoint = withProxy(layOver(found.endpoint, overlays, environment), environment);

  const laterCredentials = () => credentialsOfLaterPlaces(endpoint.server, later, decides, environment);
  const credentials = found.credentials ?? laterCredentials()[0] ?? anonymous();
  const impersonate = firstSet(overlays, "impersonate");
  const timeoutMs = (firstSet(overlays, "timeoutSeconds") ?? defaultTimeoutSeconds) * 1000;
  const decisive = [endpoint, impersonate, timeoutMs, found.fingerprint, credentials.origin];
  return {
    endpoint,
    credentials,
    laterCredentials: () => laterCredentials().filter(({ origin }) => origin !== credentials.origin),
    impersonate,
    namespace: firstSet(overlays, "namespace") ?? found.namespace,
    timeoutMs,
    fingerprint: createHash("sha256").update(JSON.stringify(decisive)).digest("hex"),
  };
}

/** Reads and checks the places up to the one that decides; the others stay unread, whatever is wrong with them. */
function readPlaces(
  places: readonly Place[],
  environment: ConnectionEnvironment,
): { readonly overlays: readonly ConnectionFields[]; readonly later: readonly Place[] } {
  const overlays: ConnectionFields[] = [];
  for (const [index, read] of places.entries()) {
    const fields = read();
    checkFields(fields, environment);
    overlays.push(fields);
    if (namesCluster(fields)) return { overlays, later: places.slice(index + 1) };
    const homeless = credentialFields.find((field) => fields.inputs[field] !== undefined);
    if (homeless !== undefined) {
      const advice = "set host, kubeconfig or context at the same place, so that it goes to no other cluster";
      throw invalid(homeless, `names no cluster: ${advice}`, fields.origin(homeless));
    }
  }
  return { overlays, later: [] };
}

function namesCluster({ inputs }: ConnectionFields): boolean {
  const { host, kubeconfig, context, cluster } = inputs;
  return [host, kubeconfig, context, cluster].some((value) => value !== undefined);
}

function connectionOf(
  fields: ConnectionFields,
  later: readonly Place[],
  environment: ConnectionEnvironment,
): FoundConnection {
  const { host, context, cluster } = fields.inputs;
  const own = explicitCredentials(fields, environment);
  const wantsKubeConfig =
    kubeConfigsOf(fields, environment) !== undefined || context !== undefined || cluster !== undefined;
  if (host !== undefined && !wantsKubeConfig) return hostConnection(host, own, fields);
  const selected = selectFor(fields, later, environment);
  if (host !== undefined && !isSameServer(host, selected.endpoint.server)) {
    // KUBECONFIG is usually set for other tools; in a program or stack config, two servers are a mistake.
    if (fields.isEnvironment && context === undefined) return hostConnection(host, own, fields);
    const problem = `${host} is not the server of the chosen context (${selected.endpoint.server}); leave one of them out`;
    throw invalid("host", problem, fields.origin("host"));
  }
  return {
    endpoint: selected.endpoint,
    credentials: own ?? (selected.hasCredentials ? selected.credentials : undefined),
    namespace: selected.namespace,
    fingerprint: `${selected.fingerprint} ${credentialFingerprint(fields)}`,
  };
}

function hostConnection(
  host: string,
  credentials: CredentialSource | undefined,
  fields: ConnectionFields,
): FoundConnection {
  const endpoint = {
    server: host.replace(/\/+$/, ""),
    ca: undefined,
    skipTlsVerify: false,
    tlsServerName: undefined,
    proxyUrl: undefined,
  };
  return { endpoint, credentials, namespace: undefined, fingerprint: credentialFingerprint(fields) };
}

function selectFor(fields: ConnectionFields, later: readonly Place[], environment: ConnectionEnvironment) {
  const { context, cluster } = fields.inputs;
  const own = kubeConfigsOf(fields, environment);
  const inherited = () =>
    later.map((read) => kubeConfigsOf(read(), environment)).find((load) => load !== undefined);
  const load = own ?? inherited() ?? homeKubeConfig(environment);
  const namedBy = fields.origin(context === undefined ? "cluster" : "context");
  if (load === undefined) {
    const field = context === undefined ? "cluster" : "context";
    throw invalid(field, "there is no kubeconfig to look it up in; set kubeconfig or KUBECONFIG", namedBy);
  }
  return selectContext(load, { context, cluster, origin: namedBy }, environment.readFile);
}

function ambientConnection(environment: ConnectionEnvironment): FoundConnection {
  const [first] = ambientConnections(environment);
  if (first !== undefined) return first;
  throw new ImageError(
    "CONNECTION_INVALID",
    "connection: no cluster is named. Give the argument connection, stack config (okd:kubeconfig, okd:context, or " +
      "okd:host with okd:token), KUBECONFIG, or ~/.kube/config (`oc login` writes it)",
  );
}

function credentialsOfLaterPlaces(
  server: string,
  later: readonly Place[],
  ambientToo: boolean,
  environment: ConnectionEnvironment,
): readonly CredentialSource[] {
  const found: CredentialSource[] = [];
  const consider = (connection: FoundConnection) => {
    if (connection.credentials !== undefined && isSameServer(server, connection.endpoint.server)) {
      found.push(connection.credentials);
    }
  };
  for (const [index, read] of later.entries()) {
    quietly(() => {
      const fields = read();
      checkFields(fields, environment);
      if (namesCluster(fields)) consider(connectionOf(fields, later.slice(index + 1), environment));
    });
  }
  if (ambientToo) quietly(() => [...ambientConnections(environment)].forEach(consider));
  return found;
}

/** What is wrong with a place that nobody chose is not worth a failure. */
function quietly(look: () => void): void {
  try {
    look();
  } catch {
    return;
  }
}

function layOver(
  base: Endpoint,
  overlays: readonly ConnectionFields[],
  environment: ConnectionEnvironment,
): Endpoint {
  return overlays.reduceRight((endpoint, fields) => overlaidEndpoint(endpoint, fields, environment), base);
}

/** With the proxy that kubeconfig or environment name, where no place does. */
function withProxy(endpoint: Endpoint, environment: ConnectionEnvironment): Endpoint {
  const proxyUrl = endpoint.proxyUrl ?? proxyFromEnvironment(new URL(endpoint.server), environment.variable);
  const problem = proxyProblem(proxyUrl);
  if (problem === undefined) return { ...endpoint, proxyUrl };
  throw invalid("proxyUrl", problem, endpoint.proxyUrl === undefined ? "proxy variables" : "kubeconfig");
}

function firstSet<F extends keyof ConnectionInputs>(
  overlays: readonly ConnectionFields[],
  field: F,
): ConnectionInputs[F] | undefined {
  return overlays.map(({ inputs }) => inputs[field]).find((value) => value !== undefined);
}

function isSameServer(a: string, b: string): boolean {
  const normal = (server: string) => URL.parse(server)?.href.replace(/\/+$/, "");
  return normal(a) !== undefined && normal(a) === normal(b);
}
