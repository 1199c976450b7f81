import { type ClusterIdentity, describeCluster, isSameCluster } from "../support/clusterIdentity.js";
import { ImageError } from "../support/imageError.js";

/** A shell that points elsewhere must never change the wrong cluster. @throws ImageError OTHER_CLUSTER */
export function requireSameCluster(recorded: ClusterIdentity | undefined, connected: ClusterIdentity): void {
  if (recorded === undefined || isSameCluster(recorded, connected)) return;
  throw new ImageError(
    "OTHER_CLUSTER",
    `This state was written for the cluster ${describeCluster(recorded)}; the connection now names ${describeCluster(connected)}. Nothing was changed.`,
  );
}
