import assert from "node:assert/strict";
import type { ImportWorld } from "../../../support/worlds/imports.js";
import { resolved, startWebWorld } from "../../../support/worlds/webStream.js";

describe("ImportedImageStream", () => {
  let world: ImportWorld;
  const image = "quay.io/acme/web:v1";

  beforeEach(async () => {
    ({ world } = await startWebWorld());
    await world.seedTag("v1", image);
  });
  afterEach(() => world.sandbox.close());

  const again = (more: object) => ({ connection: world.connection, namespace: "shop", name: "web", ...more });
  const stored = () => world.writes().filter(({ path }) => path.endsWith("/imagestreamimports")).length;

  describe("reimport", () => {
    it("imports a tag of somebody else from its own source, and changes nothing else of it", async () => {
      await world.edit((stream) => {
        stream.spec.tags[0]!.importPolicy = { scheduled: true, importMode: "PreserveOriginal" };
      });
      const before = world.stream()!.spec.tags![0]!;
      const moved = world.publish("v1", "moved");
      const pulumi = world.pulumi();
      const preview = await pulumi.preview(again({ reimport: ["v1"] }));
      assert.equal(resolved(preview.inputs, "v1").digest, moved);
      assert.notEqual(world.served("v1"), moved);

      await pulumi.up(again({ reimport: ["v1"] }));

      assert.equal(world.served("v1"), moved);
      const { generation: _, ...after } = world.stream()!.spec.tags![0]!;
      assert.deepEqual({ ...after, generation: before.generation }, before);
    });

    it("happens once, and again when triggers change", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(again({ reimport: true, triggers: [1] }));
      const requests = stored();
      const moved = world.publish("v1", "moved");
      assert.equal((await pulumi.up(again({ reimport: true, triggers: [1] }))).step, "same");
      assert.equal(stored(), requests);

      await pulumi.up(again({ reimport: true, triggers: [2] }));
      assert.equal(world.served("v1"), moved);
      assert.equal((await pulumi.up(again({ reimport: true, triggers: [2] }))).step, "same");
    });

    it("follows an alias to the tag that is imported", async () => {
      await world.edit((stream) => {
        stream.spec.tags.push({ name: "live", from: { kind: "ImageStreamTag", name: "v1" } });
      });
      const moved = world.publish("v1", "moved");
      const pulumi = world.pulumi();
      await pulumi.up(again({ reimport: ["live"] }));
      assert.equal(world.served("live"), moved);
      assert.equal(
        world.stream()!.spec.tags!.find(({ name }) => name === "live")?.from?.kind,
        "ImageStreamTag",
      );
    });

    it("names the tags that cannot be imported again", async () => {
      world.push("pushed", `sha256:${"a".repeat(64)}`);
      const { failures } = await world.pulumi().preview(again({ reimport: ["gone", "pushed"] }));
      assert.match(failures.join("\n"), /the tag gone of image stream shop\/web does not exist/);
      assert.match(failures.join("\n"), /the tag pushed of image stream shop\/web was pushed/);
    });

    it("is not known in a preview while the stream is not there, and creates none", async () => {
      await world.deleteStream();
      const pulumi = world.pulumi();
      const { failures } = await pulumi.preview(again({ reimport: true }));
      assert.deepEqual(failures, []);
      await assert.rejects(pulumi.up(again({ reimport: true })), /there is no image stream shop\/web/);
      assert.equal(world.stream(), undefined);
    });

    it("leaves the tags where they are when the resource is destroyed", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(again({ reimport: true }));
      await pulumi.destroy();
      assert.ok(world.served("v1"));
      assert.deepEqual(
        Object.keys(world.stream()!.metadata.annotations ?? {}).filter((key) => key.includes("claim")),
        [],
      );
    });

    it("goes beside declared tags of another resource without taking them", async () => {
      const [one, two] = world.program("one", "two");
      const tags = { v2: "quay.io/acme/web:v2" };
      world.publish("v2");
      await one!.up(again({ tags }));
      await two!.up(again({ reimport: true }));
      assert.equal((await one!.up(again({ tags }))).step, "same");
      assert.equal((await two!.up(again({ reimport: true }))).step, "same");
    });
  });

  describe("sourceRepository", () => {
    it("is written so that the cluster looks again, and taken back when it is dropped", async () => {
      const pulumi = world.pulumi();
      const checked = () =>
        world.stream()!.metadata.annotations?.["openshift.io/image.dockerRepositoryCheck"];
      assert.ok(checked(), "an import has left its time");
      const declared = again({ sourceRepository: "quay.io/acme/web" });
      await pulumi.up(declared);
      assert.equal(world.stream()!.spec.dockerImageRepository, "quay.io/acme/web");
      assert.equal((await pulumi.up(declared)).step, "same");

      await pulumi.up(again({ reimport: ["v1"] }));
      assert.equal(world.stream()!.spec.dockerImageRepository, undefined);
    });

    it("that is no repository is refused", async () => {
      const { failures } = await world.pulumi().preview(again({ sourceRepository: "quay.io/acme/web:v1" }));
      assert.match(failures.join("\n"), /sourceRepository: names a tag or a digest/);
    });
  });

  describe("lookupLocal", () => {
    const local = () => world.stream()!.spec.lookupPolicy?.local;

    it("is what it was before when the program drops it, or is destroyed", async () => {
      const pulumi = world.pulumi();
      const declared = again({ tags: { mine: image }, lookupLocal: true });
      await pulumi.up(declared);
      assert.equal(local(), true);
      await pulumi.up(again({ tags: { mine: image } }));
      assert.equal(local(), false);

      await pulumi.up(declared);
      assert.equal((await pulumi.up(declared)).step, "same");
      await pulumi.destroy();
      assert.equal(local(), false);
    });

    it("stays where somebody has changed it since", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(again({ tags: { mine: image }, lookupLocal: false }));
      await world.edit((stream) => (stream.spec.lookupPolicy = { local: true }));
      await pulumi.destroy();
      assert.equal(local(), true);
    });
  });

  describe("insecureRepository", () => {
    it("is the annotation, and the default of the tags' imports", async () => {
      const pulumi = world.pulumi();
      const tags = { a: image, b: { image, insecure: false } };
      const declared = again({ tags, insecureRepository: true, annotations: { note: "x" } });
      await pulumi.up(declared);
      const { metadata, spec } = world.stream()!;
      assert.equal(metadata.annotations?.["openshift.io/image.insecureRepository"], "true");
      const insecure = spec
        .tags!.filter(({ importPolicy }) => importPolicy?.insecure === true)
        .map(({ name }) => name);
      assert.deepEqual(insecure, ["a"]);
      assert.equal((await pulumi.up(declared)).step, "same");
      assert.equal(await pulumi.refresh(), "same");
    });
  });
});
