/** A thread that reads a file while another thread writes it, and answers its sha256. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

export interface GrowingFile {
  readonly path: string;
}

/** The size of the file so far, and whether it is complete. */
export interface Growth {
  readonly bytes: number;
  readonly isAll: boolean;
}

const { path } = workerData as GrowingFile;
const file = openSync(path, "r");
const hash = createHash("sha256");
const buffer = Buffer.allocUnsafeSlow(1024 * 1024);
let position = 0;

parentPort?.on("message", ({ bytes, isAll }: Growth) => {
  while (position < bytes) {
    const length = readSync(file, buffer, 0, Math.min(buffer.length, bytes - position), position);
    if (length === 0) throw new Error(`${path} has become shorter while it was written`);
    hash.update(buffer.subarray(0, length));
    position += length;
  }
  if (!isAll) return;
  closeSync(file);
  parentPort?.postMessage(hash.digest("hex"));
  parentPort?.close();
});
