import { archiveName } from "../../oci/names/archiveName.js";
import {
  formatPlatform,
  isRunnable,
  mayBePlatform,
  parsePlatform,
  type Platform,
} from "../../oci/platform.js";
import type { ArchiveArgs } from "../args/parsed.js";
import type { ArchivedImage, FoundArchive } from "../filePorts.js";
import { hasLayers } from "./content.js";
import type { SourceImage } from "./resolvedImage.js";

/** The archive that the arguments ask for. */
export interface WantedArchive extends Pick<ArchiveArgs, "format" | "compression"> {
  readonly images: readonly SourceImage[];
}

type Archive = Extract<FoundArchive, { readonly kind: "archive" }>;

/**
 * Why an archive is not the wanted one, as a clause for people; undefined when it is: just these images, for their
 * platforms, under their names and no others, compressed as asked, and loadable by readers of the wanted format.
 */
export function archiveDifference(
  { identity: { format, images }, compression }: Archive,
  wanted: WantedArchive,
): string | undefined {
  const isLoadable = wanted.format === "engine" || format === "hybrid" || format === wanted.format;
  if (!isLoadable) return `its format is ${format}, not ${wanted.format}`;
  if (compression !== wanted.compression)
    return `its compression is ${compression}, not ${wanted.compression}`;
  return missingImage(images, wanted.images) ?? undeclaredImage(images, wanted.images);
}

function missingImage(
  archived: readonly ArchivedImage[],
  wanted: readonly SourceImage[],
): string | undefined {
  for (const image of wanted) {
    const why = whyMissing(archived, image);
    if (why !== undefined) return why;
  }
  return undefined;
}

function whyMissing(archived: readonly ArchivedImage[], wanted: SourceImage): string | undefined {
  const { key, content } = wanted;
  const same = archived.filter((image) => isSame(image, wanted));
  if (same.length === 0) {
    const taken = content.names.find((name) => archived.some((image) => hasName(image, name)));
    return taken === undefined ? `it does not hold ${key}` : `it holds another image as ${taken}`;
  }
  const named = same.filter((image) => hasNames(image, wanted));
  if (named.length === 0) {
    const missing = content.names.find((name) => !same.some((image) => hasName(image, name)));
    return `it holds ${key} without the name ${missing ?? content.names.join(", ")}`;
  }
  return platformDifference(named, wanted);
}

/** An index may be in an archive with some of its images only. */
function platformDifference(
  matches: readonly ArchivedImage[],
  { key, content: { platforms: wanted }, origin }: SourceImage,
): string | undefined {
  if (wanted === undefined) return undefined;
  const images = wanted.filter(runs);
  const archived = matches.flatMap(({ platform }) => (platform === undefined ? [] : [platform]));
  const missing = images.find((text) => !archived.some((platform) => isNamed(platform, text)));
  if (missing !== undefined) return `it holds ${key} without ${missing}`;
  // An engine that may choose reports one platform, and exports all that it has.
  if (origin.kind === "engine" && origin.platforms.length === 0) return undefined;
  const more = archived.find((platform) => !images.some((text) => isNamed(platform, text)));
  return more === undefined ? undefined : `it holds ${key} for ${formatPlatform(more)} too`;
}

/** Loading the archive would make tags that nobody has declared. */
function undeclaredImage(
  archived: readonly ArchivedImage[],
  wanted: readonly SourceImage[],
): string | undefined {
  for (const image of archived) {
    const entries = wanted.filter((each) => isSame(image, each) && hasNames(image, each));
    if (entries.length === 0) return `it also holds ${describe(image)}`;
    const declared = new Set(entries.flatMap(({ content }) => content.names.map(archiveName)));
    // A name with a digest is no tag.
    const more = image.names.find((name) => !name.includes("@") && !declared.has(archiveName(name)));
    if (more !== undefined) return `it also has the name ${quote(more)} for ${entries[0]?.key ?? ""}`;
  }
  return undefined;
}

/** Digests of an image and of its parts for its platforms: an archive with one of them holds the same image. */
export function digestsOf({ content, configs, origin }: SourceImage): readonly string[] {
  const archived = content.archivedDigest === undefined ? [] : [content.archivedDigest];
  const manifests = origin.kind === "engine" ? origin.manifests : [];
  return [content.digest, ...archived, ...manifests, ...configs];
}

/** Equal layers do only for an engine that names no config, so that its store may change (facts/engines.md 1). */
function isSame(image: ArchivedImage, wanted: SourceImage): boolean {
  const { configDigest = "", manifestDigest = "", indexDigest = "", diffIds } = image;
  const digests = digestsOf(wanted);
  if ([configDigest, manifestDigest, indexDigest].some((digest) => digests.includes(digest))) return true;
  const { content, origin } = wanted;
  return origin.kind === "engine" && content.identity === "manifest" && hasLayers(content, diffIds);
}

function hasNames(image: ArchivedImage, { content }: SourceImage): boolean {
  return content.names.every((name) => hasName(image, name));
}

function hasName({ names }: ArchivedImage, name: string): boolean {
  return names.map(archiveName).includes(archiveName(name));
}

/** Attestations and other attachments of an index are not among the images that an archive is known to hold. */
function runs(text: string): boolean {
  const platform = parsePlatform(text);
  return platform === undefined || isRunnable(platform);
}

/** Engines may leave the variant out, and so may configs. */
function isNamed(platform: Platform, text: string): boolean {
  const named = parsePlatform(text);
  return named !== undefined && (mayBePlatform(named, platform) || mayBePlatform(platform, named));
}

function describe({ names, configDigest = "an image" }: ArchivedImage): string {
  return names.length === 0 ? configDigest : names.map(quote).join(", ");
}

/** The writer of the file has chosen the name. */
function quote(name: string): string {
  return JSON.stringify(name);
}
