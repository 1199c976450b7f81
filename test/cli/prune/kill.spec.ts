import assert from "node:assert/strict";
import { processesOf } from "../../support/cli/processes.js";
import { lastPruneIn, usePruneScene } from "../../support/cli/scenes/prune.js";

const kills = 5;

function kill9(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // The run before has deleted it.
  }
}

describe("A prune that is killed, under the Pulumi CLI", function () {
  this.timeout(300_000);
  const scene = usePruneScene("test/cli/prune/kill");

  /** Resolves when the provider has sent that many requests that delete or write something. */
  function changes(count: number): Promise<void> {
    return new Promise((resolve) => {
      let seen = 0;
      const { sandbox } = scene.world;
      const stop = sandbox.onRequest({ path: "/(images|blobs|manifests|status)", times: 0 }, ({ method }) => {
        if (method === "DELETE" || method === "PUT") seen += 1;
        if (seen === count) {
          stop();
          resolve();
        }
        return Promise.resolve();
      });
    });
  }

  it("is completed by the next up, at whatever point it was killed, and everything in use can still be pulled", async () => {
    const { world, stack } = scene;
    scene.declare();
    for (let kill = 0; kill < kills; kill += 1) {
      for (let revision = 0; revision < 5; revision += 1) {
        world.push("shop/web:latest", `kill ${kill} ${revision}`, 9 - kill - revision / 10);
      }
      // Wherever the last kill left the lease, it has expired.
      world.sandbox.shiftClock(120 * (kill + 1));
      const point = 1 + Math.floor(Math.random() * 14);
      const reached = changes(point);
      const running = stack.start(["up", "--yes", "--skip-preview"]);
      await reached;
      for (const { pid } of processesOf(stack.project)) kill9(pid);
      await running.finished;
      await stack.processesEnd(10_000);
      await stack.succeed("cancel", "--yes");

      world.sandbox.shiftClock(120 * (kill + 1) + 61);
      const up = await stack.up("--skip-preview");
      assert.equal(up.code, 0, `killed at change ${point}: ${up.text}`);
      const kept = world.history("shop/web:latest");
      assert.equal(kept.length, 3, `killed at change ${point}`);
      for (const digest of kept) assert.deepEqual(await world.pull(`shop/web@${digest}`), { ok: true });
      assert.deepEqual(await world.images(), kept.toSorted(), `killed at change ${point}`);
    }
    assert.ok(lastPruneIn(stack.resource("policy")?.outputs).images > 0);
    const quiet = await stack.preview("--expect-no-changes");
    assert.equal(quiet.code, 0, quiet.text);
  });
});
