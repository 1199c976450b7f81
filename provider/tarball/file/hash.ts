import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { RequestOptions } from "../../okd/requestOptions.js";
import type { GrowingFile, Growth } from "./hashThread.js";

/** sha256 of a file, hex. */
export async function hashFile(path: string, { signal }: RequestOptions): Promise<string> {
  const hash = createHash("sha256");
  const chunks = createReadStream(path, { signal, highWaterMark: 1024 * 1024 });
  for await (const chunk of chunks as AsyncIterable<Uint8Array>) hash.update(chunk);
  return hash.digest("hex");
}

/** Bytes below which a thread is not worth its start. */
const worthAThread = 32 * 1024 * 1024;
/** Bytes of growth that are worth a message to the thread. */
const worthAMessage = 4 * 1024 * 1024;

/** sha256 of a file that is being written. */
export interface GrowingHash {
  /** Reports the size of the file so far. */
  grewTo(bytes: number): void;
  /** Hex; to be called when the file is complete. */
  digest(options: RequestOptions): Promise<string>;
  /** To be called in any case, with the digest or without. */
  stop(): Promise<void>;
}

/**
 * Reads a file in a thread of its own while it is written, which relieves the main thread. The system still has the bytes in
 * memory.
 */
export function hashGrowingFile(path: string): GrowingHash {
  let thread: HashThread | undefined;
  let size = 0;
  let told = worthAThread - worthAMessage;
  return {
    grewTo(bytes) {
      size = bytes;
      if (size < told + worthAMessage) return;
      told = size;
      thread ??= startThread(path);
      thread.tell({ bytes: size, isAll: false });
    },
    digest: (options) => thread?.digest(size) ?? hashFile(path, options),
    stop: async () => await thread?.stop(),
  };
}

interface HashThread {
  tell(growth: Growth): void;
  digest(bytes: number): Promise<string>;
  stop(): Promise<void>;
}

function startThread(path: string): HashThread {
  const worker = new Worker(join(__dirname, "hashThread.js"), {
    workerData: { path } satisfies GrowingFile,
    resourceLimits: { maxYoungGenerationSizeMb: 2 },
  });
  const digest = new Promise<string>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error(`The thread that hashes ${path} has ended too early`)));
  });
  digest.catch(() => undefined); // nobody waits for the digest of a stopped thread
  const tell = (growth: Growth) => worker.postMessage(growth);
  return {
    tell,
    digest(bytes) {
      tell({ bytes, isAll: true });
      return digest;
    },
    async stop() {
      await worker.terminate();
    },
  };
}
