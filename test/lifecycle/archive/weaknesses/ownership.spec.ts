import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { contentIn } from "../../../support/worlds/archive.js";
import { useEngineArchive } from "../../../support/worlds/engineArchive.js";

describe("ImageArchive, where other tools lose or repeat work", () => {
  const scene = useEngineArchive();

  describe("when the file is gone, or the resource", () => {
    it("writes a missing file again", async () => {
      const pulumi = scene.world.pulumi();
      await pulumi.up(scene.archive());
      unlinkSync(scene.file());
      assert.equal(contentIn((await pulumi.preview(scene.archive())).inputs).reason, "the file is gone");
      await pulumi.up(scene.archive());
      assert.ok(existsSync(scene.file()));
    });

    it("deletes the file with the resource, and keeps what somebody else has put there", async () => {
      const pulumi = scene.world.pulumi();
      await pulumi.up(scene.archive());
      await pulumi.destroy();
      assert.deepEqual(readdirSync(scene.world.folder), []);

      const other = scene.world.pulumi("other");
      await other.up(scene.archive());
      unlinkSync(scene.file());
      writeFileSync(scene.file(), "precious");
      await other.destroy();
      assert.equal(readFileSync(scene.file(), "utf8"), "precious");
    });
  });

  describe("when the file is somebody else's", () => {
    it("refuses a file that is no archive, in the preview and in the run", async () => {
      for (const content of ["precious", "", "\0".repeat(1024), '[{"Config":"x"}]']) {
        writeFileSync(scene.file(), content);
        assert.match(
          (await scene.world.pulumi().preview(scene.archive())).failures.join(),
          /ARCHIVE_UNMANAGED/,
        );
        await assert.rejects(scene.world.pulumi().up(scene.archive()), /ARCHIVE_UNMANAGED/);
        assert.equal(readFileSync(scene.file(), "utf8"), content);
      }
    });

    it("refuses an archive of a rebuild with the same layers, and adopts one of the image itself", async () => {
      const reference = `${scene.world.host}/acme/web:v1`;
      scene.container.images.add([reference], { content: "same" });
      await scene.world.pulumi("saved").up(scene.images(reference));
      const wanted = { path: "web.tar", images: [reference], format: "docker-archive" };
      scene.world.sandbox.registry().publishImage("acme/web", "v1", { content: "same", cmd: ["other"] });
      assert.match((await scene.world.pulumi("pulled").preview(wanted)).failures.join(), /ARCHIVE_UNMANAGED/);
      scene.world.sandbox.registry().publishImage("acme/web", "v1", { content: "same" });
      assert.equal(contentIn((await scene.world.pulumi("pulled").preview(wanted)).inputs).action, "adopt");
    });

    it("refuses another image's archive", async () => {
      scene.container.images.add(["acme/db:v1"], { content: "db" });
      await scene.world.pulumi("db").up(scene.images("acme/db:v1"));
      const before = scene.sha256();
      assert.match(
        (await scene.world.pulumi("web").preview(scene.archive())).failures.join(),
        /ARCHIVE_UNMANAGED/,
      );
      assert.equal(scene.sha256(), before);
    });

    for (const ending of [".json", ".sha256"]) {
      it(`refuses somebody else's sidecar file (${ending})`, async () => {
        writeFileSync(scene.file(`web.tar${ending}`), "precious");
        const preview = await scene.world.pulumi().preview(scene.archive({ manifest: true }));
        assert.match(preview.failures.join(), /ARCHIVE_UNMANAGED/);
        await assert.rejects(scene.world.pulumi().up(scene.archive({ manifest: true })), /ARCHIVE_UNMANAGED/);
        assert.equal(readFileSync(scene.file(`web.tar${ending}`), "utf8"), "precious");
        await scene.world.pulumi().up(scene.archive({ manifest: true, overwriteUnmanaged: true }));
        assert.notEqual(readFileSync(scene.file(`web.tar${ending}`), "utf8"), "precious");
      });
    }

    it("deletes sidecar files that are no longer wanted", async () => {
      const pulumi = scene.world.pulumi();
      await pulumi.up(scene.archive({ manifest: true }));
      assert.equal((await pulumi.preview(scene.archive({ manifest: true }))).step, "same");
      await pulumi.up(scene.archive());
      assert.deepEqual(readdirSync(scene.world.folder), ["web.tar"]);
    });
  });
});
