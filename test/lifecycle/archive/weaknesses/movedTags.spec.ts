import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { useEngineArchive } from "../../../support/worlds/engineArchive.js";

describe("ImageArchive, where other tools lose or repeat work", () => {
  const scene = useEngineArchive();

  describe("when a tag moves during the export", () => {
    for (const [format, version] of [
      ["engine", "docker-28"],
      ["engine", "docker-29"],
      ["engine", "podman-5"],
      ["docker-archive", "docker-20.10"],
      ["docker-archive", "docker-29"],
    ] as const) {
      it(`fails the export after a second try when the tag has moved (${version}, ${format})`, async () => {
        await scene.use(version);
        const pulumi = await scene.written(scene.archive({ format }));
        const before = scene.exports();
        scene.fault({
          on: "export",
          kind: "meanwhile",
          happens: () => scene.container.images.add(["acme/web:v1"], { content: "3" }),
        });
        await scene.failsWithoutLoss(pulumi, /acme\/web:v1.*moved meanwhile.*ARCHIVE_MOVED/, { format });
        assert.ok(scene.exports() >= before + 3, "two tries, and the run that succeeds");
      });
    }

    it("succeeds when the tag is back for the second try", async () => {
      const pulumi = await scene.written();
      const now = scene.container.images.find("acme/web:v1")!.id;
      const [move, back] = [scene.id, now].map(
        (target) => () => scene.container.images.tag("acme/web:v1", target),
      );
      scene.fault({ on: "export", kind: "meanwhile", happens: move! });
      const preview = pulumi.up(scene.archive());
      await waitFor(() => scene.container.images.find("acme/web:v1")!.id === scene.id);
      scene.fault({ on: "export", kind: "meanwhile", happens: back! });
      await preview;
      assert.equal((await scene.identity())?.images[0]?.configDigest, now);
    });

    it("fails the export when the tag has moved to a rebuild with the same layers", async () => {
      scene.fault({
        on: "export",
        kind: "meanwhile",
        happens: () =>
          scene.container.images.add(["acme/web:v1"], { content: "one", layerBytes: 20_000, cmd: ["x"] }),
      });
      await assert.rejects(scene.world.pulumi().up(scene.archive()), /ARCHIVE_MOVED/);
      assert.deepEqual(readdirSync(scene.world.folder), []);
    });
  });
});

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
