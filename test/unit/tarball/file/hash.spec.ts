import assert from "node:assert/strict";
import { createHash, randomFillSync } from "node:crypto";
import { promises as fs } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashGrowingFile } from "../../../../provider/tarball/file/hash.js";

const mebibyte = 1024 * 1024;
const { signal } = new AbortController();
const sha256 = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");

describe("The digest of a file that grows", () => {
  let folder = "";
  let path = "";
  before(async () => {
    folder = await fs.mkdtemp(join(tmpdir(), "growing-"));
    path = join(folder, "file");
  });
  after(() => fs.rm(folder, { recursive: true, force: true }));

  for (const size of [0, 5, 20 * mebibyte, 70 * mebibyte + 5]) {
    it(`is that of all its ${size} bytes`, async () => {
      const content = randomFillSync(Buffer.alloc(size));
      const hash = hashGrowingFile(path);
      const file = await fs.open(path, "w");
      for (let written = 0; written < size; written += 7 * mebibyte) {
        await file.write(content.subarray(written, written + 7 * mebibyte));
        hash.grewTo(Math.min(size, written + 7 * mebibyte));
      }
      await file.close();
      assert.equal(await hash.digest({ signal }), sha256(content));
      await hash.stop();
    });
  }

  it("is refused when there are fewer bytes than were written", async () => {
    await fs.writeFile(path, Buffer.alloc(33 * mebibyte));
    const hash = hashGrowingFile(path);
    hash.grewTo(40 * mebibyte);
    await assert.rejects(hash.digest({ signal }), /shorter while it was written/);
    await hash.stop();
  });

  it("does not keep the process alive", async () => {
    await fs.writeFile(path, Buffer.alloc(40 * mebibyte));
    const hash = hashGrowingFile(path);
    hash.grewTo(40 * mebibyte);
    await hash.stop();
  });
});
