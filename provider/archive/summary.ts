import { formatByteSize } from "../support/text/units.js";
import { nameList, pluralOf } from "../support/text/wording.js";
import type { ArchiveContent } from "./outputs.js";
import type { SourceImage } from "./plan/resolvedImage.js";

interface Content {
  readonly action?: string;
  readonly reason?: string;
  readonly images?: Readonly<Record<string, unknown>>;
  readonly size?: number;
}

const verbs: Readonly<Record<string, string>> = {
  write: "would write",
  rewrite: "would rewrite",
  adopt: "would take over",
};

/**
 * `would write out/web.tar: 3 images, 182 MB` and, where a file is written again, why. Nothing about an archive that
 * holds these images: what is to change then is an argument, or the file, which has a warning of its own.
 */
export function summariseArchive(inputs: Readonly<Record<string, unknown>>): string | undefined {
  const { content, path } = inputs;
  const file = typeof path === "string" ? path : "the archive";
  if (typeof content !== "object" || content === null) return `what ${file} would hold is not known yet`;
  const { action = "", reason = "", images = {}, size } = content as Content;
  if (action === "keep") return undefined;
  const count = Object.keys(images).length;
  const what = `${count} ${count === 1 ? "image" : "images"}${size === undefined ? "" : `, ${formatByteSize(size)}`}`;
  const why = action === "rewrite" && reason !== "" ? `; ${reason}` : "";
  return `${verbs[action] ?? action} ${file}: ${what}${why}`;
}

const shownTags = 3;

/** Which images of streams are pulled from elsewhere; undefined where none is, or nothing is pulled at all. */
export function describeDetours(
  images: readonly SourceImage[],
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
