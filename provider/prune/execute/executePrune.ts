import { mapConcurrently } from "../../support/concurrency.js";
import { executeImageDeletion } from "./executeImageDeletion.js";
import { executeTrim, type TrimOutcome } from "./executeTrim.js";
import { planImageStage } from "../plan/imageStage.js";
import type { ImageStage, PrunePlan } from "../plan/plan.js";
import { preparePlanning } from "../plan/planPrune.js";
import type { PrunePolicy } from "../plan/policy.js";
import type { PrunePorts } from "./ports.js";
import { failuresOf } from "./pruneFailure.js";
import { outcomeOf, type PruneOutcome } from "./pruneOutcome.js";
import type { ClusterSnapshot, ImageStream, StreamKey } from "../plan/snapshot.js";
import { listedDigests, type Planning } from "../plan/streamTrim.js";
import { createTally } from "../plan/tally.js";

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
  const images = await mapConcurrently(deletions, workers, async (deletion) => {
    const uid = planning.images.get(deletion.digest)?.uid ?? "";
    return await executeImageDeletion(deletion, uid, ports, { signal });
  });
  const outcome = outcomeOf(trims, images, snapshot.layerBytes, failuresOf(stage));
  return { ...outcome, interrupted: signal.aborted };
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

function keyOf({ namespace, name }: StreamKey): string {
  return `${namespace}/${name}`;
}

function untouched(stream: ImageStream): TrimOutcome {
  const listed = listedDigests(stream, undefined);
  return { trim: undefined, layerLinks: 0, manifestLinks: 0, listed, failures: [] };
}
