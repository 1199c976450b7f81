import type { ConnectedCluster } from "../cluster/connection/open.js";
import { clusterStreamImages } from "../cluster/images/inStreams.js";
import type { LookupCluster } from "../imports/lookup/ports.js";

/** Wires a connected cluster for programs that ask about images. */
export function lookupClusterOf({
  client,
  streams,
  diagnosis,
  defaultNamespace,
}: ConnectedCluster): LookupCluster {
  return { streams, diagnosis, defaultNamespace, images: clusterStreamImages(client) };
}
