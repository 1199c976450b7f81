import assert from "node:assert/strict";
import { contentIn } from "../../../support/worlds/archive.js";
import { amd64, arm64, useEngineArchive } from "../../../support/worlds/engineArchive.js";

describe("ImageArchive, where other tools lose or repeat work", () => {
  const scene = useEngineArchive();

  describe("with platforms", () => {
    const of = (...platforms: readonly string[]) =>
      scene.archive({ images: [{ engine: "acme/multi:v1", platforms }] });
    const registry = (platforms?: readonly string[]) =>
      scene.archive({
        images: [
          {
            registry: `${scene.world.host}/acme/multi:v1`,
            ...(platforms === undefined ? {} : { platforms }),
          },
        ],
      });
    const architectures = async () =>
      (await scene.identity())?.images.map(({ platform }) => platform?.architecture).sort();

    it("writes an engine's index again when another platform is chosen", async () => {
      await scene.use("docker-29");
      scene.container.images.addIndex(["acme/multi:v1"], [amd64, arm64]);
      const pulumi = scene.world.pulumi();
      await pulumi.up(of("linux/arm64"));
      assert.equal(contentIn((await pulumi.preview(of("linux/amd64"))).inputs).action, "rewrite");
      assert.match(
        (await scene.world.pulumi("x").preview(of("linux/amd64"))).failures.join(),
        /ARCHIVE_UNMANAGED/,
      );
      await pulumi.up(of("linux/amd64"));
      assert.deepEqual(await architectures(), ["amd64"]);
    });

    it("writes the archive again when the engine has pulled the name for another platform", async () => {
      await scene.use("podman-5");
      const pulumi = scene.world.pulumi();
      await pulumi.up(scene.images("acme/web:v1"));
      scene.container.images.add(["acme/web:v1"], { content: "one", layerBytes: 20_000, platform: arm64 });
      assert.equal(contentIn((await pulumi.preview(scene.images("acme/web:v1"))).inputs).action, "rewrite");
    });

    it("writes a registry's index again whenever the chosen platforms change", async () => {
      scene.world.sandbox.registry().publishIndex("acme/multi", "v1", [amd64, arm64]);
      const pulumi = scene.world.pulumi();
      for (const [platforms, expected] of [
        [undefined, ["amd64", "arm64"]],
        [["linux/arm64"], ["arm64"]],
        [["linux/amd64"], ["amd64"]],
        [undefined, ["amd64", "arm64"]],
      ] as const) {
        await pulumi.up(registry(platforms));
        assert.deepEqual(await architectures(), expected);
      }
    });

    it("refuses to adopt an archive with more or fewer platforms", async () => {
      scene.world.sandbox.registry().publishIndex("acme/multi", "v1", [amd64, arm64]);
      await scene.world.pulumi("whole").up(registry());
      const preview = await scene.world.pulumi("one").preview(registry(["linux/arm64"]));
      assert.match(preview.failures.join(), /ARCHIVE_UNMANAGED/);
      const one = { ...registry(["linux/arm64"]), overwriteUnmanaged: true };
      await scene.world.pulumi("one").up(one);
      assert.match(
        (await scene.world.pulumi("two").preview(registry())).failures.join(),
        /ARCHIVE_UNMANAGED/,
      );
    });

    it("adopts an archive of just the chosen platforms", async () => {
      scene.world.sandbox
        .registry()
        .publishIndex("acme/multi", "v1", [amd64, arm64, { os: "linux", architecture: "s390x" }]);
      for (const platforms of [["linux/arm64"], ["linux/amd64", "linux/arm64"]]) {
        const args = { ...registry(platforms), path: `${platforms.length}.tar` };
        await scene.world.pulumi("first").up(args);
        const preview = await scene.world.pulumi("second").preview(args);
        assert.deepEqual([preview.failures, contentIn(preview.inputs).action], [[], "adopt"]);
      }
    });

    it("refuses to adopt an archive that readers of the wanted format cannot load", async () => {
      await scene.world.pulumi("oci").up(scene.archive({ format: "oci-archive" }));
      const preview = await scene.world.pulumi("docker").preview(scene.archive({ format: "docker-archive" }));
      assert.match(preview.failures.join(), /ARCHIVE_UNMANAGED/);
    });
  });
});
