import type { SandboxRegistry } from "./registry/sandboxRegistry.js";

/** Docker Hub is written in one way and found under others. */
const dockerHubHosts = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/** Network names of a host in references, each with the loopback address that plays it. */
export function registryAddresses(
  host: string,
  target: string,
  registries: ReadonlyMap<string, SandboxRegistry>,
): ReadonlyMap<string, string> {
  const address = registries.get(target)?.host ?? target;
  const names = dockerHubHosts.includes(host) ? dockerHubHosts : [host];
  return new Map(names.map((name) => [name, address]));
}
