import { z } from "zod";
import type { DesiredTag, ImageTag } from "./desiredStream.js";
import { isPinned } from "./image.js";
import { type OwnStream, parseAlias, parseStreamImage, parseStreamTag } from "./sources.js";

export const policies = {
  scheduled: z.boolean().optional(),
  insecure: z.boolean().optional(),
  importMode: z.enum(["Legacy", "PreserveOriginal"]).optional(),
  referencePolicy: z.enum(["Source", "Local"]).optional(),
  mirror: z.boolean().optional(),
};

export const texts = z.record(z.string(), z.string());

/** Of `image`, `alias`, `imageStreamTag` and `imageStreamImage` exactly one is there: see `tagIssues`. */
const tagObject = z.strictObject({
  image: z.string().optional(),
  alias: z.string().optional(),
  imageStreamTag: z.string().optional(),
  imageStreamImage: z.string().optional(),
  reference: z.boolean().optional(),
  ...policies,
  annotations: texts.optional(),
});

/** A string in place of a tag's object means `{ image }`. */
export const tagSchema = z.preprocess(
  (value) => (typeof value === "string" ? { image: value } : value),
  tagObject,
);

type WrittenTag = z.infer<typeof tagObject>;
/** Policies of the resource, for the tags that say none. */
type Defaults = Pick<WrittenTag, keyof typeof policies>;

/** @throws Error for a tag that `tagIssues` complains about */
export function desiredTag(name: string, tag: WrittenTag, defaults: Defaults, stream: OwnStream): DesiredTag {
  const common = {
    name,
    referencePolicy: tag.referencePolicy ?? defaults.referencePolicy ?? "Source",
    annotations: tag.annotations ?? {},
  } as const;
  const { reference = false } = tag;
  if (tag.image !== undefined) {
    return reference
      ? { kind: "reference", ...common, image: tag.image }
      : { kind: "image", ...common, image: tag.image, ...importPolicies(tag.image, tag, defaults) };
  }
  const alias = parseAlias(tag.alias ?? "", stream);
  if (alias.kind === "tag") return { kind: "alias", ...common, alias: alias.tag };
  const streamTag = parseStreamTag(tag.imageStreamTag ?? "");
  if (streamTag !== undefined) return { kind: "imageStreamTag", ...common, ...streamTag, reference };
  const streamImage = parseStreamImage(tag.imageStreamImage ?? "");
  if (streamImage !== undefined) return { kind: "imageStreamImage", ...common, ...streamImage, reference };
  throw new Error(`the tag ${name} has no source`);
}

function importPolicies(
  image: string,
  tag: Defaults,
  defaults: Defaults,
): Pick<ImageTag, "scheduled" | "insecure" | "importMode" | "mirror"> {
  return {
    scheduled: (tag.scheduled ?? defaults.scheduled ?? false) && !isPinned(image),
    insecure: tag.insecure ?? defaults.insecure ?? false,
    importMode: tag.importMode ?? defaults.importMode,
    mirror:
      (tag.mirror ?? defaults.mirror ?? false) &&
      (tag.referencePolicy ?? defaults.referencePolicy) === "Local",
  };
}
