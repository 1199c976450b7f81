import { listAt, textAt } from "../support/json.js";
import { parseObject, readPlatform } from "./manifest.js";
import type { Platform } from "./platform.js";
import { digestOf } from "./verify.js";

/** What a config blob says about its image (OCI image specification, image configuration); what it does not say is absent. */
export interface ImageConfig {
  readonly platform: Platform | undefined;
  /** Digests of the uncompressed layers. */
  readonly diffIds: readonly string[];
  /** RFC 3339. */
  readonly created: string | undefined;
}

/** Undefined when it is no JSON object. */
export function readImageConfig(bytes: Uint8Array): ImageConfig | undefined {
  const config = parseObject(bytes);
  if (config === undefined) return undefined;
  const created = textAt(config, "created");
  return {
    platform: readPlatform(config),
    diffIds: listAt(config, "rootfs", "diff_ids").filter((id) => typeof id === "string"),
    created: created === "" ? undefined : created,
  };
}

/**
 * One digest for layers in their order, from the digests of their uncompressed content (OCI image specification, image configuration,
 * "Layer ChainID"); undefined where there are none.
 */
export function chainId(diffIds: readonly string[]): string | undefined {
  const [first, ...others] = diffIds;
  if (first === undefined) return undefined;
  return others.reduce((below, diffId) => digestOf(`${below} ${diffId}`), first);
}
