import { clusterPermissions } from "./openshift/accessReviews.js";
import { clusterObjects } from "./openshift/clusterObjects.js";
import type { ConnectedCluster } from "./openshift/connect.js";
import { clusterImageDeleter, clusterStreamTrimmer } from "./openshift/imagePruning.js";
import { clusterChanges } from "./openshift/objectWatches.js";
import { clusterPruneLease } from "./openshift/leases.js";
import { registryCredentials } from "./openshift/registryCredentials.js";
import type { PruneCluster } from "./prune/clusterPorts.js";
import { projectStream } from "./prune/survey/projectStream.js";
import { openPrunedRegistry } from "./registry/prunedRegistry.js";

/** Wires a connected cluster and its registry for the pruner. */
export function pruneClusterOf({ client, identity, ca }: ConnectedCluster): PruneCluster {
  const credentials = registryCredentials(client);
  return {
    identity,
    objects: clusterObjects(client),
    changes: clusterChanges(client),
    streams: clusterStreamTrimmer(client, projectStream),
    images: clusterImageDeleter(client),
    lease: clusterPruneLease(client),
    permissions: clusterPermissions(client),
    openRegistry: (hints, args, { signal }) =>
      openPrunedRegistry(hints, args, { server: client.server, ca, credentials }, { signal }),
  };
}
