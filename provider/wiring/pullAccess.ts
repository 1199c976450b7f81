import type { ConnectedCluster } from "../cluster/connection/open.js";
import { clusterObjects } from "../cluster/lists/objects.js";
import { registryCredentials } from "../cluster/tokenForRegistry.js";
import { processMachine } from "../http/machine.js";
import { loadConfiguredHosts } from "../prune/survey/configuredHosts.js";
import type { RegistryWording } from "../registry/integrated/refusal.js";
import type { PullAccess } from "../registry/integratedPull.js";

/** What a connected cluster tells about its own registry, to pull from it. */
export function pullAccess(
  { client, ca }: ConnectedCluster,
  wording: RegistryWording,
  onSecret: (secret: string) => void,
): PullAccess {
  const objects = clusterObjects(client);
  return {
    ...{ server: client.server, ca, wording, onSecret },
    credentials: registryCredentials(client),
    configuredHosts: (options) => loadConfiguredHosts(objects, options),
    machine: processMachine,
  };
}
