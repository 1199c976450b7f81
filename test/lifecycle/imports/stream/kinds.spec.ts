import assert from "node:assert/strict";
import type { ImportWorld } from "../../../support/worlds/imports.js";
import { resolved, startWebWorld, webStream, type Tags } from "../../../support/worlds/webStream.js";

describe("ImportedImageStream", () => {
  let world: ImportWorld;
  let v1: string;
  const image = "quay.io/acme/web:v1";

  beforeEach(async () => {
    ({ world, v1 } = await startWebWorld());
  });
  afterEach(() => world.sandbox.close());

  const web = (tags: Tags, more: object = {}) => webStream(world, tags, more);
  const source = (tag: string, name?: string) =>
    world.stream(name)!.spec.tags!.find((each) => each.name === tag)?.from;
  const isQuiet = async (pulumi: ReturnType<ImportWorld["pulumi"]>, declared: object) => {
    const before = world.stream();
    assert.equal((await pulumi.up(declared)).step, "same");
    assert.deepEqual(world.stream(), before, "a second run writes nothing");
  };

  describe("an alias", () => {
    it("serves in the first run what its target was imported as, and the preview shows it", async () => {
      const pulumi = world.pulumi();
      const declared = web({ v1: image, live: { alias: "v1" } });
      const preview = await pulumi.preview(declared);
      assert.equal(resolved(preview.inputs, "live").digest, v1);
      assert.equal(resolved(preview.inputs, "live").from, "v1");

      await pulumi.up(declared);

      assert.deepEqual(source("live"), { kind: "ImageStreamTag", name: "v1" });
      assert.equal(world.served("live"), v1);
      assert.deepEqual(pulumi.state?.initErrors, []);
      await isQuiet(pulumi, declared);
    });

    it("of an alias of an alias serves the image at the end of the chain", async () => {
      const pulumi = world.pulumi();
      const declared = web({ v1: image, c: { alias: "v1" }, b: { alias: "c" }, a: { alias: "b" } });
      await pulumi.up(declared);

      assert.deepEqual(
        ["a", "b", "c"].map((tag) => world.served(tag)),
        [v1, v1, v1],
      );
      assert.deepEqual(pulumi.state?.initErrors, []);
      await isQuiet(pulumi, declared);
    });

    it("moves with its target, and may be pointed to another tag in the same run", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(web({ v1: image, live: { alias: "v1" }, top: { alias: "live" } }));
      const v2 = world.publish("v2");

      await pulumi.up(
        web({ v1: image, v2: "quay.io/acme/web:v2", live: { alias: "v2" }, top: { alias: "live" } }),
      );

      assert.equal(world.served("live"), v2);
      assert.equal(world.served("top"), v2);
      assert.equal(world.served("v1"), v1);
      assert.deepEqual(pulumi.state?.initErrors, []);
    });

    it("follows upstream together with its target", async () => {
      const pulumi = world.pulumi();
      const declared = web({ v1: image, live: { alias: "v1" } }, { trackUpstream: "follow" });
      await pulumi.up(declared);
      const moved = world.publish("v1", "moved");

      const preview = await pulumi.preview(declared);
      assert.equal(resolved(preview.inputs, "live").digest, moved);
      await pulumi.up(declared);
      assert.equal(world.served("live"), moved);
      await isQuiet(pulumi, declared);
    });

    it("waits for a target whose import failed, which would look imported otherwise", async () => {
      const v2 = world.publish("v2");
      const pulumi = world.pulumi();
      await pulumi.up(web({ v1: image }));
      const declared = web({ v1: "quay.io/acme/web:v2", live: { alias: "v1" } });
      const body = { kind: "Status", status: "Failure", reason: "Forbidden", message: "no", code: 403 };
      world.sandbox.faults.add({
        method: "POST",
        path: "/imagestreamimports",
        body: `"import":true`,
        times: 0,
        effect: { kind: "answer", status: 403, body },
      });
      await assert.rejects(pulumi.up(declared));
      assert.equal(source("live"), undefined);

      world.sandbox.faults.clear();
      await pulumi.up(declared);
      assert.deepEqual(
        ["v1", "live"].map((tag) => world.served(tag)),
        [v2, v2],
      );
      await isQuiet(pulumi, declared);
    });

    it("of a tag that nobody declares follows the tag on the stream", async () => {
      await world.seedTag("theirs", image);
      const pulumi = world.pulumi();
      await pulumi.up(web({ live: { alias: "theirs" } }));
      assert.equal(world.served("live"), v1);
      assert.deepEqual(source("theirs"), { kind: "DockerImage", name: image });
    });

    it("of a tag that this run removes is refused", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(web({ v1: image, live: { alias: "v1" } }));
      await assert.rejects(
        pulumi.up(web({ live: { alias: "v1" } })),
        /tags\.live: names the tag v1, which the program no longer declares.*SOURCE_NOT_FOUND/s,
      );
      assert.equal(world.served("v1"), v1);
    });

    it("is refused where aliases lead back to themselves, or to another stream", async () => {
      const pulumi = world.pulumi();
      const refusals = async (tags: Tags) => (await pulumi.preview(web(tags))).failures.join("\n");
      assert.match(
        await refusals({ a: { alias: "b" }, b: { alias: "c" }, c: { alias: "a" } }),
        /tags\.a\.alias: is one of the aliases a -> b -> c -> a, which lead back to themselves/,
      );
      assert.match(
        await refusals({ a: { alias: "other:v1" } }),
        /tags\.a\.alias: "other:v1" is a tag of another image stream.*imageStreamTag: "other:v1"/s,
      );
      assert.equal(world.writes().length, 0);
    });

    it("that was pointed elsewhere by hand comes back", async () => {
      const pulumi = world.pulumi();
      const declared = web({ v1: image, v2: "quay.io/acme/web:v2", live: { alias: "v1" } });
      world.publish("v2");
      await pulumi.up(declared);
      await world.edit((stream) => {
        stream.spec.tags.find(({ name }) => name === "live")!.from = { kind: "ImageStreamTag", name: "v2" };
      });
      assert.notEqual(world.served("live"), v1);

      await pulumi.up(declared);
      assert.equal(world.served("live"), v1);
    });

    it("whose chain was written at once by hand is mended", async () => {
      await world.seedTag("v1", image);
      await world.edit((stream) => {
        stream.spec.tags.push({ name: "b", from: { kind: "ImageStreamTag", name: "v1" } });
        stream.spec.tags.push({ name: "a", from: { kind: "ImageStreamTag", name: "b" } });
      });
      assert.equal(world.served("a"), undefined, "the server follows one hop a write");
      const pulumi = world.pulumi();
      const declared = web({ b: { alias: "v1" }, a: { alias: "b" } }, { adopt: true });

      await pulumi.up(declared);

      assert.equal(world.served("a"), v1);
      assert.deepEqual(pulumi.state?.initErrors, []);
      await isQuiet(pulumi, declared);
    });
  });

  describe("a permanent tag", () => {
    it("keeps the image that the tag had, and says where it is from", async () => {
      await world.seedTag("v1", image, "app");
      const pulumi = world.pulumi();
      const declared = web({ live: { imageStreamTag: "app:v1" } });
      const preview = await pulumi.preview(declared);
      assert.equal(resolved(preview.inputs, "live").digest, v1);
      assert.equal(resolved(preview.inputs, "live").from, "shop/app:v1");

      await pulumi.up(declared);
      assert.deepEqual(source("live"), { kind: "ImageStreamImage", name: `app@${v1}` });
      await isQuiet(pulumi, declared);

      world.publish("v1", "moved");
      await world.seedTag("v1", image, "app");
      await isQuiet(pulumi, declared);
      assert.equal(world.served("live"), v1);
    });

    it("follows its source when told to", async () => {
      await world.seedTag("v1", image, "app");
      const pulumi = world.pulumi();
      const declared = web({ live: { imageStreamTag: "app:v1" } }, { trackUpstream: "follow" });
      await pulumi.up(declared);
      const moved = world.publish("v1", "moved");
      await world.seedTag("v1", image, "app");

      const preview = await pulumi.preview(declared);
      assert.equal(resolved(preview.inputs, "live").digest, moved);
      await pulumi.up(declared);
      assert.equal(world.served("live"), moved);
    });

    it("takes the image of the tag that the program names now, though the tag of before was pinned", async () => {
      const v2 = world.publish("v2");
      await world.seedTag("v1", image, "app");
      await world.seedTag("v2", "quay.io/acme/web:v2", "app");
      const pulumi = world.pulumi();
      await pulumi.up(web({ live: { imageStreamTag: "app:v1" } }));
      const promoted = web({ live: { imageStreamTag: "app:v2" } });
      assert.equal(resolved((await pulumi.preview(promoted)).inputs, "live").digest, v2);
      await pulumi.up(promoted);
      assert.equal(world.served("live"), v2);
      await isQuiet(pulumi, promoted);

      await pulumi.up(web({ live: { imageStreamImage: `app@${v1}` } }));
      assert.equal(world.served("live"), v1);
      await pulumi.up(promoted);
      assert.equal(world.served("live"), v2);
    });

    it("takes the image of its source where the tag was there before the resource", async () => {
      const v2 = world.publish("v2");
      for (const tag of ["v1", "v2"]) await world.seedTag(tag, `quay.io/acme/web:${tag}`, "app");
      await world.seedTag("other", image);
      await world.edit(({ spec }) => {
        spec.tags.push({ name: "live", from: { kind: "ImageStreamImage", name: `app@${v1}` } });
      });
      const pulumi = world.pulumi();
      await pulumi.up(web({ live: { imageStreamTag: "app:v2" } }, { adopt: true }));
      assert.equal(world.served("live"), v2);
    });

    it("takes an image by the beginning of its digest", async () => {
      await world.seedTag("v1", image, "app");
      const pulumi = world.pulumi();
      const declared = web({ fixed: { imageStreamImage: `app@${v1.slice(7, 19)}` } });
      await pulumi.up(declared);
      assert.equal(world.served("fixed"), v1);
      assert.deepEqual(source("fixed"), { kind: "ImageStreamImage", name: `app@${v1}` });
      await isQuiet(pulumi, declared);
    });

    it("of this stream keeps the image that a tag is imported as in the same run", async () => {
      const pulumi = world.pulumi();
      const declared = web({ v1: image, fixed: { imageStreamTag: "web:v1" } });
      await pulumi.up(declared);
      assert.deepEqual(source("fixed"), { kind: "ImageStreamImage", name: `web@${v1}` });
      assert.equal(world.served("fixed"), v1);
      await isQuiet(pulumi, declared);
    });

    it("of a stream that is not there yet is not known in a preview, and fails an up without the other tags", async () => {
      const pulumi = world.pulumi();
      const declared = web({ v1: image, live: { imageStreamTag: "app:v1" } });
      const preview = await pulumi.preview(declared);
      assert.equal(resolved(preview.inputs, "v1").digest, v1);
      assert.match(
        pulumi.lines.join("\n"),
        /unless the same program makes it before: tags\.live: there is no image stream shop\/app/,
      );

      await assert.rejects(
        pulumi.up(declared),
        /tags\.live: there is no image stream shop\/app.*SOURCE_NOT_FOUND/,
      );
      assert.equal(world.served("v1"), v1);
      await world.seedTag("v1", image, "app");
      await pulumi.up(declared);
      assert.equal(world.served("live"), v1);
    });
  });

  describe("a reference", () => {
    it("is written and not imported, and has a pull spec and no digest", async () => {
      const pulumi = world.pulumi();
      const declared = web({
        v1: image,
        doc: { image: "registry.example.com/acme/doc:v1", reference: true },
      });
      await pulumi.up(declared);
      const tag = world.stream()!.spec.tags!.find(({ name }) => name === "doc")!;
      assert.equal(tag.reference, true);
      assert.deepEqual(resolved(pulumi.state!.outputs, "doc"), {
        pullSpec: "registry.example.com/acme/doc:v1",
        reference: true,
      });
      await isQuiet(pulumi, declared);
    });
  });
});
