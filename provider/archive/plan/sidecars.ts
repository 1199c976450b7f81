import { own } from "../../support/collections.js";
import type { ArchiveArgs } from "../args/parsed.js";
import type { ArchiveContent } from "../outputs.js";
import { sourceInKey } from "./content.js";

/** One image of an archive, for tools that load it elsewhere. */
export interface ManifestEntry {
  /** What the user wrote, or the stream's tag that a glob stands for. */
  readonly source: string;
  /** Digest of the image in the archive; for an engine's image the engine's own name for it. */
  readonly digest: string;
  /** The source's digest, where choosing platforms has made another index. */
  readonly sourceDigest?: string;
  readonly tags: readonly string[];
  readonly platforms: readonly string[];
}

/** What the paths of the mapping and of the checksum beside an archive end in. */
const besideEndings = [".json", ".sha256"] as const;

export type BesideEnding = (typeof besideEndings)[number];

/** Which sidecar files an archive is to have. */
export function besideOf({ manifest }: Pick<ArchiveArgs, "manifest">): readonly BesideEnding[] {
  return manifest ? besideEndings : [];
}

/** What the files beside an archive say. `name` is the archive's own, without its folder; `sha256` hex. */
export function besideTexts(
  images: ArchiveContent["images"],
  archive: { readonly name: string; readonly sha256: string },
): Readonly<Record<BesideEnding, string>> {
  return {
    ".json": renderManifest(images, archive),
    ".sha256": checksumLine(archive),
  };
}

/** As `sha256sum` writes it, with its escapes. */
function checksumLine({ name, sha256 }: { readonly name: string; readonly sha256: string }): string {
  const escaped = name.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `${escaped === name ? "" : "\\"}${sha256}  ${escaped}\n`;
}

/** The same for every order of the images. */
function renderManifest(
  images: ArchiveContent["images"],
  { name, sha256 }: { readonly name: string; readonly sha256: string },
): string {
  const keys = Object.keys(images).sort();
  const entries = keys.flatMap((key) => {
    const image = own(images, key);
    return image === undefined ? [] : [entryFor(sourceInKey(key), image)];
  });
  return `${JSON.stringify({ archive: name, sha256, images: entries }, null, 2)}\n`;
}

function entryFor(source: string, image: ArchiveContent["images"][string]): ManifestEntry {
  const { digest, archivedDigest = digest, names, platforms = [] } = image;
  return {
    source,
    digest: archivedDigest,
    ...(archivedDigest === digest ? {} : { sourceDigest: digest }),
    tags: names,
    platforms,
  };
}
