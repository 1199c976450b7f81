import { byKey } from "../../support/text/spelling.js";
import type { PruneDecision } from "./decision.js";

/** What a plan adds up to. */
export interface PlanTotals {
  readonly images: number;
  readonly revisions: number;
  readonly streams: number;
  readonly vanishingTags: number;
  readonly bytes: number;
}

/** A stage of Images that is skipped or blocked counts as none. */
export function totalsOf({ streams, images }: Pick<PruneDecision, "streams" | "images">): PlanTotals {
  const deletions = images.kind === "planned" ? images.deletions : [];
  const tags = streams.flatMap((stream) => stream.tags);
  return {
    images: deletions.length,
    revisions: tags.reduce((sum, { cuts }) => sum + cuts.length, 0),
    streams: streams.length,
    vanishingTags: tags.filter(({ vanishes, cuts }) => vanishes && cuts.length > 0).length,
    bytes: deletions.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

export function hasWork({ images, revisions }: PlanTotals): boolean {
  return images > 0 || revisions > 0;
}

/** Counts by reason. */
export interface Tally<Reason extends string> {
  add(reason: Reason, count: number): void;
  /** Sorted by reason. */
  counts(): Readonly<Partial<Record<Reason, number>>>;
}

export function createTally<Reason extends string>(): Tally<Reason> {
  const byReason = new Map<Reason, number>();
  return {
    add: (reason, count) => {
      if (count > 0) byReason.set(reason, (byReason.get(reason) ?? 0) + count);
    },
    counts: () => {
      const sorted = [...byReason].sort(byKey);
      return Object.fromEntries(sorted) as Partial<Record<Reason, number>>;
    },
  };
}
