import { type ClusterIdentity, describeCluster, isSameCluster } from "../support/clusterIdentity.js";
import { ImageError, isImageError } from "../support/imageError.js";

/** A shell that points elsewhere must never change the wrong cluster. @throws ImageError OTHER_CLUSTER */
export function requireSameCluster(recorded: ClusterIdentity | undefined, connected: ClusterIdentity): void {
  if (recorded === undefined || isSameCluster(recorded, connected)) return;
  throw new ImageError(
    "OTHER_CLUSTER",
    `This state was written for the cluster ${describeCluster(recorded)}; the connection now names ${describeCluster(connected)}. Nothing was changed.`,
  );
}

export interface ClusterQuestion {
  /** The program itself may have named another one. */
  readonly isWanted: boolean;
  readonly signal: AbortSignal;
}

/**
 * Whether the connection reaches another cluster than the recorded one. Where none can be reached nothing proves that: for
 * things that lie elsewhere than on the cluster.
 * @throws ImageError OTHER_CLUSTER, unless it is wanted
 */
export async function isOtherCluster(
  recorded: ClusterIdentity | undefined,
  reached: () => Promise<ClusterIdentity>,
  { isWanted, signal }: ClusterQuestion,
): Promise<boolean> {
  if (recorded === undefined) return false;
  const connected = await reached().catch((error: unknown) => {
    if (signal.aborted || !isImageError(error)) throw error;
    return recorded;
  });
  if (!isWanted) requireSameCluster(recorded, connected);
  return !isSameCluster(recorded, connected);
}
