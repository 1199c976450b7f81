import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { tarMembers } from "../../../support/tarMembers.js";
import { useEngineArchive } from "../../../support/worlds/engineArchive.js";

describe("ImageArchive, where other tools lose or repeat work", () => {
  const scene = useEngineArchive();

  describe("with compression, and limits of time", () => {
    for (const [compression, decompress] of [
      ["gzip", gunzipSync],
      ["zstd", zstdDecompressSync],
    ] as const) {
      it(`compresses the archive with ${compression}, and records checksum and size`, async () => {
        const args = scene.archive({ compression });
        const pulumi = scene.world.pulumi();
        await pulumi.up(args);
        const { sha256: recorded, size } = pulumi.state!.outputs;
        assert.deepEqual([recorded, size], [scene.sha256(), statSync(scene.file()).size]);
        assert.ok((await tarMembers(decompress(readFileSync(scene.file())))).length > 3);
        assert.equal((await pulumi.preview(args)).step, "same");
      });
    }
  });
});
