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
