import type { Endpoint } from "../../http/dispatcher.js";
import type { Machine } from "../../http/machine.js";
import { isExempt, proxyFromEnvironment, type ProxyHeaders } from "../../http/proxy.js";
import { invalid } from "./fields.js";

/** What is wrong with a proxy URL, without quoting it: it may hold a password. */
export function proxyProblem(proxyUrl: string | undefined): string | undefined {
  if (proxyUrl === undefined) return undefined;
  const url = URL.parse(proxyUrl);
  if (url !== null && ["http:", "https:", "socks5:", "socks:"].includes(url.protocol)) return undefined;
  return "is not an http://, https:// or socks5:// URL";
}

export function noProxyProblem(noProxy: string | undefined): string | undefined {
  if (noProxy?.includes("://") !== true) return undefined;
  return "has a URL in it; give hosts, domains, addresses or CIDR ranges alone, separated by commas";
}

/** Quotes nothing, as all but the user agent is secret. */
export function proxyHeadersProblem(headers: ProxyHeaders | undefined): string | undefined {
  if (headers === undefined) return undefined;
  const { userAgent } = headers;
  const misspelt = (["basicAuth", "proxyBasicAuth"] as const).find((name) => {
    const login = headers[name];
    return login !== undefined && !/^[^:\p{Cc}]+:\P{Cc}*$/u.test(login);
  });
  if (misspelt !== undefined)
    return `${misspelt} is not user:password, in one line, not encoded and without Basic`;
  if (userAgent === undefined || /^[\x20-\x7e]+$/.test(userAgent)) return undefined;
  return "userAgent has a character that no header may have; give plain ASCII in one line";
}

/** What the places say about proxies besides the endpoint's own. */
export interface ProxyRules {
  readonly noProxy: string | undefined;
  /** Where the endpoint's `proxyHeaders` come from. */
  readonly headersFrom: string | undefined;
}

/**
 * With the proxy that the environment names, where neither a place nor the kubeconfig does, and with none where `noProxy`
 * lists the server. Headers for a proxy are dropped where there is none.
 * @throws ImageError CONNECTION_INVALID
 */
export function withProxy(endpoint: Endpoint, rules: ProxyRules, machine: Machine): Endpoint {
  const proxyUrl = chosenProxy(endpoint, rules.noProxy, machine);
  const problem = proxyProblem(proxyUrl);
  if (problem !== undefined)
    throw invalid("proxyUrl", problem, endpoint.proxyUrl === undefined ? "proxy variables" : "kubeconfig");
  if (proxyUrl === undefined) return { ...endpoint, proxyUrl, proxyHeaders: undefined };
  if (endpoint.proxyHeaders !== undefined && proxyUrl.startsWith("socks")) {
    const advice = "a SOCKS proxy takes no headers; give its user and password in proxyUrl";
    throw invalid("proxyHeaders", advice, rules.headersFrom ?? "argument");
  }
  return { ...endpoint, proxyUrl };
}

function chosenProxy(
  { server: address, proxyUrl }: Endpoint,
  noProxy: string | undefined,
  { variable }: Machine,
): string | undefined {
  const server = new URL(address);
  if (proxyUrl === undefined) return proxyFromEnvironment(server, variable, noProxy);
  return noProxy !== undefined && isExempt(server, noProxy) ? undefined : proxyUrl;
}
