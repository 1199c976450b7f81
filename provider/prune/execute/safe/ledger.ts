import { streamName } from "../../../okd/streamName.js";
import { type Approval, contentOf } from "../../plan/approval.js";
import type { PrunePlan, StreamTrim } from "../../plan/decision.js";
import type { ClusterSnapshot, Image } from "../../snapshot.js";
import { type CutItem, cutItemsOf, isListed, type StreamWrite } from "../cutItem.js";
import { asIfNothingWasDone } from "./asIfNothingWasDone.js";

/**
 * What of an approval may still go, what this run has done of it and what it has put back. All that was approved is in
 * one of these places only, so that nothing is counted as staying that was cut.
 */
export interface RunLedger {
  /** Finds out what became of writes without an answer, and which Images are gone. */
  settle(now: ClusterSnapshot): void;
  /** What may still go, and what is gone: nothing else was ever allowed. */
  approval(): Approval;
  /** The cluster as it would be without this run. */
  withoutThisRun(now: ClusterSnapshot): ClusterSnapshot;
  /** What this plan for it does not let go any more stays for the rest of the run. */
  narrow(plan: PrunePlan): void;
  /** Replaces what the look before has missed. */
  noteMissed(items: readonly CutItem[]): void;
  /** Needed by something at the last look, and not back yet. */
  missed(): readonly CutItem[];
  untriedStreams(plan: PrunePlan): readonly StreamTrim[];
  beginStream(trim: StreamTrim): void;
  noteCut(items: readonly CutItem[]): void;
  /** The next `settle` tells whether it has cut something. */
  noteUnanswered(write: StreamWrite): void;
  noteStayed(count: number): void;
  /** Cut by this run and not back. */
  cutItems(): readonly CutItem[];
  /** Writes without an answer count as cuts until somebody has looked. */
  assumeCut(): void;
  /** Put back, or found in their place. */
  noteBack(items: readonly CutItem[], how: "restored" | "never-gone"): void;
  /** Their stream is gone, or is another one by now: they stay cut, and are missed no more. */
  noteStreamGone(items: readonly CutItem[]): void;
  /** Put back by this run. */
  restored(): readonly CutItem[];
  untriedImages(): ReadonlySet<string>;
  beginImages(images: readonly Image[]): void;
  /** By the last `settle`. */
  isDeleted(digest: string): boolean;
  /** Items and Images that were approved and stay, because something needs them or they were gone already. */
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
