import { isLoopbackHost, isRegistryHost, type RegistryUrl } from "../../oci/names/registryUrl.js";
import type { ConfiguredHosts, RegistryHints } from "../../prune/clusterSurvey.js";

/** Where the integrated registry may be reached; without a scheme over https, and http only where `schemesOf` allows it. */
export interface RegistryCandidate extends RegistryUrl {
  /** Where the address comes from, for messages: `route default-route`. */
  readonly origin: string;
}

export interface AddressChoice {
  /** The argument `registry.url`; nothing else counts when it is given. */
  readonly configured: RegistryUrl | undefined;
  /** The argument that `configured` stands in, default `registry`. */
  readonly argument?: string;
  /**
   * Whether this process runs in a pod of the cluster, where the internal address is the nearest. In a pod of another cluster
   * the same names lead to that one's registry.
   */
  readonly podOf: "this cluster" | "another cluster" | undefined;
}

/**
 * The addresses to try, best first, each once; empty when nothing says where the registry is. Only administrators can write
 * their sources, because the connection's token is sent there: hosts in streams and Images do not count.
 */
export function registryCandidates(
  hints: ConfiguredHosts,
  { configured, podOf, argument = "registry" }: AddressChoice,
): readonly RegistryCandidate[] {
  if (configured !== undefined) return [{ ...configured, origin: `${argument}.url` }];
  const config = "images.config.openshift.io/cluster";
  const external = [
    ...hints.externalHostnames.map((host) => candidate(host, `external hostname in ${config}`)),
    ...hints.routes.map(({ name, host }) => candidate(host, `route ${name}`)),
  ];
  const internal = [
    candidate(hints.internalHostname, `internal hostname in ${config}`),
    candidate(hints.serviceHost, "service image-registry"),
  ];
  const ordered = {
    "this cluster": [...internal, ...external],
    "another cluster": external,
    nowhere: [...external, ...internal],
  }[podOf ?? "nowhere"];
  const byHost = new Map<string, RegistryCandidate>();
  for (const each of ordered) {
    if (each !== undefined && !byHost.has(each.host)) byHost.set(each.host, each);
  }
  return [...byHost.values()];
}

/** Further remarks for a message about a registry that was not found, each a sentence without its full stop. */
export function addressRemarks(
  hints: RegistryHints,
  candidates: readonly RegistryCandidate[],
): readonly string[] {
  const named = [
    { host: hints.publicRepositoryHost, by: "Image streams name" },
    { host: hints.repositoryHost, by: "Image streams name" },
    { host: hints.managedImageHost, by: "The newest managed Image names" },
  ];
  const seen = new Set(candidates.map(({ host }) => host));
  const unbelieved = named.flatMap(({ host, by }) => {
    const known = candidate(host, by);
    if (known === undefined || seen.has(known.host)) return [];
    seen.add(known.host);
    return `${by} ${JSON.stringify(known.host.slice(0, 100))}, which is not believed: whoever edits a project can write that`;
  });
  return [...hints.unread.map((why) => `Not everything could be read: ${why}`), ...unbelieved];
}

/** Whether a server's URL is that of the API server that pods of a cluster know: by its service's name or address. */
export function isPodsApiServer(server: string, serviceHost: string, servicePort: string): boolean {
  const url = URL.parse(server);
  if (url?.protocol !== "https:") return false;
  const port = url.port === "" ? "443" : url.port;
  if (/^kubernetes(?:\.default(?:\.svc(?:\.cluster\.local)?)?)?$/.test(url.hostname)) return true;
  return url.hostname.replace(/^\[|\]$/g, "") === serviceHost.toLowerCase() && port === servicePort;
}

/**
 * The schemes for a candidate, best first. Plain HTTP, which shows the token to everybody on the way, only where the
 * address asks for it, where certificates are not checked anyway, and at loopback addresses without a given CA.
 */
export function schemesOf(
  { host, scheme }: RegistryCandidate,
  tls: { readonly caCert?: string | undefined; readonly skipTlsVerify?: boolean | undefined },
): readonly ("http" | "https")[] {
  if (scheme !== undefined) return [scheme];
  const plainToo = tls.skipTlsVerify === true || (tls.caCert === undefined && isLoopback(host));
  return plainToo ? ["https", "http"] : ["https"];
}

/** Undefined for a text without a host, such as the empty texts of a removed registry. */
function candidate(host: string | undefined, origin: string): RegistryCandidate | undefined {
  if (host === undefined || !isRegistryHost(host)) return undefined;
  return { host: host.toLowerCase(), scheme: undefined, origin };
}

function isLoopback(host: string): boolean {
  return isLoopbackHost(new URL(`https://${host}`).hostname);
}
