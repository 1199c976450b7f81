import assert from "node:assert/strict";
import type { BlobSource } from "../../../../provider/archive/filePorts.js";
import { blobsAhead } from "../../../../provider/tarball/write/blobsAhead.js";
import type { TarMember } from "../../../../provider/tarball/write/layout.js";
import { neverAborted } from "../../../support/builders/builtImage.js";

const mebibyte = 1024 * 1024;

function blobs(...sizes: readonly number[]): readonly TarMember[] {
  return sizes.map((size, index) => {
    const descriptor = { mediaType: "x", digest: `sha256:${index}`, size };
    return { name: `blob${index}`, size, content: { kind: "blob", descriptor, image: 0 } };
  });
}

/** Gives its blobs in chunks of a mebibyte, and notes what happens to them. */
class NotingSource implements BlobSource {
  readonly notes: string[] = [];
  readonly broken: string;

  constructor(broken = "") {
    this.broken = broken;
  }

  async *read({ digest, size }: { readonly digest: string; readonly size: number }) {
    const name = digest.slice("sha256:".length);
    this.notes.push(`ask ${name}`);
    try {
      await Promise.resolve();
      if (name === this.broken) throw new Error(`${name} is broken`);
      for (let left = size; left > 0; left -= mebibyte) yield Buffer.alloc(Math.min(left, mebibyte));
      this.notes.push(`end ${name}`);
    } finally {
      this.notes.push(`leave ${name}`);
    }
  }
}

async function read(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) bytes += chunk.length;
  return bytes;
}

describe("Blobs ahead", () => {
  it("are asked for while the ones before are read, six at a time, and read in their order", async () => {
    const source = new NotingSource();
    const sizes = Array.from({ length: 10 }, (_, index) => 1000 + index);
    const ahead = blobsAhead(blobs(...sizes), [source], neverAborted);
    const first = ahead.next();
    await first.next();
    assert.deepEqual(
      source.notes.filter((note) => note.startsWith("ask")),
      ["ask 0", "ask 1", "ask 2", "ask 3", "ask 4", "ask 5"],
    );
    await first.next();
    const rest: number[] = [];
    for (let each = 1; each < sizes.length; each += 1) rest.push(await read(ahead.next()));
    assert.deepEqual(rest, sizes.slice(1));
    ahead.close();
    assert.deepEqual(
      source.notes.filter((note) => note.startsWith("end")),
      sizes.map((_, index) => `end ${index}`),
    );
  });

  it("wait until their turn is near", async () => {
    const source = new NotingSource();
    const ahead = blobsAhead(blobs(10 * mebibyte, 5), [source], neverAborted);
    const first = ahead.next();
    await first.next();
    assert.ok(!source.notes.includes("ask 1"), "ten mebibytes away");
    await first.next();
    await first.next();
    assert.ok(source.notes.includes("ask 1"), "less than eight are left");
    ahead.close();
  });

  it("fail in their turn, and not before", async () => {
    const ahead = blobsAhead(blobs(5, 6, 7), [new NotingSource("1")], neverAborted);
    assert.equal(await read(ahead.next()), 5);
    await assert.rejects(read(ahead.next()), /1 is broken/);
    ahead.close();
  });

  it("are closed after cancellation", async () => {
    const source = new NotingSource();
    const ahead = blobsAhead(blobs(5, 6, 7), [source], neverAborted);
    const first = ahead.next();
    await first.next();
    await first.return(undefined);
    ahead.close();
    await new Promise(setImmediate);
    assert.deepEqual(source.notes.filter((note) => note.startsWith("leave")).sort(), [
      "leave 0",
      "leave 1",
      "leave 2",
    ]);
  });

  it("cancel pending requests", async () => {
    let reason: unknown;
    const source: BlobSource = {
      async *read(_descriptor, { signal }) {
        await new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
        }).catch((error: unknown) => {
          reason = error;
          throw error;
        });
      },
    };
    const ahead = blobsAhead(blobs(5), [source], neverAborted);
    const waiting = ahead.next().next();
    await new Promise(setImmediate);
    ahead.close();
    await assert.rejects(waiting);
    assert.ok(reason !== undefined);
  });
});
