import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { contentIn } from "../../../support/worlds/archive.js";
import { useEngineArchive } from "../../../support/worlds/engineArchive.js";

describe("ImageArchive, where other tools lose or repeat work", () => {
  const scene = useEngineArchive();

  describe("with duplicates", () => {
    it("refuses an image that is named twice, in whatever spelling", async () => {
      for (const [first, second, tag] of [
        ["web:v1", "web:v1", "latest"],
        ["web", "web:latest", "latest"],
        ["web", "web:v7", "v7"],
        ["web:v1", "docker.io/library/web:v1", "latest"],
        ["acme/web:v1", "index.docker.io/acme/web:v1", "latest"],
        [scene.id, scene.id, "latest"],
      ] as const) {
        const preview = await scene.world.pulumi().preview({ ...scene.images(first, second), tag });
        assert.match(
          preview.failures.join(),
          /images\[1\].* is in the archive already/,
          `${first} ${second}`,
        );
      }
    });

    it("refuses a name that a glob gives to two tags, and accepts a tag that two entries name", async () => {
      for (const tag of ["v1", "v2"]) {
        const image = { layers: ["base", tag] };
        scene.world.sandbox.integratedRegistry.push({ namespace: "shop", name: "site", tag, image });
      }
      const streams = (...wanted: readonly object[]) =>
        scene.archive({ connection: scene.world.connection, images: wanted });
      const named = streams({ stream: "shop/site:v*", as: "shop/all:v1" });
      assert.match(
        (await scene.world.pulumi().preview(named)).failures.join(),
        /shop\/site:v1 as .* and shop\/site:v2 as .* would both be docker\.io\/shop\/all:v1/,
      );
      const overlapping = streams({ stream: "shop/site:v*" }, { stream: "shop/site:v1" });
      assert.deepEqual((await scene.world.pulumi().preview(overlapping)).failures, []);
    });

    it("accepts two images whose tags differ after the default tag is added", async () => {
      scene.container.images.add(["acme/web:latest"], { content: "latest" });
      const preview = await scene.world
        .pulumi()
        .preview({ ...scene.images("acme/web", "acme/web:latest"), tag: "v1" });
      assert.deepEqual(preview.failures, []);
      assert.equal(Object.keys(contentIn(preview.inputs).images).length, 2);
    });
  });

  describe("when the run cannot succeed", () => {
    it("fails the preview of an archive without a path", async () => {
      const { path: _, ...rest } = scene.archive();
      assert.match((await scene.world.pulumi().preview(rest)).failures.join(), /path/);
    });

    it("fails the preview when the path is a folder", async () => {
      mkdirSync(scene.file());
      assert.match(
        (await scene.world.pulumi().preview(scene.archive())).failures.join(),
        /is a directory.*ARCHIVE_PATH/,
      );
      assert.match(
        (await scene.world.pulumi().preview(scene.archive({ path: "out/" }))).failures.join(),
        /names a folder/,
      );
    });
  });

  it("refuses an empty tag", async () => {
    const preview = await scene.world.pulumi().preview({ ...scene.images("acme/web"), tag: "" });
    assert.match(preview.failures.join(), /tag.*is not a tag/);
    assert.deepEqual(scene.container.requests, []);
  });

  describe("with permissions and symbolic links", () => {
    it("gives the file to its owner alone unless another mode is asked for", async () => {
      const mode = () => statSync(scene.file()).mode & 0o777;
      const pulumi = scene.world.pulumi();
      await pulumi.up(scene.archive());
      assert.equal(mode(), 0o600);
      const before = scene.exports();
      await pulumi.up(scene.archive({ fileMode: "0644" }));
      assert.equal(mode(), 0o644);
      assert.equal(scene.exports(), before, "only the permissions change");
    });

    it("refuses a symbolic link at the path and keeps its target", async () => {
      writeFileSync(scene.file("precious"), "precious");
      symlinkSync(scene.file("precious"), scene.file());
      for (const more of [{}, { overwriteUnmanaged: true }]) {
        assert.match(
          (await scene.world.pulumi().preview(scene.archive(more))).failures.join(),
          /symlink.*ARCHIVE_PATH/,
        );
        await assert.rejects(scene.world.pulumi().up(scene.archive(more)), /ARCHIVE_PATH/);
      }
      assert.equal(readFileSync(scene.file("precious"), "utf8"), "precious");
    });

    it("refuses a symbolic link that has replaced the file", async () => {
      const pulumi = await scene.written();
      writeFileSync(scene.file("precious"), "precious");
      unlinkSync(scene.file());
      symlinkSync(scene.file("precious"), scene.file());
      await assert.rejects(pulumi.up(scene.archive()), /ARCHIVE_PATH/);
      await assert.rejects(pulumi.destroy(), /symbolic link.*ARCHIVE_PATH/);
      assert.equal(readFileSync(scene.file("precious"), "utf8"), "precious");
    });
  });
});
