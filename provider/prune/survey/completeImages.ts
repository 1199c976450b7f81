import { mapConcurrently } from "../../support/concurrency.js";
import { isImageError } from "../../support/imageError.js";
import type { ContentFinder, RequestOptions } from "../execute/ports.js";
import { hasKnownContent } from "../plan/imageContent.js";
import type { ClusterSnapshot, Image, ImageStream } from "../plan/snapshot.js";

const manifestsAtATime = 4;

/**
 * The snapshot with what the registry knows about Images whose metadata is missing (safety.md 1.12). What the registry
 * does not serve stays as it is, and the plan that needs it says so.
 */
export async function completeImages(
  snapshot: ClusterSnapshot,
  registry: Pick<ContentFinder, "readManifest">,
  options: RequestOptions,
): Promise<ClusterSnapshot> {
  const unreadable = snapshot.images.filter((image) => !hasKnownContent(image));
  const read = await mapConcurrently(unreadable, manifestsAtATime, (image) =>
    readContent(image, snapshot, registry, options),
  );
  const completed = new Map(unreadable.map((image, index) => [image, read[index] ?? image]));
  return { ...snapshot, images: snapshot.images.map((image) => completed.get(image) ?? image) };
}

/** The registry serves a manifest only under a stream that lists it, or an index with it (safety.md 1.1). */
async function readContent(
  image: Image,
  { streams, images }: ClusterSnapshot,
  registry: Pick<ContentFinder, "readManifest">,
  options: RequestOptions,
): Promise<Image | undefined> {
  const listing = new Set([
    image.digest,
    ...images.filter(({ manifests }) => manifests.includes(image.digest)).map(({ digest }) => digest),
  ]);
  for (const { namespace, name } of streams.filter((stream) => listsAny(stream, listing))) {
    try {
      const manifest = await registry.readManifest({ namespace, name }, image.digest, options);
      if (manifest?.config === undefined) continue;
      return {
        ...image,
        mediaType: manifest.mediaType,
        layers: manifest.layers.map(({ digest }) => digest),
        metadata: { kind: "known", configId: manifest.config.digest, sizeBytes: 0 },
      };
    } catch (error) {
      options.signal.throwIfAborted();
      if (!isImageError(error)) throw error;
    }
  }
  return undefined;
}

function listsAny({ tags }: ImageStream, digests: ReadonlySet<string>): boolean {
  return tags.some(({ items }) => items.some(({ digest }) => digests.has(digest)));
}
