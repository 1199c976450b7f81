import type { ResolvedImage } from "./resolveContent.js";

/** One image of an archive, for tools that load it elsewhere (safety.md 5.3). */
export interface ManifestEntry {
  readonly source: string;
  readonly digest: string;
  readonly tags: readonly string[];
  readonly platforms: readonly string[];
}

/** What the paths of the mapping and of the checksum beside an archive end in. */
export const besideEndings = [".json", ".sha256"] as const;

/** The mapping that `manifest: true` writes beside an archive: stable JSON. */
export function renderManifest(
  images: readonly Pick<ResolvedImage, "source" | "content">[],
  archive: { readonly name: string; readonly sha256: string },
): string {
  const entries = images.map(({ source, content }): ManifestEntry => ({
    source,
    digest: content.digest,
    tags: content.names,
    platforms: content.platforms ?? [],
  }));
  return `${JSON.stringify({ archive: archive.name, sha256: archive.sha256, images: entries }, null, 2)}\n`;
}
