import type * as pulumi from "@pulumi/pulumi";
import type { ImageMetadata } from "../../okd/imageMetadata.js";
import type { TagStatus } from "../../okd/tagStatus.js";
import type { ImageStreamTagArgs, LookupOptions } from "../args/lookups.js";
import { ask, askOutput, type Lookup } from "./ask.js";

/** What a tag serves, and how it came to. */
export interface ImageStreamTag extends ImageMetadata, TagStatus {}

const lookup: Lookup<ImageStreamTag> = {
  label: "getImageStreamTag",
  required: "name is required",
  load: async () => (await import("../../functions.js")).imageStreamTag,
};

/**
 * What a tag of an image stream serves, with its history: what `oc get istag` and `oc describe is` show. Fails with a
 * `RunError` where there is no such tag, and where it serves no image, with the reason.
 */
export function getImageStreamTag(args: ImageStreamTagArgs): Promise<ImageStreamTag> {
  return ask(lookup, args);
}

/** The same for arguments that are outputs; unknown in a preview while there is no such stream or tag. */
export function getImageStreamTagOutput(
  args: ImageStreamTagArgs,
  options?: LookupOptions,
): pulumi.Output<ImageStreamTag> {
  return askOutput(lookup, args, options);
}
