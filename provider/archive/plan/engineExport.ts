import { formatPlatform, mayBePlatform } from "../../oci/platform.js";
import { ImageError } from "../../support/imageError.js";
import type { ArchivedImage, ArchiveIdentity } from "../filePorts.js";
import { hasLayers } from "./content.js";
import type { EngineOrigin, SourceImage } from "./resolvedImage.js";

/** The first image that an engine's export does not hold: a tag may move between the engine's word and its export. */
export function movedImage(
  { images }: ArchiveIdentity,
  wanted: readonly SourceImage[],
): SourceImage | undefined {
  return wanted.find((image) => exportOf(image, images).length === 0);
}

/**
 * An export must hold just the platforms that were asked for. Docker before 28 ignores the query and sends what it has
 * of an index; Docker 29 leaves out those of several platforms whose layers it does not have.
 * @throws ImageError ENGINE_UNSUPPORTED: it holds more; IMAGE_NOT_FOUND: it holds less
 */
export function requirePlatforms({ images }: ArchiveIdentity, wanted: readonly SourceImage[]): void {
  for (const image of wanted) {
    const { key, origin } = image;
    if (origin.kind !== "engine" || origin.platforms.length === 0) continue;
    const exported = withTheirIndexes(exportOf(image, images), images);
    const asked = origin.platforms.map(formatPlatform).join(", ");
    const more = exported.find((archived) => !isAsked(archived, origin));
    if (more !== undefined) {
      const also = more.platform === undefined ? "another platform" : formatPlatform(more.platform);
      throw new ImageError(
        "ENGINE_UNSUPPORTED",
        `The engine was asked for ${key} for ${asked}, and exported it for ${also} too, as Docker before 28 does. Nothing was written; leave platforms out, export the image from a registry, or upgrade Docker`,
      );
    }
    const held = new Set(exported.map(({ manifestDigest }) => manifestDigest));
    if (origin.manifests.every((digest) => held.has(digest))) continue;
    throw new ImageError(
      "IMAGE_NOT_FOUND",
      `The engine was asked for ${key} for ${asked}, and does not have all of their layers. Nothing was written; pull it for each of them (\`docker pull --platform\`)`,
    );
  }
}

/**
 * What an archive holds of an image. Equal layers count only where nothing else can: Docker 28.0 exports one platform of an
 * index and inspects the whole. Elsewhere a rebuild with another command would pass.
 */
function exportOf(
  { content, origin }: SourceImage,
  images: readonly ArchivedImage[],
): readonly ArchivedImage[] {
  const named = images.filter(({ configDigest, manifestDigest, indexDigest }) =>
    [configDigest, manifestDigest, indexDigest].includes(content.digest),
  );
  const isOneOfIndex =
    origin.kind === "engine" && origin.platforms.length === 1 && content.identity === "manifest";
  if (named.length > 0 || !isOneOfIndex) return named;
  return images.filter(({ diffIds }) => hasLayers(content, diffIds));
}

function withTheirIndexes(
  own: readonly ArchivedImage[],
  all: readonly ArchivedImage[],
): readonly ArchivedImage[] {
  const indexes = new Set(own.map(({ indexDigest }) => indexDigest));
  return all.filter(
    (image) => own.includes(image) || (image.indexDigest !== undefined && indexes.has(image.indexDigest)),
  );
}

function isAsked(
  { manifestDigest = "", platform }: ArchivedImage,
  { platforms, manifests }: EngineOrigin,
): boolean {
  if (manifests.length > 0) return manifests.includes(manifestDigest);
  return platform === undefined || platforms.some((each) => mayBePlatform(platform, each));
}
