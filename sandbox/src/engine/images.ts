import { gunzipSync } from "node:zlib";
import {
  defaultPlatform,
  type ImageContent,
  ociTypes,
  type Platform,
  type PublishedImage,
  publishImage,
  publishIndex,
} from "../registry/publish.js";
import { digestOf, RegistryStore } from "../registry/store.js";
import { fullName, repositoryOf, shortName } from "./names.js";
import type { ImageStore } from "./profiles.js";

export interface StoredBlob {
  readonly digest: string;
  readonly mediaType: string;
  readonly content: Buffer;
}

/** An image for one platform with everything that it consists of. */
export interface StoredImage {
  readonly manifest: StoredBlob;
  readonly config: StoredBlob;
  readonly platform: Platform;
  /** As a registry has them. */
  readonly layers: readonly StoredBlob[];
  /** Uncompressed, in the same order. */
  readonly tars: readonly StoredBlob[];
}

/** What a name means to an engine. */
export interface EngineEntry {
  /** By the rule of the store: digest of the config, or of the manifest or index. */
  readonly id: string;
  /** The index where there are several platforms. */
  readonly target: StoredBlob;
  readonly isIndex: boolean;
  /** At least one. */
  readonly images: readonly [StoredImage, ...StoredImage[]];
  /** What the index lists beside them. */
  readonly unpulled: readonly StoredImage[];
}

const repository = "engine";

/** The images of one engine. The same content gives the same digests as `publishImage` gives in a registry. */
export class EngineImages {
  readonly #store = new RegistryStore();
  readonly #entries = new Map<string, EngineEntry>();
  /** Full name with tag to ID. */
  readonly #tags = new Map<string, string>();
  readonly #kind: ImageStore;

  constructor(kind: ImageStore) {
    this.#kind = kind;
  }

  /** Adds an image, under names with tags (`acme/web:v1`) or under none; answers its ID. */
  add(names: readonly string[], content: ImageContent = {}): string {
    const published = publishImage(this.#store, repository, undefined, { content: names.join(), ...content });
    const image = this.#image(published, content.platform ?? defaultPlatform);
    return this.#keep(names, published, { isIndex: false, images: [image], unpulled: [] });
  }

  /**
   * Adds an image with several platforms, which only the containerd store can hold.
   * @param unpulled platforms that the index lists too, and of which nothing else was pulled
   */
  addIndex(
    names: readonly string[],
    platforms: readonly Platform[],
    content: ImageContent = {},
    unpulled: readonly Platform[] = [],
  ): string {
    if (this.#kind !== "containerd") throw new Error(`a ${this.#kind} store holds one platform of an image`);
    const listed = [...platforms, ...unpulled];
    const published = publishIndex(this.#store, repository, undefined, listed, {
      content: names.join(),
      ...content,
    });
    const images = published.children.map((child, index) =>
      this.#image(child, listed[index] ?? defaultPlatform),
    );
    const [first, ...others] = images.slice(0, platforms.length);
    if (first === undefined) throw new Error("an index needs a platform");
    return this.#keep(names, published, {
      isIndex: true,
      images: [first, ...others],
      unpulled: images.slice(platforms.length),
    });
  }

  /** Moves or adds a tag. */
  tag(name: string, id: string): void {
    this.#tags.set(fullName(name), id);
  }

  /** By name, `name@digest`, ID or the beginning of one. */
  find(reference: string): EngineEntry | undefined {
    const id = this.#tags.get(fullName(reference));
    if (id !== undefined) return this.#entries.get(id);
    const entries = [...this.#entries.values()];
    const [name = "", digest] = reference.split("@", 2);
    if (digest !== undefined) {
      const wanted = repositoryOf(fullName(name));
      return entries.find(
        (entry) => entry.target.digest === digest && this.#repositories(entry.id).includes(wanted),
      );
    }
    const hex = /^(?:sha256:)?([0-9a-f]{4,64})$/.exec(reference)?.[1];
    return hex === undefined ? undefined : entries.find((entry) => entry.id.startsWith(`sha256:${hex}`));
  }

  /** Names with tags, as the engine shows them, sorted. */
  tagsOf(id: string): readonly string[] {
    return this.#fullTags(id).map((name) => this.#shown(name));
  }

  /** A name with its tag, as the engine shows it. */
  shownName(name: string): string {
    return this.#shown(fullName(name));
  }

  digestsOf({ id, target }: EngineEntry): readonly string[] {
    return this.#repositories(id).map((name) => `${this.#shown(name)}@${target.digest}`);
  }

  /** Every tag of a repository, as shown. */
  tagsIn(name: string): readonly string[] {
    const wanted = repositoryOf(fullName(name));
    const names = [...this.#tags.keys()].filter((tag) => repositoryOf(tag) === wanted);
    return names.map((tag) => this.#shown(tag)).sort();
  }

  /** podman shows names in full. */
  #shown(name: string): string {
    return this.#kind === "podman" ? name : shortName(name);
  }

  #fullTags(id: string): readonly string[] {
    return [...this.#tags].flatMap(([name, target]) => (target === id ? [name] : [])).sort();
  }

  #repositories(id: string): readonly string[] {
    return [...new Set(this.#fullTags(id).map(repositoryOf))];
  }

  #keep(
    names: readonly string[],
    { digest, mediaType }: PublishedImage,
    parts: Pick<EngineEntry, "isIndex" | "images" | "unpulled">,
  ): string {
    const content = this.#manifest(digest);
    const id = this.#kind === "containerd" ? digest : parts.images[0].config.digest;
    this.#entries.set(id, { id, target: { digest, mediaType, content }, ...parts });
    for (const name of names) this.tag(name, id);
    return id;
  }

  #image(
    { digest, mediaType, configDigest = "", layerDigests }: PublishedImage,
    platform: Platform,
  ): StoredImage {
    const blobs = layerDigests.map((layer) => this.#blob(layer));
    return {
      manifest: { digest, mediaType, content: this.#manifest(digest) },
      config: { digest: configDigest, mediaType: ociTypes.config, content: this.#blob(configDigest) },
      platform,
      layers: blobs.map((content) => ({ digest: digestOf(content), mediaType: ociTypes.layer, content })),
      tars: blobs.map((blob) => {
        const content = gunzipSync(blob);
        return { digest: digestOf(content), mediaType: tarLayerType, content };
      }),
    };
  }

  #manifest(digest: string): Buffer {
    const manifest = this.#store.manifest(repository, digest);
    if (manifest === undefined) throw new Error(`no manifest ${digest}`);
    return manifest.content;
  }

  #blob(digest: string): Buffer {
    const blob = this.#store.blob(repository, digest);
    if (blob === undefined) throw new Error(`no blob ${digest}`);
    return blob;
  }
}

const tarLayerType = "application/vnd.oci.image.layer.v1.tar";
