import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import {
  compressionOf,
  decompressed,
  expansionLimit,
} from "../../../../provider/tarball/tar/decompression.js";
import { TarFormatError } from "../../../../provider/tarball/tar/header.js";
import { collect, neverAborted } from "../../../support/builders/builtImage.js";
import { requireReal } from "../../../support/programs/requireReal.js";

const mebibyte = 1024 * 1024;
const noLimit = { limit: () => undefined, signal: neverAborted.signal };
const { ZSTD_c_checksumFlag, ZSTD_c_contentSizeFlag, ZSTD_c_windowLog } = constants;

/** As they come from a disk, in pieces of this size. */
async function* pieces(bytes: Uint8Array, size = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

const unpack = (bytes: Uint8Array, size?: number) =>
  collect(decompressed(pieces(bytes, size), { name: "it", compression: compressionOf(bytes) }, noLimit));

/** A frame of zstd that decoders pass over. */
function skippable(content: Uint8Array, last = 0): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  return Buffer.concat([Buffer.of(0x50 + last, 0x2a, 0x4d, 0x18), length, content]);
}

describe("what is compressed", () => {
  it("is recognised by its first bytes", () => {
    const text = Buffer.from("text");
    for (const [bytes, expected] of [
      [gzipSync(text), "gzip"],
      [zstdCompressSync(text), "zstd"],
      [skippable(text, 15), "zstd"],
      [text, "none"],
      [Buffer.of(), "none"],
      [Buffer.of(0x1f), "none"],
      [zstdCompressSync(text).subarray(0, 3), "none"],
    ] as const) {
      assert.equal(compressionOf(bytes), expected);
    }
  });

  it("is read as it was, however it was compressed and in pieces of any size", async function () {
    this.timeout(120_000);
    const contents = fc.oneof(
      fc.uint8Array({ maxLength: 5000 }),
      fc.nat(400_000).map((length) => Buffer.alloc(length, "x")),
      fc.nat(300_000).map((length) => randomBytes(length)),
    );
    const compress = fc.constantFrom<((bytes: Uint8Array) => Uint8Array)[]>(
      (bytes) => gzipSync(bytes),
      (bytes) => zstdCompressSync(bytes),
      (bytes) => zstdCompressSync(bytes, { params: { [ZSTD_c_checksumFlag]: 1 } }),
      (bytes) => zstdCompressSync(bytes, { params: { [ZSTD_c_contentSizeFlag]: 0, [ZSTD_c_windowLog]: 10 } }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(contents, { minLength: 1, maxLength: 4 }),
        compress,
        fc.nat(70_000),
        async (parts, pack, size) => {
          const packed = Buffer.concat(parts.map((part) => pack(part)));
          assert.ok(Buffer.concat(parts).equals(await unpack(packed, size + 1)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is read from many frames with others between them, as podman's zstd:chunked writes them", async () => {
    const parts = Array.from({ length: 50 }, (_, at) => Buffer.from(`part ${at} `.repeat(at * 10)));
    const packed = Buffer.concat([
      skippable(Buffer.from("first")),
      ...parts.flatMap((part) => [zstdCompressSync(part), skippable(randomBytes(300))]),
    ]);
    for (const size of [1, 100, packed.length])
      assert.ok(Buffer.concat(parts).equals(await unpack(packed, size)), `pieces of ${size}`);
  });

  it("is read from a file of the zstd program", async function () {
    requireReal(this, "what the zstd program has compressed", ["zstd"]);
    const content = Buffer.concat([randomBytes(mebibyte), Buffer.alloc(mebibyte)]);
    const packed = execFileSync("zstd", ["-q", "-T2", "-c"], { input: content, maxBuffer: 8 * mebibyte });
    assert.ok(content.equals(await unpack(packed, 65_536)));
  });

  it("is not whole wherever it is cut", async () => {
    const content = randomBytes(2000);
    const one = zstdCompressSync("one");
    for (const packed of [
      gzipSync(content),
      zstdCompressSync(content),
      zstdCompressSync(content, { params: { [ZSTD_c_checksumFlag]: 1 } }),
      Buffer.concat([one, zstdCompressSync("two")]),
    ]) {
      for (let left = 4; left < packed.length; left += left < packed.length - 50 ? 37 : 1) {
        const cut = packed.subarray(0, left);
        if (cut.equals(one)) continue;
        await assert.rejects(unpack(cut), /^TarFormatError: it is no whole (gzip|zstd)$/, `${left} bytes`);
      }
    }
  });

  it("is not whole with something behind it", async () => {
    for (const compress of [gzipSync, zstdCompressSync]) {
      for (const size of [1, 7, undefined]) {
        const packed = Buffer.concat([compress("content"), Buffer.from('{"errorDetail":{}}')]);
        await assert.rejects(unpack(packed, size), TarFormatError);
      }
    }
  });

  it("fails with its source", async () => {
    const failing = async function* () {
      yield* pieces(gzipSync(randomBytes(1000)).subarray(0, 500));
      throw new RangeError("the disk is gone");
    };
    for (const compression of ["none", "gzip", "zstd"] as const) {
      const source = decompressed(failing(), { name: "it", compression }, noLimit);
      await assert.rejects(collect(source), compression === "zstd" ? TarFormatError : /the disk is gone/);
    }
  });

  it("is not read on after cancellation", async () => {
    const aborting = new AbortController();
    const bomb = gzipSync(Buffer.alloc(64 * mebibyte));
    const packed = { name: "it", compression: "gzip" } as const;
    const content = decompressed(pieces(bomb), packed, { ...noLimit, signal: aborting.signal });
    await content.next();
    aborting.abort(new RangeError("enough"));
    await assert.rejects(content.next(), /enough/);
  });

  it("closes its source when its reader stops", async () => {
    for (const compress of [gzipSync, zstdCompressSync]) {
      const packed = compress(randomBytes(mebibyte));
      let leave: () => void = () => undefined;
      const left = new Promise<void>((resolve) => (leave = resolve));
      const source = async function* () {
        try {
          yield* pieces(packed, 1000);
        } finally {
          leave();
        }
      };
      const content = decompressed(source(), { name: "it", compression: compressionOf(packed) }, noLimit);
      await content.next();
      await content.return();
      await left;
    }
  });

  it("may grow a thousand times, and to a gibibyte, but no more", () => {
    const limit = expansionLimit(10);
    limit(1024 * mebibyte);
    limit(11_000);
    assert.throws(() => limit(1), /^TarFormatError: more than 1073752824 bytes come out of its 10$/);
  });
});
