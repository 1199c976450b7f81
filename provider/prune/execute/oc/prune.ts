import { streamName } from "../../../okd/streamName.js";
import { mapConcurrently } from "../../../support/async/concurrency.js";
import { itemRate, type ProgressClock, progressLine, withProgress } from "../../../support/progress.js";
import { countOf } from "../../../support/text/wording.js";
import type { StreamFacts } from "../../../usage/streamFacts.js";
import type { PrunePolicy } from "../../args/policy.js";
import { preparePlanning } from "../../plan/decide.js";
import type { ImageStage, PruneDecision } from "../../plan/decision.js";
import { planImageStage } from "../../plan/imageStage.js";
import { listedDigests, type PreparedRules } from "../../plan/streamTrim.js";
import { createTally } from "../../plan/totals.js";
import type { PrunePorts } from "../../ports.js";
import type { ClusterSnapshot } from "../../snapshot.js";
import { failuresOf } from "../failure.js";
import { executeImageDeletion } from "../imageDeletion.js";
import { outcomeOf, type PruneOutcome, trimmedStream } from "../outcome.js";
import { executeTrim, type TrimOutcome } from "./trim.js";

/** A plan with what it was made from. */
export interface PruneOrder {
  readonly plan: PruneDecision;
  readonly snapshot: ClusterSnapshot;
  readonly policy: PrunePolicy;
}

export interface ExecutionOptions {
  /** Streams, and then Images, at a time. */
  readonly workers: number;
  readonly signal: AbortSignal;
  /** Called every few seconds with the progress: `deleted 120 of 400 images, 3.1/s, sha256:…`. */
  readonly progress: (line: string) => void;
  readonly progressClock?: ProgressClock | undefined;
}

/**
 * Executes what was planned and is still allowed, nothing else: all streams first, then Images (facts/pruning.md 27). Reports a
 * step that fails and continues with the others. Only the signal ends the run early; then too the outcome tells what was
 * done.
 */
export async function executePrune(
  order: PruneOrder,
  ports: PrunePorts,
  { workers, signal, progress, progressClock }: ExecutionOptions,
): Promise<PruneOutcome> {
  const steps = createSteps(order.plan.streams.length);
  const lines = { report: progress, line: steps.line, clock: progressClock };
  return await withProgress(lines, () => prune(order, ports, { workers, signal, steps }));
}

async function prune(
  { plan, snapshot, policy }: PruneOrder,
  ports: PrunePorts,
  { workers, signal, steps }: Pick<ExecutionOptions, "workers" | "signal"> & { readonly steps: Steps },
): Promise<PruneOutcome> {
  const planning = preparePlanning(snapshot, policy);
  const trimByKey = new Map(plan.streams.map((trim) => [streamName(trim), trim]));
  const trims = await mapConcurrently(snapshot.streams, workers, async (known): Promise<TrimOutcome> => {
    const planned = trimByKey.get(streamName(known));
    if (planned === undefined || signal.aborted) return untouched(known);
    return await steps.trim(() => executeTrim({ known, planned, planning, ports, signal }));
  });
  const stage = confirmImages(plan, snapshot, trims, planning);
  const deletions = stage.kind === "planned" ? stage.deletions : [];
  steps.beginImages(deletions.length);
  const images = await mapConcurrently(deletions, workers, async (deletion) => {
    const uid = planning.images.get(deletion.digest)?.uid ?? "";
    return await steps.delete(deletion.digest, () => executeImageDeletion(deletion, uid, ports, { signal }));
  });
  const outcome = outcomeOf({
    trimmedStreams: trims.flatMap(({ trim }) => (trim === undefined ? [] : [trimmedStream(trim)])),
    links: trims,
    images,
    layerBytes: snapshot.layerBytes,
    failures: [
      ...[...trims, ...images].flatMap(({ failures }) => failures),
      ...failuresOf(stage, policy.rules),
    ],
  });
  return { ...outcome, interrupted: signal.aborted };
}

/** Counts what is done, for people. */
interface Steps {
  readonly line: (elapsedMs: number) => string;
  readonly trim: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly beginImages: (count: number) => void;
  readonly delete: <Result>(digest: string, work: () => Promise<Result>) => Promise<Result>;
}

function createSteps(streams: number): Steps {
  let [trimmed, deleted, current] = [0, 0, ""];
  let images: number | undefined;
  return {
    line: (elapsedMs) =>
      images === undefined
        ? progressLine(
            `trimmed ${trimmed} of ${countOf(streams, "image stream")}`,
            itemRate(trimmed, elapsedMs),
          )
        : progressLine(
            `deleted ${deleted} of ${countOf(images, "image")}`,
            itemRate(deleted, elapsedMs),
            current,
          ),
    async trim(work) {
      const result = await work();
      trimmed += 1;
      return result;
    },
    beginImages(count) {
      images = count;
    },
    async delete(digest, work) {
      current = digest.slice(0, "sha256:".length + 12);
      const result = await work();
      deleted += 1;
      return result;
    },
  };
}

/** The planned Images that no stream lists now, after all trims that succeeded. */
function confirmImages(
  plan: PruneDecision,
  snapshot: ClusterSnapshot,
  trims: readonly TrimOutcome[],
  planning: PreparedRules,
): ImageStage {
  const listed = new Set(trims.flatMap((outcome) => outcome.listed));
  const planned = new Set(
    plan.images.kind === "planned" ? plan.images.deletions.map(({ digest }) => digest) : [],
  );
  return planImageStage(snapshot, listed, planning, createTally(), (digest) => planned.has(digest));
}

function untouched(stream: StreamFacts): TrimOutcome {
  const listed = listedDigests(stream, undefined);
  return { trim: undefined, layerLinks: 0, manifestLinks: 0, listed, failures: [] };
}
