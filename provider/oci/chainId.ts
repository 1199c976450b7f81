import { digestOf } from "./verify.js";

/**
 * One digest for layers in their order, from the digests of their uncompressed content (OCI image specification, image configuration,
 * "Layer ChainID"); undefined where there are none.
 */
export function chainId(diffIds: readonly string[]): string | undefined {
  const [first, ...others] = diffIds;
  if (first === undefined) return undefined;
  return others.reduce((below, diffId) => digestOf(`${below} ${diffId}`), first);
}
