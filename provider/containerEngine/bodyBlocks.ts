import { type Readable, Transform } from "node:stream";
import { freeMemory, passOn } from "../support/chunkMemory.js";

/** Bytes; fits a processor's cache, as what comes in such blocks is looked at twice. */
const blockSize = 256 * 1024;
/** Blocks that may wait for their reader. */
const waiting = 4;

export interface BlockOptions {
  /** It fails when nothing comes for so long after the first part; a slow reader is no fault of the engine. */
  readonly idleMs: number;
  /** Is told of the bytes of every part. */
  readonly onReceived: (bytes: number) => void;
}

/**
 * A body in blocks that are their reader's own. Engines send small parts, many of which share the memory that they came
 * in; to copy them takes less than to leave that memory to the garbage collector.
 */
export function bodyBlocks(body: Readable, { idleMs, onReceived }: BlockOptions): Readable {
  let idle: NodeJS.Timeout | undefined;
  const onIdle = () => {
    if (blocks.readableLength < waiting)
      body.destroy(new Error(`it sent nothing more for ${idleMs / 1000} s`));
    else idle?.refresh();
  };
  let block = Buffer.allocUnsafeSlow(blockSize);
  let filled = 0;
  let received: ArrayBufferLike | undefined;
  const blocks = new Transform({
    readableObjectMode: true,
    readableHighWaterMark: waiting,
    transform(part: Buffer, _encoding, done) {
      onReceived(part.length);
      idle = idle?.refresh() ?? setTimeout(onIdle, idleMs);
      for (let copied = 0; copied < part.length;) {
        const bytes = part.copy(block, filled, copied);
        copied += bytes;
        filled += bytes;
        if (filled < blockSize) continue;
        this.push(passOn(block));
        block = Buffer.allocUnsafeSlow(blockSize);
        filled = 0;
      }
      // Parts come in their order, so with the first part of other memory the one before is done with.
      if (received !== undefined && received !== part.buffer) freeMemory(received);
      received = part.buffer;
      done();
    },
    flush(done) {
      if (filled > 0) this.push(block.subarray(0, filled));
      done();
    },
  });
  body.on("error", (error) => blocks.destroy(error));
  blocks.on("close", () => {
    clearTimeout(idle);
    body.destroy();
  });
  return body.pipe(blocks);
}
