import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { tarOf } from "../../../support/builders/builtImage.js";
import { tarMembers } from "../../../support/tarMembers.js";
import { contentIn } from "../../../support/worlds/archive.js";
import { amd64, arm64, useEngineArchive } from "../../../support/worlds/engineArchive.js";

describe("ImageArchive, where other tools lose or repeat work", () => {
  const scene = useEngineArchive();

  describe("with an image's ID", () => {
    for (const version of ["docker-20.10", "docker-28", "docker-29", "podman-4.3", "podman-5"] as const) {
      it(`exports an image by its ID, and nothing in the second run (${version})`, async () => {
        await scene.use(version);
        await scene.isQuiet(scene.images(scene.id));
        assert.deepEqual(
          (await scene.identity())?.images.map(({ names }) => names),
          [[]],
        );
      });
    }
  });

  describe("with two tags of one image", () => {
    for (const version of ["docker-28", "docker-29", "podman-5"] as const) {
      it(`exports two tags of one image, and nothing in the second run (${version})`, async () => {
        await scene.use(version);
        scene.container.images.tag("acme/web:stable", scene.id);
        await scene.isQuiet(scene.images("acme/web:v1", "acme/web:stable"));
        assert.equal((await scene.identity())?.images.length, 1);
      });
    }

    it("writes the archive without a tag that is no longer declared", async () => {
      scene.container.images.tag("acme/web:stable", scene.id);
      const pulumi = scene.world.pulumi();
      await pulumi.up(scene.images("acme/web:v1", "acme/web:stable"));
      const preview = await pulumi.preview(scene.images("acme/web:stable"));
      assert.equal(contentIn(preview.inputs).reason, "acme/web:v1 is removed");
      await pulumi.up(scene.images("acme/web:stable"));
      assert.deepEqual(
        (await scene.identity())?.images.map(({ names }) => names),
        [["acme/web:stable"]],
      );
    });

    it("writes the archive again when one of two names of a reference is no longer declared", async () => {
      const both = scene.archive({
        images: [{ engine: "acme/web:v1" }, { engine: "acme/web:v1", as: "acme/x:1" }],
      });
      const pulumi = scene.world.pulumi();
      await pulumi.up(both);
      const preview = await pulumi.preview(
        scene.archive({ images: [{ engine: "acme/web:v1", as: "acme/x:1" }] }),
      );
      assert.equal(contentIn(preview.inputs).action, "rewrite");
    });
  });

  describe("with other spellings of a name", () => {
    for (const [version, name] of [
      ["docker-28", "docker.io/library/web:v1"],
      ["docker-28", "docker.io/web:v1"],
      ["docker-29", "index.docker.io/library/web:v1"],
      ["podman-5", "web:v1"],
      ["podman-4.3", "library/web:v1"],
    ] as const) {
      it(`exports ${name}, and nothing in the second run (${version})`, async () => {
        await scene.use(version);
        scene.container.images.tag("web:v1", scene.id);
        if (name.startsWith("index.")) scene.container.images.tag("index.docker.io/library/web:v1", scene.id);
        if (name === "docker.io/web:v1") scene.container.images.tag(name, scene.id);
        await scene.isQuiet(scene.images(name));
        const adopted = await scene.world.pulumi("adopted").preview(scene.images(name));
        assert.deepEqual(adopted.failures, []);
        assert.equal(contentIn(adopted.inputs).action, "adopt");
      });
    }
  });

  describe("with a digest", () => {
    for (const version of ["docker-20.10", "docker-29", "podman-5"] as const) {
      it(`exports an image by its digest (${version})`, async () => {
        await scene.use(version);
        const [reference = ""] = scene.container.images.digestsOf(scene.container.images.find(scene.id)!);
        await scene.isQuiet(scene.images(reference));
        assert.equal((await scene.identity())?.images.length, 1);
      });
    }
  });

  describe("with containerd's image store", () => {
    for (const version of ["docker-28-containerd", "docker-29"] as const) {
      it(`exports an image and an index, and nothing in the second run (${version})`, async () => {
        await scene.use(version);
        scene.container.images.addIndex(["acme/multi:v1"], [amd64, arm64]);
        await scene.isQuiet(scene.images("acme/web:v1", "acme/multi:v1"));
      });
    }
  });

  it("adopts an archive with crane's spellings of its config", async () => {
    const spellings = (hex: string) => [`sha256:${hex}`, hex, `${hex}.json`];
    await scene.world.pulumi("first").up(scene.archive());
    const members = await tarMembers(readFileSync(scene.file()));
    const { config, tars } = scene.container.images.find(scene.id)!.images[0];
    for (const Config of spellings(config.digest.slice(7))) {
      const layer = `${tars[0]!.digest.slice(7)}.tar`;
      const blob = (digest: string) => members.find(({ name }) => name.endsWith(digest.slice(7)))!.content;
      const manifest = JSON.stringify([{ Config, RepoTags: ["acme/web:v1"], Layers: [layer] }]);
      writeFileSync(
        scene.file(),
        await tarOf({ [Config]: config.content, [layer]: blob(tars[0]!.digest), "manifest.json": manifest }),
      );
      const preview = await scene.world.pulumi("second").preview(scene.archive());
      assert.deepEqual([preview.failures, contentIn(preview.inputs).action], [[], "adopt"], Config);
    }
  });
});
