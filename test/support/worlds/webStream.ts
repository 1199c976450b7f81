import type { ResolvedImage, ResolvedTags } from "../../../provider/imports/outputs.js";
import type { ResourceState } from "../fakes/pulumi.js";
import { type ImportWorld, startImportWorld } from "./imports.js";

export function resolved(bag: { readonly resolved?: unknown }, tag: string): ResolvedImage {
  return (bag.resolved as ResolvedTags)[tag] as ResolvedImage;
}

export function digestIn(state: ResourceState | undefined, tag: string): string {
  return resolved(state!.outputs, tag).digest;
}

export type Tags = Readonly<Record<string, unknown>>;

/** A world whose quay.io has `acme/web:v1` and `acme/web:v2`, and their digests. */
export async function startWebWorld(): Promise<{ world: ImportWorld; v1: string; v2: string }> {
  const world = await startImportWorld();
  return { world, v1: world.publish("v1"), v2: world.publish("v2") };
}

/** Arguments of the stream `shop/web` with these tags. */
export function webStream({ connection }: ImportWorld, tags: Tags, more: object = {}) {
  return { connection, namespace: "shop", name: "web", tags, ...more };
}
