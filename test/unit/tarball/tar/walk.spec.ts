import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { createTarFeed } from "../../../../provider/tarball/tar/feed.js";
import { TarFormatError } from "../../../../provider/tarball/tar/header.js";
import { parseTar, type TarEntry } from "../../../../provider/tarball/tar/parser.js";
import { type ReadableFile, readMember, walkTar } from "../../../../provider/tarball/tar/walk.js";
import { neverAborted, tarOf } from "../../../support/builders/builtImage.js";

/** Fails on reads outside. Behind the bytes it is zero, up to `size`. */
function fileOf(bytes: Buffer, size = bytes.length): ReadableFile {
  const read = (buffer: Buffer, offset: number, length: number, position: number) => {
    assert.ok(
      position >= 0 && position + length <= size,
      `read outside: ${length} at ${position} of ${size}`,
    );
    buffer.fill(0, offset, offset + length);
    bytes.subarray(position, position + length).copy(buffer, offset);
    return Promise.resolve({ bytesRead: length, buffer });
  };
  return { read, stat: () => Promise.resolve({ size }) } as unknown as ReadableFile;
}

/** The same tar in pieces of `length` bytes. */
function feed(tar: Uint8Array, length: number): readonly TarEntry[] {
  const entries: TarEntry[] = [];
  const feeder = createTarFeed(parseTar({ wants: () => false, entry: (entry) => void entries.push(entry) }));
  for (let at = 0; at < tar.length; at += length) feeder.push(tar.subarray(at, at + length));
  feeder.end();
  return entries;
}

const walk = async (tar: Buffer) => [...(await walkTar(fileOf(tar), neverAborted)).values()];

/** A header with a right checksum. */
function header(name: string, sizeField: Buffer | string, type = "0"): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  if (typeof sizeField === "string") block.write(sizeField, 124);
  else sizeField.copy(block, 124);
  block.write(type, 156);
  block.write("ustar\x0000", 257, "latin1");
  return withChecksum(block);
}

