import type { ImageDeletion, PrunePlan, RevisionCut, StreamTrim, TagTrim } from "../plan/plan.js";
import type { Image } from "../plan/snapshot.js";

/** An item that goes, with the tag and the stream that lose it. */
export interface PlannedCut {
  readonly stream: StreamTrim;
  readonly tag: TagTrim;
  readonly cut: RevisionCut;
}

/** In the plan's order: by stream, by tag, newest first. */
export function plannedCuts({ streams }: PrunePlan): readonly PlannedCut[] {
  return streams.flatMap((stream) =>
    stream.tags.flatMap((tag) => tag.cuts.map((cut) => ({ stream, tag, cut }))),
  );
}

export function plannedDeletions({ images }: PrunePlan): readonly ImageDeletion[] {
  return images.kind === "planned" ? images.deletions : [];
}

/**
 * Under which of the cuts an Image that goes is counted, so that bytes by stream add up to the total: the newest cut of
 * it, and for what an index takes along, the newest cut of the index. Images that no cut names have no entry.
 */
export function imageOwners(
  cuts: readonly PlannedCut[],
  deletions: readonly ImageDeletion[],
  images: ReadonlyMap<string, Image>,
): ReadonlyMap<string, PlannedCut> {
  const doomed = new Set(deletions.map(({ digest }) => digest));
  const owners = new Map<string, PlannedCut>();
  const own = (digest: string, owner: PlannedCut) => {
    if (doomed.has(digest) && !owners.has(digest)) owners.set(digest, owner);
  };
  for (const owner of cuts.toSorted(newestFirst)) own(owner.cut.digest, owner);
  // A map's iteration reaches what is added meanwhile: indexes within indexes.
  for (const [digest, owner] of owners) {
    for (const child of images.get(digest)?.manifests ?? []) own(child, owner);
  }
  return owners;
}

function newestFirst({ cut: a }: PlannedCut, { cut: b }: PlannedCut): number {
  // Two that are infinitely old are equal; their difference is not a number.
  return a.createdAt === b.createdAt ? 0 : b.createdAt - a.createdAt;
}
