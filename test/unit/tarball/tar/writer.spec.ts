import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { Readable } from "node:stream";
import { extract } from "tar-stream";
import type { BlobSource } from "../../../../provider/archive/filePorts.js";
import { tarSize, writeTar } from "../../../../provider/tarball/tar/writer.js";
import type { TarMember } from "../../../../provider/tarball/write/layout.js";
import { collect, neverAborted } from "../../../support/builders/builtImage.js";

function blobMember(name: string, size: number): TarMember {
  return {
    ...{ name, size },
    content: { kind: "blob", descriptor: { mediaType: "x", digest: name, size }, image: 0 },
  };
}

function giving(chunks: readonly (string | Error)[], onEnd?: () => void): BlobSource {
  return {
    async *read() {
      try {
        for (const chunk of chunks) {
          await Promise.resolve();
          if (chunk instanceof Error) throw chunk;
          yield Buffer.from(chunk);
        }
      } finally {
        onEnd?.();
      }
    },
  };
}

describe("writing a tar", () => {
  const members: readonly TarMember[] = [
    { name: "empty", size: 0, content: { kind: "bytes", bytes: new Uint8Array() } },
    { name: "a/b.txt", size: 5, content: { kind: "bytes", bytes: Buffer.from("hello") } },
    blobMember("blob", 1024),
  ];
  const source = giving(["x".repeat(1000), "y".repeat(24)]);

  it("makes what GNU tar lists, with nobody's name, time or place", async () => {
    const tar = await collect(writeTar(members, [source], neverAborted));

    const listing = execFileSync("tar", ["-tvf", "-", "--numeric-owner", "--full-time", "--utc"], {
      input: tar,
      encoding: "utf8",
    });
    const rows = listing
      .trim()
      .split("\n")
      .map((line) => line.replaceAll(/ +/g, " "));
    assert.deepEqual(rows, [
      "-rw-r--r-- 0/0 0 1970-01-01 00:00:00 empty",
      "-rw-r--r-- 0/0 5 1970-01-01 00:00:00 a/b.txt",
      "-rw-r--r-- 0/0 1024 1970-01-01 00:00:00 blob",
    ]);
    assert.equal(tar.length, tarSize(members));
    assert.deepEqual(tar, await collect(writeTar(members, [source], neverAborted)));
  });

  it("makes what tar-stream reads back", async () => {
    const unpacked = extract();
    const read = new Map<string, string>();
    Readable.from(writeTar(members, [source], neverAborted)).pipe(unpacked);
    for await (const entry of unpacked) {
      read.set(entry.header.name, (await collect(entry as AsyncIterable<Uint8Array>)).toString());
    }
    assert.deepEqual(
      [...read],
      [
        ["empty", ""],
        ["a/b.txt", "hello"],
        ["blob", "x".repeat(1000) + "y".repeat(24)],
      ],
    );
  });

  it("counts a member of 9 GiB, and writes its size so that it can be read", async () => {
    const size = 9 * 2 ** 30;
    const big = blobMember("big", size);
    const stream = writeTar([big], [giving(["begin"])], neverAborted);

    const { value } = await stream.next();
    await stream.return();

    assert.equal(tarSize([big]), size + 3 * 512);
    const listing = execFileSync("sh", ["-c", "tar -tvf - 2>/dev/null || true"], {
      input: value as Uint8Array,
      encoding: "utf8",
    });
    assert.match(listing, new RegExp(` ${size} `));
  });

  for (const [what, chunks] of [
    ["fewer", ["x"]],
    ["more", ["x".repeat(1025)]],
  ] as const) {
    it(`refuses a blob with ${what} bytes than its descriptor says`, async () => {
      const writing = collect(writeTar(members, [giving(chunks)], neverAborted));
      await assert.rejects(writing, /blob had .*instead of 1024.*ARCHIVE_BROKEN/);
    });
  }

  it("fails with its source", async () => {
    const writing = collect(writeTar(members, [giving(["x", new Error("cut off")])], neverAborted));
    await assert.rejects(writing, /^Error: cut off$/);
  });

  it("reads no further than its reader, and closes the source when its reader stops", async () => {
    let left = false;
    let given = 0;
    const endless: BlobSource = {
      async *read() {
        try {
          for (;;) {
            given += 1;
            await Promise.resolve();
            yield Buffer.alloc(64 * 1024);
          }
        } finally {
          left = true;
        }
      },
    };
    const stream = writeTar([blobMember("big", 2 ** 30)], [endless], neverAborted);
    await stream.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(given < 20, `${given} chunks were read ahead`);

    await stream.return();
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(left);
  });
});
