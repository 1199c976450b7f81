import { formatByteSize } from "../../support/byteSize.js";
import { countOf } from "../../support/count.js";
import { itemRate, progressLine } from "../../support/progressText.js";
import { mapConcurrently } from "../../support/concurrency.js";
import { executeImageDeletion } from "./executeImageDeletion.js";
import type { ImageDeletion } from "../plan/plan.js";
import type { SafePolicy } from "../plan/policy.js";
import type { SafePrunePorts } from "./ports.js";
import { failuresOf, type PruneFailure } from "./pruneFailure.js";
import type { ImageResult } from "./pruneOutcome.js";
import { planImagesAgain } from "./replan.js";
import type { ClusterSnapshot } from "../plan/snapshot.js";

export interface ImageBatchesRun {
  readonly policy: SafePolicy;
  readonly ports: SafePrunePorts;
  readonly workers: number;
  readonly signal: AbortSignal;
  /** Milliseconds that only grow. */
  readonly clock: () => number;
  /** Told what makes a line about how far it is. */
  readonly progress: (line: () => string) => void;
}

export interface ImageBatchesResult {
  readonly images: readonly ImageResult[];
  /** Approved Images that something had come to need, or that were gone. */
  readonly skipped: number;
  /** Blobs and manifests that the registry was to delete, whatever it answered. */
  readonly touchedBlobs: ReadonlySet<string>;
  /** What ended the stage early. */
  readonly failures: readonly PruneFailure[];
}

const firstBatchSize = 16;

/**
 * Deletes approved Images in batches and looks at the cluster anew before each (safety.md 3.2). Batches grow as long as
 * one takes less time than the look before it. What something needs at one look stays in this run, and no Image is tried
 * twice.
 */
export async function executeImageBatches(
  approved: ReadonlySet<string>,
  start: ClusterSnapshot,
  run: ImageBatchesRun,
): Promise<ImageBatchesResult> {
  const { signal, clock } = run;
  const images = collectResults(approved.size, start, run);
  const touchedBlobs = new Set<string>();
  let pending = approved;
  let snapshot = start;
  let skipped = 0;
  let batchSize = firstBatchSize;
  while (pending.size > 0 && !signal.aborted) {
    const lookedAt = clock();
    const look = await lookAgain(snapshot, pending, run);
    if (!look.ok) return { images: images.results, skipped, touchedBlobs, failures: look.failures };
    snapshot = look.snapshot;
    skipped += pending.size - look.deletions.length;
    const batch = look.deletions.slice(0, batchSize);
    const begunAt = clock();
    for (const { digest, blobs } of batch) [digest, ...blobs].forEach((blob) => touchedBlobs.add(blob));
    await deleteBatch(batch, snapshot, run, images.add);
    pending = new Set(look.deletions.slice(batchSize).map(({ digest }) => digest));
    if (clock() - begunAt < begunAt - lookedAt) batchSize *= 2;
  }
  return { images: images.results, skipped, touchedBlobs, failures: [] };
}

type Look =
  | { readonly ok: true; readonly snapshot: ClusterSnapshot; readonly deletions: readonly ImageDeletion[] }
  | { readonly ok: false; readonly failures: readonly PruneFailure[] };

async function lookAgain(
  previous: ClusterSnapshot,
  pending: ReadonlySet<string>,
  { policy, ports, signal }: ImageBatchesRun,
): Promise<Look> {
  try {
    const snapshot = await ports.snapshots.refresh(previous, { signal });
    const stage = planImagesAgain(snapshot, policy, pending);
    if (stage.kind === "planned") return { ok: true, snapshot, deletions: stage.deletions };
    return { ok: false, failures: failuresOf(stage, policy.rules) };
  } catch (cause) {
    return { ok: false, failures: signal.aborted ? [] : [{ kind: "look", before: "images", cause }] };
  }
}

async function deleteBatch(
  batch: readonly ImageDeletion[],
  { images }: ClusterSnapshot,
  { ports, workers, signal }: ImageBatchesRun,
  onResult: (result: ImageResult) => void,
): Promise<void> {
  const digests = new Set(batch.map(({ digest }) => digest));
  const uids = new Map(
    images.filter(({ digest }) => digests.has(digest)).map((each) => [each.digest, each.uid]),
  );
  await mapConcurrently(batch, workers, async (deletion) => {
    onResult(await executeImageDeletion(deletion, uids.get(deletion.digest) ?? "", ports, { signal }));
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
  return stream === undefined ? short : `${stream.namespace}/${stream.name}@${short}`;
}

/** Reports how far the stage is with every result. */
function collectResults(
  total: number,
  { layerBytes, streams }: ClusterSnapshot,
  { clock, progress }: ImageBatchesRun,
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
