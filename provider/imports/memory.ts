import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import type { ImageStream } from "../okd/imageStream.js";
import type { RequestOptions } from "../okd/requestOptions.js";
import type { StreamKey } from "../okd/streamName.js";
import type { Cluster } from "./ports.js";

/**
 * One answer a stream for read, check and diff of a process; a write of ours drops it. A provider process lives for
 * one phase of one CLI run, and create and update always look again.
 */
export interface StreamSnapshots {
  get(cluster: Cluster, key: StreamKey, options: RequestOptions): Promise<ImageStream | undefined>;
  drop(cluster: Cluster, key: StreamKey): void;
}

/** Streams of a namespace by name; undefined when they are too many, or may not be listed. */
type StreamList = Promise<ReadonlyMap<string, ImageStream> | undefined>;

interface Namespace {
  readonly snapshots: Map<string, Promise<ImageStream | undefined>>;
  /** Names of streams that we have written: no list counts for them. */
  readonly written: Set<string>;
  list: { readonly begunAt: number; readonly streams: StreamList } | undefined;
  cannotList: boolean;
}

/** Milliseconds for which a list counts, for what it holds and for what it lacks. */
const listFreshForMs = 10_000;

/** From the second stream of a namespace on, one list answers for all of them. */
export function createStreamSnapshots(now: () => number = Date.now): StreamSnapshots {
  const clusters = new WeakMap<Cluster, Map<string, Namespace>>();

  function namespaceOf(cluster: Cluster, { namespace }: StreamKey): Namespace {
    const namespaces = clusters.get(cluster) ?? new Map<string, Namespace>();
    clusters.set(cluster, namespaces);
    const known = namespaces.get(namespace) ?? emptyNamespace();
    namespaces.set(namespace, known);
    return known;
  }

  function listOf(
    place: Namespace,
    cluster: Cluster,
    namespace: string,
    options: RequestOptions,
  ): StreamList {
    if (place.list !== undefined && now() - place.list.begunAt < listFreshForMs) return place.list.streams;
    const streams = listed(cluster, namespace, options);
    place.list = { begunAt: now(), streams };
    void streams.then((found) => {
      if (found === undefined && !options.signal.aborted) place.cannotList = true;
    });
    return streams;
  }

  async function look(place: Namespace, cluster: Cluster, key: StreamKey, options: RequestOptions) {
    const isFirst = place.snapshots.size === 0;
    if (!isFirst && !place.cannotList && !place.written.has(key.name)) {
      const streams = await listOf(place, cluster, key.namespace, options);
      if (streams !== undefined) return streams.get(key.name);
    }
    return await cluster.streams.getStream(key, options);
  }

  return {
    get(cluster, key, options) {
      const place = namespaceOf(cluster, key);
      const before = place.snapshots.get(key.name);
      if (before !== undefined) return before;
      const answer = look(place, cluster, key, options);
      place.snapshots.set(key.name, answer);
      answer.catch(() => place.snapshots.delete(key.name));
      return answer;
    },
    drop(cluster, key) {
      const place = namespaceOf(cluster, key);
      place.written.add(key.name);
      place.snapshots.delete(key.name);
    },
  };
}

function emptyNamespace(): Namespace {
  return { snapshots: new Map(), written: new Set(), list: undefined, cannotList: false };
}

/** Whatever is wrong with a list, a GET of the one stream tells it better. */
async function listed(cluster: Cluster, namespace: string, options: RequestOptions): StreamList {
  try {
    const streams = await cluster.streams.listStreams(namespace, options);
    return streams && new Map(streams.map((stream) => [stream.metadata.name, stream]));
  } catch {
    return undefined;
  }
}

/** Which resource of the program declares which tag, as far as a process has seen. */
export interface DeclaredTags {
  /**
   * Notes what a resource declares, in place of what it declared in an earlier check. Answers why it may not: one reason
   * for each tag that another resource of the program declares too.
   */
  declare(cluster: ClusterIdentity, key: StreamKey, tags: readonly string[], urn: string): readonly string[];
}

export function createDeclaredTags(): DeclaredTags {
  const tagsOf = new Map<string, ReadonlySet<string>>();

  return {
    declare(cluster, { namespace, name }, tags, urn) {
      const prefix = JSON.stringify([cluster.uid ?? cluster.server, namespace, name]);
      const own = tags.map((tag) => ({ tag, entry: `${prefix} ${tag}` }));
      tagsOf.set(urn, new Set(own.map(({ entry }) => entry)));
      const others = [...tagsOf].filter(([other]) => other !== urn);
      return own.flatMap(({ tag, entry }) => {
        const rival = others.find(([, entries]) => entries.has(entry));
        if (rival === undefined) return [];
        return [
          `tags.${tag}: both ${rival[0]} and ${urn} declare the tag ${tag} of image stream ${namespace}/${name}. Leave it to one of them [STREAM_CLAIMED]`,
        ];
      });
    },
  };
}
