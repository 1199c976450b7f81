import { pluralOf } from "../support/count.js";
import { nameList } from "../support/nameList.js";
import type { ArchiveContent } from "./content.js";
import type { ResolvedImage } from "./resolvedImage.js";

const shownTags = 3;

/** Which images of streams come from elsewhere; undefined where none does, and where nothing is to be pulled. */
export function describeDetours(
  images: readonly ResolvedImage[],
  { action }: Pick<ArchiveContent, "action">,
): string | undefined {
  const tags = images.flatMap(({ detour }) =>
    detour === undefined ? [] : [`${detour.tag} (${detour.repository})`],
  );
  if (tags.length === 0 || action === "keep" || action === "adopt") return undefined;
  const { length } = tags;
  const pulled = `${nameList(tags, shownTags)} ${pluralOf(length, "is", "are")} pulled by digest from ${pluralOf(length, "its source", "their sources")}`;
  return `${pulled}, because the integrated registry cannot be reached from here; integratedRegistry says how`;
}
