import type * as pulumi from "@pulumi/pulumi";
import type { ImageMetadata } from "../../okd/imageMetadata.js";
import type { ImageStreamImageArgs, LookupOptions } from "../args/lookups.js";
import { ask, askOutput, type Lookup } from "./ask.js";

const lookup: Lookup<ImageMetadata> = {
  label: "getImageStreamImage",
  required: "name is required",
  load: async () => (await import("../../functions.js")).imageStreamImage,
};

/**
 * An image in the history of an image stream, or of an index there, by its digest: what `oc get isimage` shows. Fails with a
 * `RunError` where there is none, and where several images begin with what was given.
 */
export function getImageStreamImage(args: ImageStreamImageArgs): Promise<ImageMetadata> {
  return ask(lookup, args);
}

/** The same for arguments that are outputs; unknown in a preview while there is no such stream or image. */
export function getImageStreamImageOutput(
  args: ImageStreamImageArgs,
  options?: LookupOptions,
): pulumi.Output<ImageMetadata> {
  return askOutput(lookup, args, options);
}
