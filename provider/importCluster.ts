import type { Cluster, ImageStreams, StreamUsers } from "./imports/ports.js";
import type { ClusterClient } from "./openshift/clusterClient.js";
import { clusterObjects } from "./openshift/clusterObjects.js";
import type { ConnectedCluster } from "./openshift/connect.js";
import { clusterWatches } from "./openshift/objectWatches.js";
import { createStreamUsers } from "./streamUsers/streamUsers.js";

const clusters = new WeakMap<ConnectedCluster, Cluster>();
const usersOfClients = new WeakMap<ClusterClient, StreamUsers>();

/** Wires a connected cluster for imports; always the same one, because handlers remember what they have read of it. */
export function importClusterOf(connected: ConnectedCluster): Cluster {
  const known = clusters.get(connected);
  if (known !== undefined) return known;
  const { identity, defaultNamespace, diagnosis, client } = connected;
  const users = usersOf(client);
  const streams = tellingWrites(connected.streams, users);
  const cluster = { identity, defaultNamespace, streams, diagnosis, users };
  clusters.set(connected, cluster);
  return cluster;
}

/** One look for all connections to a cluster as one user. */
function usersOf(client: ClusterClient): StreamUsers {
  const known = usersOfClients.get(client);
  if (known !== undefined) return known;
  const users = createStreamUsers({ objects: clusterObjects(client), watches: clusterWatches(client) });
  usersOfClients.set(client, users);
  return users;
}

/** A stream whose tags come from another one uses that one from the moment it is written. */
function tellingWrites(streams: ImageStreams, users: StreamUsers): ImageStreams {
  const told = async <Result>(isWrite: boolean, work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } finally {
      if (isWrite) users.noteWrite();
    }
  };
  const hasSources = ({ spec }: Parameters<ImageStreams["createStream"]>[0]) => (spec.tags ?? []).length > 0;
  return {
    ...streams,
    createStream: (stream, options) =>
      told(options.dryRun !== true && hasSources(stream), streams.createStream(stream, options)),
    replaceStream: (stream, options) =>
      told(options.dryRun !== true && hasSources(stream), streams.replaceStream(stream, options)),
    importImages: (key, images, options) => told(options.store, streams.importImages(key, images, options)),
  };
}
