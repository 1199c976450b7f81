import { formatPlatform, type Platform } from "../oci/platform.js";
import { mapConcurrently } from "../support/concurrency.js";
import { hasCode, ImageError } from "../support/imageError.js";
import { blobsOf, type ImageTree } from "../oci/content.js";
import type { ArchiveArgs, ImageRequest } from "./archiveArgs.js";
import type { ContentImage } from "./content.js";
import { archiveName } from "../oci/archiveName.js";
import { archiveNames, repositoryOf } from "./imageNames.js";
import type { EngineImage, FoundImage, ImageRegistry, RequestOptions } from "./ports.js";
import type { ArchivePorts, StreamImage, StreamSource } from "./sourcePorts.js";

/** An image as it goes into the archive. */
export interface ResolvedImage {
  /** What the user wrote, or the stream's tag that a glob stands for; ` as ` another name where it gets one. */
  readonly key: string;
  /** The same without that name. */
  readonly source: string;
  /** Digests of its configs, where they were looked at. */
  readonly configs: readonly string[];
  readonly content: ContentImage;
  readonly origin: ImageOrigin;
}

/** Where the bytes come from. */
export type ImageOrigin =
  | { readonly kind: "registry"; readonly find: (options: RequestOptions) => Promise<FoundImage> }
  | { readonly kind: "engine"; readonly reference: string; readonly platform: Platform | undefined }
  /** Not imported yet: nothing to export before the update. */
  | { readonly kind: "pending" };

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
  const resolved = await mapConcurrently(args.images, atATime, async (image) => {
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
        return [await resolveEngineImage(ports, args, source.reference, image, options)];
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

/** Entries of one image under several names are several images of the archive's content. */
function keyFor(shown: string, as: string | undefined): string {
  return as === undefined ? shown : `${shown} as ${as}`;
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
  const key = keyFor(source, image.as);
  const digest = await registry.digestOf(reference, options);
  const pinned = `${repositoryOf(reference)}@${digest}`;
  const origin = {
    kind: "registry",
    find: (later: RequestOptions) => registry.find(pinned, image.platforms, later),
  } as const;
  const before = known[key];
  const wanted = image.platforms?.map(formatPlatform).sort();
  if (before?.identity === "manifest" && before.digest === digest && before.isPending !== true) {
    const isOfPlatforms =
      wanted === undefined ? before.digestChanges === undefined : wanted.join() === before.platforms?.join();
    if (isOfPlatforms) {
      return { key, source, configs: [], content: { ...before, names }, origin };
    }
  }
  const { tree } = await origin.find(options);
  const configs = tree.images.map(({ config }) => config.digest);
  return { key, source, configs, content: registryContent(digest, tree, names), origin };
}

function registryContent(digest: string, tree: ImageTree, names: readonly string[]): ContentImage {
  const [first] = tree.images;
  const documents = [...tree.indexes, ...tree.images];
  const size =
    documents.reduce((sum, { descriptor }) => sum + descriptor.size, 0) +
    blobsOf(tree).reduce((sum, blob) => sum + blob.size, 0);
  return {
    digest,
    identity: "manifest",
    names,
    platforms: tree.images.map(({ platform }) => formatPlatform(platform)).sort(),
    size,
    ...(first?.created === undefined ? {} : { created: first.created }),
    ...(first === undefined ? {} : { diffIds: first.diffIds }),
    ...(tree.root.digest === digest ? {} : { digestChanges: `${digest} becomes ${tree.root.digest}` }),
  };
}

async function resolveEngineImage(
  ports: ArchivePorts,
  args: ArchiveArgs,
  reference: string,
  { platforms = [], as }: ImageRequest,
  options: RequestOptions,
): Promise<ResolvedImage> {
  const engine = await ports.engine(args.engine, options);
  const [platform, ...others] = platforms;
  if (others.length > 0) {
    throw new ImageError(
      "ARGUMENT_INVALID",
      `images: ${reference} is to have ${platforms.map(formatPlatform).join(", ")}, but an engine exports one platform; export several from a registry`,
    );
  }
  const found = await engine.inspect(reference, platform, options);
  if (found === undefined) {
    throw new ImageError("IMAGE_NOT_FOUND", `images: ${engine.description} has no image ${reference}`);
  }
  const names = archiveNames(reference, as);
  return {
    key: keyFor(reference, as),
    source: reference,
    configs: [],
    content: engineContent(found, names),
    origin: { kind: "engine", reference, platform },
  };
}

function engineContent(image: EngineImage, names: readonly string[]): ContentImage {
  return {
    digest: image.id,
    identity: image.descriptor === undefined ? "config" : "manifest",
    names,
    platforms: [formatPlatform(image.platform)],
    size: image.size,
    ...(image.created === undefined ? {} : { created: image.created }),
    diffIds: image.diffIds,
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
    throw new ImageError("IMAGE_NOT_FOUND", `images: there is no image stream tag ${describeStream(source)}`);
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
    key: keyFor(name, as),
    source: name,
    configs: [],
    content: { digest, identity: "manifest", names: [as ?? name], isPending: true },
    origin: { kind: "pending" },
  };
}

function keyOf({ namespace, name, tag }: StreamImage): string {
  return `${namespace}/${name}:${tag}`;
}

function describeStream({ namespace, name, tags }: StreamSource): string {
  return `${namespace === undefined ? "" : `${namespace}/`}${name}:${tags}`;
}

/** Failures after which a preview may go on with what the last run has recorded. */
export function isUnavailable(error: unknown): error is ImageError {
  return hasCode(error, "ENGINE_UNREACHABLE", "REGISTRY_UNREACHABLE", "API_UNREACHABLE", "API_TIMEOUT");
}
