import type { PrunePlan } from "./plan.js";

/** What a plan adds up to. */
export interface PlanTotals {
  readonly images: number;
  readonly items: number;
  readonly streams: number;
  readonly vanishingTags: number;
  readonly bytes: number;
}

/** A stage of Images that is skipped or blocked counts as none. */
export function totalsOf({ streams, images }: Pick<PrunePlan, "streams" | "images">): PlanTotals {
  const deletions = images.kind === "planned" ? images.deletions : [];
  const tags = streams.flatMap((stream) => stream.tags);
  return {
    images: deletions.length,
    items: tags.reduce((sum, { cuts }) => sum + cuts.length, 0),
    streams: streams.length,
    vanishingTags: tags.filter(({ vanishes, cuts }) => vanishes && cuts.length > 0).length,
    bytes: deletions.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

export function hasWork({ images, items }: PlanTotals): boolean {
  return images > 0 || items > 0;
}
