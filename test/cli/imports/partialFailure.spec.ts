import assert from "node:assert/strict";
import { digestIn, quayTags, useScene } from "../../support/cli/scenes/imports.js";
import type { Stack } from "../../support/cli/stack.js";

describe("One of three tags failing under the Pulumi CLI", function () {
  this.timeout(180_000);
  const scene = useScene("test/cli/imports/partialFailure");
  let digests: readonly string[];

  before(() => {
    digests = ["v1", "v2", "v3"].map((tag) => scene.world.publish(tag));
  });

  async function failedUp(): Promise<Stack> {
    const stack = await scene.stack();
    stack.declare({ resources: [scene.web({ tags: quayTags("v1", "v2", "v3") })] });
    const row = { code: 403, reason: "Forbidden", message: "quota of the registry exceeded" };
    scene.world.sandbox.faults.add({
      effect: { kind: "importRow", tag: "v3", row, storingOnly: true },
      times: 0,
    });
    const up = await stack.up("--skip-preview");

    assert.notEqual(up.code, 0);
    assert.match(
      up.text,
      /tags\.v3: quay\.io\/acme\/web:v3 was not imported: quota of the registry exceeded\. .*\[IMPORT_REGISTRY_NOT_ALLOWED\]/,
    );
    assert.doesNotMatch(up.text, /^\s+at .*:\d+/m, "no stack traces");
    assert.deepEqual(
      ["v1", "v2", "v3"].map((tag) => scene.world.served(tag)),
      [digests[0], digests[1], undefined],
    );
    const { outputs, initErrors, inputs } = stack.resource("web")!;
    assert.equal(initErrors?.length, 1);
    assert.match(initErrors[0]!, /^tags\.v3: /);
    assert.equal(digestIn(outputs, "v1"), digests[0]);
    assert.deepEqual(outputs.owned, ["v1", "v2", "v3"]);
    assert.equal(typeof outputs.__provider, "string");
    assert.equal(outputs.__provider, inputs.__provider);
    return stack;
  }

  it("keeps the other tags and the state, and is repaired by the next up", async () => {
    const stack = await failedUp();

    const still = await stack.up("--skip-preview");
    assert.notEqual(still.code, 0, "the fault lasts");
    assert.match(still.text, /tags\.v3: .*IMPORT_REGISTRY_NOT_ALLOWED/);
    assert.equal(stack.resource("web")?.initErrors?.length, 1);

    scene.world.sandbox.faults.clear();
    const preview = await stack.preview();
    assert.deepEqual(preview.steps("preview"), ["update web"]);
    const repaired = await stack.up("--skip-preview");
    assert.equal(repaired.code, 0, repaired.text);
    assert.deepEqual(repaired.steps(), ["update web"]);
    assert.deepEqual(
      ["v1", "v2", "v3"].map((tag) => scene.world.served(tag)),
      digests,
    );
    const { outputs, initErrors } = stack.resource("web")!;
    assert.equal(initErrors, undefined);
    assert.equal(digestIn(outputs, "v3"), digests[2]);
    assert.equal((await stack.preview("--expect-no-changes")).code, 0);
  });

  it("can be refreshed, and repaired after that", async () => {
    const stack = await failedUp();

    const refresh = await stack.refresh();
    assert.equal(refresh.code, 0, refresh.text);
    assert.equal(scene.world.served("v1"), digests[0]);

    scene.world.sandbox.faults.clear();
    const repaired = await stack.up("--skip-preview");
    assert.equal(repaired.code, 0, repaired.text);
    assert.equal(scene.world.served("v3"), digests[2]);
    assert.equal((await stack.preview("--expect-no-changes")).code, 0);
  });

  it("can be destroyed", async () => {
    const stack = await failedUp();

    const destroy = await stack.destroy("--skip-preview");

    assert.equal(destroy.code, 0, destroy.text);
    assert.equal(scene.world.stream(), undefined);
    assert.equal(stack.resource("web"), undefined);
  });
});
