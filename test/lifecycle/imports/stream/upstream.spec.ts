import assert from "node:assert/strict";
import type { ImportWorld } from "../../../support/worlds/imports.js";
import { resolved, digestIn, startWebWorld, webStream } from "../../../support/worlds/webStream.js";

describe("ImportedImageStream", () => {
  let world: ImportWorld;
  let v1: string;
  let v2: string;

  beforeEach(async () => {
    ({ world, v1, v2 } = await startWebWorld());
  });
  afterEach(() => world.sandbox.close());

  const one = (more: object = {}) => webStream(world, { v1: "quay.io/acme/web:v1" }, more);

  describe("upstream moved", () => {
    const moved = async (track: string) => {
      const pulumi = world.pulumi();
      await pulumi.up(one({ trackUpstream: track }));
      world.sandbox.registry().moveTag("acme/web", "v1", v2);
      world.sandbox.requests.clear();
      return pulumi;
    };

    it("is not asked about where a tag is pinned", async () => {
      const pulumi = await moved("pinned");

      assert.equal((await pulumi.preview(one({ trackUpstream: "pinned" }))).step, "same");
      assert.deepEqual(world.writes(), []);
    });

    it("is reported without a change with trackUpstream: report", async () => {
      const pulumi = await moved("report");

      const preview = await pulumi.preview(one({ trackUpstream: "report" }));

      assert.equal(preview.step, "same");
      assert.match(pulumi.lines.join("\n"), new RegExp(`warning: v1 moved upstream: ${v1} -> ${v2}`));
      await pulumi.up(one({ trackUpstream: "report" }));
      assert.equal(world.served("v1"), v1);
    });

    it("is followed by up, after a preview with old and new digest", async () => {
      const pulumi = await moved("follow");

      const preview = await pulumi.preview(one({ trackUpstream: "follow" }));

      assert.equal(preview.step, "update");
      assert.equal(resolved(preview.inputs, "v1").digest, v2);
      assert.equal(digestIn(pulumi.state, "v1"), v1);
      await pulumi.up(one({ trackUpstream: "follow" }));
      assert.equal(world.served("v1"), v2);
      assert.equal(digestIn(pulumi.state, "v1"), v2);
      assert.equal((await pulumi.up(one({ trackUpstream: "follow" }))).step, "same");
    });

    it("is ignored where the program ignores changes of resolved", async () => {
      const pulumi = await moved("follow");
      const ignoring = { ignoreChanges: ["resolved"] };

      assert.equal((await pulumi.up(one({ trackUpstream: "follow" }), ignoring)).step, "same");
      await pulumi.up(one({ trackUpstream: "follow", labels: { a: "1" } }), ignoring);

      assert.equal(world.served("v1"), v1);
      assert.equal(world.stream()?.metadata.labels?.a, "1");
      assert.equal(digestIn(pulumi.state, "v1"), v1);
    });

    it("is an error between check and import, and the next run shows the new digest", async () => {
      const pulumi = world.pulumi();
      const moving = world.sandbox.faults;
      // The lookup answers v1; before the storing import the tag moves.
      const hooksSawV1 = await pulumi.preview(one());
      assert.equal(resolved(hooksSawV1.inputs, "v1").digest, v1);
      moving.add({
        method: "POST",
        path: "/imagestreams$",
        body: () => {
          world.sandbox.registry().moveTag("acme/web", "v1", v2);
          return false;
        },
        times: 0,
        effect: { kind: "delay", milliseconds: 1 },
      });

      await assert.rejects(pulumi.up(one()), /planned was .*IMPORT_MOVED/s);

      assert.equal(pulumi.state?.initErrors.length, 1);
      moving.clear();
      await pulumi.up(one());
      assert.equal(digestIn(pulumi.state, "v1"), v2);
    });
  });
});
