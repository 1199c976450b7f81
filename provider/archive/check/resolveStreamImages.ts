import { repositoryOf } from "../../oci/names/images.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { mapConcurrently } from "../../support/async/concurrency.js";
import { bareMessage, hasCode, ImageError, isImageError } from "../../support/imageError.js";
import type { ArchiveArgs, ImageRequest } from "../args/parsed.js";
import type { ContentImage } from "../outputs.js";
import { contentKey } from "../plan/content.js";
import type { SourceImage } from "../plan/resolvedImage.js";
import type { ArchivePorts, StreamImage, StreamRegistry, StreamSource } from "../ports.js";
import { resolveRegistryImage } from "./resolveRegistryImage.js";

/** What the streams of one archive are resolved with. */
export interface StreamWork {
  readonly ports: ArchivePorts;
  readonly args: Pick<ArchiveArgs, "registries">;
  readonly known: Readonly<Record<string, ContentImage>>;
  readonly isPreview: boolean;
  readonly openIntegrated: () => Promise<StreamRegistry>;
}

export interface StreamOptions extends RequestOptions {
  readonly log: { readonly warn: (message: string) => void };
}

const atATime = 4;

/** The integrated registry, opened once for all images of an archive: finding out that it cannot be reached takes long. */
export function openedOnce(
  ports: ArchivePorts,
  settings: ArchiveArgs["integratedRegistry"],
  options: RequestOptions,
): () => Promise<StreamRegistry> {
  let opened: Promise<StreamRegistry> | undefined;
  return () => (opened ??= ports.streams(options).then((streams) => streams.registry(settings, options)));
}

/** @throws ImageError STREAM_NOT_FOUND, NAMESPACE_NOT_FOUND, IMAGE_NOT_FOUND, REGISTRY_* */
export async function resolveStreamImages(
  work: StreamWork,
  source: StreamSource,
  image: ImageRequest,
  options: StreamOptions,
): Promise<readonly SourceImage[]> {
  const streams = await work.ports.streams(options);
  const found = await streams.find(source, options);
  if (found.length > 0)
    return await mapConcurrently(found, atATime, (each) => resolveTag(work, each, image, options));
  const { digest } = source;
  if (digest === undefined) throw await streams.explainMissing(source, options);
  return [await resolveHandle(work, { ...source, digest }, image, options)];
}

/** Pulls from the integrated registry, or, where that cannot be reached, from the stream's source, if that is allowed. */
async function resolveTag(
  work: StreamWork,
  tag: StreamImage,
  image: ImageRequest,
  options: RequestOptions,
): Promise<SourceImage> {
  let registry: StreamRegistry;
  try {
    registry = await work.openIntegrated();
  } catch (error) {
    if (tag.source === undefined || !hasCode(error, "REGISTRY_UNREACHABLE")) throw error;
    return await resolveSource(work, { ...tag, source: tag.source }, image, error, options);
  }
  const pullSpec = `${registry.host}/${tag.namespace}/${tag.name}@${tag.digest}`;
  return await resolveRegistryImage(registry, pullSpec, image, work.known, options, shownAs(tag, image));
}

async function resolveSource(
  { ports, args, known }: StreamWork,
  tag: StreamImage & { readonly source: string },
  image: ImageRequest,
  why: ImageError,
  options: RequestOptions,
): Promise<SourceImage> {
  const registry = await ports.registry(args.registries);
  const shown = shownAs(tag, image);
  try {
    const resolved = await resolveRegistryImage(registry, tag.source, image, known, options, shown);
    return { ...resolved, detour: { tag: shown.source, repository: repositoryOf(tag.source) } };
  } catch (error) {
    if (!isImageError(error) || options.signal.aborted) throw error;
    const text = `${bareMessage(error)}\n${shown.source} is pulled from its source, because: ${bareMessage(why)}`;
    throw new ImageError(error.code, text, { cause: error });
  }
}

function shownAs({ namespace, name, tag }: StreamImage, { as }: ImageRequest) {
  const source = `${namespace}/${name}:${tag}`;
  return { source, names: [as ?? source] };
}

type Handle = StreamSource & { readonly digest: string };

/**
 * A digest that no tag of the stream lists. The registry serves it all the same when a listed index contains it; else the
 * same run is to import it. If `up` cannot reach the registry, the preview says so now.
 */
async function resolveHandle(
  { openIntegrated, known, isPreview }: StreamWork,
  source: Handle,
  image: ImageRequest,
  options: StreamOptions,
): Promise<SourceImage> {
  const name = nameOf(source);
  try {
    const registry = await openIntegrated();
    const pullSpec = `${registry.host}/${nameOf({ ...source, tags: "" })}@${source.digest}`;
    const shown = { source: name, names: [image.as ?? name] };
    return await resolveRegistryImage(registry, pullSpec, image, known, options, shown);
  } catch (error) {
    if (!isImageError(error) || options.signal.aborted) throw error;
    const isAbsent = hasCode(error, "REGISTRY_NOT_FOUND");
    if (isPreview) {
      if (!isAbsent) options.log.warn(describeObstacle(name, error));
      return pendingImage(name, image, source.digest);
    }
    if (!isAbsent) throw error;
    throw new ImageError(
      "IMAGE_NOT_FOUND",
      `images: ${name} does not serve ${source.digest}; has its import failed?`,
    );
  }
}

function describeObstacle(name: string, { code, message }: ImageError): string {
  return code === "REGISTRY_UNREACHABLE"
    ? `pulumi up pulls ${name} from its source if its referencePolicy is Source, and would stop here otherwise. ${message}`
    : `pulumi up would stop here: ${message}`;
}

/** An image that the same run imports: its digest is known, nothing else. */
function pendingImage(name: string, { as }: ImageRequest, digest: string): SourceImage {
  return {
    key: contentKey(name, as),
    configs: [],
    content: { digest, identity: "manifest", names: [as ?? name], isPending: true },
    origin: { kind: "pending" },
  };
}

/** `shop/web:v1`, as the program names it; without tags the stream. */
function nameOf({ namespace, name, tags }: StreamSource): string {
  const prefix = namespace === undefined ? "" : `${namespace}/`;
  return `${prefix}${name}${tags === "" ? "" : `:${tags}`}`;
}
