import type * as pulumi from "@pulumi/pulumi";
import type { ImageMetadata } from "../../okd/imageMetadata.js";
import type { ImageMetadataArgs, LookupOptions } from "../args/lookups.js";
import { ask, askOutput, type Lookup } from "./ask.js";

const lookup: Lookup<ImageMetadata> = {
  label: "getImageMetadata",
  required: "image is required",
  load: async () => (await import("../../functions.js")).imageMetadata,
};

/**
 * What an image of a registry is made of, before anything is imported: the cluster reads it, with the pull secrets of the
 * namespace, its mirrors and its CAs, and stores nothing. Asks in previews too. Fails with a `RunError` whose message ends
 * with the code that an import would fail with.
 */
export function getImageMetadata(args: ImageMetadataArgs): Promise<ImageMetadata> {
  return ask(lookup, args);
}

/**
 * The same for arguments that are outputs, asked when they are known. In a preview the result is unknown while an argument is,
 * or while the namespace or a pull secret may still have to be created, which a warning says.
 */
export function getImageMetadataOutput(
  args: ImageMetadataArgs,
  options?: LookupOptions,
): pulumi.Output<ImageMetadata> {
  return askOutput(lookup, args, options);
}
