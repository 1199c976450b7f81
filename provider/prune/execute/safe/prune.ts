import { streamName } from "../../../okd/streamName.js";
import { withProgress } from "../../../support/progress.js";
import type { SafePolicy } from "../../args/policy.js";
import { contentOf } from "../../plan/approval.js";
import type { SafePrunePorts } from "../../ports.js";
import type { CutItem } from "../cutItem.js";
import { underLease } from "../lease.js";
import type { ExecutionOptions, PruneOrder } from "../oc/prune.js";
import { outcomeOf, type SafePruneOutcome, type TrimmedStream } from "../outcome.js";
import { executeImageBatches } from "./imageBatches.js";
import { createRunLedger } from "./ledger.js";
import { lookAgain } from "./recheck.js";
import { createRestoration } from "./restoration.js";
import { executeStreamBatches, type SafeRun } from "./streamBatches.js";
import { executeVerification } from "./verification.js";

export interface SafePruneOrder extends PruneOrder {
  readonly policy: SafePolicy;
}

export interface SafeExecutionOptions extends ExecutionOptions {
  /** Who prunes, for the messages of other runs. */
  readonly holder: string;
  /** Streams, and then Images, before the second survey; default 16. */
  readonly firstBatchSize?: number;
  /** Milliseconds that only grow; default the process's own. */
  readonly clock?: () => number;
}

/**
 * Executes what was planned and what nothing has come to need since: first the streams, then the Images with their blobs,
 * both in batches, with a survey of the cluster before each and one at the end. Puts back what was cut and came into use. The
 * plan is the approval: nothing is deleted that it does not list. Reports a step that fails and continues with the others.
 * The signal, and the loss of the lease, end the run before its next step; the outcome then tells what was done.
 *
 * @throws ImageError PRUNE_BUSY while another run holds the lease; PRUNE_REFUSED when references have appeared that
 * cannot be read; what the first survey of the cluster throws. Nothing was changed then.
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

type PruneOptions = Omit<SafeExecutionOptions, "progress"> & Pick<SafeRun, "progress">;

async function prune(
  { plan, policy }: SafePruneOrder,
  ports: SafePrunePorts,
  { workers, signal, progress, firstBatchSize = 16, clock = () => performance.now() }: PruneOptions,
): Promise<SafePruneOutcome> {
  const ledger = createRunLedger(contentOf(plan));
  const restoration = createRestoration(ledger, ports, workers);
  const shared = { policy, ports, ledger, restoration, workers, firstBatchSize };
  const run: SafeRun = { ...shared, signal, clock, progress };
  const first = await lookAgain(ledger, { ...run, looks: ports.looks, isWhole: true });
  const streams = await executeStreamBatches(first, run);
  const images = streams.isWhole ? await executeImageBatches(first.now, run) : noImages;
  const touched = { blobs: images.touchedBlobs, links: streams.links };
  const verified = await executeVerification(touched, run);
  const found = [...streams.links, ...images.images].flatMap(({ failures }) => failures);
  const outcome = outcomeOf({
    trimmedStreams: trimmedStreamsOf(ledger.cutItems()),
    links: streams.links,
    images: images.images,
    layerBytes: first.now.layerBytes,
    failures: [
      ...streams.failures,
      ...found,
      ...images.failures,
      ...verified.failures,
      ...restoration.failures(),
    ],
  });
  return {
    ...outcome,
    skipped: ledger.stayed(),
    restored: ledger.restored().length,
    broken: verified.broken,
    interrupted: signal.aborted,
  };
}

const noImages = { images: [], touchedBlobs: new Set<string>(), failures: [] };

function trimmedStreamsOf(items: readonly CutItem[]): readonly TrimmedStream[] {
  const counts = new Map<string, TrimmedStream>();
  for (const { before } of items) {
    const { namespace, name } = before;
    const counted = counts.get(streamName(before)) ?? { namespace, name, revisions: 0 };
    counts.set(streamName(before), { ...counted, revisions: counted.revisions + 1 });
  }
  return [...counts.values()];
}
