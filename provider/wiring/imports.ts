import type { ClusterClient } from "../cluster/api/client.js";
import type { ConnectedCluster } from "../cluster/connection/open.js";
import { clusterImportRules } from "../cluster/images/importDiagnosis.js";
import { rememberingLookups } from "../cluster/images/rememberedLookups.js";
import { clusterObjects } from "../cluster/lists/objects.js";
import { clusterWatches } from "../cluster/lists/watches.js";
import type { Cluster, ImageStreams, StreamUsers } from "../imports/ports.js";
import { createStreamUsers } from "../imports/use/search.js";

const clusters = new WeakMap<ConnectedCluster, Cluster>();
const sharedParts = new WeakMap<ClusterClient, Pick<Cluster, "users" | "rules">>();

/** Wires a connected cluster for imports; the same value each time, because handlers key what they remember by it. */
export function importClusterOf(connected: ConnectedCluster): Cluster {
  const known = clusters.get(connected);
  if (known !== undefined) return known;
  const { identity, defaultNamespace, diagnosis, client } = connected;
  const { users, rules } = sharedOf(client);
  const streams = rememberingLookups(tellingWrites(connected.streams, users));
  const cluster = { identity, defaultNamespace, streams, diagnosis, rules, users };
  clusters.set(connected, cluster);
  return cluster;
}

/** What all connections to a cluster as one user share. */
function sharedOf(client: ClusterClient): Pick<Cluster, "users" | "rules"> {
  const known = sharedParts.get(client);
  if (known !== undefined) return known;
  const objects = clusterObjects(client);
  const users = createStreamUsers({ objects, watches: clusterWatches(client) });
  const shared = { users, rules: clusterImportRules(objects) };
  sharedParts.set(client, shared);
  return shared;
}

/** A stream whose tags come from another stream uses that stream as soon as it is written. */
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
