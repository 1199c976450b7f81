import type { StreamTrim } from "../plan/plan.js";
import type { PruneFailure } from "./pruneFailure.js";
import type { StreamKey } from "../plan/snapshot.js";

/** What was done. The numbers but `bytes` are those of oc's summary (prune.md 1.8). */
export interface PruneOutcome {
  /** Items cut from the histories of tags. */
  readonly items: number;
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
  /** Items cut from it. */
  readonly items: number;
}

/** What the outcome of a safe prune tells beyond that. */
export interface SafePruneOutcome extends PruneOutcome {
  /** Items and Images that were planned and, at their turn, could not go any more. */
  readonly skipped: number;
  /** Images that came into use while their blobs were deleted; empty too when the run was interrupted before the look. */
  readonly broken: readonly BrokenImage[];
}

/** An Image that a stream lists and that cannot be pulled, because this run deleted it or blobs that it needs. */
export interface BrokenImage {
  readonly digest: string;
  /** The one that was asked; there may be others. */
  readonly stream: StreamKey;
  /** What the registry does not have any more; the digest itself when it is the manifest. */
  readonly blobs: readonly string[];
}

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
  /** Those that are gone now, its manifest included. */
  readonly blobs: readonly string[];
  readonly isDeleted: boolean;
  readonly failures: readonly PruneFailure[];
}

/** Adds up; `stageFailures` belong to no single stream or Image. */
export function outcomeOf(
  trims: readonly TrimResult[],
  images: readonly ImageResult[],
  layerBytes: ReadonlyMap<string, number>,
  stageFailures: readonly PruneFailure[],
): Omit<PruneOutcome, "interrupted"> {
  const trimmedStreams = trims.flatMap(({ trim }) => (trim === undefined ? [] : [trimmedStream(trim)]));
  const blobs = images.flatMap((result) => result.blobs);
  const deletedImages = images.flatMap(({ digest, isDeleted }) => (isDeleted ? [digest] : []));
  return {
    items: sum(trimmedStreams.map(({ items }) => items)),
    streams: trimmedStreams.length,
    layerLinks: sum(trims.map((result) => result.layerLinks)),
    manifestLinks: sum(trims.map((result) => result.manifestLinks)),
    blobs: blobs.length,
    images: deletedImages.length,
    bytes: sum(blobs.map((blob) => layerBytes.get(blob) ?? 0)),
    trimmedStreams,
    deletedImages,
    failures: [...[...trims, ...images].flatMap(({ failures }) => failures), ...stageFailures],
  };
}

/** How many items a trim cuts. */
export function countCuts({ tags }: StreamTrim): number {
  return sum(tags.map(({ cuts }) => cuts.length));
}

function trimmedStream(trim: StreamTrim): TrimmedStream {
  return { namespace: trim.namespace, name: trim.name, items: countCuts(trim) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
