import { arePlatformsEqual, formatPlatform, isRunnable } from "../oci/platform.js";
import { mapConcurrently } from "../support/concurrency.js";
import { hasCode, ImageError } from "../support/imageError.js";
import { blobsOf, type ImageTree } from "../oci/content.js";
import type { ArchiveArgs, ImageRequest } from "./archiveArgs.js";
import { type ContentImage, contentKey, layersOf } from "./content.js";
import { archiveName } from "../oci/archiveName.js";
import { archiveNames, repositoryOf } from "./imageNames.js";
import type { ImageRegistry, RequestOptions } from "./ports.js";
import type { ResolvedImage } from "./resolvedImage.js";
import { resolveEngineImage } from "./resolveEngineImage.js";
import type { ArchivePorts, StreamImage, StreamSource } from "./sourcePorts.js";

export interface ResolveRequest {
  readonly args: ArchiveArgs;
  /** What the last run has recorded, so that unchanged digests need no second look. */
  readonly known: Readonly<Record<string, ContentImage>>;
  readonly isPreview: boolean;
}

const atATime = 4;

/** Says which image every entry is. @throws ImageError of the source that cannot answer */
export async function resolveContent(
  ports: ArchivePorts,
  { args, known, isPreview }: ResolveRequest,
  options: RequestOptions,
): Promise<readonly ResolvedImage[]> {
  const resolved = await mapConcurrently(args.images, atATime, async (image, index) => {
    const { source } = image;
    switch (source.kind) {
      case "registry":
        return [
          await resolveRegistryImage(
            await ports.registry(args.registries),
            source.reference,
            image,
            known,
            options,
          ),
        ];
      case "engine":
        return [
          await resolveEngineImage(
            await ports.engine(args.engine, options),
            { ...image, reference: source.reference, argument: `images[${index}]` },
            options,
          ),
        ];
      case "stream":
        return await resolveStream(ports, source, image, { known, isPreview }, options);
    }
  });
  const images = resolved.flat();
  requireOwnNames(images);
  return images;
}

/** One image may stand in several entries, but a name stands for one image: globs of tags show only now what they mean. */
function requireOwnNames(images: readonly ResolvedImage[]): void {
  const owners = new Map<string, ResolvedImage>();
  for (const image of images) {
    for (const name of image.content.names.map(archiveName)) {
      const owner = owners.get(name) ?? image;
      owners.set(name, owner);
      if (owner.content.digest === image.content.digest) continue;
      const advice = "give one of them another name with as";
      throw new ImageError(
        "ARGUMENT_INVALID",
        `images: ${owner.key} and ${image.key} would both be ${name} in the archive; ${advice}`,
      );
    }
  }
}

async function resolveRegistryImage(
  registry: ImageRegistry,
  reference: string,
  image: Pick<ImageRequest, "platforms" | "as">,
  known: ResolveRequest["known"],
  options: RequestOptions,
  shown: { readonly source: string; readonly names: readonly string[] } = {
    source: reference,
    names: archiveNames(reference, image.as),
  },
): Promise<ResolvedImage> {
  const { source, names } = shown;
  const key = contentKey(source, image.as);
  const digest = await registry.digestOf(reference, options);
  const pinned = `${repositoryOf(reference)}@${digest}`;
  const origin = {
    kind: "registry",
    find: (later: RequestOptions) => registry.find(pinned, image.platforms, later),
  } as const;
  const before = known[key];
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

async function resolveStream(
  ports: ArchivePorts,
  source: StreamSource,
  image: ImageRequest,
  { known, isPreview }: Pick<ResolveRequest, "known" | "isPreview">,
  options: RequestOptions,
): Promise<readonly ResolvedImage[]> {
  const streams = await ports.streams(options);
  const found = await streams.find(source, options);
  if (source.digest !== undefined && !found.some(({ digest }) => digest === source.digest)) {
    if (isPreview) return [pendingImage(source, image, source.digest)];
    throw new ImageError(
      "IMAGE_NOT_FOUND",
      `images: ${describeStream(source)} does not serve ${source.digest}; has its import failed?`,
    );
  }
  if (found.length === 0) {
    throw new ImageError("STREAM_NOT_FOUND", `images: there is no image stream ${describeMissing(source)}`);
  }
  return await mapConcurrently(found, atATime, (tag) => {
    const name = keyOf(tag);
    const shown = { source: name, names: [image.as ?? name] };
    return resolveRegistryImage(streams.registry, tag.pullSpec, image, known, options, shown);
  });
}

/** An image that the same run imports: its digest is known, nothing else. */
function pendingImage(source: StreamSource, { as }: ImageRequest, digest: string): ResolvedImage {
  const name = describeStream(source);
  return {
    key: contentKey(name, as),
    configs: [],
    content: { digest, identity: "manifest", names: [as ?? name], isPending: true },
    origin: { kind: "pending" },
  };
}

function keyOf({ namespace, name, tag }: StreamImage): string {
  return `${namespace}/${name}:${tag}`;
}

function describeStream(source: StreamSource): string {
  return `${prefixOf(source)}${source.name}:${source.tags}`;
}

function describeMissing(source: StreamSource): string {
  const { name, tags } = source;
  return tags === "*" ? `${prefixOf(source)}${name} with any tag` : `tag ${describeStream(source)}`;
}

function prefixOf({ namespace }: StreamSource): string {
  return namespace === undefined ? "" : `${namespace}/`;
}

/** Failures after which a preview may go on with what the last run has recorded. */
export function isUnavailable(error: unknown): error is ImageError {
  return hasCode(
    error,
    "ENGINE_UNREACHABLE",
    "REGISTRY_UNREACHABLE",
    "API_UNREACHABLE",
    "API_TIMEOUT",
    "DEADLINE_EXCEEDED",
  );
}
