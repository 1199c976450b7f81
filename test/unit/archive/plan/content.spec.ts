import assert from "node:assert/strict";
import { isSameImage } from "../../../../provider/archive/plan/content.js";
import { contentImage, digestOf, withoutLayers } from "../../../support/builders/archiveContent.js";

describe("whether two are the same image", () => {
  const config = contentImage();
  const manifest = contentImage({ digest: digestOf(2), identity: "manifest" });

  const { created: _, ...untimed } = manifest;

  const table = [
    ["the same digest", config, { ...config, names: ["other:v1"], size: 5 }, true],
    [
      "another digest of the same kind, whatever else is equal",
      config,
      { ...config, digest: digestOf(3) },
      false,
    ],
    ["another manifest, whatever else is equal", manifest, { ...manifest, digest: digestOf(3) }, false],
    ["another store's name, with equal layers", config, manifest, true],
    ["another store's name, with other layers", config, { ...manifest, chainId: digestOf("d1") }, false],
    ["another platform", config, { ...manifest, platforms: ["linux/arm64"] }, false],
    ["more platforms", config, { ...manifest, platforms: ["linux/amd64", "linux/arm64"] }, false],
    [
      "podman, which leaves the default variant out",
      { ...config, platforms: ["linux/arm64"] },
      { ...manifest, platforms: ["linux/arm64/v8"] },
      true,
    ],
    [
      "another variant",
      { ...config, platforms: ["linux/arm"] },
      { ...manifest, platforms: ["linux/arm/v6"] },
      false,
    ],
    [
      "the same time in another zone",
      config,
      { ...manifest, created: "2024-01-01T01:00:00.000+01:00" },
      true,
    ],
    ["no time on one side", config, untimed, false],
    ["made at another time", config, { ...manifest, created: "2025-01-01T00:00:00Z" }, false],
    ["no layers, which say nothing", withoutLayers(config), withoutLayers(manifest), false],
    [
      "one digest that older engines do not say the kind of",
      { ...manifest, identity: "config" },
      manifest,
      true,
    ],
  ] as const;
  for (const [title, a, b, expected] of table) {
    it(title, () => {
      assert.equal(isSameImage(a, b), expected);
      assert.equal(isSameImage(b, a), expected);
    });
  }
});
