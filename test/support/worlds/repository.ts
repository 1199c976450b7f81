import type { HandOver } from "../../../provider/lifecycle/cli/handOver.js";
import type { ImportWorld } from "./imports.js";

export const repository = "acme/web";
const image = `quay.io/${repository}`;

/** Arguments of the stream `shop/web` with the tags of `quay.io/acme/web`. */
export function repositoryStream({ connection }: ImportWorld, choice: object = {}, more: object = {}) {
  return { connection, namespace: "shop", name: "web", repository: { image, ...choice }, ...more };
}

/** Publishes images of their own under these tags. */
export function publishTags(world: ImportWorld, ...tags: readonly string[]): void {
  for (const tag of tags) world.publish(tag);
}

/** Names of the stream's tags on the cluster, with an image each. */
export function servedTags(world: ImportWorld, stream = "web"): readonly string[] {
  const tags = world.stream(stream)?.status?.tags ?? [];
  return tags
    .filter(({ items }) => (items ?? []).length > 0)
    .map(({ tag }) => tag)
    .sort();
}

export function resolvedNames(bag: { readonly resolved?: unknown }): readonly string[] {
  return Object.keys(bag.resolved ?? {});
}

/** As one run of the CLI carries it, in memory. */
export function handOverOfOneRun(): HandOver {
  const left = new Map<string, string>();
  return {
    leave(urn, value) {
      left.set(urn, JSON.stringify(value));
      return Promise.resolve(true);
    },
    find(urn) {
      const text = left.get(urn);
      return Promise.resolve(
        text === undefined
          ? { kind: "nothing", preview: "skipped" }
          : { kind: "found", value: JSON.parse(text) as unknown },
      );
    },
  };
}

/** How often the registry was asked for the tags of a repository. */
export function listings({ sandbox }: ImportWorld): number {
  return sandbox.requests.matching({ path: /\/tags\/list/ }).length;
}
