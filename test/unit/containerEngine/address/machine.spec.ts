import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEngine } from "okd-image-sandbox";
import { processEngineEnvironment } from "../../../../provider/containerEngine/address/machine.js";

describe("processEngineEnvironment", () => {
  const { socketExists } = processEngineEnvironment;
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

  it("reads no file where there is none, and fails where it cannot be read", () => {
    assert.equal(processEngineEnvironment.readFile(join(folder, "nothing")), undefined);
    assert.throws(() => processEngineEnvironment.readFile(folder), /EISDIR/);
  });
});
