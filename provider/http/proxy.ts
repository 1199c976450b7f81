import { BlockList, isIP } from "node:net";
import type { Machine } from "./machine.js";

/**
 * The proxy that the environment asks for, as curl and Go read it: `https_proxy`/`HTTPS_PROXY` for https servers,
 * `http_proxy`/`HTTP_PROXY` for http ones, `all_proxy`/`ALL_PROXY` for both; none for what `no_proxy`/`NO_PROXY` lists.
 * `noProxy` takes the place of the last one, and none of them counts for this machine itself.
 * Own code because undici's EnvHttpProxyAgent knows no CIDR ranges, and OpenShift's own NO_PROXY consists of them.
 */
export function proxyFromEnvironment(
  server: URL,
  variable: Machine["variable"],
  noProxy?: string,
): string | undefined {
  const read = (name: string) => variable(name.toLowerCase()) ?? variable(name);
  const proxy = read(server.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY") || read("ALL_PROXY");
  if (proxy === undefined || proxy === "") return undefined;
  if (isThisMachine(server) || isExempt(server, noProxy ?? read("NO_PROXY") ?? "")) return undefined;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

/** What is said to a proxy, and to nobody behind it; the first two are `user:password`. */
export interface ProxyHeaders {
  readonly basicAuth?: string | undefined;
  readonly proxyBasicAuth?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** Header fields of CONNECT, named as Ansible's client names them (facts/api-server.md 19). */
export function connectHeaders({
  basicAuth,
  proxyBasicAuth,
  userAgent,
}: ProxyHeaders): Record<string, string> {
  return {
    ...(basicAuth === undefined ? {} : { authorization: basicLogin(basicAuth) }),
    ...(proxyBasicAuth === undefined ? {} : { "proxy-authorization": basicLogin(proxyBasicAuth) }),
    ...(userAgent === undefined ? {} : { "user-agent": userAgent }),
  };
}

function basicLogin(pair: string): string {
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

/** For messages, without user and password. */
export function proxyHost(proxyUrl: string | undefined): string | undefined {
  return proxyUrl === undefined ? undefined : new URL(proxyUrl).host;
}

/** Whether `noProxy` (comma or space separated hosts, domains, addresses, CIDR ranges, `*`, each with an optional port) lists it. */
export function isExempt(server: URL, noProxy: string): boolean {
  const host = bareHost(server);
  const port = server.port === "" ? (server.protocol === "https:" ? "443" : "80") : server.port;
  return noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => matches(entry.toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  if (entry.includes("/")) return inRange(entry, host);
  const { name, wantedPort } = splitPort(entry);
  if (wantedPort !== undefined && wantedPort !== port) return false;
  const domain = name.replace(/^\*?\./, "");
  return domain === host || (isIP(host) === 0 && host.endsWith(`.${domain}`));
}

function splitPort(entry: string): { readonly name: string; readonly wantedPort: string | undefined } {
  const match = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry);
  const name = (match?.[1] ?? entry).replace(/^\[|\]$/g, "");
  return { name, wantedPort: match?.[2] };
}

function inRange(range: string, host: string): boolean {
  const [network = "", bits = ""] = range.split("/");
  const version = isIP(network);
  if (
    version === 0 ||
    isIP(host) !== version ||
    !/^\d+$/.test(bits) ||
    Number(bits) > (version === 4 ? 32 : 128)
  ) {
    return false;
  }
  const family = version === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(host, family);
}

function isThisMachine(server: URL): boolean {
  const host = bareHost(server);
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function bareHost({ hostname }: URL): string {
  return hostname.toLowerCase().replace(/^\[|\]$/g, "");
}
