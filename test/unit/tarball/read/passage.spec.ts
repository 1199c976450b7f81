import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { checkPassage } from "../../../../provider/tarball/read/passage.js";
import { collect, json, tarOf } from "../../../support/builders/builtImage.js";
import { repositoryRoot } from "../../../support/repositoryRoot.js";

const sample = readFileSync(join(repositoryRoot, "test/conformance/archives/docker20.10-multi.tar"));

async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) {
    await Promise.resolve();
    yield bytes.subarray(at, at + length);
  }
}

async function passing(bytes: Uint8Array, length = 4096): Promise<Buffer> {
  return await collect(checkPassage(inPieces(bytes, length)).content);
}

describe("an engine's archive that is passed on", () => {
  for (const length of [100, 4096, 1 << 20]) {
    it(`is unchanged in pieces of ${length}, and identified`, async () => {
      const passage = checkPassage(inPieces(sample, length));
      assert.throws(() => passage.identity(), TypeError);

      assert.deepEqual(await collect(passage.content), sample);

      assert.deepEqual(
        passage.identity().images.map(({ names }) => names),
        [["example.com/t/small:v1", "hello:1"], ["example.com/t/other:v1"]],
      );
    });
  }

  const docker = `{"errorDetail":{"message":"write /var/lib/docker/tmp: no space left on device"},"error":"write"}\r\n`;
  const podman = `{"cause":"no such layer","message":"saving: no such layer","response":500}\n`;
  for (const [text, said] of [
    [docker, "no space left on device"],
    [`{"message":"late failure"}`, "late failure"],
    [podman, "saving: no such layer"],
  ] as const) {
    for (const [where, before] of [
      ["behind a whole tar", sample],
      ["in the middle of a layer", sample.subarray(0, 30_000)],
      ["between two members", sample.subarray(0, 512)],
      ["alone", Buffer.alloc(0)],
    ] as const) {
      it(`is refused with the engine's words "${said}" ${where}`, async () => {
        for (const length of [64, 100_000_000]) {
          const answer = passing(Buffer.concat([before, Buffer.from(text)]), length);
          await assert.rejects(answer, new RegExp(`it said: .*${said}.*ARCHIVE_BROKEN`, "s"));
        }
      });
    }
  }

  it("is refused when it is cut at any block", async () => {
    const end = sample.length - 10 * 1024;
    for (let length = 0; length < end; length += 512) {
      await assert.rejects(passing(sample.subarray(0, length), 50_000), /ARCHIVE_BROKEN/, `cut at ${length}`);
    }
  });

  it("is refused without images", async () => {
    const none = await tarOf({ "manifest.json": "null" });
    const entry = [{ Config: "a".repeat(64), RepoTags: ["x:1"], Layers: [] }];
    for (const tar of [none, await tarOf({ a: "a" }), await tarOf({ "manifest.json": json(entry) })]) {
      await assert.rejects(passing(tar), /no whole image in it.*ARCHIVE_BROKEN/);
    }
  });

  it("is not read on after a mistake", async () => {
    let given = 0;
    const endless = async function* () {
      for (;;) {
        given += 1;
        await Promise.resolve();
        yield Buffer.alloc(64 * 1024, "x");
      }
    };
    await assert.rejects(collect(checkPassage(endless()).content), /no tar header at byte 0.*ARCHIVE_BROKEN/);
    assert.ok(given < 30);
  });

  it("fails with its source", async () => {
    const cut = Readable.from(inPieces(sample, 100));
    cut.once("data", () => cut.destroy(new Error("connection reset")));
    await assert.rejects(collect(checkPassage(cut).content), /^Error: connection reset$/);
  });
});
