import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEngine } from "okd-image-sandbox";
import { processMachine, readIfThere, resolvePath } from "../../../provider/http/machine.js";

describe("machine", () => {
  const { socketExists } = processMachine;
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "engine-environment-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("finds sockets, also through links", async () => {
    const engine = await startEngine({ version: "docker-28" });
    try {
      const link = join(folder, "docker.sock");
      symlinkSync(engine.host.slice("unix://".length), link);
      assert.ok(socketExists(link));
      await engine.close();
      assert.ok(!socketExists(link), "the link leads nowhere");
    } finally {
      await engine.close();
    }
  });

  it("finds none where there is a file, nothing, or no folder", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    for (const path of [file, join(folder, "nothing"), join(file, "docker.sock"), `${folder}/\0`]) {
      assert.ok(!socketExists(path));
    }
  });

  it("finds no text where there is no file, and fails where it cannot be read", () => {
    assert.equal(readIfThere(join(folder, "nothing"), processMachine), undefined);
    assert.throws(() => readIfThere(folder, processMachine), /EISDIR/);
  });

  it("does not wait for a pipe that nobody writes, and takes /dev/null for an empty file", () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    assert.throws(() => processMachine.readFile(pipe), { code: "ENXIO" });
    assert.equal(processMachine.readFile("/dev/null"), "");
  });

  it("resolves paths from the home folder and from the current one", () => {
    assert.equal(resolvePath("~/ca.pem", { homeFolder: "/home/ann" }), "/home/ann/ca.pem");
    assert.equal(resolvePath("ca.pem", { homeFolder: "/home/ann" }), join(process.cwd(), "ca.pem"));
    assert.equal(resolvePath("/etc/ca.pem", { homeFolder: "/home/ann" }), "/etc/ca.pem");
  });
});
