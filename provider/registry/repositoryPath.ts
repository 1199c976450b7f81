import type { StreamKey } from "../prune/plan/snapshot.js";

/** Path of a stream's repository in the distribution API. */
export function repositoryPath({ namespace, name }: StreamKey): string {
  return `/v2/${pathSegment(namespace)}/${pathSegment(name)}`;
}

/** A segment of a path; the colon of a digest stays readable in the registry's log. */
export function pathSegment(text: string): string {
  return encodeURIComponent(text).replaceAll("%3A", ":");
}

/** The repository in the integrated registry that belongs to a stream. */
export function nameOf({ namespace, name }: StreamKey): string {
  return `${namespace}/${name}`;
}
