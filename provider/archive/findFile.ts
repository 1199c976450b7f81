import { archiveName } from "../oci/archiveName.js";
import { isSameImage } from "./content.js";
import type { FoundFile } from "./planArchive.js";
import type { ArchivedImage, ArchiveFiles, RequestOptions } from "./ports.js";
import type { ResolvedImage } from "./resolveContent.js";

/** What stands at a path. `wanted` undefined: its images do not matter, because the file is ours. */
export async function findFile(
  files: ArchiveFiles,
  path: string,
  wanted: readonly ResolvedImage[] | undefined,
  options: RequestOptions,
): Promise<FoundFile> {
  const found = await files.stat(path);
  if (found === undefined) return { kind: "nothing" };
  if (found.kind !== "file") return { kind: "no-file", what: found.kind };
  if (wanted === undefined) return { kind: "other-file" };
  const identity = await files.identify(path, options);
  const holds = identity !== undefined && holdsJust(identity.images, wanted);
  return { kind: holds ? "right-archive" : "other-file" };
}

/** Every wanted image under its names, and no other. */
function holdsJust(archived: readonly ArchivedImage[], wanted: readonly ResolvedImage[]): boolean {
  const unclaimed = new Set(archived);
  for (const { content } of wanted) {
    const matches = archived.filter((image) => isWanted(image, content));
    if (matches.length === 0) return false;
    for (const match of matches) unclaimed.delete(match);
  }
  return unclaimed.size === 0;
}

function isWanted(image: ArchivedImage, content: ResolvedImage["content"]): boolean {
  const isSame =
    [image.configDigest, image.manifestDigest, image.indexDigest].includes(content.digest) ||
    isSameImage(content, {
      digest: image.configDigest ?? "",
      identity: content.identity === "config" ? "manifest" : "config",
      names: image.names,
      diffIds: image.diffIds,
      ...(content.platforms === undefined ? {} : { platforms: content.platforms }),
      ...(content.created === undefined ? {} : { created: content.created }),
    });
  const names = image.names.map(archiveName);
  return isSame && content.names.every((name) => names.includes(archiveName(name)));
}
