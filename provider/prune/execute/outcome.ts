import type { StreamKey } from "../../okd/streamName.js";
import type { StreamTrim } from "../plan/decision.js";
import type { PruneFailure } from "./failure.js";

/** What was done. All numbers but `bytes` are those of oc's summary (facts/pruning.md 30). */
export interface PruneOutcome {
  /** Cut from the histories of tags. */
  readonly revisions: number;
  readonly streams: number;
  readonly layerLinks: number;
  readonly manifestLinks: number;
  readonly blobs: number;
  readonly images: number;
  /** Of the layers among the blobs, as far as their sizes are known. */
  readonly bytes: number;
  readonly trimmedStreams: readonly TrimmedStream[];
  /** Digests. */
  readonly deletedImages: readonly string[];
  readonly failures: readonly PruneFailure[];
  /** The run ended early: what was not begun is not among the failures. */
  readonly interrupted: boolean;
}

export interface TrimmedStream extends StreamKey {
  /** Cut from it. */
  readonly revisions: number;
}

/** The outcome of a safe prune. `revisions` counts those that were cut and were not put back. */
export interface SafePruneOutcome extends PruneOutcome {
  /** Revisions and Images that were planned and no longer allowed at their turn: they were never touched. */
  readonly skipped: number;
  /** Revisions that were cut, came into use meanwhile, and were put back where they stood. */
  readonly restored: number;
  /** What came into use meanwhile and cannot be pulled; incomplete for an interrupted run. */
  readonly broken: readonly BrokenImage[];
}

/** An Image of which this run has deleted something that is needed again. */
export type BrokenImage = {
  readonly digest: string;
  /** Where it cannot be pulled from; there may be others. */
  readonly stream: StreamKey;
} & (
  | {
      /** The stream lists it, but the registry lacks a part of it. */
      readonly kind: "incomplete";
      /** What is missing; the digest itself when it is the manifest. */
      readonly blobs: readonly string[];
    }
  | {
      /** The stream does not list it any more. */
      readonly kind: "cut";
      /** The tag under which it can be restored without replacing the current image. */
      readonly tag: string;
      /** At most three objects, described; none where that is not known. */
      readonly users: readonly string[];
      /** Another stream that lists it, from which it can be tagged. */
      readonly servedBy: StreamKey | undefined;
      /** Pull spec of the item, if its Image still exists and can be put into a history again; else undefined. */
      readonly pullSpec: string | undefined;
    }
);

/** What became of one stream. */
export interface TrimResult {
  /** Undefined when nothing was written. */
  readonly trim: StreamTrim | undefined;
  readonly layerLinks: number;
  readonly manifestLinks: number;
  readonly failures: readonly PruneFailure[];
}

/** What became of one Image. */
export interface ImageResult {
  readonly digest: string;
  /** Deleted blobs, its manifest included. */
  readonly blobs: readonly string[];
  readonly isDeleted: boolean;
  readonly failures: readonly PruneFailure[];
}

/** What `outcomeOf` adds up. */
export interface PruneResults {
  readonly trimmedStreams: readonly TrimmedStream[];
  readonly links: readonly Pick<PruneOutcome, "layerLinks" | "manifestLinks">[];
  readonly images: readonly ImageResult[];
  readonly layerBytes: ReadonlyMap<string, number>;
  readonly failures: readonly PruneFailure[];
}

export function outcomeOf({
  trimmedStreams,
  links,
  images,
  layerBytes,
  failures,
}: PruneResults): Omit<PruneOutcome, "interrupted"> {
  const blobs = images.flatMap((result) => result.blobs);
  const deletedImages = images.flatMap(({ digest, isDeleted }) => (isDeleted ? [digest] : []));
  return {
    revisions: sum(trimmedStreams.map(({ revisions }) => revisions)),
    streams: trimmedStreams.length,
    layerLinks: sum(links.map((each) => each.layerLinks)),
    manifestLinks: sum(links.map((each) => each.manifestLinks)),
    blobs: blobs.length,
    images: deletedImages.length,
    bytes: sum(blobs.map((blob) => layerBytes.get(blob) ?? 0)),
    trimmedStreams,
    deletedImages,
    failures,
  };
}

/** How many revisions a trim cuts. */
export function countCuts({ tags }: StreamTrim): number {
  return sum(tags.map(({ cuts }) => cuts.length));
}

export function trimmedStream(trim: StreamTrim): TrimmedStream {
  return { namespace: trim.namespace, name: trim.name, revisions: countCuts(trim) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
