import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { useEngineArchive } from "../../../support/worlds/engineArchive.js";

describe("ImageArchive, where other tools lose or repeat work", () => {
  const scene = useEngineArchive();

  describe("when the engine fails", () => {
    it("keeps the good file and quotes the engine when the export fails after the inspection", async () => {
      const pulumi = await scene.written();
      scene.fault({ on: "export", kind: "answer", status: 500, body: { message: "layer store is broken" } });
      await scene.failsWithoutLoss(pulumi, /layer store is broken.*ENGINE_ERROR/);
    });

    it("keeps the good file when the image is removed after the inspection", async () => {
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

  describe("when the engine appends an error to the tar", () => {
    for (const format of ["engine", "docker-archive", "oci-archive"] as const) {
      it(`fails the export and quotes the appended error (${format})`, async () => {
        const pulumi = await scene.written(scene.archive({ format }));
        scene.fault({ on: "export", kind: "lateError", message: "unexpected EOF in layer 7" });
        await scene.failsWithoutLoss(pulumi, /unexpected EOF in layer 7.*ARCHIVE_BROKEN/, { format });
      });
    }
  });

  describe("when the connection is lost", () => {
    it("keeps the old file when the connection is lost", async () => {
      const pulumi = await scene.written();
      scene.fault({ on: "export", kind: "cut" });
      await scene.failsWithoutLoss(pulumi, /cut.*ENGINE_UNREACHABLE/);
    });

    it("leaves no file behind when the first export loses its connection", async () => {
      scene.fault({ on: "export", kind: "cut" });
      await assert.rejects(scene.world.pulumi().up(scene.archive()), /ENGINE_UNREACHABLE/);
      assert.deepEqual(readdirSync(scene.world.folder), []);
    });

    it("keeps the old file when the engine sends an archive without images", async () => {
      const pulumi = await scene.written();
      scene.fault({ on: "export", kind: "nullManifest" });
      await scene.failsWithoutLoss(pulumi, /no whole image.*ARCHIVE_BROKEN/);
    });
  });

  describe("when the disk is full", () => {
    it("keeps the old file when the disk gets full", async () => {
      const pulumi = await scene.written();
      scene.disk.room = 15_000;
      await scene.failsWithoutLoss(pulumi, /no space left.*ARCHIVE_DISK_FULL/);
    });

    it("leaves no file behind when the disk gets full during the first export", async () => {
      scene.disk.room = 15_000;
      await assert.rejects(scene.world.pulumi().up(scene.archive()), /ARCHIVE_DISK_FULL/);
      assert.deepEqual(readdirSync(scene.world.folder), []);
    });

    it("asks the engine for nothing when there is clearly no room", async () => {
      const pulumi = await scene.written();
      scene.disk.free = 1000;
      const before = scene.exports();
      await scene.failsWithoutLoss(pulumi, /needs .* but its file system has only .*ARCHIVE_DISK_FULL/);
      assert.equal(scene.exports(), before + 1, "only by the run that succeeds");
    });
  });

  describe("with compression, checksums, sizes, permissions and limits of time", () => {
    it("keeps the old file when the engine stops sending", async () => {
      const pulumi = await scene.written();
      scene.fault({ on: "export", kind: "stall" });
      await scene.failsWithoutLoss(pulumi, /took longer than 1 s.*DEADLINE_EXCEEDED/, {
        timeouts: { update: 1 },
      });
    });
  });
});
