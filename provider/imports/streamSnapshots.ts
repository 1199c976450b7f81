import type { ImageStream } from "./imageStream.js";
import type { Cluster, RequestOptions, StreamKey } from "./ports.js";

/**
 * One answer a stream for read, check and diff of a process; a write of ours drops it. A provider process lives for
 * one phase of one CLI run, and create and update always look again.
 */
export interface StreamSnapshots {
  get(cluster: Cluster, key: StreamKey, options: RequestOptions): Promise<ImageStream | undefined>;
  drop(cluster: Cluster, key: StreamKey): void;
}

export function createStreamSnapshots(): StreamSnapshots {
  const snapshots = new WeakMap<Cluster, Map<string, Promise<ImageStream | undefined>>>();

  function of(cluster: Cluster): Map<string, Promise<ImageStream | undefined>> {
    const known = snapshots.get(cluster) ?? new Map<string, Promise<ImageStream | undefined>>();
    snapshots.set(cluster, known);
    return known;
  }

  return {
    get(cluster, key, options) {
      const known = of(cluster);
      const name = `${key.namespace}/${key.name}`;
      const before = known.get(name);
      if (before !== undefined) return before;
      const answer = cluster.streams.getStream(key, options);
      known.set(name, answer);
      answer.catch(() => known.delete(name));
      return answer;
    },
    drop: (cluster, key) => of(cluster).delete(`${key.namespace}/${key.name}`),
  };
}
