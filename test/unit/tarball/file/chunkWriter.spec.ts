import assert from "node:assert/strict";
import fc from "fast-check";
import { passOn } from "../../../../provider/support/chunkMemory.js";
import { type ChunkFile, writeChunks } from "../../../../provider/tarball/file/chunkWriter.js";

const mebibyte = 1024 * 1024;
const { signal } = new AbortController();

async function* giving(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield chunk;
  }
}

/** A file in memory, which takes as many bytes of a call as it is told. */
class MemoryFile implements ChunkFile {
  readonly written: Buffer[] = [];
  readonly calls: string[] = [];
  readonly #mostBytes: number;

  constructor(mostBytes = Infinity) {
    this.#mostBytes = mostBytes;
  }

  async writev(chunks: readonly Uint8Array[]) {
    this.calls.push("writev");
    await new Promise(setImmediate);
    const taken = Buffer.concat(chunks).subarray(0, this.#mostBytes);
    this.written.push(taken);
    return { bytesWritten: taken.length };
  }

  datasync() {
    this.calls.push("datasync");
    return Promise.resolve();
  }

  get content() {
    return Buffer.concat(this.written);
  }
}

describe("Chunks are written", () => {
  it("in their order, in whatever parts the disk takes them", async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 700_000 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 50_000, max: 3_000_000 }), async (lengths, most) => {
        const chunks = lengths.map((length, index) => Buffer.alloc(length, index + 1));
        const file = new MemoryFile(most);
        await writeChunks(file, giving(chunks.map((chunk) => passOn(new Uint8Array(chunk)))), {
          signal,
        });
        assert.ok(file.content.equals(Buffer.concat(chunks)));
      }),
      { numRuns: 60 },
    );
  });

  it("in large numbers with one call", async () => {
    const file = new MemoryFile();
    const chunks = Array.from({ length: 64 }, () => Buffer.alloc(mebibyte / 16));
    await writeChunks(file, giving(chunks), { signal });
    assert.deepEqual(file.calls, ["writev", "writev", "writev", "writev"]);
  });

  it("and are freed after the write if their source has passed them on", async () => {
    const [passedOn, kept, part] = [new Uint8Array(5), new Uint8Array(6), new Uint8Array(7).subarray(1)];
    passOn(passedOn);
    passOn(part); // others may have the rest of its memory
    await writeChunks(new MemoryFile(), giving([passedOn, kept, part]), { signal });
    assert.deepEqual([passedOn.length, kept.length, part.length], [0, 6, 6]);
  });

  it("and synced during the write, if the file is to last", async () => {
    const chunks = Array.from({ length: 10 }, () => Buffer.alloc(mebibyte));
    const durable = new MemoryFile();
    await writeChunks(durable, giving(chunks), { signal, syncEvery: 4 * mebibyte });
    assert.equal(durable.calls.filter((call) => call === "datasync").length, 2);
    const passing = new MemoryFile();
    await writeChunks(passing, giving(chunks), { signal });
    assert.ok(!passing.calls.includes("datasync"));
  });

  it("never after a failure, while the file is being closed", async () => {
    const file = new MemoryFile();
    let isWriting = false;
    const slow: ChunkFile = {
      datasync: () => file.datasync(),
      writev: async (chunks) => {
        isWriting = true;
        await new Promise((resolve) => setTimeout(resolve, 20));
        isWriting = false;
        return file.writev(chunks);
      },
    };
    const failing = async function* () {
      yield* giving([Buffer.alloc(mebibyte), Buffer.alloc(1)]);
      throw new Error("the source failed");
    };
    await assert.rejects(writeChunks(slow, failing(), { signal, syncEvery: mebibyte }), /the source failed/);
    assert.equal(isWriting, false);
  });

  it("or fail with the failure of a sync in between, even if the last one would succeed", async () => {
    const file = new MemoryFile();
    const broken: ChunkFile = {
      writev: (chunks) => file.writev(chunks),
      datasync: () => Promise.reject(new Error("EIO")),
    };
    const chunks = Array.from({ length: 3 }, () => Buffer.alloc(mebibyte));
    await assert.rejects(writeChunks(broken, giving(chunks), { signal, syncEvery: mebibyte }), /EIO/);
  });

  it("until the work is cancelled", async () => {
    const controller = new AbortController();
    const file = new MemoryFile();
    const endless = async function* () {
      for (;;) {
        yield Buffer.alloc(mebibyte);
        if (file.written.length === 2) controller.abort();
        await new Promise(setImmediate);
      }
    };
    await assert.rejects(writeChunks(file, endless(), { signal: controller.signal }), /cancelled/);
  });
});
