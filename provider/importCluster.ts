import type { Cluster } from "./imports/ports.js";
import { clusterObjects } from "./openshift/clusterObjects.js";
import type { ConnectedCluster } from "./openshift/connect.js";
import { streamUsers } from "./streamUsers.js";

const clusters = new WeakMap<ConnectedCluster, Cluster>();

/** Wires a connected cluster for imports; always the same one, because handlers remember what they have read of it. */
export function importClusterOf(connected: ConnectedCluster): Cluster {
  const known = clusters.get(connected);
  if (known !== undefined) return known;
  const { identity, defaultNamespace, streams, diagnosis, client } = connected;
  const cluster = {
    identity,
    defaultNamespace,
    streams,
    diagnosis,
    users: streamUsers(clusterObjects(client)),
  };
  clusters.set(connected, cluster);
  return cluster;
}
