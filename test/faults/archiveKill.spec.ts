import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep } from "../../provider/support/async/abortable.js";
import { createArchiveFiles } from "../../provider/tarball/archiveFiles.js";
import { archiveIdentity } from "../support/archiveIdentity.js";
import { archiveOf, writeOptions } from "./killedArchive.js";

const kills = 100;
/** Several writes take as long. */
const maxMs = 60;

describe("writing an archive that is killed", function () {
  this.timeout(120_000);
  const files = createArchiveFiles();
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "archive-kill-"));
    path = join(folder, "images.tar");
  });
  afterEach(async () => rm(folder, { recursive: true }));

  it(`leaves a whole archive at ${kills} moments, and the next run removes all other files`, async () => {
    await files.write(path, archiveOf(0), writeOptions);
    let last = 0;
    let unfinished = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      const ms = Math.random() * maxMs;
      last = await writeUntilKilled(last + 1, ms);
      const found = await wholeGeneration(`kill ${kill} after ${ms} ms`);
      // What the child has reported is there; one more may be there before it could report it.
      assert.ok(found === last || found === last + 1, `${found} is there, ${last} was reported`);
      last = found;
      if ((await readdir(folder)).length > 1) unfinished += 1;
      assert.ok((await readdir(folder)).length <= 3, "more than one unfinished file");
    }
    assert.ok(unfinished > kills / 10, `only ${unfinished} kills fell into a write`);

    await files.write(path, archiveOf(last + 1), writeOptions);
    assert.deepEqual(await readdir(folder), ["images.tar"]);
  });

  /** The last generation that the child has written and reported. */
  async function writeUntilKilled(first: number, ms: number): Promise<number> {
    const child = spawn(process.execPath, [join(__dirname, "archiveChild.js"), path, String(first)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let reported = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (reported += text));
    const closed = once(child, "close");
    await Promise.race([once(child.stdout, "data"), closed]);
    await sleep(ms, writeOptions.signal);
    child.kill("SIGKILL");
    assert.deepEqual(await closed, [null, "SIGKILL"]);
    return Number(reported.trim().split("\n").at(-1));
  }

  async function wholeGeneration(text: string): Promise<number> {
    const identity = await archiveIdentity(path);
    const generation = Number(identity?.images[0]?.names[0]?.replace("killed:", ""));
    const hash = createHash("sha256");
    for await (const chunk of archiveOf(generation)) hash.update(chunk);
    assert.equal(await files.hash(path, writeOptions), hash.digest("hex"), text);
    return generation;
  }
});
