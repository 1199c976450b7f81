import { abortReason } from "../../support/async/abortable.js";
import { freeChunk } from "../../support/chunkMemory.js";
import type { WritableFile } from "./atomic.js";

/** Bytes that one call writes, about. */
const gatheredBytes = 1024 * 1024;

export type ChunkFile = Pick<WritableFile, "writev" | "datasync">;

export interface ChunkWriting {
  readonly signal: AbortSignal;
  /** Bytes after which the disk is set to work, so that a sync at the end finds little to do. */
  readonly syncEvery?: number;
  /** Is told the bytes of the file so far. */
  readonly onGrowth?: (bytes: number) => void;
}

/**
 * Appends the chunks in their order, many with one call, while the next ones come. They are freed once they are written,
 * as far as their source allows it.
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
    // Whoever closes the file next must not do it under a call.
    await Promise.allSettled([writing, sync?.finished()]);
  }
  await sync?.finished();
}

/** A call may take only a part. */
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

/** One sync at a time; a failure is kept, because the system says it only once. */
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
