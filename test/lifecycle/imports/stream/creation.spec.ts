import assert from "node:assert/strict";
import type { ImportWorld } from "../../../support/worlds/imports.js";
import { resolved, startWebWorld, webStream } from "../../../support/worlds/webStream.js";

describe("ImportedImageStream", () => {
  let world: ImportWorld;
  let v1: string;

  beforeEach(async () => {
    ({ world, v1 } = await startWebWorld());
  });
  afterEach(() => world.sandbox.close());

  const one = (more: object = {}) => webStream(world, { v1: "quay.io/acme/web:v1" }, more);

  describe("created, unchanged, destroyed", () => {
    it("previews the digest without writing anything", async () => {
      const preview = await world.pulumi().preview(one());

      assert.equal(preview.step, "create");
      assert.deepEqual(preview.failures, []);
      assert.equal(resolved(preview.inputs, "v1").digest, v1);
      assert.equal(resolved(preview.inputs, "v1").pullSpec, `quay.io/acme/web@${v1}`);
      assert.deepEqual(resolved(preview.inputs, "v1").platforms, ["linux/amd64"]);
      assert.equal(world.stream(), undefined);
    });

    it("imports what was previewed, and needs one GET of the stream in a second run", async () => {
      const pulumi = world.pulumi();
      const preview = await pulumi.preview(one());

      await pulumi.up(one());

      assert.equal(world.served("v1"), v1);
      assert.deepEqual(pulumi.state?.outputs.resolved, preview.inputs.resolved);
      assert.equal(pulumi.state?.id, "shop/web");

      world.sandbox.requests.clear();
      assert.equal((await pulumi.up(one())).step, "same");
      assert.deepEqual(world.writes(), []);
      assert.equal(world.sandbox.requests.matching({ path: /imagestreams\/web$/ }).length, 1);
      assert.equal(await pulumi.refresh(), "same");
    });

    it("destroys its tag and the stream it created", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());

      await pulumi.destroy();

      assert.equal(world.stream(), undefined);
    });
  });
});
