import { mapConcurrently } from "../../support/concurrency.js";
import { countOf } from "../../support/count.js";
import { withProgress } from "../../support/progress.js";
import { itemRate, progressLine } from "../../support/progressText.js";
import type { Approval } from "../plan/approval.js";
import { executeImageBatches, type ImageBatchesRun } from "./executeImageBatches.js";
import type { ExecutionOptions, PruneOrder } from "./executePrune.js";
import { executeSafeTrim, notTrimmed, type SafeTrimResult, type SafeTrimRun } from "./executeSafeTrim.js";
import { executeVerification } from "./executeVerification.js";
import { contentOf } from "../plan/fingerprint.js";
import { underLease } from "./lease.js";
import type { StreamTrim } from "../plan/plan.js";
import type { SafePolicy } from "../plan/policy.js";
import type { SafePrunePorts } from "./ports.js";
import { failuresOf } from "./pruneFailure.js";
import { outcomeOf, type SafePruneOutcome } from "./pruneOutcome.js";
import { planAgain } from "./replan.js";

export interface SafePruneOrder extends PruneOrder {
  readonly policy: SafePolicy;
}

export interface SafeExecutionOptions extends ExecutionOptions {
  /** Who prunes, for the messages of other runs. */
  readonly holder: string;
  /** Milliseconds that only grow; default the process's own. */
  readonly clock?: () => number;
}

/**
 * Carries out what was planned and what nothing has come to need since: first the streams, then, on fresh looks at the
 * cluster, the Images with their blobs (safety.md 3.2). The plan is the approval: nothing goes that it does not list. A
 * step that fails is reported and the others go on. The signal, and the loss of the lease, end the run before its next
 * step; the outcome then tells what was done.
 *
 * @throws ImageError PRUNE_BUSY while another run holds the lease; PRUNE_REFUSED when references have appeared that
 * cannot be read; what the first look at the cluster throws. Nothing was changed then.
 */
export async function executeSafePrune(
  order: SafePruneOrder,
  ports: SafePrunePorts,
  options: SafeExecutionOptions,
): Promise<SafePruneOutcome> {
  return await underLease(ports.lease, options, (signal) => {
    let line = () => "looking again at what is in use";
    const progress = (next: () => string) => {
      line = next;
    };
    const lines = { report: options.progress, line: () => line(), clock: options.progressClock };
    return withProgress(lines, () => prune(order, ports, { ...options, progress, signal }));
  });
}

type PruneOptions = Omit<SafeExecutionOptions, "progress"> & Pick<ImageBatchesRun, "progress">;

async function prune(
  { plan, snapshot, policy }: SafePruneOrder,
  ports: SafePrunePorts,
  { workers, signal, progress, clock = () => performance.now() }: PruneOptions,
): Promise<SafePruneOutcome> {
  const approval = contentOf(plan);
  const fresh = await ports.snapshots.refresh(snapshot, { signal });
  const planned = planAgain(fresh, policy, approval);
  const eligible = contentOf(planned);
  const trims = await trimStreams(
    planned.streams,
    { snapshot: fresh, policy, approval, ports, signal },
    { workers, progress, clock },
  );
  const imagesRun = { policy, ports, workers, signal, clock, progress };
  const { images, ...stage } = await executeImageBatches(eligible.images, fresh, imagesRun);
  const verified = await executeVerification(stage.touchedBlobs, fresh, { ...ports, workers, signal });
  const blocked = plan.images.kind === "planned" ? failuresOf(planned.images, policy.rules) : [];
  const failures = [...blocked, ...stage.failures, ...verified.failures];
  return {
    ...outcomeOf(trims, images, fresh.layerBytes, failures),
    skipped: sizeOf(approval) - sizeOf(eligible) + skippedItems(trims) + stage.skipped,
    broken: verified.broken,
    interrupted: signal.aborted,
  };
}

async function trimStreams(
  planned: readonly StreamTrim[],
  run: SafeTrimRun,
  { workers, progress, clock }: Pick<ImageBatchesRun, "workers" | "progress" | "clock">,
): Promise<readonly SafeTrimResult[]> {
  const startedAt = clock();
  let [done, current] = [0, ""];
  progress(() =>
    progressLine(
      `trimmed ${done} of ${countOf(planned.length, "image stream")}`,
      itemRate(done, clock() - startedAt),
      current,
    ),
  );
  return await mapConcurrently(planned, workers, async (trim) => {
    if (run.signal.aborted) return notTrimmed;
    current = `${trim.namespace}/${trim.name}`;
    const result = await executeSafeTrim(trim, run);
    done += 1;
    return result;
  });
}

function skippedItems(trims: readonly SafeTrimResult[]): number {
  return trims.reduce((sum, { skipped }) => sum + skipped, 0);
}

function sizeOf({ cuts, images }: Approval): number {
  return cuts.size + images.size;
}
