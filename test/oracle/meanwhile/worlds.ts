import type { StreamKey } from "../../../provider/okd/streamName.js";
import type { StreamTrim } from "../../../provider/prune/plan/decision.js";
import type { SafePrunePorts } from "../../../provider/prune/ports.js";
import type { ClusterSnapshot, Image } from "../../../provider/prune/snapshot.js";
import { ImageError } from "../../../provider/support/imageError.js";
import type { Referrer } from "../../../provider/usage/referrer.js";
import type { StreamFacts, TagItem } from "../../../provider/usage/streamFacts.js";
import { createRegistry, type RegistryModel, repositoryOf, servedBy } from "../model/registry.js";

/** A cluster with its registry, and who uses it. */
export interface World {
  readonly model: RegistryModel;
  readonly referrers: readonly Referrer[];
  /** Every Image that there ever was: a digest always has the same content. */
  readonly known: ReadonlyMap<string, Image>;
  /** Whether everything can be listed. */
  readonly isReadable: boolean;
}

export function worldOf(snapshot: ClusterSnapshot): World {
  const model = createRegistry(snapshot);
  return { model, referrers: snapshot.referrers, known: model.images, isReadable: true };
}

export function snapshotOfWorld(first: ClusterSnapshot, { model, referrers }: World): ClusterSnapshot {
  return { ...first, images: [...model.images.values()], streams: [...model.streams.values()], referrers };
}

/** What one request does: answers before the cluster or instead of it, while the cluster may have executed it. */
export type Interference = (request: string) => "none" | "fails before" | "fails after";

export interface WorldPorts {
  readonly ports: SafePrunePorts;
  /** Every request, such as `trim a/web` and `image sha256:…`. */
  readonly requests: readonly string[];
}

/**
 * The ports of a prune over the world in `current`; `beforeEach` is called with every request before it is handled.
 */
