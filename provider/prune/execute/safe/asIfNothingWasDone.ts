import { streamName } from "../../../okd/streamName.js";
import { addTo, putBack } from "../../../support/collections.js";
import type { StreamFacts, TagItem } from "../../../usage/streamFacts.js";
import type { ClusterSnapshot, Image } from "../../snapshot.js";
import type { CutItem } from "../cutItem.js";

/**
 * The cluster as it would be now if this run had done nothing: with its cuts and Images. The rules that allowed the cuts then
 * tell what has come to need them since. What others removed meanwhile is not added: a deleted stream, or one that was
 * replaced under its name.
 */
export function asIfNothingWasDone(
  now: ClusterSnapshot,
  cuts: readonly CutItem[],
  deleted: readonly Image[],
): ClusterSnapshot {
  if (cuts.length === 0 && deleted.length === 0) return now;
  const cutsByStream = new Map<string, CutItem[]>();
  for (const cut of cuts) addTo(cutsByStream, streamName(cut.before), cut);
  const there = new Set(now.images.map(({ digest }) => digest));
  return {
    ...now,
    streams: now.streams.map((stream) => {
      const own = cutsByStream.get(streamName(stream)) ?? [];
      return withItems(
        stream,
        own.filter(({ before }) => before.createdAt === stream.createdAt),
      );
    }),
    images: [...now.images, ...deleted.filter(({ digest }) => !there.has(digest))],
  };
}

/** The stream with items back that one write has cut from it. */
function withItems(stream: StreamFacts, cuts: readonly CutItem[]): StreamFacts {
  if (cuts.length === 0) return stream;
  const returning = new Map<string, CutItem[]>();
  for (const cut of cuts) addTo(returning, cut.tag, cut);
  const known = new Set(stream.tags.map(({ tag }) => tag));
  const vanished = [...returning.keys()].filter((tag) => !known.has(tag));
  const histories = [...stream.tags, ...vanished.map((tag) => ({ tag, items: [] as readonly TagItem[] }))];
  return {
    ...stream,
    tags: histories.map(({ tag, items }) => {
      const own = returning.get(tag) ?? [];
      const before = own[0]?.before.tags.find((each) => each.tag === tag)?.items ?? [];
      const revisions = own.map(({ cut }) => cut.revision);
      return own.length === 0 ? { tag, items } : { tag, items: putBack(items, before, revisions, itemKey) };
    }),
  };
}

function itemKey({ digest, createdAt }: TagItem): string {
  return `${digest} ${createdAt}`;
}
