import { mapConcurrently } from "../support/concurrency.js";
import { executeTrim, type TrimOutcome } from "./executeTrim.js";
import { planImageStage } from "./imageStage.js";
import type { ImageDeletion, ImageStage, PrunePlan } from "./plan.js";
import { preparePlanning } from "./planPrune.js";
import type { PrunePolicy } from "./policy.js";
import type { PrunePorts } from "./ports.js";
import { failuresOf, type PruneFailure } from "./pruneFailure.js";
import type { ClusterSnapshot, ImageStream, StreamKey } from "./snapshot.js";
import { listedDigests, type Planning } from "./streamTrim.js";
import { createTally } from "./tally.js";

/** A plan with what it was made from. */
export interface PruneOrder {
  readonly plan: PrunePlan;
  readonly snapshot: ClusterSnapshot;
  readonly policy: PrunePolicy;
}

export interface ExecutionOptions {
  /** Streams, and then Images, at a time. */
  readonly workers: number;
  readonly signal: AbortSignal;
}

export interface PruneOutcome {
  readonly items: number;
  readonly streams: number;
  readonly layerLinks: number;
  readonly manifestLinks: number;
  readonly blobs: number;
  readonly images: number;
  readonly failures: readonly PruneFailure[];
  /** The signal ended the run early: what was not begun is not among the failures. */
  readonly interrupted: boolean;
}

/**
 * Carries out what was planned and is still allowed, nothing else: all streams first, then Images (prune.md 1.6). A step
 * that fails is reported and the others go on. Only the signal ends the run early, and then too the outcome tells what
 * was done.
 */
export async function executePrune(
  { plan, snapshot, policy }: PruneOrder,
  ports: PrunePorts,
  { workers, signal }: ExecutionOptions,
): Promise<PruneOutcome> {
  const planning = preparePlanning(snapshot, policy);
  const trimByKey = new Map(plan.streams.map((trim) => [keyOf(trim), trim]));
  const trims = await mapConcurrently(snapshot.streams, workers, async (known): Promise<TrimOutcome> => {
    const planned = trimByKey.get(keyOf(known));
    if (planned === undefined || signal.aborted) return untouched(known);
    return await executeTrim({ known, planned, planning, ports, signal });
  });
  const stage = confirmImages(plan, snapshot, trims, planning);
  const deletions = stage.kind === "planned" ? stage.deletions : [];
  const images = await mapConcurrently(deletions, workers, async (deletion) =>
    signal.aborted ? notDeleted : await deleteImage(deletion, ports, signal),
  );
  const written = trims.flatMap(({ trim }) => trim ?? []);
  return {
    items: sum(written.flatMap(({ tags }) => tags.map(({ cuts }) => cuts.length))),
    streams: written.length,
    layerLinks: sum(trims.map((outcome) => outcome.layerLinks)),
    manifestLinks: sum(trims.map((outcome) => outcome.manifestLinks)),
    blobs: sum(images.map((outcome) => outcome.blobs)),
    images: images.filter((outcome) => outcome.isDeleted).length,
    failures: [...trims, { failures: failuresOf(stage) }, ...images].flatMap(({ failures }) => failures),
    interrupted: signal.aborted,
  };
}

/** The planned Images that nothing lists now that the streams are trimmed, as far as they could be. */
function confirmImages(
  plan: PrunePlan,
  snapshot: ClusterSnapshot,
  trims: readonly TrimOutcome[],
  planning: Planning,
): ImageStage {
  const listed = new Set(trims.flatMap((outcome) => outcome.listed));
  const planned = new Set(
    plan.images.kind === "planned" ? plan.images.deletions.map(({ digest }) => digest) : [],
  );
  return planImageStage(snapshot, listed, planning, createTally(), (digest) => planned.has(digest));
}

interface ImageOutcome {
  readonly blobs: number;
  readonly isDeleted: boolean;
  readonly failures: readonly PruneFailure[];
}

const notDeleted: ImageOutcome = { blobs: 0, isDeleted: false, failures: [] };

/** Blobs first, so that a run that stops here can find the Image again; it stays when none of its blobs could go. */
async function deleteImage(
  deletion: ImageDeletion,
  ports: PrunePorts,
  signal: AbortSignal,
): Promise<ImageOutcome> {
  const image = deletion.digest;
  const steps = [
    ...deletion.blobs.map((digest) => ({ kind: "blob" as const, digest })),
    ...(deletion.manifestBlob ? [{ kind: "manifest-blob" as const, digest: image }] : []),
  ];
  const failures: PruneFailure[] = [];
  for (const step of steps) {
    try {
      await ports.blobs.deleteBlob(step.digest, { signal });
    } catch (cause) {
      failures.push({ ...step, image, cause });
    }
  }
  const blobs = steps.length - failures.length;
  if (signal.aborted || (steps.length > 0 && blobs === 0)) return { blobs, isDeleted: false, failures };
  try {
    const result = await ports.images.deleteImage(image, { signal });
    return { blobs, isDeleted: result === "deleted", failures };
  } catch (cause) {
    return { blobs, isDeleted: false, failures: [...failures, { kind: "image", image, cause }] };
  }
}

function keyOf({ namespace, name }: StreamKey): string {
  return `${namespace}/${name}`;
}

function untouched(stream: ImageStream): TrimOutcome {
  const listed = listedDigests(stream, undefined);
  return { trim: undefined, layerLinks: 0, manifestLinks: 0, listed, failures: [] };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
