import { own } from "../../support/collections.js";
import type { ArchiveArgs } from "../args/archive.js";
import { type ArchiveContent, sourceOf } from "./content.js";

/** One image of an archive, for tools that load it elsewhere. */
export interface ManifestEntry {
  /** What the user wrote, or the stream's tag that a glob stands for. */
  readonly source: string;
  /** Of what is in the archive; of an engine's image whatever the engine calls it by. */
  readonly digest: string;
  /** What the source calls it, where chosen platforms have made another image of it. */
  readonly sourceDigest?: string;
  readonly tags: readonly string[];
  readonly platforms: readonly string[];
}

/** What the paths of the mapping and of the checksum beside an archive end in. */
export const besideEndings = [".json", ".sha256"] as const;

export type BesideEnding = (typeof besideEndings)[number];

/** Which files an archive is to have beside it. */
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

/** Stable: neither the order in the program nor that of a wire shows. */
function renderManifest(
  images: ArchiveContent["images"],
  { name, sha256 }: { readonly name: string; readonly sha256: string },
): string {
  const keys = Object.keys(images).sort();
  const entries = keys.flatMap((key) => {
    const image = own(images, key);
    return image === undefined ? [] : [entryFor(sourceOf(key), image)];
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
