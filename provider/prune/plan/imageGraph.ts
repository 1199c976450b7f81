import { addTo } from "../../support/collections.js";
import type { Image } from "../snapshot.js";

/** Which manifest contains which, and whose config is whose. */
export interface ImageGraph {
  readonly images: ReadonlyMap<string, Image>;
  /** Digests of the indexes that list a manifest. */
  readonly parents: ReadonlyMap<string, readonly string[]>;
  /** Digests of the Images with a config, by its digest. */
  readonly byConfig: ReadonlyMap<string, readonly string[]>;
}

export function createImageGraph(images: ReadonlyMap<string, Image>): ImageGraph {
  const parents = new Map<string, string[]>();
  const byConfig = new Map<string, string[]>();
  for (const image of images.values()) {
    for (const child of image.manifests) addTo(parents, child, image.digest);
    const config = configDigestOf(image);
    if (config !== undefined) addTo(byConfig, config, image.digest);
  }
  return { images, parents, byConfig };
}

/** The digests and everything that is contained in them, at any depth. */
export function withDescendants(
  digests: Iterable<string>,
  images: ReadonlyMap<string, Image>,
): ReadonlySet<string> {
  return reachable(digests, (digest) => images.get(digest)?.manifests ?? []);
}

/** The digests and everything that contains one of them, at any depth. */
export function withAncestors(digests: Iterable<string>, { parents }: ImageGraph): ReadonlySet<string> {
  return reachable(digests, (digest) => parents.get(digest) ?? []);
}

/** The digest, everything that contains it and everything that it contains; not its siblings in an index. */
export function relatedTo(digest: string, graph: ImageGraph): ReadonlySet<string> {
  return new Set([...withAncestors([digest], graph), ...withDescendants([digest], graph.images)]);
}

function reachable(
  starts: Iterable<string>,
  next: (digest: string) => readonly string[],
): ReadonlySet<string> {
  const reached = new Set<string>(starts);
  // A loop over a set also reaches what is added meanwhile.
  for (const digest of reached) for (const found of next(digest)) reached.add(found);
  return reached;
}

/** Docker writes a config ID with or without its algorithm. */
export function configDigestOf({ metadata }: Image): string | undefined {
  if (metadata.kind !== "known" || metadata.configId === "") return undefined;
  const { configId } = metadata;
  return (configId.includes(":") ? configId : `sha256:${configId}`).toLowerCase();
}
