import assert from "node:assert/strict";
import { PassThrough, Readable } from "node:stream";
import fc from "fast-check";
import { bodyBlocks } from "../../../provider/containerEngine/bodyBlocks.js";
import { sleep } from "../../../provider/support/async/abortable.js";

const { signal } = new AbortController();
const options = { idleMs: 5000, onReceived: () => undefined };

async function collected(blocks: Readable): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const block of blocks as AsyncIterable<Buffer>) all.push(Buffer.from(block));
  return Buffer.concat(all);
}

describe("The blocks of an engine's body", () => {
  it("are the body's bytes, however these come and share their memory", async () => {
    const lengths = fc.array(fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 4 }), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(lengths, async (memories) => {
        let value = 0;
        const parts = memories.flatMap((sizes) => {
          const memory = Buffer.alloc(sizes.reduce((sum, size) => sum + size + 1, 0));
          let at = 0;
          return sizes.map((size) => {
            const part = memory.subarray(at, at + size).fill((value += 1));
            at += size + 1; // what is between parts belongs to the protocol
            return part;
          });
        });
        const expected = Buffer.concat(parts);
        let received = 0;
        const body = Readable.from(parts, { objectMode: true });
        const onReceived = (bytes: number) => void (received += bytes);
        assert.ok((await collected(bodyBlocks(body, { ...options, onReceived }))).equals(expected));
        assert.equal(received, expected.length);
      }),
      { numRuns: 60 },
    );
  });

  it("fail as the body does", async () => {
    const body = new PassThrough();
    body.write("a part");
    setImmediate(() => body.destroy(new Error("cut")));
    await assert.rejects(collected(bodyBlocks(body, options)), /cut/);
  });

  it("end the body when nobody reads on", async () => {
    const body = new Readable({ read: () => void body.push(Buffer.alloc(100_000)) });
    for await (const block of bodyBlocks(body, options) as AsyncIterable<Buffer>) {
      assert.ok(block.length > 0);
      break;
    }
    await new Promise(setImmediate);
    assert.ok(body.destroyed);
  });

  it("fail when the body is silent, and not while their reader is slow", async () => {
    const body = new PassThrough();
    const blocks = bodyBlocks(body, { ...options, idleMs: 30 });
    for (let each = 0; each < 16; each += 1) body.write(Buffer.alloc(256 * 1024));
    await sleep(120, signal);
    const reading = collected(blocks);
    await assert.rejects(reading, /sent nothing more for 0\.03 s/);
  });
});