export function worldPorts(
  first: ClusterSnapshot,
  current: { real: World },
  beforeEach: Interference,
): WorldPorts {
  const requests: string[] = [];
  const histories = new Map<StreamTrim, StreamFacts>();
  const change = (model: Partial<RegistryModel>) => {
    current.real = { ...current.real, model: { ...current.real.model, ...model } };
  };
  const put = (stream: StreamFacts) => {
    const resourceVersion = String(Number(stream.resourceVersion) + 1);
    const { streams } = current.real.model;
    change({ streams: new Map([...streams, [repositoryOf(stream), { ...stream, resourceVersion }]]) });
  };
  const writable = (stream: StreamFacts): StreamFacts | undefined => {
    const stored = current.real.model.streams.get(repositoryOf(stream));
    if (stored === undefined || stored.createdAt !== stream.createdAt) return undefined;
    if (stored.resourceVersion !== stream.resourceVersion) throw new ImageError("API_CONFLICT", "modified");
    return stored;
  };
  const handle = async <Answer>(request: string, answer: () => Answer): Promise<Answer> => {
    requests.push(request);
    await Promise.resolve();
    const interference = beforeEach(request);
    if (interference === "fails before") throw new ImageError("API_UNREACHABLE", "no connection");
    const answered = answer();
    if (interference === "fails after") throw new ImageError("API_UNREACHABLE", "connection lost");
    return answered;
  };
  const look = (request: string) => () =>
    handle(request, () => {
      if (!current.real.isReadable) throw new ImageError("API_FORBIDDEN", "may not list widgets");
      return snapshotOfWorld(first, current.real);
    });
  const unlink = (kind: "layerLinks" | "manifestLinks", key: StreamKey, digest: string) => {
    const link = `${repositoryOf(key)} ${digest}`;
    change({ [kind]: new Set([...current.real.model[kind]].filter((each) => each !== link)) });
    return "deleted" as const;
  };

  const ports: SafePrunePorts = {
    lease: {
      acquire: () =>
        Promise.resolve({ lost: new AbortController().signal, release: () => Promise.resolve() }),
    },
    looks: { next: look("look"), whole: look("whole look") },
    streams: {
      readStream: (key) =>
        handle(`read ${repositoryOf(key)}`, () => current.real.model.streams.get(repositoryOf(key))),
      trimStream: (stream, trim) =>
        handle(`trim ${repositoryOf(stream)}`, () => {
          const stored = writable(stream);
          if (stored === undefined) return "absent";
          histories.set(trim, stored);
          put({ ...stored, tags: stored.tags.map((history) => trimmed(history, trim)).filter(isNotEmpty) });
          return "trimmed";
        }),
      restoreItems: (stream, trim, cuts) =>
        handle(`restore ${repositoryOf(stream)}`, () => {
          const stored = writable(stream);
          if (stored === undefined) return "absent";
          put({
            ...stored,
            tags: cuts.reduceRight((tags, cut) => restored(tags, cut, histories.get(trim)), stored.tags),
          });
          return "restored";
        }),
    },
    layerLinks: {
      deleteLayerLink: (key, digest) =>
        handle(`layer ${repositoryOf(key)} ${digest}`, () => unlink("layerLinks", key, digest)),
    },
    manifestLinks: {
      deleteManifestLink: (key, digest) =>
        handle(`manifest ${repositoryOf(key)} ${digest}`, () => unlink("manifestLinks", key, digest)),
    },
    blobs: {
      deleteBlob: (digest) =>
        handle(`blob ${digest}`, () => {
          const { storage } = current.real.model;
          change({ storage: new Set([...storage].filter((each) => each !== digest)) });
          return "deleted";
        }),
    },
    images: {
      deleteImage: ({ digest, uid }) =>
        handle(`image ${digest}`, () => {
          const { images } = current.real.model;
          const stored = images.get(digest);
          if (stored === undefined) return "absent";
          if (stored.uid !== uid) throw new ImageError("API_CONFLICT", "replaced");
          change({ images: new Map([...images].filter(([each]) => each !== digest)) });
          return "deleted";
        }),
    },
    content: {
      hasBlob: (key, digest) =>
        handle(`has ${repositoryOf(key)} ${digest}`, () => current.real.model.storage.has(digest)),
      readManifest: (key, digest) =>
        handle(`pull ${repositoryOf(key)} ${digest}`, () => {
          const { model } = current.real;
          const isServed = servedBy(model, repositoryOf(key)).has(digest) && model.images.has(digest);
          if (!isServed || !model.storage.has(digest)) return undefined;
          return { mediaType: "", layers: [], config: undefined, manifests: [] };
        }),
    },
  };
  return { ports, requests };
}

type History = StreamFacts["tags"][number];

function trimmed({ tag, items }: History, trim: StreamTrim): History {
  const gone = trim.tags.find((each) => each.tag === tag)?.cuts.map(({ revision }) => revision) ?? [];
  return { tag, items: items.filter((_, revision) => !gone.includes(revision)) };
}

function isNotEmpty({ items }: History): boolean {
  return items.length > 0;
}

/** Before the first one that is left of those that followed it, else at the end. */
function restored(
  tags: readonly History[],
  { tag, cut }: { readonly tag: string; readonly cut: { readonly revision: number } },
  before: StreamFacts | undefined,
): readonly History[] {
  const history = before?.tags.find((each) => each.tag === tag)?.items ?? [];
  const item = history[cut.revision];
  if (item === undefined) throw new Error("an item is put back that was not cut");
  const followers = history.slice(cut.revision + 1);
  const isSame = (one: TagItem, other: TagItem) =>
    one.digest === other.digest && one.createdAt === other.createdAt;
  const there = tags.find((each) => each.tag === tag)?.items ?? [];
  const position = there.findIndex((each) => followers.some((follower) => isSame(each, follower)));
  const at = position === -1 ? there.length : position;
  const items = [...there.slice(0, at), item, ...there.slice(at)];
  return [...tags.filter((each) => each.tag !== tag), { tag, items }];
}

export interface Pull {
  readonly repository: string;
  readonly digest: string;
}
