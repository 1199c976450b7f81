import type { StreamKey } from "../../../provider/okd/streamName.js";
import type { StreamTrim } from "../../../provider/prune/plan/decision.js";
import type { SafePrunePorts, TagCut } from "../../../provider/prune/ports.js";
import type { ClusterSnapshot, Image } from "../../../provider/prune/snapshot.js";
import { ImageError } from "../../../provider/support/imageError.js";
import type { StreamFacts, TagItem } from "../../../provider/usage/streamFacts.js";

const emptyManifest = { mediaType: "", layers: [], config: undefined, manifests: [] };

/** What happens before a call is answered: a change of the cluster, or a failure by throwing. */
export type Hook = (call: string, cluster: PruneCluster) => void;

/**
 * A cluster with its registry behind the ports of a prune. It notes down every call, such as `trim shop/web` or
 * `blob layer-a`, and keeps the rules that matter: versions, uids, what the registry serves.
 */
export class PruneCluster {
  snapshot: ClusterSnapshot;
  readonly calls: string[] = [];
  readonly blobs = new Set<string>();
  readonly lost = new AbortController();
  hook: Hook = () => undefined;
  #version = 100;

  constructor(snapshot: ClusterSnapshot) {
    this.snapshot = snapshot;
    for (const image of snapshot.images) this.#store(image);
  }

  /** The calls that change something. */
  get changes(): readonly string[] {
    return this.calls.filter((call) => /^(trim|restore|layer|manifest|blob|image) /.test(call));
  }

  /** Creates or replaces an object as another client would. */
  put(change: { readonly image?: Image; readonly stream?: StreamFacts }): void {
    const { image, stream } = change;
    if (image !== undefined) {
      const images = this.snapshot.images.filter(({ digest }) => digest !== image.digest);
      this.snapshot = { ...this.snapshot, images: [...images, image] };
    }
    if (stream !== undefined) {
      this.#version += 1;
      const streams = this.snapshot.streams.filter((each) => nameOf(each) !== nameOf(stream));
      const stored = { ...stream, resourceVersion: String(this.#version) };
      this.snapshot = { ...this.snapshot, streams: [...streams, stored] };
    }
  }

  /** A push: the object, its stream, and what the registry needs for it. */
  push(image: Image, stream: StreamFacts): void {
    this.put({ image, stream });
    this.#store(image);
  }

  removeStream(name: string): void {
    const streams = this.snapshot.streams.filter((stream) => nameOf(stream) !== name);
    this.snapshot = { ...this.snapshot, streams };
  }

  readonly ports: SafePrunePorts = {
    lease: {
      acquire: ({ holder }) =>
        this.#call(`acquire ${holder}`, () => ({
          lost: this.lost.signal,
          release: () => this.#call("release", () => undefined),
        })),
    },
    looks: {
      next: () => this.#call("look", () => this.snapshot),
      whole: () => this.#call("look", () => this.snapshot),
    },
    streams: {
      readStream: (key) => this.#call(`read ${nameOf(key)}`, () => this.#find(key)),
      trimStream: (stream, trim) => this.#call(`trim ${nameOf(stream)}`, () => this.#trim(stream, trim)),
      restoreItems: (stream, trim, cuts) =>
        this.#call(`restore ${nameOf(stream)}`, () => this.#restore(stream, trim, cuts)),
    },
    layerLinks: {
      deleteLayerLink: (key, digest) => this.#call(`layer ${nameOf(key)} ${digest}`, () => "deleted"),
    },
    manifestLinks: {
      deleteManifestLink: (key, digest) => this.#call(`manifest ${nameOf(key)} ${digest}`, () => "deleted"),
    },
    blobs: {
      deleteBlob: (digest) =>
        this.#call(`blob ${digest}`, () => (this.blobs.delete(digest) ? "deleted" : "absent")),
    },
    images: {
      deleteImage: ({ digest, uid }) => this.#call(`image ${digest}`, () => this.#deleteImage(digest, uid)),
    },
    content: {
      hasBlob: (key, digest) => this.#call(`has ${nameOf(key)} ${digest}`, () => this.blobs.has(digest)),
      readManifest: (key, digest) =>
        this.#call(`pull ${nameOf(key)} ${digest}`, () =>
          this.blobs.has(digest) ? emptyManifest : undefined,
        ),
    },
  };

  async #call<Value>(call: string, answer: () => Value): Promise<Value> {
    this.calls.push(call);
    await Promise.resolve();
    this.hook(call, this);
    return answer();
  }

  #find(key: StreamKey): StreamFacts | undefined {
    return this.snapshot.streams.find((stream) => nameOf(stream) === nameOf(key));
  }

  #trim(stream: StreamFacts, { tags: trims }: StreamTrim): "trimmed" | "absent" {
    const stored = this.#find(stream);
    if (stored === undefined) return "absent";
    if (stored.resourceVersion !== stream.resourceVersion) throw new ImageError("API_CONFLICT", "modified");
    const tags = stored.tags.flatMap(({ tag, items }) => {
      const cuts = new Set(trims.find((trim) => trim.tag === tag)?.cuts.map(({ revision }) => revision));
      const left = items.filter((_, revision) => !cuts.has(revision));
      return left.length === 0 ? [] : [{ tag, items: left }];
    });
    this.put({ stream: { ...stored, tags } });
    return "trimmed";
  }

  /** Inserts it after the newer ones, because the histories of tests are sorted. */
  #restore(stream: StreamFacts, _trim: StreamTrim, cuts: readonly TagCut[]): "restored" | "absent" {
    const stored = this.#find(stream);
    if (stored === undefined) return "absent";
    if (stored.resourceVersion !== stream.resourceVersion) throw new ImageError("API_CONFLICT", "modified");
    const added = new Set(
      cuts.map(({ tag }) => tag).filter((tag) => !stored.tags.some((each) => each.tag === tag)),
    );
    const tags = [...stored.tags, ...[...added].map((tag) => ({ tag, items: [] as readonly TagItem[] }))];
    const restored = tags.map(({ tag, items }) => {
      const back = cuts
        .filter((each) => each.tag === tag)
        .map(({ cut: { digest, createdAt, pullSpec } }) => ({ digest, createdAt, pullSpec }));
      return { tag, items: [...items, ...back].sort((one, other) => other.createdAt - one.createdAt) };
    });
    this.put({ stream: { ...stored, tags: restored } });
    return "restored";
  }

  #deleteImage(digest: string, uid: string): "deleted" | "absent" {
    const stored = this.snapshot.images.find((image) => image.digest === digest);
    if (stored === undefined) return "absent";
    if (stored.uid !== uid) throw new ImageError("API_CONFLICT", "the Image was replaced");
    const images = this.snapshot.images.filter((image) => image !== stored);
    this.snapshot = { ...this.snapshot, images };
    return "deleted";
  }

  #store({ digest, layers, metadata }: Image): void {
    for (const blob of [digest, ...layers]) this.blobs.add(blob);
    if (metadata.kind === "known") this.blobs.add(metadata.configId);
  }
}

function nameOf({ namespace, name }: StreamKey): string {
  return `${namespace}/${name}`;
}
