import type { ImageRule, ItemRule, StreamRule } from "./set.js";

/*
 * The rules behind `keepYoungerThan` and `keepUnreferencedYoungerThan`, the same in every set of rules. Young is strictly
 * younger (facts/pruning.md 11).
 */

/** The instant that is `seconds` before the survey: what was made since is young. Milliseconds since 1970. */
export function cutoffBefore(takenAt: number, seconds: number): number {
  return takenAt - seconds * 1000;
}

export function youngStream(cutoffAt: number): StreamRule {
  return (stream) => (stream.createdAt > cutoffAt ? "young-stream" : undefined);
}

export function youngItem(cutoffAt: number): ItemRule {
  return ({ item }) => (item.createdAt > cutoffAt ? { kind: "keep", reason: "young-revision" } : undefined);
}

export function youngImage(cutoffAt: number): ImageRule {
  return (image) => (image.createdAt > cutoffAt ? "young-image" : undefined);
}
