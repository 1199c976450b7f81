/** Versions are opaque by Kubernetes' rules; those of etcd, which all of a cluster's own APIs have, are counted up. */
export function isComparable(version: string): boolean {
  return /^[1-9]\d*$/.test(version);
}

/** Both are comparable. */
export function isAtLeast(version: string, target: string): boolean {
  return version.length === target.length ? version >= target : version.length > target.length;
}
