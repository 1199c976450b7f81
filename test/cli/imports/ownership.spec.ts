import assert from "node:assert/strict";
import { quayTags, useScene } from "../../support/cli/scenes/imports.js";
import type { Stack } from "../../support/cli/stack.js";

describe("One stream under two resources, under the Pulumi CLI", function () {
  this.timeout(240_000);
  const scene = useScene("test/cli/imports/ownership");
  let v1: string;
  let v2: string;
  let v3: string;

  before(() => {
    [v1, v2, v3] = ["v1", "v2", "v3"].map((tag) => scene.world.publish(tag)) as [string, string, string];
  });

  /** v1 and v2 are ours, `theirs` was imported and `pushed` was pushed by somebody else. */
  async function stackWithForeignTags(): Promise<Stack> {
    const stack = await scene.stack();
    stack.declare({ resources: [scene.web({ tags: quayTags("v1", "v2") })] });
    await stack.succeed("up", "--yes", "--skip-preview");
    await scene.world.seedTag("theirs", "quay.io/acme/web:v3");
    scene.pushTag("pushed", v3);
    return stack;
  }

  function assertServed(expected: Readonly<Record<string, string | undefined>>): void {
    const served = Object.keys(expected).map((tag) => [tag, scene.world.served(tag)]);
    assert.deepEqual(Object.fromEntries(served), expected);
  }

  const everything = () => ({ v1, v2, theirs: v3, pushed: v3 });
  const foreign = () => ({ v1: undefined, v2: undefined, theirs: v3, pushed: v3 });

  it("refuses a rename without aliases, and with adopt takes everything over", async () => {
    const stack = await stackWithForeignTags();
    const uid = scene.world.stream()!.metadata.uid;
    // Both take the name of the stream from an argument, as after a rename in a program that names it.
    const renamed = (args: object) =>
      scene.web({ name: "web", tags: quayTags("v1", "v2"), ...args }, {}, "site");

    stack.declare({ resources: [renamed({})] });
    for (const refused of [await stack.preview(), await stack.up("--skip-preview")]) {
      assert.notEqual(refused.code, 0);
      assert.match(refused.text, /belongs to urn:.*::web\. .*aliases.*adopt: true.*\[STREAM_CLAIMED\]/);
      assertServed(everything());
      assert.notEqual(stack.resource("web"), undefined);
    }

    stack.declare({ resources: [renamed({ adopt: true })] });
    const adopted = await stack.up();
    assert.equal(adopted.code, 0, adopted.text);
    assert.deepEqual(adopted.steps(), ["create site", "delete web"]);
    assertServed(everything());
    assert.equal(scene.world.stream()?.metadata.uid, uid);
    assert.equal((await stack.preview("--expect-no-changes")).code, 0);

    assert.equal((await stack.destroy("--skip-preview")).code, 0);
    assertServed(foreign());
  });

  it("loses nothing by --replace and by a taint", async () => {
    const stack = await stackWithForeignTags();
    const { urn } = stack.resource("web")!;
    const claims = [stack.resource("web")?.outputs.claim];
    const replacement = ["create-replacement web", "replace web", "delete-replaced web"];

    const replaced = await stack.up("--skip-preview", `--replace=${urn}`);
    assert.equal(replaced.code, 0, replaced.text);
    assert.deepEqual(replaced.steps(), replacement);
    assertServed(everything());
    claims.push(stack.resource("web")?.outputs.claim);
    assert.equal((await stack.preview("--expect-no-changes")).code, 0);

    await stack.succeed("state", "taint", "--yes", urn);
    const tainted = await stack.up("--skip-preview");
    assert.equal(tainted.code, 0, tainted.text);
    assert.deepEqual(tainted.steps(), replacement);
    assertServed(everything());
    claims.push(stack.resource("web")?.outputs.claim);
    assert.equal(new Set(claims).size, 3, "every create claims afresh");
    assert.equal((await stack.refresh("--expect-no-changes")).code, 0);

    assert.equal((await stack.destroy("--skip-preview")).code, 0);
    assertServed(foreign());
  });

  it("loses nothing when the delete of a replaced resource fails, and finishes in the next up", async () => {
    const stack = await stackWithForeignTags();
    const { urn } = stack.resource("web")!;
    stack.declare({ resources: [scene.web()] });
    const denied = {
      kind: "Status",
      apiVersion: "v1",
      status: "Failure",
      reason: "Forbidden",
      message: "not now",
      code: 403,
    };
    scene.world.sandbox.faults.add({
      method: "DELETE",
      path: "/imagestreamtags/",
      times: 0,
      effect: { kind: "answer", status: 403, body: denied },
    });

    const failed = await stack.up("--skip-preview", `--replace=${urn}`);
    assert.notEqual(failed.code, 0);
    assert.match(failed.text, /not now.*\[API_FORBIDDEN\]/);
    assertServed(everything());
    assert.equal(stack.state().resources.filter((resource) => resource.urn === urn).length, 2, "old and new");

    scene.world.sandbox.faults.clear();
    const finished = await stack.up("--skip-preview");
    assert.equal(finished.code, 0, finished.text);
    assertServed({ ...everything(), v2: undefined });
    assert.equal(stack.state().resources.filter((resource) => resource.urn === urn).length, 1);
    assert.equal((await stack.preview("--expect-no-changes")).code, 0);

    assert.equal((await stack.destroy("--skip-preview")).code, 0);
    assertServed(foreign());
  });

  it("loses nothing when the CLI is killed between create and delete of a replacement", async () => {
    const stack = await stackWithForeignTags();
    const { urn } = stack.resource("web")!;
    stack.declare({ resources: [scene.web()] });
    const deleting = scene.hold({ method: "DELETE", path: "/imagestreamtags/" }, 20_000);
    const running = stack.start(["up", "--yes", "--skip-preview", `--replace=${urn}`]);
    await deleting;

    running.process.kill("SIGKILL");
    await running.finished;
    await stack.processesEnd(10_000);
    scene.world.sandbox.faults.clear();
    const kept = scene.world.served("v1");
    assert.equal(kept, v1);
    assert.equal(stack.state().resources.filter((resource) => resource.urn === urn).length, 2, "old and new");

    await stack.succeed("cancel", "--yes");
    const finished = await stack.up("--skip-preview");
    assert.equal(finished.code, 0, finished.text);
    assertServed({ ...everything(), v2: undefined });
    assert.equal((await stack.preview("--expect-no-changes")).code, 0);

    assert.equal((await stack.destroy("--skip-preview")).code, 0);
    assertServed(foreign());
  });
});
