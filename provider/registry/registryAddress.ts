import { BlockList, isIP } from "node:net";
import { isRegistryHost, type RegistryUrl } from "../oci/registryUrl.js";
import type { RegistryHints } from "../prune/survey/survey.js";

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
  /** Whether this process runs in a pod of the cluster, where the internal address is the nearest. */
  readonly inCluster: boolean;
}

/** The addresses to try, best first, each once; empty when nothing says where the registry is. */
export function registryCandidates(
  hints: RegistryHints,
  { configured, inCluster, argument = "registry" }: AddressChoice,
): readonly RegistryCandidate[] {
  if (configured !== undefined) return [{ ...configured, origin: `${argument}.url` }];
  const config = "images.config.openshift.io/cluster";
  const external = [
    ...hints.externalHostnames.map((host) => candidate(host, `external hostname in ${config}`)),
    candidate(hints.publicRepositoryHost, "public repository of an image stream"),
    candidate(hints.routeHost, "route default-route"),
  ];
  const internal = [
    candidate(hints.internalHostname, `internal hostname in ${config}`),
    candidate(hints.repositoryHost, "repository of an image stream"),
    candidate(hints.managedImageHost, "newest managed image"),
  ];
  const ordered = inCluster ? [...internal, ...external] : [...external, ...internal];
  const byHost = new Map<string, RegistryCandidate>();
  for (const each of ordered) {
    if (each !== undefined && !byHost.has(each.host)) byHost.set(each.host, each);
  }
  return [...byHost.values()];
}

/**
 * How a candidate may be spoken to, best first. Without TLS only where the address says so, where certificates are not
 * checked anyway, and at loopback and private addresses for which no CA is given (prune.md 1.7).
 */
export function schemesOf(
  { host, scheme }: RegistryCandidate,
  tls: { readonly caCert?: string | undefined; readonly skipTlsVerify?: boolean | undefined },
): readonly ("http" | "https")[] {
  if (scheme !== undefined) return [scheme];
  const plainToo = tls.skipTlsVerify === true || (tls.caCert === undefined && isPrivateHost(host));
  return plainToo ? ["https", "http"] : ["https"];
}

/** Undefined for what names no host, such as the empty texts of a registry that was removed. */
function candidate(host: string | undefined, origin: string): RegistryCandidate | undefined {
  if (host === undefined || !isRegistryHost(host)) return undefined;
  return { host: host.toLowerCase(), scheme: undefined, origin };
}

const privateNetworks = new BlockList();
privateNetworks.addSubnet("10.0.0.0", 8);
privateNetworks.addSubnet("127.0.0.0", 8);
privateNetworks.addSubnet("172.16.0.0", 12);
privateNetworks.addSubnet("192.168.0.0", 16);
privateNetworks.addAddress("::1", "ipv6");
privateNetworks.addSubnet("fc00::", 7, "ipv6");
privateNetworks.addSubnet("fe80::", 10, "ipv6");

function isPrivateHost(host: string): boolean {
  const name = host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  if (name === "localhost") return true;
  const version = isIP(name);
  return version !== 0 && privateNetworks.check(name, version === 4 ? "ipv4" : "ipv6");
}
