import { blobsOf, type ImageTree } from "../../oci/content.js";
import { archiveNames, repositoryOf } from "../../oci/names/images.js";
import { arePlatformsEqual, formatPlatform, isRunnable } from "../../oci/platform.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { own } from "../../support/collections.js";
import type { ImageRequest } from "../args/parsed.js";
import type { ContentImage } from "../outputs.js";
import { contentKey, layersOf } from "../plan/content.js";
import type { SourceImage } from "../plan/resolvedImage.js";
import type { ImageRegistry } from "../ports.js";

/** Finds out which image a reference names; an image that is known by its digest needs no further request. */
export async function resolveRegistryImage(
  registry: ImageRegistry,
  reference: string,
  image: Pick<ImageRequest, "platforms" | "as">,
  known: Readonly<Record<string, ContentImage>>,
  options: RequestOptions,
  shown: { readonly source: string; readonly names: readonly string[] } = {
    source: reference,
    names: archiveNames(reference, image.as),
  },
): Promise<SourceImage> {
  const { source, names } = shown;
  const key = contentKey(source, image.as);
  const digest = await registry.digestOf(reference, options);
  const pinned = `${repositoryOf(reference)}@${digest}`;
  const origin = {
    kind: "registry",
    find: (later: RequestOptions) => registry.find(pinned, image.platforms, later),
  } as const;
  const before = own(known, key);
  const wanted = image.platforms?.map(formatPlatform);
  if (before?.identity === "manifest" && before.digest === digest && before.isPending !== true) {
    const isOfPlatforms =
      wanted === undefined ? before.digestChanges === undefined : arePlatformsEqual(wanted, before.platforms);
    // Older states say only in words that the archive holds another digest.
    const isComplete = (before.digestChanges === undefined) === (before.archivedDigest === undefined);
    if (isOfPlatforms && isComplete) {
      return { key, configs: [], content: { ...before, names }, origin };
    }
  }
  const { tree } = await origin.find(options);
  const configs = tree.images.map(({ config }) => config.digest);
  return { key, configs, content: registryContent(digest, tree, names), origin };
}

function registryContent(digest: string, tree: ImageTree, names: readonly string[]): ContentImage {
  const runnable = tree.images.filter(({ platform }) => isRunnable(platform)); // the others are attestations
  const [first] = runnable;
  const archived = tree.root.digest;
  const documents = [...tree.indexes, ...tree.images];
  const size =
    documents.reduce((sum, { descriptor }) => sum + descriptor.size, 0) +
    blobsOf(tree).reduce((sum, blob) => sum + blob.size, 0);
  return {
    digest,
    identity: "manifest",
    names,
    platforms: runnable.map(({ platform }) => formatPlatform(platform)).sort(),
    size,
    ...(first?.created === undefined ? {} : { created: first.created }),
    ...layersOf(first?.diffIds),
    ...(archived === digest
      ? {}
      : { digestChanges: `${digest} becomes ${archived}`, archivedDigest: archived }),
  };
}
