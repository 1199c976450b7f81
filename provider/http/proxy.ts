import { BlockList, isIP } from "node:net";
import type { Machine } from "./machine.js";

/**
 * The proxy that the environment asks for, as curl and Go read it: `https_proxy`/`HTTPS_PROXY` for https servers,
 * `http_proxy`/`HTTP_PROXY` for http ones, `all_proxy`/`ALL_PROXY` for both; none for what `no_proxy`/`NO_PROXY` lists.
 * Own code because undici's EnvHttpProxyAgent knows no CIDR ranges, and OpenShift's own NO_PROXY consists of them.
 */
export function proxyFromEnvironment(server: URL, variable: Machine["variable"]): string | undefined {
  const read = (name: string) => variable(name.toLowerCase()) ?? variable(name);
  const proxy = read(server.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY") || read("ALL_PROXY");
  if (proxy === undefined || proxy === "" || isExempt(server, read("NO_PROXY") ?? "")) return undefined;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

/** For messages, without user and password. */
export function proxyHost(proxyUrl: string | undefined): string | undefined {
  return proxyUrl === undefined ? undefined : new URL(proxyUrl).host;
}

/** Whether `noProxy` (comma or space separated hosts, domains, addresses, CIDR ranges, `*`, each with an optional port) lists it. */
export function isExempt(server: URL, noProxy: string): boolean {
  const host = server.hostname.toLowerCase().replace(/^\[|\]$/g, "");
  const port = server.port === "" ? (server.protocol === "https:" ? "443" : "80") : server.port;
  if (host === "localhost" || isLoopback(host)) return true;
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

function isLoopback(host: string): boolean {
  return host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
