import { abortReason } from "../../support/async/abortable.js";
import { freeChunk } from "../../support/chunkMemory.js";
import type { WritableFile } from "./atomic.js";

/** About how many bytes one call writes. */
const gatheredBytes = 1024 * 1024;

export type ChunkFile = Pick<WritableFile, "writev" | "datasync">;

export interface ChunkWriting {
  readonly signal: AbortSignal;
  /** Bytes after which a sync is started, so that the one at the end finds little to do. */
  readonly syncEvery?: number;
  /** Called with the size of the file so far. */
  readonly onGrowth?: (bytes: number) => void;
}

/**
 * Appends the chunks in order, many with one call, while the next ones arrive. Frees them once they are written, if their
 * source allows it.
 * @throws the signal's reason; what the chunks' source and the file throw
 */
export async function writeChunks(
  file: ChunkFile,
  chunks: AsyncIterable<Uint8Array>,
  { signal, syncEvery, onGrowth }: ChunkWriting,
): Promise<void> {
  const sync = syncEvery === undefined ? undefined : backgroundSync(file, syncEvery);
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  let written = 0;
  let writing = Promise.resolve();
  const flush = async () => {
    const [group, size] = [gathered, bytes];
    [gathered, bytes] = [[], 0];
    await writing;
    writing = writeGroup(file, group, size).then(() => {
      sync?.wrote(size);
      onGrowth?.((written += size));
    });
    writing.catch(() => undefined); // awaited with the next group
  };
  try {
    for await (const chunk of chunks) {
      if (signal.aborted) throw abortReason(signal);
      gathered.push(chunk);
      bytes += chunk.length;
      if (bytes >= gatheredBytes) await flush();
    }
    await flush();
    await writing;
  } finally {
    // The caller closes the file next, which must not happen during a call.
    await Promise.allSettled([writing, sync?.finished()]);
  }
  await sync?.finished();
}

/** One call may write only a part. */
async function writeGroup(file: ChunkFile, group: readonly Uint8Array[], size: number): Promise<void> {
  if (size === 0) return;
  let { bytesWritten } = await file.writev(group);
  if (bytesWritten < size) {
    const whole = Buffer.concat(group);
    while (bytesWritten < size)
      bytesWritten += (await file.writev([whole.subarray(bytesWritten)])).bytesWritten;
  }
  group.forEach(freeChunk);
}

/** One sync at a time; keeps a failure, because the system reports it only once. */
function backgroundSync(file: ChunkFile, every: number) {
  let unsynced = 0;
  let isBusy = false;
  let syncing = Promise.resolve();
  return {
    wrote(bytes: number): void {
      unsynced += bytes;
      if (isBusy || unsynced < every) return;
      unsynced = 0;
      isBusy = true;
      syncing = syncing.then(() => file.datasync()).then(() => void (isBusy = false));
      syncing.catch(() => undefined);
    },
    finished: () => syncing,
  };
}
