import type { CredentialSource } from "../../http/credentials.js";
import type { Machine } from "../../http/machine.js";
import { trimmedEnd } from "../../support/text/spelling.js";
import type { FoundConnection } from "./ambient.js";
import { credentialFingerprint, explicitCredentials } from "./explicit.js";
import { type ConnectionFields, invalid } from "./fields.js";
import { homeKubeConfig, kubeConfigsOf } from "./kubeConfig/files.js";
import { selectContext } from "./kubeConfig/selectContext.js";

/** Reads a place when it is called, so that places that are not needed cost nothing. */
export type ConnectionPlace = () => ConnectionFields;

export function namesCluster({ inputs }: ConnectionFields): boolean {
  const { host, kubeconfig, context, cluster } = inputs;
  return [host, kubeconfig, context, cluster].some((value) => value !== undefined);
}

/**
 * The connection of a place that names a cluster. A context without a kubeconfig is looked up in that of the `later` places.
 * @throws ImageError CONNECTION_INVALID
 */
export function connectionOf(
  fields: ConnectionFields,
  later: readonly ConnectionPlace[],
  machine: Machine,
): FoundConnection {
  const { host, context, cluster } = fields.inputs;
  const explicit = explicitCredentials(fields, machine);
  const own = explicit === undefined ? [] : [explicit];
  const wantsKubeConfig =
    kubeConfigsOf(fields, machine) !== undefined || context !== undefined || cluster !== undefined;
  if (host !== undefined && !wantsKubeConfig) return hostConnection(host, own, fields);
  const selected = selectFor(fields, later, machine);
  if (host !== undefined && !isSameServer(host, selected.endpoint.server)) {
    // KUBECONFIG is usually set for other tools; in a program or stack config, two servers are a mistake.
    if (fields.place === "environment" && context === undefined) return hostConnection(host, own, fields);
    const problem = `${host} is not the server of the chosen context (${selected.endpoint.server}); leave one of them out`;
    throw invalid("host", problem, fields.origin("host"));
  }
  return {
    endpoint: selected.endpoint,
    credentials: [...own, ...(selected.hasCredentials ? [selected.credentials] : [])],
    namespace: selected.namespace,
    fingerprint: `${selected.fingerprint} ${credentialFingerprint(fields)}`,
  };
}

function hostConnection(
  host: string,
  credentials: readonly CredentialSource[],
  fields: ConnectionFields,
): FoundConnection {
  const endpoint = {
    server: trimmedEnd(host, "/"),
    ca: undefined,
    skipTlsVerify: false,
    tlsServerName: undefined,
    proxyUrl: undefined,
  };
  return { endpoint, credentials, namespace: undefined, fingerprint: credentialFingerprint(fields) };
}

function selectFor(fields: ConnectionFields, later: readonly ConnectionPlace[], machine: Machine) {
  const { context, cluster } = fields.inputs;
  const own = kubeConfigsOf(fields, machine);
  const inherited = () =>
    later.map((read) => kubeConfigsOf(read(), machine)).find((load) => load !== undefined);
  const load = own ?? inherited() ?? homeKubeConfig(machine);
  const namedBy = fields.origin(context === undefined ? "cluster" : "context");
  if (load === undefined) {
    const field = context === undefined ? "cluster" : "context";
    throw invalid(field, "there is no kubeconfig to look it up in; set kubeconfig or KUBECONFIG", namedBy);
  }
  return selectContext(load, { context, cluster, origin: namedBy }, machine);
}

export function isSameServer(a: string, b: string): boolean {
  const normal = (server: string) => {
    const href = URL.parse(server)?.href;
    return href === undefined ? undefined : trimmedEnd(href, "/");
  };
  return normal(a) !== undefined && normal(a) === normal(b);
}
