import { type ImageStream, specTag } from "./types.js";

/** Which hops of a chain of aliases one write fills: those whose target had an item before, or all of them. */
export const aliasChains = ["firstHop", "allHops"] as const;
export type AliasChains = (typeof aliasChains)[number];

/**
 * The server walks through the tags of a stream once, in an order of chance (facts/image-streams.md 18). The two orders that
 * matter are those in which each alias comes before its target, and after it.
 */
export function visitingOrder(stream: ImageStream, chains: AliasChains): readonly string[] {
  const names = [...(stream.spec.tags ?? []), ...(stream.status.tags ?? [])].map((entry) =>
    "tag" in entry ? entry.tag : entry.name,
  );
  const direction = chains === "firstHop" ? -1 : 1;
  return [...new Set(names)]
    .sort()
    .map((name) => ({ name, hops: hopsOf(stream, name) }))
    .sort((left, right) => direction * (left.hops - right.hops))
    .map(({ name }) => name);
}

/** The tag of the stream itself that a tag follows. */
export function followedTag(stream: ImageStream, tag: string): string | undefined {
  const from = specTag(stream, tag)?.from;
  if (from?.kind !== "ImageStreamTag") return undefined;
  const { name, namespace } = stream.metadata;
  if (from.namespace !== undefined && from.namespace !== namespace) return undefined;
  const separator = from.name.indexOf(":");
  if (separator < 0) return from.name;
  return from.name.slice(0, separator) === name ? from.name.slice(separator + 1) : undefined;
}

/** A cycle ends where it began. */
function hopsOf(stream: ImageStream, tag: string): number {
  const seen = new Set([tag]);
  for (let next = followedTag(stream, tag); next !== undefined; next = followedTag(stream, next)) {
    if (seen.has(next)) break;
    seen.add(next);
  }
  return seen.size - 1;
}
