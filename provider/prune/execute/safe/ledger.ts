import { streamName } from "../../../okd/streamName.js";
import { type Approval, contentOf } from "../../plan/approval.js";
import type { PruneDecision, StreamTrim } from "../../plan/decision.js";
import type { ClusterSnapshot, Image } from "../../snapshot.js";
import { type CutItem, cutItemsOf, isListed, type HistoryWrite } from "../cutItem.js";
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
  noteUnanswered(write: HistoryWrite): void;
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
  return new Ledger(approved);
}

class Ledger implements RunLedger {
  readonly #openCuts: Set<string>;
  readonly #openImages: Set<string>;
  readonly #cut = new Set<CutItem>();
  readonly #unanswered = new Set<HistoryWrite>();
  readonly #triedStreams = new Set<string>();
  readonly #triedImages = new Map<string, Image>();
  #deleted: ReadonlyMap<string, Image> = new Map();
  #missed: readonly CutItem[] = [];
  readonly #restored: CutItem[] = [];
  readonly #withoutStream = new Set<CutItem>();
  #stayed = 0;

  constructor({ cuts, images }: Approval) {
    this.#openCuts = new Set(cuts);
    this.#openImages = new Set(images);
  }

  settle(now: ClusterSnapshot): void {
    for (const item of cutBy(this.#unanswered, now)) this.#cut.add(item);
    this.#unanswered.clear();
    const there = new Set(this.#triedImages.size === 0 ? [] : now.images.map(({ digest }) => digest));
    this.#deleted = new Map([...this.#triedImages].filter(([digest]) => !there.has(digest)));
  }

  approval(): Approval {
    return {
      cuts: new Set([...this.#openCuts, ...[...this.#cut].map(({ key }) => key)]),
      images: new Set([...this.#openImages, ...this.#deleted.keys()]),
    };
  }

  withoutThisRun(now: ClusterSnapshot): ClusterSnapshot {
    return asIfNothingWasDone(now, [...this.#cut], [...this.#deleted.values()]);
  }

  narrow(plan: PruneDecision): void {
    const { cuts, images } = contentOf(plan);
    this.#narrow(this.#openCuts, cuts);
    if (plan.images.kind === "planned") this.#narrow(this.#openImages, images);
  }

  #narrow(open: Set<string>, allowed: ReadonlySet<string>): void {
    for (const each of open) {
      if (allowed.has(each)) continue;
      open.delete(each);
      this.#stayed += 1;
    }
  }

  noteMissed(items: readonly CutItem[]): void {
    this.#missed = items;
  }

  missed(): readonly CutItem[] {
    return this.#missed.filter((item) => this.#cut.has(item) && !this.#withoutStream.has(item));
  }

  untriedStreams({ streams }: PruneDecision): readonly StreamTrim[] {
    return streams.filter((trim) => !this.#triedStreams.has(streamName(trim)));
  }

  beginStream(trim: StreamTrim): void {
    this.#triedStreams.add(streamName(trim));
    const { cuts } = contentOf({ streams: [trim], images: { kind: "skipped" } });
    for (const key of cuts) this.#openCuts.delete(key);
  }

  noteCut(items: readonly CutItem[]): void {
    for (const item of items) this.#cut.add(item);
  }

  noteUnanswered(write: HistoryWrite): void {
    this.#unanswered.add(write);
  }

  noteStayed(count: number): void {
    this.#stayed += count;
  }

  cutItems(): readonly CutItem[] {
    return [...this.#cut];
  }

  assumeCut(): void {
    for (const write of this.#unanswered) this.noteCut(cutItemsOf(write));
    this.#unanswered.clear();
  }

  noteBack(items: readonly CutItem[], how: "restored" | "never-gone"): void {
    for (const item of items) this.#cut.delete(item);
    if (how === "restored") this.#restored.push(...items);
  }

  noteStreamGone(items: readonly CutItem[]): void {
    for (const item of items) this.#withoutStream.add(item);
  }

  restored(): readonly CutItem[] {
    return this.#restored;
  }

  untriedImages(): ReadonlySet<string> {
    return this.#openImages;
  }

  beginImages(images: readonly Image[]): void {
    for (const image of images) {
      this.#triedImages.set(image.digest, image);
      this.#openImages.delete(image.digest);
    }
  }

  isDeleted(digest: string): boolean {
    return this.#deleted.has(digest);
  }

  stayed(): number {
    return this.#stayed;
  }
}

function cutBy(writes: Iterable<HistoryWrite>, { streams }: ClusterSnapshot): readonly CutItem[] {
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
