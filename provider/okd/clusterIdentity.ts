import { ImageError, isImageError } from "../support/imageError.js";
import type { Fields } from "../support/json.js";

/** Which physical cluster a connection reaches. */
export interface ClusterIdentity {
  /** URL of the API server. */
  readonly server: string;
  /** UID of the namespace kube-system; absent where it may not be read. */
  readonly uid?: string;
  /** sha256 of the CA bundle, hex; absent when the system's CAs are used. */
  readonly ca?: string;
}

/** The UID decides where both sides know it; a server may be reached under several names. */
export function isSameCluster(a: ClusterIdentity, b: ClusterIdentity): boolean {
  if (a.uid !== undefined && b.uid !== undefined) return a.uid === b.uid;
  return a.server === b.server && a.ca === b.ca;
}

/** For messages, and as a key: `https://api.example.com:6443 (kube-system 1f0c…)`. */
export function describeCluster(identity: ClusterIdentity): string {
  return identity.uid === undefined ? identity.server : `${identity.server} (kube-system ${identity.uid})`;
}

/** A shell that points to another cluster must never change that one. @throws ImageError OTHER_CLUSTER */
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
 * Whether the connection reaches another cluster than the recorded one; false where no cluster can be reached. For things
 * that do not lie on the cluster.
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

/** Undefined in inputs, which name no cluster. */
export function recordedCluster(state: Fields): ClusterIdentity | undefined {
  const cluster = state.cluster as Partial<ClusterIdentity> | undefined;
  return typeof cluster?.server === "string" ? (cluster as ClusterIdentity) : undefined;
}
