import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { type HostileArchives, startHostileArchives } from "../../support/worlds/hostileArchives.js";

const nobody = 65534;

describe("ImageArchive at a path that others want", () => {
  let archives: HostileArchives;
  beforeEach(async () => {
    archives = await startHostileArchives({ idleMs: 3000 });
    publish("v1");
    publish("v2");
  });
  afterEach(() => archives.close());

  const publish = (tag: string) => {
    const { shelf } = archives.server;
    shelf.image(`acme/web:${tag}`, undefined, { layers: [shelf.blob(`layer of ${tag}`)] });
  };
  const v2 = (more: object = {}) =>
    archives.args({ images: [`${archives.server.host}/acme/web:v2`], ...more });

  it("never replaces a file that has appeared there since the check", async () => {
    const pulumi = archives.pulumi();
    await pulumi.preview(archives.args());
    let looked = 0;
    archives.server.intercept = ({ url }) => {
      looked += url.includes("/blobs/") ? 1 : 0;
      if (looked === 2) writeFileSync(archives.file(), "precious"); // the first reads the config for the check
      return false;
    };
    await assert.rejects(pulumi.up(archives.args()), /another resource or program.*ARCHIVE_UNMANAGED/);
    assert.equal(readFileSync(archives.file(), "utf8"), "precious");
    assert.deepEqual(archives.list(), ["web.tar"]);
  });

  it("lets one of two resources write a path, however they spell it", async () => {
    const results = await Promise.allSettled([
      archives.pulumi("x").up(archives.args()),
      archives.pulumi("y").up(v2({ path: "./web.tar" })),
    ]);
    assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    const [rejected] = results.filter(({ status }) => status === "rejected");
    assert.match(String((rejected as PromiseRejectedResult).reason), /ARCHIVE_UNMANAGED/);
  });

  it("takes a path in another spelling for the same: another image is an update", async () => {
    const pulumi = archives.pulumi();
    await pulumi.up(archives.args());
    const { step } = await pulumi.up(v2({ path: "./web.tar" }));
    assert.equal(step, "update");
    assert.deepEqual(archives.list(), ["web.tar"]);
    assert.equal((await pulumi.preview(v2({ path: "./web.tar" }))).step, "same");
  });

  it("waits for another user's process, whose lock it may not read", async () => {
    const user = process.geteuid?.();
    await archives.pulumi("warm").preview(archives.args()); // what is loaded lazily may be for root alone
    chmodSync(archives.folder, 0o777);
    const lock = archives.file(".web.tar.lock");
    const owner = { pid: process.pid, host: hostname(), processStart: "", since: "" };
    writeFileSync(lock, JSON.stringify(owner), { mode: 0o000 });
    const fiveSecondsAgo = new Date(Date.now() - 5000);
    utimesSync(lock, fiveSecondsAgo, fiveSecondsAgo);
    if (user === 0) process.seteuid?.(nobody);
    try {
      const writing = archives.pulumi().up(archives.args());
      await assert.rejects(writing, /a process of another user.*ARCHIVE_LOCKED/);
    } finally {
      if (user === 0) process.seteuid?.(user);
    }
  });

  it("takes an archive for up to date when its registry does not answer in the time of a check", async () => {
    const pulumi = archives.pulumi();
    const args = archives.args({ timeouts: { check: 1 } });
    await pulumi.up(args);
    archives.server.intercept = () => true;
    const { failures, step } = await pulumi.preview(args);
    assert.deepEqual([failures, step], [[], "same"]);
    assert.match(pulumi.lines.join(), /taken to be up to date/);
  });

  it("refuses a path with a pipe in place of a sidecar file at once, without waiting for the pipe's writer", async () => {
    await archives.pulumi("first").up(archives.args({ onDestroy: "keep" }));
    execFileSync("mkfifo", [archives.file("web.tar.json")]);
    for (const overwriteUnmanaged of [false, true]) {
      const writing = archives.pulumi("second").up(archives.args({ manifest: true, overwriteUnmanaged }));
      await assert.rejects(writing, /web\.tar\.json is a device, pipe or socket.*ARCHIVE_PATH/);
    }
  });

  it("leaves no temporary file of a path with half an emoji at the end of its stem", async () => {
    const path = `${"a".repeat(29)}${"😀".repeat(40)}.tar`;
    let unfinished = "";
    archives.server.intercept = () => {
      unfinished = archives.list().find((name) => name.endsWith(".partial")) ?? unfinished;
      return false;
    };
    await archives.pulumi().up(archives.args({ path }));
    assert.notEqual(unfinished, "");
    writeFileSync(archives.file(unfinished), "left by a kill");
    await archives.pulumi().up(v2({ path, overwriteUnmanaged: true }));
    assert.deepEqual(archives.list(), [path]);
  });

  it("writes a checksum that sha256sum understands for a path with a line break", async () => {
    await archives.pulumi().up(archives.args({ path: "new\nline.tar", manifest: true }));
    execFileSync("sha256sum", ["--check", "--quiet", "new\nline.tar.sha256"], { cwd: archives.folder });
  });
});