function withChecksum(block: Buffer): Buffer {
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

const end = Buffer.alloc(1024);

describe("walking a tar", () => {
  describe("of GNU tar", () => {
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "tar-walk-"));
      mkdirSync(join(folder, "in/dir"), { recursive: true });
      for (const name of ["a", "dir/b", `${"n".repeat(150)}.txt`, "ümlaut"]) {
        writeFileSync(join(folder, "in", name), `content of ${name}`);
      }
      symlinkSync("/etc/passwd", join(folder, "in/outside"));
      linkSync(join(folder, "in/a"), join(folder, "in/z-hard"));
    });
    after(() => rmSync(folder, { recursive: true }));

    for (const format of ["gnu", "pax", "oldgnu", "posix"]) {
      it(`reads the format ${format}`, async () => {
        const file = join(folder, "out.tar");
        execFileSync("tar", [
          "-C",
          join(folder, "in"),
          "--sort=name",
          `--format=${format}`,
          "-cf",
          file,
          ".",
        ]);
        const tar = readFileSync(file);

        const members = await walk(tar);

        assert.deepEqual(
          members.map(({ name, kind, size }) => [name, kind, size]),
          [
            ["", "directory", 0],
            ["a", "file", 12],
            ["dir/", "directory", 0],
            ["dir/b", "file", 16],
            [`${"n".repeat(150)}.txt`, "file", 165],
            ["outside", "symlink", 0],
            ["z-hard", "link", 0],
            ["ümlaut", "file", 18],
          ],
        );
        for (const member of members.filter(({ kind }) => kind === "file")) {
          const content = Buffer.from(await readMember(fileOf(tar), member)).toString();
          assert.equal(content, `content of ${member.name}`);
        }
        for (const length of [1, 511, 512, 4096]) assert.deepEqual(feed(tar, length), members);
      });
    }
  });

  it("knows members of 9 GiB, in the header and in a pax record", async () => {
    const size = 9 * 2 ** 30;
    const binary = Buffer.alloc(12);
    binary.writeUInt8(0x80);
    binary.writeBigUInt64BE(BigInt(size), 4);
    const record = Buffer.alloc(512);
    record.write(`19 size=${size}\n`);
    const pax = Buffer.concat([header("pax", "00000000023", "x"), record, header("big", "00000000000")]);
    for (const start of [header("big", binary), pax]) {
      const file = fileOf(start, start.length + size + 1024);
      const [member] = (await walkTar(file, neverAborted)).values();
      assert.deepEqual([member?.name, member?.size], ["big", size]);
    }
  });

  it("takes the last of several members with one name", async () => {
    const [first, second] = [await tarOf({ a: "old" }), await tarOf({ a: "newer" })];
    const members = await walk(Buffer.concat([first.subarray(0, -1024), second]));
    assert.deepEqual(
      members.map(({ size }) => size),
      [5],
    );
  });

  it("finds every cut between two blocks", async () => {
    const tar = await tarOf({ "manifest.json": "[]", big: "x".repeat(3000), empty: "" });
    for (let length = 0; length < tar.length; length += 512) {
      await assert.rejects(walk(tar.subarray(0, length)), TarFormatError, `cut at ${length}`);
      assert.throws(() => feed(tar.subarray(0, length), 700), TarFormatError, `cut at ${length}`);
    }
  });

  it("finds every flipped bit in a header", async () => {
    const tar = await tarOf({ "manifest.json": "[]" });
    for (let bit = 0; bit < 512 * 8; bit += 1) {
      const flipped = Buffer.from(tar);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const members = await walk(flipped).catch((error: unknown) => error);
      // A blank or a NUL in the checksum's own field says the same number.
      const isHarmless = bit >> 3 >= 148 && bit >> 3 < 156 && Array.isArray(members) && members.length === 1;
      assert.ok(isHarmless || members instanceof TarFormatError, `bit ${bit}`);
    }
  });

  describe("refuses", () => {
    const negative = Buffer.alloc(12, 0xff);
    const huge = Buffer.alloc(12, 0x7f).fill(0x80, 0, 1);
    const paxRecord = (text: string) => {
      const body = Buffer.alloc(512);
      body.write(text);
      const size = text.length.toString(8).padStart(11, "0");
      return Buffer.concat([header("pax", size, "x"), body, header("a", "0"), end]);
    };
    const cases: Readonly<Record<string, Buffer>> = {
      "a negative size": Buffer.concat([header("a", negative), end]),
      "an impossible size": Buffer.concat([header("a", huge), end]),
      "a size that is no number": Buffer.concat([header("a", "12x"), end]),
      "a sparse file": Buffer.concat([header("a", "0", "S"), end]),
      "a long name of 8 GiB": Buffer.concat([header("a", "77777777777", "L"), end]),
      "a pax record that is longer than its header": paxRecord("99 path=a\n"),
      "a pax record without length": paxRecord("path=a\n"),
      "a pax record of length 0": paxRecord("0 path=a\n"),
      "a pax size that is no number": paxRecord("11 size=-1\n"),
      "one zero block only": Buffer.concat([Buffer.alloc(512), header("a", "0"), end]),
      "something behind the end": Buffer.concat([header("a", "0"), end, Buffer.from("x")]),
      "too many members": Buffer.concat([...Array<Buffer>(100_001).fill(header("a", "0")), end]),
    };
    for (const [what, tar] of Object.entries(cases)) {
      it(what, async () => {
        await assert.rejects(walk(tar), TarFormatError);
        assert.throws(() => feed(tar, 10_000), TarFormatError);
      });
    }
  });

  it("reads any bytes without a crash and within the file, by both readers alike", async () => {
    const block = fc.oneof(
      fc.constant(Buffer.alloc(512)),
      fc.uint8Array({ minLength: 512, maxLength: 512 }).map((bytes) => Buffer.from(bytes)),
      fc
        .record({
          name: fc.string({ maxLength: 90 }),
          size: fc.oneof(
            fc.constantFrom("0", "1000", "77777777777", " 12 ", "-1"),
            fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
          ),
          type: fc.constantFrom("0", "1", "2", "5", "7", "x", "g", "L", "K", "S", "\0", "?"),
        })
        .map(({ name, size, type }) => header(name, size, type)),
      fc.constantFrom("27 path=../../../etc/passwd\n", "12 size=512\n", "x").map((text) => {
        const body = Buffer.alloc(512);
        body.write(text);
        return body;
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(block, { maxLength: 12 }), fc.nat(511), async (blocks, cut) => {
        const tar = Buffer.concat(blocks).subarray(cut);
        const walked = await walk(tar).catch((error: unknown) => error);
        let fed: unknown;
        try {
          fed = feed(tar, 333);
        } catch (error) {
          fed = error;
        }
        assert.ok(Array.isArray(walked) || walked instanceof TarFormatError, String(walked));
        assert.equal(Array.isArray(fed), Array.isArray(walked));
      }),
      { numRuns: 500 },
    );
  });
});
