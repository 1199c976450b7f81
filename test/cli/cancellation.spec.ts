import assert from "node:assert/strict";
import { processesOf, watchProviderExits } from "../support/cli/processes.js";
import { digestIn, storingImport, useScene } from "../support/cli/scenes/imports.js";

describe("Cancellation and the end of provider processes under the Pulumi CLI", function () {
  this.timeout(240_000);
  const scene = useScene("test/cli/cancellation");
  let v1: string;

  before(() => {
    v1 = scene.world.publish("v1");
  });

  it("one Ctrl-C lets the import run to its end, and saves the result", async () => {
    const stack = await scene.stack();
    stack.declare({ resources: [scene.web()] });
    const importing = scene.hold(storingImport, 3_000);
    const running = stack.start(["up", "--yes", "--skip-preview"]);
    await importing;

    process.kill(-running.process.pid!, "SIGINT");
    const up = await running.finished;

    assert.notEqual(up.code, 0);
    assert.match(up.text, /update canceled/);
    assert.equal(scene.world.served("v1"), v1);
    assert.equal(digestIn(stack.resource("web")?.outputs, "v1"), v1);
    assert.equal(stack.resource("web")?.initErrors, undefined);
    assert.deepEqual(stack.state().pendingOperations, []);
    await stack.processesEnd(10_000);
    assert.equal((await stack.up("--skip-preview", "--expect-no-changes")).code, 0);
    assert.equal((await stack.destroy("--skip-preview")).code, 0);
    assert.equal(scene.world.stream(), undefined);
  });

  it("a second Ctrl-C stops at once; the next up completes and owns everything", async () => {
    const stack = await scene.stack();
    stack.declare({ resources: [scene.web()] });
    const importing = scene.hold(storingImport, 30_000);
    const running = stack.start(["up", "--yes", "--skip-preview"]);
    await importing;

    process.kill(-running.process.pid!, "SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 700));
    process.kill(-running.process.pid!, "SIGINT");
    const cancelled = await running.finished;
    assert.notEqual(cancelled.code, 0);
    await stack.processesEnd(10_000);
    assert.equal(stack.resource("web"), undefined, "nothing was saved");
    assert.equal(stack.state().pendingOperations.length, 1);

    scene.world.sandbox.faults.clear();
    const up = await stack.up("--skip-preview");
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(up.steps(), ["create web"]);
    assert.equal(scene.world.served("v1"), v1);
    await stack.succeed("refresh", "--yes", "--skip-preview", "--clear-pending-creates");
    assert.deepEqual(stack.state().pendingOperations, []);
    assert.equal((await stack.preview("--expect-no-changes")).code, 0);
    assert.equal((await stack.destroy("--skip-preview")).code, 0);
    assert.equal(scene.world.stream(), undefined, "it owns the stream that the first create made");
  });

  it("a killed CLI leaves no process behind; the next up completes and owns everything", async () => {
    const stack = await scene.stack();
    stack.declare({ resources: [scene.web()] });
    const importing = scene.hold(storingImport, 30_000);
    const running = stack.start(["up", "--yes", "--skip-preview"]);
    await importing;
    assert.ok(processesOf(stack.project).some(({ command }) => command.includes("dynamic-provider")));

    running.process.kill("SIGKILL");
    await running.finished;
    await stack.processesEnd(10_000);

    scene.world.sandbox.faults.clear();
    const locked = await stack.up("--skip-preview");
    assert.notEqual(locked.code, 0);
    assert.match(locked.text, /locked/);
    await stack.succeed("cancel", "--yes");
    const up = await stack.up("--skip-preview");
    assert.equal(up.code, 0, up.text);
    assert.equal(scene.world.served("v1"), v1);
    assert.equal(digestIn(stack.resource("web")?.outputs, "v1"), v1);
    assert.equal((await stack.destroy("--skip-preview")).code, 0);
    assert.equal(scene.world.stream(), undefined);
  });

  it("a provider exits at the end of every phase, before the CLI has to kill it", async () => {
    const stack = await scene.stack();
    const exits = watchProviderExits(stack.project);
    stack.environment.PATH = exits.path;
    stack.declare({ resources: [scene.web()] });

    await stack.succeed("up", "--yes");
    await stack.processesEnd(10_000);
    assert.equal(exits.read().length, 2, "one for the preview, one for the update");
    await stack.succeed("refresh", "--yes", "--skip-preview");
    await stack.succeed("destroy", "--yes", "--skip-preview");
    await stack.processesEnd(10_000);
    assert.equal(exits.read().length, 4);
  });
});
