import { type Readable, Transform } from "node:stream";
import { freeMemory, passOn } from "../support/chunkMemory.js";

/** Bytes; fits a processor's cache, because every block is read twice. */
const blockSize = 256 * 1024;
/** Blocks that may wait for their reader. */
const waiting = 4;

export interface BlockOptions {
  /** Longest wait for a part after the first one; the reader's own time does not count. */
  readonly idleMs: number;
  /** Called with the number of bytes of every part. */
  readonly onReceived: (bytes: number) => void;
}

/**
 * A body in blocks that the reader owns. Engines send small parts, many of which share one piece of memory; copying the
 * parts costs less than leaving that memory to the garbage collector.
 */
export function bodyBlocks(body: Readable, { idleMs, onReceived }: BlockOptions): Readable {
  let idle: NodeJS.Timeout | undefined;
  const onIdle = () => {
    if (blocks.readableLength < waiting)
      body.destroy(new Error(`it sent nothing more for ${idleMs / 1000} s`));
    else idle?.refresh();
  };
  const packer = createPacker((block) => blocks.push(block));
  const blocks = new Transform({
    readableObjectMode: true,
    readableHighWaterMark: waiting,
    transform(part: Buffer, _encoding, done) {
      onReceived(part.length);
      idle = idle?.refresh() ?? setTimeout(onIdle, idleMs);
      packer.add(part);
      done();
    },
    flush(done) {
      packer.end();
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

interface Packer {
  readonly add: (part: Buffer) => void;
  /** Hands over the last block, which may be short. */
  readonly end: () => void;
}

/** Copies parts into blocks, and frees the memory that they came in. */
function createPacker(push: (block: Buffer) => void): Packer {
  let block = Buffer.allocUnsafeSlow(blockSize);
  let filled = 0;
  let received: ArrayBufferLike | undefined;
  return {
    add(part) {
      for (let copied = 0; copied < part.length;) {
        const bytes = part.copy(block, filled, copied);
        copied += bytes;
        filled += bytes;
        if (filled < blockSize) continue;
        push(passOn(block));
        block = Buffer.allocUnsafeSlow(blockSize);
        filled = 0;
      }
      // Parts come in order, so the first part in other memory is the end of the memory before it.
      if (received !== undefined && received !== part.buffer) freeMemory(received);
      received = part.buffer;
    },
    end() {
      if (filled > 0) push(block.subarray(0, filled));
    },
  };
}
