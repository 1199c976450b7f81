import assert from "node:assert/strict";
import type { ImportWorld } from "../../../support/worlds/imports.js";
import { resolved, startWebWorld, webStream, type Tags } from "../../../support/worlds/webStream.js";

describe("ImportedImageStream", () => {
  let world: ImportWorld;
  let v1: string;

  beforeEach(async () => {
    ({ world, v1 } = await startWebWorld());
  });
  afterEach(() => world.sandbox.close());

  const web = (tags: Tags, more: object = {}) => webStream(world, tags, more);

  describe("many tags", () => {
    it("imports all tags, each with its own policies", async () => {
      const pulumi = world.pulumi();
      const declared = web({
        v1: "quay.io/acme/web:v1",
        v2: {
          image: "quay.io/acme/web:v2",
          scheduled: true,
          referencePolicy: "Local",
          annotations: { a: "1" },
        },
        pinned: `quay.io/acme/web@${v1}`,
      });
      await pulumi.up(declared);

      const tags = world.stream()!.spec.tags!;
      assert.deepEqual(
        tags.map((tag) => tag.name),
        ["pinned", "v1", "v2"],
      );
      assert.deepEqual(tags[2]!.annotations, { a: "1" });
      assert.deepEqual(tags[2]!.importPolicy, { scheduled: true, importMode: "Legacy" });
      assert.equal(tags[2]!.referencePolicy?.type, "Local");
      assert.equal(world.served("pinned"), v1);
      assert.match(resolved(pulumi.state!.outputs, "v2").pullSpec, /\/shop\/web@sha256:/);
      assert.equal((await pulumi.up(declared)).step, "same");
    });

    it("sends at most three images a request", async () => {
      const names = Array.from({ length: 8 }, (_, index) => `t${index}`);
      for (const name of names) world.publish(name);
      const pulumi = world.pulumi();

      await pulumi.up(web(Object.fromEntries(names.map((name) => [name, `quay.io/acme/web:${name}`]))));

      const imports = world.writes().filter((request) => request.path.endsWith("/imagestreamimports"));
      assert.equal(imports.length, 6, "three lookups and three storing imports");
      assert.equal(pulumi.state?.initErrors.length, 0);
    });

    it("answers every platform of an index, and the digest of the index", async () => {
      const index = world.sandbox.registry().publishIndex("acme/multi", "v1", [
        { os: "linux", architecture: "arm64" },
        { os: "linux", architecture: "amd64" },
      ]);
      const pulumi = world.pulumi();
      const tags = web(
        { all: "quay.io/acme/multi:v1", one: { image: "quay.io/acme/multi:v1", importMode: "Legacy" } },
        { importMode: "PreserveOriginal" },
      );

      const preview = await pulumi.preview(tags);
      await pulumi.up(tags);

      assert.equal(resolved(preview.inputs, "all").digest, index.digest);
      assert.deepEqual(resolved(preview.inputs, "all").platforms, ["linux/amd64", "linux/arm64"]);
      assert.equal(resolved(preview.inputs, "one").digest, index.children[1]!.digest);
      assert.equal(world.served("all"), index.digest);
      assert.equal(world.served("one"), index.children[1]!.digest);
    });

    it("takes the platform that a tag prefers, and another one when that changes", async () => {
      const index = world.sandbox.registry().publishIndex("acme/multi", "v1", [
        { os: "linux", architecture: "amd64" },
        { os: "linux", architecture: "arm64" },
        { os: "linux", architecture: "s390x" },
      ]);
      const pulumi = world.pulumi();
      const preferring = (architecture: string) =>
        web({
          v1: {
            image: "quay.io/acme/multi:v1",
            annotations: { "importer.image.openshift.io/prefer-arch": architecture },
          },
        });

      const preview = await pulumi.preview(preferring("arm64"));
      await pulumi.up(preferring("arm64"));
      assert.equal(resolved(preview.inputs, "v1").digest, index.children[1]!.digest);
      assert.equal(world.served("v1"), index.children[1]!.digest);
      assert.equal((await pulumi.up(preferring("arm64"))).step, "same");

      await pulumi.up(preferring("s390x"));
      assert.equal(world.served("v1"), index.children[2]!.digest);
      assert.equal((await pulumi.up(preferring("s390x"))).step, "same");
    });

    it("takes the tag of source, and latest where the source has none", async () => {
      const latest = world.publish("latest");
      const pulumi = world.pulumi();

      await pulumi.up({ connection: world.connection, namespace: "shop", source: "quay.io/acme/web" });

      assert.equal(world.served("latest"), latest);
      assert.equal(pulumi.state?.id, "shop/web");
    });
  });
});
