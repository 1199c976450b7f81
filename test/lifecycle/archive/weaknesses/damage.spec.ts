import assert from "node:assert/strict";
import { appendFileSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { useEngineArchive } from "../../../support/worlds/engineArchive.js";

describe("ImageArchive, where other tools lose or repeat work", () => {
  const scene = useEngineArchive();

  describe("when the archive is damaged", () => {
    for (const format of ["engine", "docker-archive"] as const) {
      for (const [damage, spoil] of [
        ["a bit flipped in a layer", (path: string) => flipBit(path, statSync(path).size / 2)],
        ["cut at the boundary of a member", (path: string) => truncateSync(path, statSync(path).size - 1024)],
        ["cut in the middle", (path: string) => truncateSync(path, statSync(path).size / 2)],
        ["an error appended", (path: string) => appendFileSync(path, '{"errorDetail":{"message":"x"}}')],
      ] as const) {
        it(`writes the archive again after damage: ${damage} (${format})`, async () => {
          const pulumi = scene.world.pulumi();
          await pulumi.up(scene.archive({ format }));
          const before = scene.sha256();
          spoil(scene.file());
          assert.notEqual(scene.sha256(), before);
          assert.equal((await pulumi.preview(scene.archive({ format }))).step, "update");
          await pulumi.up(scene.archive({ format }));
          assert.equal(scene.sha256(), before);
        });
      }
    }

    it("finds damage behind unchanged times when it checks every byte", async () => {
      const pulumi = scene.world.pulumi();
      const args = scene.archive({ verify: "digest" });
      await pulumi.up(args);
      const { atimeMs, mtimeMs } = statSync(scene.file());
      flipBit(scene.file(), statSync(scene.file()).size / 2);
      utimesSync(scene.file(), atimeMs / 1000, mtimeMs / 1000);
      assert.equal((await pulumi.preview(args)).step, "update");
    });

    it("refuses to adopt an archive that is cut or has something behind its end", async () => {
      await scene.world.pulumi("first").up(scene.archive({ onDestroy: "keep" }));
      const good = readFileSync(scene.file());
      for (const bad of [good.subarray(0, good.length - 1024), Buffer.concat([good, Buffer.from("{}")])]) {
        writeFileSync(scene.file(), bad);
        assert.match(
          (await scene.world.pulumi("second").preview(scene.archive())).failures.join(),
          /ARCHIVE_UNMANAGED/,
        );
      }
    });
  });
});

function flipBit(path: string, position: number): void {
  const bytes = readFileSync(path);
  const at = Math.floor(position);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}
