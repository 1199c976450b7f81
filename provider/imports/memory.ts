import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import type { ImageStream } from "../okd/imageStream.js";
import type { RequestOptions } from "../okd/requestOptions.js";
import { streamName, type StreamKey } from "../okd/streamName.js";
import { createAnswers, memoized, onePer } from "../support/async/memoized.js";
import { isImageError } from "../support/imageError.js";
import type { SelectedTag } from "./args/desiredRepository.js";
import type { DesiredStream } from "./args/desiredStream.js";
import { withGone } from "./plan/repository/expand.js";
import type { DesiredPullSecret } from "./args/pullSecret/desired.js";
import { createDeclaredSecrets } from "./declaredSecrets.js";
import type { Cluster } from "./ports.js";

/**
 * What a process has read of streams: one answer a stream for read, check and diff; a write of ours drops it. A provider
 * process lives for one phase of one CLI run, and create and update always look again.
 */
export interface KnownStreams {
  snapshot(cluster: Cluster, key: StreamKey, options: RequestOptions): Promise<ImageStream | undefined>;
  /** Digests of a stream's history whose Image object is gone. */
  lostImages(cluster: Cluster, key: StreamKey, options: RequestOptions): Promise<ReadonlySet<string>>;
  drop(cluster: Cluster, key: StreamKey): void;
}

/** From the second stream of a namespace on, one list answers for all of them. */
export function createKnownStreams(now: () => number = Date.now): KnownStreams {
  const memoryOf = onePer((cluster: Cluster) => ({
    snapshotsOf: memoized((namespace) => createSnapshots(cluster, namespace, now)),
    lostImages: createAnswers<ReadonlySet<string>>(),
  }));
  return {
    snapshot: (cluster, { namespace, name }, options) =>
      memoryOf(cluster).snapshotsOf(namespace).get(name, options),
    lostImages: (cluster, key, options) =>
      memoryOf(cluster).lostImages.get(streamName(key), () => readLostImages(cluster, key, options)),
    drop(cluster, key) {
      const { snapshotsOf, lostImages } = memoryOf(cluster);
      snapshotsOf(key.namespace).drop(key.name);
      lostImages.drop(streamName(key));
    },
  };
}

/** Streams of one namespace. */
interface Snapshots {
  get(name: string, options: RequestOptions): Promise<ImageStream | undefined>;
  drop(name: string): void;
}

/** Streams of a namespace by name; undefined when they are too many, or may not be listed. */
type StreamList = Promise<ReadonlyMap<string, ImageStream> | undefined>;

/** Milliseconds for which a list counts, for what it holds and for what it lacks. */
const listFreshForMs = 10_000;

function createSnapshots(cluster: Cluster, namespace: string, now: () => number): Snapshots {
  const answers = createAnswers<ImageStream | undefined>();
  /** Names of streams that we have written: no list counts for them. */
  const written = new Set<string>();
  let list: { readonly begunAt: number; readonly streams: StreamList } | undefined;
  let cannotList = false;

  function listOf(options: RequestOptions): StreamList {
    if (list !== undefined && now() - list.begunAt < listFreshForMs) return list.streams;
    const streams = listed(cluster, namespace, options);
    list = { begunAt: now(), streams };
    void streams.then((found) => {
      if (found === undefined && !options.signal.aborted) cannotList = true;
    });
    return streams;
  }

  async function ask(name: string, isFirst: boolean, options: RequestOptions) {
    if (!isFirst && !cannotList && !written.has(name)) {
      const streams = await listOf(options);
      if (streams !== undefined) return streams.get(name);
    }
    return await cluster.streams.getStream({ namespace, name }, options);
  }

  return {
    get: (name, options) => answers.get(name, () => ask(name, answers.size() === 0, options)),
    drop(name) {
      written.add(name);
      answers.drop(name);
    },
  };
}

/** A list that fails counts as absent: the GET of the one stream tells the reason better. */
async function listed(cluster: Cluster, namespace: string, options: RequestOptions): StreamList {
  try {
    const streams = await cluster.streams.listStreams(namespace, options);
    return streams && new Map(streams.map((stream) => [stream.metadata.name, stream]));
  } catch {
    return undefined;
  }
}

const noLostImages: ReadonlySet<string> = new Set();

/** Empty where lost images may not be read, or the server does not tell. */
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

/** Which resource of the program declares which tag, as far as a process has seen. */
interface DeclaredTags {
  /**
   * Notes what a resource declares, in place of what it declared in an earlier check. Answers one reason for each tag that
   * another resource of the program declares too.
   */
  declare(cluster: ClusterIdentity, key: StreamKey, tags: readonly string[], urn: string): readonly string[];
}

/** Tags and pull secrets of all resources of a program that a process has checked. */
interface Declarations {
  /** As DeclaredTags and DeclaredSecrets. */
  declare(
    cluster: ClusterIdentity,
    key: StreamKey,
    declared: { readonly tags: readonly string[]; readonly secret: DesiredPullSecret | undefined },
    urn: string,
  ): readonly string[];
}

function createDeclarations(): Declarations {
  const ofTags = createDeclaredTags();
  const ofSecrets = createDeclaredSecrets();
  return {
    declare: (cluster, key, { tags, secret }, urn) => [
      ...ofTags.declare(cluster, key, tags, urn),
      ...ofSecrets.declare(cluster, key.namespace, secret, urn),
    ],
  };
}

function createDeclaredTags(): DeclaredTags {
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

/** Tags of a repository that upstream no longer has, by resource: its check finds them, and nothing records them. */
interface GoneTags {
  note(urn: string, selected: readonly SelectedTag[]): void;
  marked<Stream extends DesiredStream>(urn: string, desired: Stream): Stream;
}

function createGoneTags(): GoneTags {
  const gone = new Map<string, readonly SelectedTag[]>();
  return {
    note: (urn, selected) =>
      void gone.set(
        urn,
        selected.filter(({ isGone }) => isGone === true),
      ),
    marked: (urn, desired) => withGone(desired, gone.get(urn) ?? []),
  };
}

/** What the verbs of all resources remember in one process. */
export interface Memory {
  readonly known: KnownStreams;
  readonly declared: Declarations;
  readonly gone: GoneTags;
}

export function createMemory(): Memory {
  return { known: createKnownStreams(), declared: createDeclarations(), gone: createGoneTags() };
}
