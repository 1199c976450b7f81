import type { ImageStream, ImportedImage } from "../../../okd/imageStream.js";
import type { ImageTag } from "../../args/desiredStream.js";
import type { ImportRow } from "../../failure/explain.js";
import type { LookupPlan } from "../lookups.js";
import { prefersPlatform } from "../tag/preferredPlatform.js";
import { specTag } from "../tag/state.js";

type Rows = ReadonlyMap<string, ImportRow>;

/**
 * Tags that are about to be imported as the image of one platform although nobody has chosen it, with the mode that shows
 * their whole index: the answer to a Legacy import has nothing that tells whether there was one (facts/importing.md 13).
 * @param stored the stream as a dry run answered it, which has the cluster's default mode
 */
export function onePlatformTags(
  { lookups }: Pick<LookupPlan, "lookups">,
  rows: Rows,
  stored: ImageStream | undefined,
): readonly ImageTag[] {
  return lookups.flatMap(({ tag, purpose }) => {
    if (purpose !== "needed" || rows.get(tag.name)?.kind !== "imported" || prefersPlatform(tag)) return [];
    const mode = tag.importMode ?? specTag(stored, tag.name)?.importPolicy?.importMode ?? "Legacy";
    return mode === "Legacy" ? [{ ...tag, importMode: "PreserveOriginal" as const }] : [];
  });
}

/** Warns where nodes of another architecture would find no image although the source has one for them. */
export function onePlatformWarnings(
  tags: readonly ImageTag[],
  { chosen, whole }: { readonly chosen: Rows; readonly whole: Rows },
  nodes: readonly string[],
): readonly string[] {
  return tags.flatMap(({ name, image }) => {
    const [part, index] = [imageIn(chosen, name), imageIn(whole, name)];
    const children = index?.dockerImageManifests ?? [];
    const own = children.find(({ digest }) => digest === part?.metadata.name)?.architecture;
    const offered = new Set(children.flatMap(({ architecture }) => architecture ?? []));
    const lacking = nodes.filter((architecture) => architecture !== own && offered.has(architecture));
    if (own === undefined || lacking.length === 0) return [];
    const others = lacking.join(" and ");
    return [
      `${name}: ${image} has images for ${[own, ...lacking].sort().join(", ")}, as this cluster has nodes, and importMode "Legacy" takes the one for ${own}: pods fail on nodes with ${others}. Set importMode: "PreserveOriginal", or choose by the annotation importer.image.openshift.io/prefer-arch`,
    ];
  });
}

function imageIn(rows: Rows, name: string): ImportedImage | undefined {
  const row = rows.get(name);
  return row?.kind === "imported" ? row.image : undefined;
}
