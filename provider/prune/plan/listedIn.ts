import type { ImageStream } from "./snapshot.js";

/** Digests of all items of the streams. */
export function listedIn(streams: readonly ImageStream[]): readonly string[] {
  return streams.flatMap(({ tags }) => tags.flatMap(({ items }) => items.map((item) => item.digest)));
}
