import { clusterPermissions } from "../cluster/accessReviews.js";
import type { ConnectedCluster } from "../cluster/connection/open.js";
import { clusterImageDeleter, clusterStreamTrimmer } from "../cluster/images/pruning.js";
import { clusterPruneLease } from "../cluster/leases/pruneLease.js";
import { clusterObjects } from "../cluster/lists/objects.js";
import { clusterChanges } from "../cluster/lists/watches.js";
import { registryCredentials } from "../cluster/tokenForRegistry.js";
import type { PruneCluster } from "../prune/ports.js";
import { openPrunedRegistry } from "../registry/integrated/open.js";
import { toStreamFacts } from "../usage/toStreamFacts.js";

/** Wires a connected cluster and its registry for the pruner. */
export function pruneClusterOf({ client, identity, ca }: ConnectedCluster): PruneCluster {
  const credentials = registryCredentials(client);
  return {
    identity,
    objects: clusterObjects(client),
    changes: clusterChanges(client),
    streams: clusterStreamTrimmer(client, toStreamFacts),
    images: clusterImageDeleter(client),
    lease: clusterPruneLease(client),
    permissions: clusterPermissions(client),
    openRegistry: (hints, args, { signal }) =>
      openPrunedRegistry(hints, args, { server: client.server, ca, credentials }, { signal }),
  };
}
