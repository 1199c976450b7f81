import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { useEngineArchive } from "../../../support/worlds/engineArchive.js";

describe("ImageArchive has none of the weaknesses", () => {
  const scene = useEngineArchive();

  describe("1: an engine's error empties the good file", () => {
    it("an error after the lookup leaves it, and the engine's words are said", async () => {
      const pulumi = await scene.written();
      scene.fault({ on: "export", kind: "answer", status: 500, body: { message: "layer store is broken" } });
      await scene.failsWithoutLoss(pulumi, /layer store is broken.*ENGINE_ERROR/);
    });

    it("an image that is removed after the lookup", async () => {
      const pulumi = await scene.written();
      scene.fault({
        on: "export",
        kind: "answer",
        status: 404,
        body: { message: "reference does not exist" },
      });
      await scene.failsWithoutLoss(pulumi, /reference does not exist.*IMAGE_NOT_FOUND/);
    });
  });

  describe("0.2: an error that is appended to a good answer is nobody's business", () => {
    for (const format of ["engine", "docker-archive", "oci-archive"] as const) {
      it(`it fails the export, with the engine's words (${format})`, async () => {
        const pulumi = await scene.written(scene.archive({ format }));
        scene.fault({ on: "export", kind: "lateError", message: "unexpected EOF in layer 7" });
        await scene.failsWithoutLoss(pulumi, /unexpected EOF in layer 7.*ARCHIVE_BROKEN/, { format });
      });
    }
  });

  describe("0.3: a connection that is cut leaves half a file", () => {
    it("it leaves the old one", async () => {
      const pulumi = await scene.written();
      scene.fault({ on: "export", kind: "cut" });
      await scene.failsWithoutLoss(pulumi, /cut.*ENGINE_UNREACHABLE/);
    });

    it("nothing is left where there was none", async () => {
      scene.fault({ on: "export", kind: "cut" });
      await assert.rejects(scene.world.pulumi().up(scene.archive()), /ENGINE_UNREACHABLE/);
      assert.deepEqual(readdirSync(scene.world.folder), []);
    });

    it("an archive without any image is none", async () => {
      const pulumi = await scene.written();
      scene.fault({ on: "export", kind: "nullManifest" });
      await scene.failsWithoutLoss(pulumi, /no whole image.*ARCHIVE_BROKEN/);
    });
  });

  describe("2: a full disk leaves a partial file", () => {
    it("it leaves the old one", async () => {
      const pulumi = await scene.written();
      scene.disk.room = 15_000;
      await scene.failsWithoutLoss(pulumi, /no space left.*ARCHIVE_DISK_FULL/);
    });

    it("nothing is left where there was none", async () => {
      scene.disk.room = 15_000;
      await assert.rejects(scene.world.pulumi().up(scene.archive()), /ARCHIVE_DISK_FULL/);
      assert.deepEqual(readdirSync(scene.world.folder), []);
    });

    it("nothing is asked of the engine when there is clearly no room", async () => {
      const pulumi = await scene.written();
      scene.disk.free = 1000;
      const before = scene.exports();
      await scene.failsWithoutLoss(pulumi, /needs .* but its file system has only .*ARCHIVE_DISK_FULL/);
      assert.equal(scene.exports(), before + 1, "only by the run that succeeds");
    });
  });

  describe("14: no compression, checksum, size, permissions, or limit of time", () => {
    it("an engine that stops sending", async () => {
      const pulumi = await scene.written();
      scene.fault({ on: "export", kind: "stall" });
      await scene.failsWithoutLoss(pulumi, /took longer than 1 s.*DEADLINE_EXCEEDED/, {
        timeouts: { update: 1 },
      });
    });
  });
});
