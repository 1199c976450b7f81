import { archiveName } from "../oci/archiveName.js";
import { isPlatform, parsePlatform, type Platform } from "../oci/platform.js";
import type { ArchiveFormat } from "./archiveArgs.js";
import type { FoundFile } from "./planArchive.js";
import type { ArchivedImage, ArchiveFiles, ArchiveIdentity, RequestOptions } from "./ports.js";
import type { ResolvedImage } from "./resolveContent.js";

/** What stands at a path. `wanted` undefined: its images do not matter, because the file is ours. */
export async function findFile(
  files: ArchiveFiles,
  path: string,
  wanted: { readonly images: readonly ResolvedImage[]; readonly format: ArchiveFormat } | undefined,
  options: RequestOptions,
): Promise<FoundFile> {
  const found = await files.stat(path);
  if (found === undefined) return { kind: "nothing" };
  if (found.kind !== "file") return { kind: "no-file", what: found.kind };
  if (wanted === undefined) return { kind: "other-file" };
  const identity = await files.identify(path, options);
  const holds =
    identity !== undefined &&
    isOfFormat(identity, wanted.format) &&
    holdsJust(identity.images, wanted.images);
  return { kind: holds ? "right-archive" : "other-file" };
}

/** Those of the endings with which there is something at the path. */
export async function findBeside(
  files: ArchiveFiles,
  path: string,
  endings: readonly string[],
): Promise<readonly string[]> {
  const found = await Promise.all(endings.map((ending) => files.stat(`${path}${ending}`)));
  return endings.filter((_, index) => found[index] !== undefined);
}

/** Whether whoever can load the wanted format can load this one. */
function isOfFormat({ format }: ArchiveIdentity, wanted: ArchiveFormat): boolean {
  return wanted === "engine" || format === "hybrid" || format === wanted;
}

/** Every wanted image for its platforms, under its names, and no other. */
function holdsJust(archived: readonly ArchivedImage[], wanted: readonly ResolvedImage[]): boolean {
  const unclaimed = new Set(archived);
  for (const each of wanted) {
    const matches = archived.filter((image) => isWanted(image, each));
    if (matches.length === 0 || !isForPlatforms(matches, each)) return false;
    for (const match of matches) unclaimed.delete(match);
  }
  return unclaimed.size === 0;
}

/** An index may be in an archive with some of its images only. Of an engine's index just one platform is known. */
function isForPlatforms(
  matches: readonly ArchivedImage[],
  { content: { platforms: wanted }, origin }: ResolvedImage,
): boolean {
  if (wanted === undefined) return true;
  const archived = matches.flatMap(({ platform }) => (platform === undefined ? [] : [platform]));
  const isThere = (text: string) => archived.some((platform) => isNamed(platform, text));
  const isMeant = (platform: Platform) => wanted.some((text) => isNamed(platform, text));
  return wanted.every(isThere) && (origin.kind === "engine" || archived.every(isMeant));
}

/** Some engines leave the variant out. */
function isNamed(platform: Platform, text: string): boolean {
  const named = parsePlatform(text);
  if (named === undefined) return false;
  const { variant = platform.variant } = named;
  return isPlatform(platform, { ...named, ...(variant === undefined ? {} : { variant }) });
}

/** Equal layers do only for an engine that names no config, so that its store may change (archive.md 6). */
function isWanted(image: ArchivedImage, { content, configs, origin }: ResolvedImage): boolean {
  const { configDigest = "", manifestDigest, indexDigest, diffIds } = image;
  const hasItsLayers = diffIds.length > 0 && diffIds.join() === content.diffIds?.join();
  const isSame =
    [configDigest, manifestDigest, indexDigest].includes(content.digest) ||
    configs.includes(configDigest) ||
    (origin.kind === "engine" && content.identity === "manifest" && hasItsLayers);
  const names = image.names.map(archiveName);
  return isSame && content.names.every((name) => names.includes(archiveName(name)));
}
