import { archiveNames } from "../../oci/names/images.js";
import { distinctPlatforms, formatPlatform, type Platform } from "../../oci/platform.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { mapConcurrently } from "../../support/async/concurrency.js";
import { ImageError } from "../../support/imageError.js";
import type { ImageRequest } from "../args/parsed.js";
import type { ContentImage } from "../outputs.js";
import { contentKey, layersOf } from "../plan/content.js";
import type { SourceImage } from "../plan/resolvedImage.js";
import type { EngineImage, ImageEngine } from "../ports.js";

export interface EngineEntry extends Pick<ImageRequest, "platforms" | "as"> {
  readonly reference: string;
  /** The argument, for messages: `images[0]`. */
  readonly argument: string;
}

const atATime = 4;

/**
 * Finds out which image of an engine an entry is, and whether it can be exported for its platforms.
 * @throws ImageError IMAGE_NOT_FOUND; ENGINE_UNSUPPORTED: several platforms, which this engine cannot export
 */
export async function resolveEngineImage(
  engine: ImageEngine,
  entry: EngineEntry,
  options: RequestOptions,
): Promise<SourceImage> {
  const { reference, as } = entry;
  const platforms = distinctPlatforms(entry.platforms ?? []).toSorted(byName);
  const [platform, ...others] = platforms;
  const found = await engine.inspect(reference, others.length === 0 ? platform : undefined, options);
  if (found === undefined) {
    throw new ImageError(
      "IMAGE_NOT_FOUND",
      `images: ${engine.description} has no image ${reference}; pull or build it there first`,
    );
  }
  const parts = others.length === 0 ? [] : await inspectEach(engine, entry, platforms, found, options);
  return {
    key: contentKey(reference, as),
    configs: [],
    content: { ...engineContent(found, parts), names: archiveNames(reference, as) },
    origin: { kind: "engine", reference, platforms, manifests: parts.map(({ id }) => id) },
  };
}

function byName(a: Platform, b: Platform): number {
  return formatPlatform(a) < formatPlatform(b) ? -1 : 1;
}

/** Inspects an index platform by platform, because nothing else tells which of them the engine has. */
async function inspectEach(
  engine: ImageEngine,
  { reference, argument }: EngineEntry,
  platforms: readonly Platform[],
  { whyOnePlatform }: EngineImage,
  options: RequestOptions,
): Promise<readonly EngineImage[]> {
  if (whyOnePlatform !== undefined) {
    const wanted = platforms.map(formatPlatform).join(", ");
    throw new ImageError(
      "ENGINE_UNSUPPORTED",
      `${argument}.platforms: ${reference} is to have ${wanted}, but ${whyOnePlatform}. Name one platform, or export the image from a registry`,
    );
  }
  const found = await mapConcurrently(platforms, atATime, (platform) =>
    engine.inspect(reference, platform, options),
  );
  return found.flatMap((image) => (image === undefined ? [] : [image]));
}

/** `parts`: the platforms of an index that were chosen, if several were. */
function engineContent(image: EngineImage, parts: readonly EngineImage[]): Omit<ContentImage, "names"> {
  const described = parts.length === 0 ? [image] : parts;
  const platforms = described.flatMap(({ platform }) => (platform === undefined ? [] : [platform]));
  const [{ created, diffIds } = image] = described;
  return {
    digest: image.id,
    identity: isManifest(image) ? "manifest" : "config",
    ...(platforms.length === 0 ? {} : { platforms: platforms.map(formatPlatform).sort() }),
    size: described.reduce((sum, { size }) => sum + size, 0),
    ...(created === undefined ? {} : { created }),
    ...layersOf(diffIds),
  };
}

/** Before API 1.48 there is no descriptor; but a config never has the digest that the image has in a repository. */
function isManifest({ id, descriptor, repoDigests }: EngineImage): boolean {
  return descriptor !== undefined || repoDigests.some((reference) => reference.endsWith(`@${id}`));
}
