import { createHash } from "node:crypto";
import type { OtherIdentities } from "../../http/credentialChain.js";
import { anonymous, type CredentialSource } from "../../http/credentials.js";
import type { Endpoint } from "../../http/dispatcher.js";
import type { Machine } from "../../http/machine.js";
import { ImageError } from "../../support/imageError.js";
import { ambientPlaces, type FoundConnection } from "./ambient.js";
import { checkFields, overlaidEndpoint } from "./explicit.js";
import {
  type ConnectionFields,
  fieldsFromArguments,
  fieldsFromEnvironment,
  fieldsFromStackConfig,
  invalid,
} from "./fields.js";
import { connectionOf, namesCluster, type ConnectionPlace } from "./named.js";
import { otherCredentials } from "./otherCredentials.js";
import { type ProxyRules, withProxy } from "./proxy.js";
import type { ConnectionInputs } from "./schema.js";

/** The settings of a resource: its argument `connection`, and the stack's config by full key (`okd:token`). */
export interface ConnectionRequest {
  readonly inputs: ConnectionInputs | undefined;
  readonly config: (key: string) => string | undefined;
  /** Whether, between places that nobody chose, another identity may take over after a 401. Default never. */
  readonly otherIdentities?: "never" | "with a warning";
}

/** Which cluster, and as whom. */
export interface ResolvedConnection {
  readonly endpoint: Endpoint;
  readonly credentials: CredentialSource;
  readonly otherIdentities: Omit<OtherIdentities, "onChange">;
  readonly impersonate: ConnectionInputs["impersonate"];
  readonly namespace: string | undefined;
  readonly timeoutMs: number;
  /** Equal for connections that can share one client; holds no secret in clear. */
  readonly fingerprint: string;
}

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
 * 3. Settings of better places that name no cluster (`namespace`, `impersonate`, `timeoutSeconds`, `proxyUrl`, `noProxy`,
 *    `proxyHeaders`, `caCert`, `tlsServerName`, `skipTlsVerify`) are laid over.
 * 4. When the server refuses the credentials (401), the same place is read once more.
 * 5. Another identity never takes the place of what the argument or stack config says. Where the environment or a later
 *    place decides, the next one of these that names the same server takes over, with a warning; never for a request that
 *    allows no other identity.
 *
 * @throws ImageError CONNECTION_INVALID, each line beginning with `connection.<field>:`
 */
export function resolveConnection(request: ConnectionRequest, machine: Machine): ResolvedConnection {
  const places: readonly ConnectionPlace[] = [
    () => fieldsFromArguments(request.inputs),
    () => fieldsFromStackConfig(request.config),
    () => fieldsFromEnvironment(machine.variable),
  ];
  const { overlays, later } = readPlaces(places, machine);
  const decider = overlays.at(-1);
  const decides = decider !== undefined && namesCluster(decider);
  const found = decides ? connectionOf(decider, later, machine) : ambientConnection(machine);
  const endpoint = withProxy(layOver(found.endpoint, overlays, machine), proxyRules(overlays), machine);

  const others = () => [...found.credentials.slice(1), ...otherCredentials(endpoint.server, later, machine)];
  const [credentials = others()[0] ?? anonymous()] = found.credentials;
  const barredBy = whatBars(request, decides ? decider : undefined, found.credentials.length > 0);
  const impersonate = firstSet(overlays, "impersonate");
  const timeoutMs = (firstSet(overlays, "timeoutSeconds") ?? defaultTimeoutSeconds) * 1000;
  const decisive = [endpoint, impersonate, timeoutMs, found.fingerprint, credentials.origin, barredBy];
  return {
    endpoint,
    credentials,
    otherIdentities: {
      sources: () => others().filter(({ origin }) => origin !== credentials.origin),
      barredBy,
    },
    impersonate,
    namespace: firstSet(overlays, "namespace") ?? found.namespace,
    timeoutMs,
    fingerprint: createHash("sha256").update(JSON.stringify(decisive)).digest("hex"),
  };
}

/** Rule 5 of `resolveConnection`, as the second half of a sentence; undefined where another identity may take over. */
function whatBars(
  { otherIdentities = "never" }: ConnectionRequest,
  chosen: ConnectionFields | undefined,
  hasOwn: boolean,
): string | undefined {
  if (chosen !== undefined && chosen.place !== "environment") {
    const place = chosen.place === "argument" ? "`connection`" : "the stack's config";
    return hasOwn
      ? `what ${place} says about credentials is final`
      : `${place} names the cluster, so that only the first place with credentials for it counts`;
  }
  return otherIdentities === "never" ? "this work is never continued as somebody else" : undefined;
}

/** Reads and checks the places up to the one that decides; the others are not read, however broken they are. */
function readPlaces(
  places: readonly ConnectionPlace[],
  machine: Machine,
): { readonly overlays: readonly ConnectionFields[]; readonly later: readonly ConnectionPlace[] } {
  const overlays: ConnectionFields[] = [];
  for (const [index, read] of places.entries()) {
    const fields = read();
    checkFields(fields, machine);
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

function ambientConnection(machine: Machine): FoundConnection {
  for (const look of ambientPlaces) {
    const found = look(machine);
    if (found !== undefined) return found;
  }
  throw new ImageError(
    "CONNECTION_INVALID",
    "connection: no cluster is named. Give the argument connection, stack config (okd:kubeconfig, okd:context, or " +
      "okd:host with okd:token), KUBECONFIG, or ~/.kube/config (`oc login` writes it)",
  );
}

function proxyRules(overlays: readonly ConnectionFields[]): ProxyRules {
  const told = overlays.find(({ inputs }) => inputs.proxyHeaders !== undefined);
  return { noProxy: firstSet(overlays, "noProxy"), headersFrom: told?.origin("proxyHeaders") };
}

function layOver(base: Endpoint, overlays: readonly ConnectionFields[], machine: Machine): Endpoint {
  return overlays.reduceRight((endpoint, fields) => overlaidEndpoint(endpoint, fields, machine), base);
}

function firstSet<F extends keyof ConnectionInputs>(
  overlays: readonly ConnectionFields[],
  field: F,
): ConnectionInputs[F] | undefined {
  return overlays.map(({ inputs }) => inputs[field]).find((value) => value !== undefined);
}
