import type { RequestOptions } from "../../okd/requestOptions.js";
import type { StreamKey } from "../../okd/streamName.js";
import { isImageError } from "../../support/imageError.js";
import type { StreamSnapshots } from "../memory.js";
import type { ObservedStream } from "../plan/tagStanding.js";
import type { Cluster } from "../ports.js";

/** Digests of a stream's history whose Image object is gone; one answer a stream, like StreamSnapshots. */
export interface LostImages {
  get(cluster: Cluster, key: StreamKey, options: RequestOptions): Promise<ReadonlySet<string>>;
  drop(cluster: Cluster, key: StreamKey): void;
}

const noLostImages: ReadonlySet<string> = new Set();

export function createLostImages(): LostImages {
  const known = new WeakMap<Cluster, Map<string, Promise<ReadonlySet<string>>>>();

  function of(cluster: Cluster): Map<string, Promise<ReadonlySet<string>>> {
    const answers = known.get(cluster) ?? new Map<string, Promise<ReadonlySet<string>>>();
    known.set(cluster, answers);
    return answers;
  }

  return {
    get(cluster, key, options) {
      const name = `${key.namespace}/${key.name}`;
      const before = of(cluster).get(name);
      if (before !== undefined) return before;
      const answer = readLostImages(cluster, key, options);
      of(cluster).set(name, answer);
      answer.catch(() => of(cluster).delete(name));
      return answer;
    },
    drop: (cluster, key) => void of(cluster).delete(`${key.namespace}/${key.name}`),
  };
}

/** What a process has read of streams. */
export interface KnownStreams {
  readonly snapshots: StreamSnapshots;
  readonly lostImages: LostImages;
}

/** The stream and what it has lost, in the time of one request; a new resource's stream is looked at first. */
export async function observeStream(
  { snapshots, lostImages }: KnownStreams,
  cluster: Cluster,
  key: StreamKey,
  { signal, isNew }: RequestOptions & { readonly isNew: boolean },
): Promise<ObservedStream> {
  const lost = () => lostImages.get(cluster, key, { signal });
  if (!isNew) {
    const [stream, images] = await Promise.all([snapshots.get(cluster, key, { signal }), lost()]);
    return { stream, lostImages: images };
  }
  const stream = await snapshots.get(cluster, key, { signal });
  return { stream, lostImages: stream === undefined ? noLostImages : await lost() };
}

/** Nothing is said to be lost where that may not be read, or by a server that does not tell. */
async function readLostImages(
  cluster: Cluster,
  key: StreamKey,
  options: RequestOptions,
): Promise<ReadonlySet<string>> {
  try {
    return new Set(await cluster.streams.lostImages(key, options));
  } catch (error) {
    if (isImageError(error) && error.code.startsWith("API_")) return noLostImages;
    throw error;
  }
}
