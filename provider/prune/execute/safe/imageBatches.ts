import { streamName } from "../../../okd/streamName.js";
import { mapConcurrently } from "../../../support/async/concurrency.js";
import { itemRate, progressLine } from "../../../support/progress.js";
import { formatByteSize } from "../../../support/text/units.js";
import { countOf } from "../../../support/text/wording.js";
import type { ImageDeletion } from "../../plan/decision.js";
import type { ClusterSnapshot } from "../../snapshot.js";
import { failuresOf, type PruneFailure } from "../failure.js";
import { executeImageDeletion } from "../imageDeletion.js";
import type { ImageResult } from "../outcome.js";
import type { RunLedger } from "./ledger.js";
import { type Look, lookAgain, lookFailures } from "./recheck.js";
import type { SafeRun } from "./streamBatches.js";

export interface ImageBatchesResult {
  readonly images: readonly ImageResult[];
  /** Blobs and manifests that the registry was to delete, whatever it answered. */
  readonly touchedBlobs: ReadonlySet<string>;
  /** Failures that ended the stage early. */
  readonly failures: readonly PruneFailure[];
}

/**
 * Deletes approved Images in batches and surveys the cluster before each, the first time all of it, because a deleted Image
 * cannot be put back. Batches grow as long as one takes less time than the survey before it. Keeps in this run whatever was
 * needed at any survey, and tries no Image twice.
 */
export async function executeImageBatches(start: ClusterSnapshot, run: SafeRun): Promise<ImageBatchesResult> {
  const { ledger, restoration, ports, signal, clock, firstBatchSize } = run;
  const images = collectResults(ledger.untriedImages().size, start, run);
  const touchedBlobs = new Set<string>();
  const result = { images: images.results, touchedBlobs };
  let isWhole = true;
  let batchSize = firstBatchSize;
  while (ledger.untriedImages().size > 0 && !signal.aborted) {
    const lookedAt = clock();
    let look: Look;
    try {
      look = await lookAgain(ledger, { ...run, looks: ports.looks, isWhole });
    } catch (cause) {
      return { ...result, failures: lookFailures("images", cause, signal) };
    }
    isWhole = false;
    ledger.narrow(look.plan);
    await restoration.restore(ledger.missed(), signal);
    if (look.plan.images.kind !== "planned")
      return { ...result, failures: failuresOf(look.plan.images, run.policy.rules) };
    const batch = deletionsIn(look, ledger).slice(0, batchSize);
    const begunAt = clock();
    for (const { digest, blobs } of batch) [digest, ...blobs].forEach((blob) => touchedBlobs.add(blob));
    await deleteBatch(batch, look.now, run, images.add);
    if (clock() - begunAt < begunAt - lookedAt) batchSize *= 2;
  }
  return { ...result, failures: [] };
}

function deletionsIn({ plan: { images } }: Look, ledger: RunLedger): readonly ImageDeletion[] {
  const untried = ledger.untriedImages();
  return images.kind === "planned" ? images.deletions.filter(({ digest }) => untried.has(digest)) : [];
}

async function deleteBatch(
  batch: readonly ImageDeletion[],
  { images }: ClusterSnapshot,
  { ports, ledger, workers, signal }: SafeRun,
  onResult: (result: ImageResult) => void,
): Promise<void> {
  const digests = new Set(batch.map(({ digest }) => digest));
  const known = new Map(
    images.filter(({ digest }) => digests.has(digest)).map((each) => [each.digest, each]),
  );
  await mapConcurrently(batch, workers, async (deletion) => {
    const image = known.get(deletion.digest);
    if (image === undefined || signal.aborted) return;
    ledger.beginImages([image]);
    onResult(await executeImageDeletion(deletion, image.uid, ports, { signal }));
  });
}

interface ResultCollection {
  readonly results: readonly ImageResult[];
  readonly add: (result: ImageResult) => void;
}

/** `shop/web@sha256:…` while some stream lists it, else the digest alone. */
function nameIn(streams: ClusterSnapshot["streams"], digest: string | undefined): string | undefined {
  if (digest === undefined) return undefined;
  const lists = ({ tags }: ClusterSnapshot["streams"][number]) =>
    tags.some(({ items }) => items.some((item) => item.digest === digest));
  const stream = streams.find(lists);
  const short = digest.slice(0, "sha256:".length + 12);
  return stream === undefined ? short : `${streamName(stream)}@${short}`;
}

/** Reports the progress of the stage with every result. */
function collectResults(
  total: number,
  { layerBytes, streams }: ClusterSnapshot,
  { clock, progress }: SafeRun,
): ResultCollection {
  const startedAt = clock();
  const results: ImageResult[] = [];
  let [deleted, bytes] = [0, 0];
  const line = () =>
    progressLine(
      `deleted ${deleted} of ${countOf(total, "image")}`,
      bytes === 0 ? undefined : formatByteSize(bytes),
      itemRate(deleted, clock() - startedAt),
      nameIn(streams, results.at(-1)?.digest),
    );
  progress(line);
  return {
    results,
    add: (result) => {
      results.push(result);
      if (result.isDeleted) deleted += 1;
      for (const blob of result.blobs) bytes += layerBytes.get(blob) ?? 0;
    },
  };
}
