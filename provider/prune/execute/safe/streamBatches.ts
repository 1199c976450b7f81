import { type StreamKey, streamName } from "../../../okd/streamName.js";
import { mapConcurrently } from "../../../support/async/concurrency.js";
import { itemRate, progressLine } from "../../../support/progress.js";
import { countOf } from "../../../support/text/wording.js";
import type { SafePolicy } from "../../args/policy.js";
import type { StreamTrim } from "../../plan/decision.js";
import type { SafePrunePorts } from "../../ports.js";
import type { CutItem } from "../cutItem.js";
import type { PruneFailure } from "../failure.js";
import { createLinkDeletions } from "../links.js";
import type { RunLedger } from "./ledger.js";
import { type Look, lookAgain, lookFailures } from "./recheck.js";
import type { Restoration } from "./restoration.js";
import { executeSafeTrim } from "./trim.js";

/** What all stages of a safe execution share. */
export interface SafeRun {
  readonly policy: SafePolicy;
  readonly ports: SafePrunePorts;
  readonly ledger: RunLedger;
  readonly restoration: Restoration;
  readonly workers: number;
  /** Streams, and then Images, before the second survey. */
  readonly firstBatchSize: number;
  readonly signal: AbortSignal;
  /** Milliseconds that only grow. */
  readonly clock: () => number;
  /** Called with a function that renders the progress. */
  readonly progress: (line: () => string) => void;
}

/** What became of the streams' links in the registry. */
export interface DeletedLinks {
  readonly stream: StreamKey;
  readonly layerLinks: number;
  readonly manifestLinks: number;
  /** Digests. */
  readonly manifests: ReadonlySet<string>;
  readonly failures: readonly PruneFailure[];
}

export interface StreamBatchesResult {
  readonly links: readonly DeletedLinks[];
  readonly failures: readonly PruneFailure[];
  /** A survey has confirmed every cut; otherwise no Image may be deleted. */
  readonly isWhole: boolean;
}

/**
 * Trims streams in batches and surveys the cluster after each. Puts back what the survey finds in use before cutting anything
 * else; deletes links in the registry one batch later, when their cuts are known to be right. Batches grow as long as one
 * takes less time than the survey after it.
 */
export async function executeStreamBatches(first: Look, run: SafeRun): Promise<StreamBatchesResult> {
  const { ledger, restoration, ports, signal, clock, firstBatchSize } = run;
  const failures: PruneFailure[] = [];
  const links: DeletedLinks[] = [];
  ledger.narrow(first.plan);
  const told = tellStreams(ledger.untriedStreams(first.plan).length, run);
  let look = first;
  let latest: readonly StreamTrim[] = [];
  for (let batchSize = firstBatchSize; ;) {
    const batch = ledger.untriedStreams(look.plan).slice(0, batchSize);
    const begunAt = clock();
    failures.push(...(await trimBatch(batch, look, run, told)));
    links.push(...(await deleteLinks(latest, look, run)));
    if (batch.length === 0 && !signal.aborted) return { links, failures, isWhole: true };
    latest = batch;
    const lookedAt = clock();
    try {
      signal.throwIfAborted();
      look = await lookAgain(ledger, { ...run, looks: ports.looks, isWhole: false });
    } catch (cause) {
      failures.push(...(await unseen(latest, cause, run)));
      return { links, failures, isWhole: false };
    }
    ledger.narrow(look.plan);
    await restoration.restore(ledger.missed(), signal);
    if (lookedAt - begunAt < clock() - lookedAt) batchSize *= 2;
  }
}

async function trimBatch(
  batch: readonly StreamTrim[],
  { withoutThisRun: snapshot, approval }: Look,
  { policy, ports, ledger, workers, signal }: SafeRun,
  told: (stream: StreamKey) => void,
): Promise<readonly PruneFailure[]> {
  const results = await mapConcurrently(batch, workers, async (trim) => {
    if (signal.aborted) return [];
    ledger.beginStream(trim);
    const result = await executeSafeTrim(trim, { snapshot, policy, approval, ports, signal });
    ledger.noteCut(result.cut);
    for (const write of result.unanswered) ledger.noteUnanswered(write);
    ledger.noteStayed(result.stayed);
    told(trim);
    return result.failures;
  });
  return results.flat();
}

/** Deletes links that only items need which this survey confirmed as cut. */
async function deleteLinks(
  batch: readonly StreamTrim[],
  { plan }: Look,
  { ports, ledger, workers, signal }: SafeRun,
): Promise<readonly DeletedLinks[]> {
  const cut = new Set(itemsOf(batch, ledger).map(({ before }) => streamName(before)));
  const confirmed = plan.streams.filter((trim) => cut.has(streamName(trim)));
  const results = await mapConcurrently(confirmed, workers, async (trim) => {
    if (signal.aborted) return [];
    const stream = { namespace: trim.namespace, name: trim.name };
    const layerLinks = createLinkDeletions("layer-link", stream, ports, { signal });
    const manifestLinks = createLinkDeletions("manifest-link", stream, ports, { signal });
    await layerLinks.deleteAll(trim.layerLinks);
    await manifestLinks.deleteAll(trim.manifestLinks);
    return [
      {
        stream,
        layerLinks: layerLinks.deleted.size,
        manifestLinks: manifestLinks.deleted.size,
        manifests: manifestLinks.deleted,
        failures: [...layerLinks.failures, ...manifestLinks.failures],
      },
    ];
  });
  return results.flat();
}

/** Nobody knows what came to use the latest cuts, so they are put back; those that cannot be are reported. */
async function unseen(
  latest: readonly StreamTrim[],
  cause: unknown,
  { ledger, restoration, signal }: SafeRun,
): Promise<readonly PruneFailure[]> {
  ledger.assumeCut();
  await restoration.restore(itemsOf(latest, ledger), signal);
  const left = itemsOf(latest, ledger);
  return [
    ...lookFailures("streams", cause, signal),
    ...(left.length === 0 ? [] : [{ kind: "unseen" as const, revisions: left.map(({ key }) => key) }]),
  ];
}

/** Cut from these streams. */
function itemsOf(batch: readonly StreamTrim[], ledger: RunLedger): readonly CutItem[] {
  const names = new Set(batch.map(streamName));
  return ledger.cutItems().filter(({ before }) => names.has(streamName(before)));
}

/** Called for every stream that had its turn. */
function tellStreams(total: number, { clock, progress }: SafeRun): (stream: StreamKey) => void {
  const startedAt = clock();
  let [done, current] = [0, ""];
  progress(() =>
    progressLine(
      `trimmed ${done} of ${countOf(total, "image stream")}`,
      itemRate(done, clock() - startedAt),
      current,
    ),
  );
  return (stream) => {
    done += 1;
    current = streamName(stream);
  };
}
