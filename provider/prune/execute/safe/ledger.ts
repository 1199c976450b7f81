import { streamName } from "../../../okd/streamName.js";
import { type Approval, contentOf } from "../../plan/approval.js";
import type { PruneDecision, StreamTrim } from "../../plan/decision.js";
import type { ClusterSnapshot, Image } from "../../snapshot.js";
import { type CutItem, cutItemsOf, isListed, type StreamWrite } from "../cutItem.js";
import { asIfNothingWasDone } from "./asIfNothingWasDone.js";

/**
 * Which part of an approval may still be deleted, which part this run has deleted, and which it has put back. Everything that
 * was approved is in exactly one of these, so nothing that was cut counts as kept.
 */
export interface RunLedger {
  /** Finds out what became of writes without an answer, and which Images are gone. */
  settle(now: ClusterSnapshot): void;
  /** What may still be deleted, and what was deleted: nothing else was ever allowed. */
  approval(): Approval;
  /** The cluster as it would be without this run. */
  withoutThisRun(now: ClusterSnapshot): ClusterSnapshot;
  /** Keeps for the rest of the run what this plan no longer deletes. */
  narrow(plan: PruneDecision): void;
  /** Replaces the missed items of the survey before. */
  noteMissed(items: readonly CutItem[]): void;
  /** Items that something needed at the last survey, and that are not back yet. */
  missed(): readonly CutItem[];
  untriedStreams(plan: PruneDecision): readonly StreamTrim[];
  beginStream(trim: StreamTrim): void;
  noteCut(items: readonly CutItem[]): void;
  /** Notes a write without an answer; the next `settle` tells whether it has cut something. */
  noteUnanswered(write: StreamWrite): void;
  noteStayed(count: number): void;
  /** Items that this run has cut and that are not back. */
  cutItems(): readonly CutItem[];
  /** Writes without an answer count as cuts until the next survey. */
  assumeCut(): void;
  /** Put back, or found in their place. */
  noteBack(items: readonly CutItem[], how: "restored" | "never-gone"): void;
  /** Their stream was deleted or replaced: they remain cut, and are no longer missed. */
  noteStreamGone(items: readonly CutItem[]): void;
  /** Put back by this run. */
  restored(): readonly CutItem[];
  untriedImages(): ReadonlySet<string>;
  beginImages(images: readonly Image[]): void;
  /** By the last `settle`. */
  isDeleted(digest: string): boolean;
  /** Items and Images that were approved and not deleted, because something needs them or they were gone already. */
  stayed(): number;
}

export function createRunLedger(approved: Approval): RunLedger {
  const openCuts = new Set(approved.cuts);
  const openImages = new Set(approved.images);
  const cut = new Set<CutItem>();
  const unanswered = new Set<StreamWrite>();
  const triedStreams = new Set<string>();
  const triedImages = new Map<string, Image>();
  let deleted: ReadonlyMap<string, Image> = new Map();
  let missed: readonly CutItem[] = [];
  const restored: CutItem[] = [];
  const withoutStream = new Set<CutItem>();
  let stayed = 0;

  const narrow = (open: Set<string>, allowed: ReadonlySet<string>) => {
    for (const each of open) {
      if (allowed.has(each)) continue;
      open.delete(each);
      stayed += 1;
    }
  };

  return {
    settle(now) {
      for (const item of cutBy(unanswered, now)) cut.add(item);
      unanswered.clear();
      const there = new Set(triedImages.size === 0 ? [] : now.images.map(({ digest }) => digest));
      deleted = new Map([...triedImages].filter(([digest]) => !there.has(digest)));
    },
    approval: () => ({
      cuts: new Set([...openCuts, ...[...cut].map(({ key }) => key)]),
      images: new Set([...openImages, ...deleted.keys()]),
    }),
    withoutThisRun: (now) => asIfNothingWasDone(now, [...cut], [...deleted.values()]),
    narrow(plan) {
      const { cuts, images } = contentOf(plan);
      narrow(openCuts, cuts);
      if (plan.images.kind === "planned") narrow(openImages, images);
    },
    noteMissed: (items) => void (missed = items),
    missed: () => missed.filter((item) => cut.has(item) && !withoutStream.has(item)),
    untriedStreams: ({ streams }) => streams.filter((trim) => !triedStreams.has(streamName(trim))),
    beginStream(trim) {
      triedStreams.add(streamName(trim));
      const { cuts } = contentOf({ streams: [trim], images: { kind: "skipped" } });
      for (const key of cuts) openCuts.delete(key);
    },
    noteCut: (items) => items.forEach((item) => cut.add(item)),
    noteUnanswered: (write) => void unanswered.add(write),
    noteStayed: (count) => void (stayed += count),
    cutItems: () => [...cut],
    assumeCut() {
      for (const write of unanswered) for (const item of cutItemsOf(write)) cut.add(item);
      unanswered.clear();
    },
    noteBack(items, how) {
      for (const item of items) cut.delete(item);
      if (how === "restored") restored.push(...items);
    },
    noteStreamGone: (items) => items.forEach((item) => withoutStream.add(item)),
    restored: () => restored,
    untriedImages: () => openImages,
    beginImages(images) {
      for (const image of images) {
        triedImages.set(image.digest, image);
        openImages.delete(image.digest);
      }
    },
    isDeleted: (digest) => deleted.has(digest),
    stayed: () => stayed,
  };
}

function cutBy(writes: Iterable<StreamWrite>, { streams }: ClusterSnapshot): readonly CutItem[] {
  const pending = [...writes];
  const names = new Set(pending.map(({ before }) => streamName(before)));
  const there = new Map(
    streams.filter((stream) => names.has(streamName(stream))).map((each) => [streamName(each), each]),
  );
  return pending.flatMap((write) => {
    const stream = there.get(streamName(write.before));
    if (stream?.createdAt !== write.before.createdAt) return [];
    return cutItemsOf(write).filter((item) => !isListed(item, stream));
  });
}
