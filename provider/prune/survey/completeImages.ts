import { isDigest } from "../../oci/manifest.js";
import { isIndexType } from "../../oci/mediaTypes.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { type StreamKey, streamName } from "../../okd/streamName.js";
import { mapConcurrently } from "../../support/async/concurrency.js";
import { addTo } from "../../support/collections.js";
import { hasCode, isImageError } from "../../support/imageError.js";
import type { StreamFacts } from "../../usage/streamFacts.js";
import { saysAll } from "../plan/imageContent.js";
import { createImageGraph, type ImageGraph, withAncestors } from "../plan/imageGraph.js";
import type { ContentFinder, ManifestContent } from "../ports.js";
import type { ClusterSnapshot, Image } from "../snapshot.js";

const manifestsAtATime = 4;

/**
 * The snapshot, completed with what the registry knows about Images that do not say what they need. Images that the registry
 * does not serve remain unknown, and the plan says what they block. Does not ask again about Images of an `earlier` survey.
 */
export async function completeImages(
  snapshot: ClusterSnapshot,
  registry: Pick<ContentFinder, "readManifest">,
  options: RequestOptions,
  earlier: readonly Image[] = [],
): Promise<ClusterSnapshot> {
  const known = new Set(earlier);
  const isOpen = (image: Image) => !saysAll(image) && !known.has(image);
  if (!snapshot.images.some(isOpen)) return snapshot;
  const images = new Map(snapshot.images.map((image) => [image.digest, image]));
  const listings = listingsIn(snapshot.streams);
  const reader = createReader(registry, options);
  // An index that was read names more places for what it contains.
  for (let before = -1; before < reader.attempts();) {
    before = reader.attempts();
    const graph = createImageGraph(new Map(images));
    await mapConcurrently([...images.values()].filter(isOpen), manifestsAtATime, async (image) => {
      const content = await reader.read(image.digest, placesOf(image, graph, listings));
      if (content !== undefined) images.set(image.digest, withContent(image, content));
    });
  }
  return { ...snapshot, images: snapshot.images.map((image) => images.get(image.digest) ?? image) };
}

interface Listings {
  /** Streams by the digests that they list. */
  readonly byDigest: ReadonlyMap<string, readonly StreamFacts[]>;
  /** By `namespace/name`. */
  readonly byKey: ReadonlyMap<string, StreamFacts>;
}

function listingsIn(streams: readonly StreamFacts[]): Listings {
  const byDigest = new Map<string, StreamFacts[]>();
  for (const stream of streams) {
    for (const { items } of stream.tags) for (const { digest } of items) addTo(byDigest, digest, stream);
  }
  return {
    byDigest,
    byKey: new Map(streams.map((stream) => [streamName(stream), stream])),
  };
}

/**
 * The registry serves a manifest only under a stream that lists it, or an index with it (facts/registries.md 1); where nothing says
 * so, the index may be one that does not list it.
 */
function placesOf(
  { digest, repository }: Image,
  graph: ImageGraph,
  { byDigest, byKey }: Listings,
): Iterable<StreamFacts> {
  const listing = [...withAncestors([digest], graph)].flatMap((each) => byDigest.get(each) ?? []);
  return new Set([...listing, ...[byKey.get(repository)].filter((stream) => stream !== undefined)]);
}

interface Reader {
  /** How many requests were made. */
  readonly attempts: () => number;
  /** Asks each place once; undefined where none answers with the manifest. */
  readonly read: (digest: string, places: Iterable<StreamKey>) => Promise<ManifestContent | undefined>;
}

function createReader(registry: Pick<ContentFinder, "readManifest">, options: RequestOptions): Reader {
  const tried = new Set<string>();
  let isThere = true;
  return {
    attempts: () => tried.size,
    async read(digest, places) {
      for (const { namespace, name } of places) {
        const attempt = `${streamName({ namespace, name })}@${digest}`;
        if (tried.has(attempt) || !isThere) continue;
        tried.add(attempt);
        try {
          const content = await registry.readManifest({ namespace, name }, digest, options);
          if (content !== undefined && isWellFormed(content)) return content;
        } catch (error) {
          options.signal.throwIfAborted();
          if (!isImageError(error)) throw error;
          isThere = !hasCode(error, "REGISTRY_UNREACHABLE");
        }
      }
      return undefined;
    },
  };
}

function isWellFormed({ mediaType, layers, config, manifests }: ManifestContent): boolean {
  const named = isIndexType(mediaType) ? manifests : [...layers, ...(config === undefined ? [] : [config])];
  return (isIndexType(mediaType) || config !== undefined) && named.every(({ digest }) => isDigest(digest));
}

function withContent(image: Image, { mediaType, layers, config, manifests }: ManifestContent): Image {
  const digestsOf = (list: readonly { readonly digest: string }[]) => list.map(({ digest }) => digest);
  const sizeBytes = image.metadata.kind === "known" ? image.metadata.sizeBytes : 0;
  return {
    ...image,
    mediaType,
    layers: digestsOf(layers),
    metadata: config === undefined ? image.metadata : { kind: "known", configId: config.digest, sizeBytes },
    manifests: digestsOf(manifests),
    unsaid: "nothing",
  };
}
