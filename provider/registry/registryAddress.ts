import { BlockList, isIP } from "node:net";
import type { RegistryHints } from "../prune/survey/survey.js";
import type { Parsed } from "../support/parsed.js";

/** Where the integrated registry may be reached. */
export interface RegistryCandidate {
  /** Host, with port when it was given: `registry.apps.example.com`, `image-registry.openshift-image-registry.svc:5000`. */
  readonly host: string;
  /** Undefined where nobody said: https, and http only where `schemesOf` allows it. */
  readonly scheme: "http" | "https" | undefined;
  /** Where the address comes from, for messages: `route default-route`. */
  readonly origin: string;
}

export interface AddressChoice {
  /** The argument `registry.url`, parsed; nothing else counts when it is given. */
  readonly configured: RegistryCandidate | undefined;
  /** Whether this process runs in a pod of the cluster, where the internal address is the nearest. */
  readonly inCluster: boolean;
}

/** The addresses to try, best first, each once; empty when nothing says where the registry is. */
export function registryCandidates(
  hints: RegistryHints,
  { configured, inCluster }: AddressChoice,
): readonly RegistryCandidate[] {
  if (configured !== undefined) return [configured];
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

/** The argument `registry.url`: `[http(s)://]host[:port]`, as oc's --registry-url (prune.md 2). */
export function parseRegistryUrl(text: string): Parsed<RegistryCandidate> {
  const [, scheme, rest = ""] = /^(?:([^:/?#]*):\/\/)?(.*)$/s.exec(text) ?? [];
  const host = rest.replace(/\/$/, "");
  const problem = schemeProblem(scheme) ?? hostProblem(host);
  if (problem !== undefined) {
    const message = `${problem}; write [http(s)://]host[:port]`;
    return { ok: false, issues: [{ path: ["registry", "url"], message }] };
  }
  const known = scheme?.toLowerCase() as RegistryCandidate["scheme"];
  return { ok: true, args: { host: host.toLowerCase(), scheme: known, origin: "registry.url" } };
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

function schemeProblem(scheme: string | undefined): string | undefined {
  if (scheme === undefined || /^https?$/i.test(scheme)) return undefined;
  return `${JSON.stringify(scheme.slice(0, 20))} is not a way to reach a registry`;
}

/** Does not quote a text that may hold a password. */
function hostProblem(host: string): string | undefined {
  if (host === "") return "names no host";
  if (host.includes("@")) return "must not contain user and password";
  if (host.includes("/")) return "must not have a path";
  if (/[?#]/.test(host)) return "must not have a query";
  return isHost(host) ? undefined : `${JSON.stringify(host.slice(0, 100))} is not a host`;
}

const hostText = /^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d+))?$/i;

function isHost(text: string): boolean {
  const [, port = "443"] = hostText.exec(text) ?? [];
  // The URL's parser knows what addresses look like, but takes much for a host that is none, and port 0.
  return hostText.test(text) && URL.canParse(`https://${text}`) && Number(port) > 0;
}

/** Undefined for what names no host, such as the empty texts of a registry that was removed. */
function candidate(host: string | undefined, origin: string): RegistryCandidate | undefined {
  if (host === undefined || !isHost(host)) return undefined;
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
