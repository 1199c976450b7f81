import type { ImageStream } from "../../okd/imageStream.js";
import type { StreamKey } from "../../okd/streamName.js";
import type { ImageTag } from "../args/desiredStream.js";
import { importBatch, type ImportRun, type MayPass } from "../check/importBatch.js";
import type { ImportRow } from "../failure/explain.js";
import { importBatches } from "../plan/batches.js";
import type { ImageStreams } from "../ports.js";

/** Imports these tags into the stream. Every tag gets a row; `onProgress` gets the number of imported tags and the next image. */
export async function storeTags(
  streams: ImageStreams,
  key: StreamKey,
  tags: readonly ImageTag[],
  stream: ImageStream,
  signal: AbortSignal,
  onProgress: (done: number, next: string | undefined) => void,
  mayPass: MayPass,
): Promise<ImportRun> {
  const rows = new Map<string, ImportRow>();
  let latest: ImageStream | undefined;
  let imported = 0;
  for (const batch of importBatches(tags)) {
    signal.throwIfAborted();
    onProgress(imported, batch[0]?.image);
    const run = await importBatch(streams, key, batch, latest ?? stream, true, signal, mayPass);
    for (const [tag, row] of run.rows) rows.set(tag, row);
    latest = run.stream ?? latest;
    imported = [...rows.values()].filter(({ kind }) => kind === "imported").length;
  }
  return { rows, stream: latest };
}
