import type { StreamKey } from "../../../provider/okd/streamName.js";
import type { ClusterSnapshot, Image } from "../../../provider/prune/snapshot.js";
import type { StreamFacts } from "../../../provider/usage/streamFacts.js";

/**
 * A cluster and its integrated registry, as far as they decide whether an image can be pulled (facts/registries.md 1). Made to be
 * obviously right, not fast; it shares nothing with the planner that it judges.
 */
export interface RegistryModel {
  readonly images: ReadonlyMap<string, Image>;
  /** By `namespace/name`. */
  readonly streams: ReadonlyMap<string, StreamFacts>;
  /** Digests of the blobs in the storage: manifests, layers, configs. */
  readonly storage: ReadonlySet<string>;
  /** `namespace/name digest` for each blob that a repository links to, layers and manifests apart. */
  readonly layerLinks: ReadonlySet<string>;
  readonly manifestLinks: ReadonlySet<string>;
}

const configuredTypes: readonly string[] = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

export function repositoryOf({ namespace, name }: StreamKey): string {
  return `${namespace}/${name}`;
}

export function linkOf(repository: string, digest: string): string {
  return `${repository} ${digest}`;
}

/**
 * The registry in which everything is stored that any Image needs. Imported images are pulled through from elsewhere;
 * their blobs count as stored too, so that the loss of a shared one is noticed.
 */
export function createRegistry(snapshot: ClusterSnapshot): RegistryModel {
  const images = new Map(snapshot.images.map((image) => [image.digest, image]));
  const streams = new Map(snapshot.streams.map((stream) => [repositoryOf(stream), stream]));
  const model = { images, streams, storage: new Set<string>() };
  const storage = new Set(snapshot.images.flatMap((image) => [image.digest, ...contentOf(image)]));
  const layerLinks = new Set<string>();
  const manifestLinks = new Set<string>();
  for (const repository of streams.keys()) {
    for (const digest of servedBy(model, repository)) {
      manifestLinks.add(linkOf(repository, digest));
      const image = images.get(digest);
      for (const blob of image === undefined ? [] : contentOf(image)) {
        layerLinks.add(linkOf(repository, blob));
      }
    }
  }
  return { ...model, storage, layerLinks, manifestLinks };
}

/** Layers and config: what a client downloads after the manifest. */
export function contentOf({ layers, metadata, mediaType }: Image): readonly string[] {
  const hasConfig = metadata.kind === "known" && configuredTypes.includes(mediaType);
  return hasConfig && metadata.configId !== "" ? [...layers, metadata.configId] : layers;
}

/** Digests in the history of the stream, and those of the Images that the indexes among them contain, all the way down. */
export function servedBy(
  { images, streams }: Pick<RegistryModel, "images" | "streams">,
  repository: string,
): ReadonlySet<string> {
  const listed = listedBy(streams.get(repository));
  return new Set(listed.flatMap((digest) => [...withDescendants(images, digest)]));
}

/** Digests in the history of any of its tags. */
export function listedBy(stream: StreamFacts | undefined): readonly string[] {
  const items = (stream?.tags ?? []).flatMap((tag) => tag.items);
  return items.map((item) => item.digest).filter((digest) => digest !== "");
}

/** The digest and everything below it, through Images that exist; those at the lower end may not. */
export function withDescendants(
  images: ReadonlyMap<string, Image>,
  digest: string,
  seen: Set<string> = new Set(),
): ReadonlySet<string> {
  if (seen.has(digest)) return seen;
  seen.add(digest);
  for (const child of images.get(digest)?.manifests ?? []) withDescendants(images, child, seen);
  return seen;
}

/** Its Image exists, and manifest, config and layers are in the storage, whoever may serve it. */
export function isIntact({ images, storage }: RegistryModel, digest: string): boolean {
  const image = images.get(digest);
  if (image === undefined) return false;
  return [digest, ...contentOf(image)].every((blob) => storage.has(blob));
}

/**
 * Whether this manifest can be pulled from the repository. The children of an index are to be asked for one by one:
 * which of them ever could be pulled is not the index's affair.
 */
export function canPull(model: RegistryModel, repository: string, digest: string): boolean {
  return servedBy(model, repository).has(digest) && isIntact(model, digest);
}

/** What the tag means now: the digest of its newest item, empty for a reference tag; undefined without any item. */
export function resolveTag(model: RegistryModel, repository: string, tag: string): string | undefined {
  const history = model.streams.get(repository)?.tags.find((each) => each.tag === tag);
  return history?.items[0]?.digest;
}
