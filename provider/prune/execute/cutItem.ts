import type { StreamFacts } from "../../usage/streamFacts.js";
import { cutKey } from "../plan/approval.js";
import type { RevisionCut, StreamTrim } from "../plan/decision.js";

/** One write of a stream's status. */
export interface HistoryWrite {
  /** The stream that it was made from. */
  readonly before: StreamFacts;
  readonly trim: StreamTrim;
}

/** One item of such a write, with what is needed to put it back. */
export interface CutItem extends HistoryWrite {
  readonly tag: string;
  readonly cut: RevisionCut;
  /** As an approval names it. */
  readonly key: string;
}

export function cutItemsOf({ before, trim }: HistoryWrite): readonly CutItem[] {
  return trim.tags.flatMap(({ tag, cuts }) =>
    cuts.map((cut) => ({ before, trim, tag, cut, key: cutKey(before, tag, cut) })),
  );
}

/** Whether the item stands in the stream, wherever in the history of its tag. */
export function isListed({ tag, key }: CutItem, stream: StreamFacts): boolean {
  return stream.tags.some(
    (each) => each.tag === tag && each.items.some((item) => cutKey(stream, tag, item) === key),
  );
}
