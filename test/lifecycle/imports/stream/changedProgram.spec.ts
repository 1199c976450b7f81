import assert from "node:assert/strict";
import type { ImportWorld } from "../../../support/worlds/imports.js";
import {
  digestIn,
  resolved,
  startWebWorld,
  webStream,
  type Tags,
} from "../../../support/worlds/webStream.js";

describe("ImportedImageStream", () => {
  let world: ImportWorld;
  let v1: string;
  let v2: string;

  beforeEach(async () => {
    ({ world, v1, v2 } = await startWebWorld());
  });
  afterEach(() => world.sandbox.close());

  const web = (tags: Tags, more: object = {}) => webStream(world, tags, more);
  const one = (more: object = {}) => webStream(world, { v1: "quay.io/acme/web:v1" }, more);

  describe("a changed program", () => {
    it("removes a tag that is no longer declared, and keeps those of others", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(web({ v1: "quay.io/acme/web:v1", v2: "quay.io/acme/web:v2" }));
      await world.edit((stream) => {
        stream.spec.tags.push({ name: "theirs", from: { kind: "DockerImage", name: "quay.io/acme/web:v2" } });
      });

      await pulumi.up(one());

      assert.deepEqual(
        world.stream()!.spec.tags!.map((tag) => tag.name),
        ["theirs", "v1"],
      );
      assert.equal(world.served("v2"), undefined);
      assert.deepEqual(pulumi.state?.outputs.owned, ["v1"]);
      await pulumi.destroy();
      assert.deepEqual(
        world.stream()!.spec.tags!.map((tag) => tag.name),
        ["theirs"],
      );
      assert.deepEqual(Object.keys(world.stream()!.metadata.annotations ?? {}), [
        "openshift.io/image.dockerRepositoryCheck",
      ]);
    });

    it("imports a tag from its new source", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());

      await pulumi.up(web({ v1: "quay.io/acme/web:v2" }));

      assert.equal(world.served("v1"), v2);
    });

    it("records what somebody else imported already from the new source", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());
      await world.seedTag("v1", "quay.io/acme/web:v2");

      const declared = web({ v1: "quay.io/acme/web:v2" });
      assert.equal(resolved((await pulumi.preview(declared)).inputs, "v1").digest, v2);
      await pulumi.up(declared);

      assert.equal(digestIn(pulumi.state, "v1"), v2);
      assert.equal(world.served("v1"), v2);
    });

    it("imports again when triggers change, once", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());
      world.sandbox.registry().moveTag("acme/web", "v1", v2);

      await pulumi.up(one({ triggers: ["now"] }));

      assert.equal(world.served("v1"), v2);
      assert.equal((await pulumi.up(one({ triggers: ["now"] }))).step, "same");
    });

    it("changes nothing where only the spelling of a source differs", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());

      const respelled = web(
        { v1: { image: "quay.io/acme/web:v1", scheduled: false } },
        { trackUpstream: "pinned" },
      );
      assert.equal((await pulumi.up(respelled)).step, "same");
    });

    it("replaces the stream when its name changes", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());

      assert.equal((await pulumi.up({ ...one(), name: "site" })).step, "replace");

      assert.equal(world.stream("web"), undefined);
      assert.equal(world.served("v1", "site"), v1);
    });

    it("keeps a stream's name that was taken from the resource when the resource is renamed with aliases", async () => {
      const pulumi = world.pulumi();
      const { name: _, ...unnamed } = one();
      await pulumi.up(unnamed);
      pulumi.rename("renamed");

      assert.equal((await pulumi.up(unnamed)).step, "same");
      assert.equal((await pulumi.up(unnamed, { replace: true })).step, "replace");
      assert.equal(world.served("v1"), v1);
      await pulumi.destroy();
      assert.equal(world.stream(), undefined);
    });
  });
});
