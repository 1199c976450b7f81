import type { ImageLimit } from "../../snapshot.js";
import { parseQuantity } from "./quantity.js";
import type { ImageRule, ItemRule, StreamRule } from "./set.js";

/* Rules that mean the same in every set of rules, but for those of age. */

/** Nobody knows which layers a stream needs that lists one of these, so it is left alone (facts/pruning.md 16). */
export function unreadableMetadata(unreadable: ReadonlySet<string>): StreamRule {
  return (stream) =>
    unreadable.size > 0 && stream.tags.some(({ items }) => items.some((item) => unreadable.has(item.digest)))
      ? "unreadable-metadata"
      : undefined;
}

export const danglingItem: ItemRule = ({ image }) =>
  image === undefined ? { kind: "cut", reason: "dangling-revision" } : undefined;

/** Dangling items take a position too (facts/pruning.md 13). */
export function keptRevision(keepTagRevisions: number): ItemRule {
  return ({ revision }) =>
    revision < keepTagRevisions ? { kind: "keep", reason: "revision-kept" } : undefined;
}

/** Exceeding one limit is enough, so the smallest one of the stream's namespace decides (facts/pruning.md 25). */
export function withinLimit(limits: readonly ImageLimit[]): ItemRule {
  const smallest = new Map<string, number>();
  for (const { namespace, maxStorage } of limits) {
    const bytes = parseQuantity(maxStorage) ?? Infinity;
    smallest.set(namespace, Math.min(bytes, smallest.get(namespace) ?? Infinity));
  }
  return ({ stream, image }) => {
    const limit = smallest.get(stream.namespace) ?? Infinity;
    const exceeds = image?.metadata.kind === "known" && image.metadata.sizeBytes > limit;
    return exceeds ? undefined : { kind: "keep", reason: "within-limit" };
  };
}

export const usedByStream: ImageRule = (image, listed) =>
  listed.has(image.digest) ? "used-by-stream" : undefined;

/** An Image that the integrated registry did not make. */
export const externalImage: ImageRule = (image) => (image.managed ? undefined : "external-image");
