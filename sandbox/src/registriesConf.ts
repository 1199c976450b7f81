import type { Sandbox } from "./sandbox.js";
import type { SandboxOptions } from "./options.js";

/**
 * A registries.conf that sends pulls of the hosts that the sandbox's registries play to them, for everything on this machine
 * that reads `CONTAINERS_REGISTRIES_CONF`.
 */
export function registriesConf(
  sandbox: Sandbox,
  hosts: NonNullable<SandboxOptions["registryHosts"]>,
): string {
  return Object.entries(hosts)
    .map(([host, registry]) => {
      const location = sandbox.registry(registry).host;
      return `[[registry]]\nprefix = "${host}"\nlocation = "${location}"\ninsecure = true\n`;
    })
    .join("\n");
}
