import { proxyFromEnvironment } from "../../http/proxy.js";
import { ImageError } from "../../support/imageError.js";
import { type Machine, setVariable } from "../../http/machine.js";

const protocols = ["http:", "https:", "socks5:", "socks:"];

/**
 * The proxy for an engine at a tcp address, chosen like Go, and so the Docker CLI, chooses: HTTPS_PROXY with TLS, HTTP_PROXY
 * without, upper case before lower case, none for loopback or what NO_PROXY lists. ALL_PROXY does not count.
 * @throws ImageError ENGINE_INVALID: the variable names no proxy
 */
export function engineProxy(origin: string, machine: Machine): string | undefined {
  const server = new URL(origin);
  const proxy = proxyFromEnvironment(server, (name) => {
    const capitals = name.toUpperCase();
    if (capitals === "ALL_PROXY") return undefined;
    return setVariable(machine, capitals) ?? setVariable(machine, name.toLowerCase());
  });
  if (proxy === undefined || protocols.includes(URL.parse(proxy)?.protocol ?? "")) return proxy;
  const variable = server.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  // Not quoted: it may hold a password.
  const text = `The container engine at ${server.host} is to be reached through a proxy, but ${variable} is not an http://, https:// or socks5:// URL; correct it, or list the engine in NO_PROXY`;
  throw new ImageError("ENGINE_INVALID", text);
}
