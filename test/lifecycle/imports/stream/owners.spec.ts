import assert from "node:assert/strict";
import type { ImportWorld } from "../../../support/worlds/imports.js";
import { startWebWorld, webStream, type Tags } from "../../../support/worlds/webStream.js";

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

  describe("one stream under two resources", () => {
    it("a replacement takes over, and the old one's delete removes nothing", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());

      await pulumi.up(one(), { replace: true });

      assert.equal(world.served("v1"), v1);
      assert.equal((await pulumi.up(one())).step, "same");
      await pulumi.destroy();
      assert.equal(world.stream(), undefined, "whether it created the stream was handed over");
    });

    it("a replacement that also drops a tag removes just that tag", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(web({ v1: "quay.io/acme/web:v1", v2: "quay.io/acme/web:v2" }));

      await pulumi.up(one(), { replace: true });

      assert.equal(world.served("v1"), v1);
      assert.equal(world.served("v2"), undefined);
    });

    it("a rename without aliases is refused, and loses nothing", async () => {
      const old = world.pulumi();
      await old.up(one());
      const renamed = world.pulumi("renamed");

      const preview = await renamed.preview(one());
      await assert.rejects(renamed.up(one()), /belongs to urn:.*::web\..*aliases.*adopt.*STREAM_CLAIMED/);

      assert.match(preview.failures.join("\n"), /STREAM_CLAIMED/);
      assert.equal(world.served("v1"), v1);
    });

    it("a rename with adopt takes over, and the old one's delete removes nothing", async () => {
      const old = world.pulumi();
      await old.up(one());
      const renamed = world.pulumi("renamed");

      await renamed.up(one({ adopt: true }));
      await old.destroy();

      assert.equal(world.served("v1"), v1);
      assert.equal((await renamed.up(one({ adopt: true }))).step, "same");
      await renamed.destroy();
      assert.equal(world.stream(), undefined);
    });

    it("a resource that has lost its stream learns it at its next up", async () => {
      const old = world.pulumi();
      await old.up(one());
      await world.pulumi("renamed").up(one({ adopt: true }));

      await assert.rejects(old.up(one()), /CLAIM_LOST/);
    });

    it("two resources own different tags of one stream", async () => {
      const first = world.pulumi("first");
      const second = world.pulumi("second");
      await first.up(one());
      await second.up(web({ v2: "quay.io/acme/web:v2" }));

      await first.destroy();
      assert.equal(world.served("v2"), v2);
      assert.equal((await second.up(web({ v2: "quay.io/acme/web:v2" }))).step, "same");
      await second.destroy();
    });

    it("three resources create one stream at the same time", async () => {
      const v3 = world.publish("v3");
      const names = ["v1", "v2", "v3"];
      const engines = names.map((name) => world.pulumi(name));
      const args = (name: string) => web({ [name]: `quay.io/acme/web:${name}` });

      await Promise.all(engines.map((pulumi, index) => pulumi.up(args(names[index]!))));

      assert.deepEqual(
        names.map((name) => world.served(name)),
        [v1, v2, v3],
      );
      await Promise.all(engines.map((pulumi) => pulumi.destroy()));
      assert.equal(world.stream(), undefined);
    });

    it("a create that was interrupted is run again", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());
      pulumi.state = undefined;

      await pulumi.up(one());

      await pulumi.destroy();
      assert.equal(world.stream(), undefined);
    });

    it("a tag that exists already is refused, and adopted on wish", async () => {
      await world.seedTag("v1", "quay.io/acme/web:v2");
      const pulumi = world.pulumi();

      await assert.rejects(pulumi.up(one()), /TAG_NOT_OWNED/);
      assert.equal(world.stream()?.spec.tags?.[0]?.from?.name, "quay.io/acme/web:v2");
      await pulumi.up(one({ adopt: true }));

      assert.equal(world.served("v1"), v1);
      await pulumi.destroy();
      assert.notEqual(world.stream(), undefined, "somebody else created the stream");
    });
  });

  describe("onDestroy", () => {
    it("keep keeps tags and stream, and removes the claim", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one({ onDestroy: "keep", labels: { app: "web" } }));

      await pulumi.destroy();

      assert.equal(world.served("v1"), v1);
      assert.equal(world.stream()?.metadata.labels?.app, "web");
      assert.doesNotMatch(JSON.stringify(world.stream()?.metadata.annotations), /claim/);
    });

    it("stream removes foreign tags too", async () => {
      await world.seedTag("theirs", "quay.io/acme/web:v2");
      const pulumi = world.pulumi();
      await pulumi.up(one({ onDestroy: "stream" }));

      await pulumi.destroy();

      assert.equal(world.stream(), undefined);
    });

    it("stream is refused while another resource owns tags", async () => {
      const pulumi = world.pulumi();
      const other = world.pulumi("other");
      await pulumi.up(one({ onDestroy: "stream" }));
      await other.up(web({ v2: "quay.io/acme/web:v2" }));

      await assert.rejects(pulumi.destroy(), /STREAM_CLAIMED/);

      assert.equal(world.served("v1"), v1);
    });
  });
});
