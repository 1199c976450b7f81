import assert from "node:assert/strict";
import type { ArchivedImage } from "../../../../provider/archive/filePorts.js";
import { movedImage, requirePlatforms } from "../../../../provider/archive/plan/engineExport.js";
import type { EngineOrigin, SourceImage } from "../../../../provider/archive/plan/resolvedImage.js";
import { contentImage, digestOf, withoutLayers } from "../../../support/builders/archiveContent.js";

const amd64 = { os: "linux", architecture: "amd64" };
const arm64 = { os: "linux", architecture: "arm64" };
const arm6 = { os: "linux", architecture: "arm", variant: "v6" };
const index = digestOf("a1");
const layers = [digestOf("d1"), digestOf("d2")];
const manifests = { amd64: digestOf("b1"), arm64: digestOf("b2") };

/** One image of an index, as an archive has it. */
const archived = (more: Partial<ArchivedImage> = {}): ArchivedImage => ({
  names: ["acme/web:v1"],
  configDigest: digestOf("c1"),
  manifestDigest: manifests.amd64,
  indexDigest: index,
  diffIds: layers,
  platform: amd64,
  ...more,
});
const onArm = archived({ configDigest: digestOf("c2"), manifestDigest: manifests.arm64, platform: arm64 });
const withoutIndex = (image: ArchivedImage): ArchivedImage => ({ ...image, indexDigest: undefined });

const wanted = (origin: Partial<EngineOrigin> = {}, content = {}): SourceImage => ({
  key: "acme/web:v1",
  configs: [],
  content: contentImage({ digest: index, identity: "manifest", ...content }),
  origin: { kind: "engine", reference: "acme/web:v1", platforms: [], manifests: [], ...origin },
});
const unlayered = (image: SourceImage): SourceImage => ({
  ...image,
  content: withoutLayers(image.content),
});
const both = wanted({ platforms: [amd64, arm64], manifests: [manifests.amd64, manifests.arm64] });
const identity = (...images: readonly ArchivedImage[]) => ({ format: "hybrid", images }) as const;

describe("an engine's export", () => {
  describe("holds the image that the engine has named", () => {
    const other = archived({ indexDigest: digestOf("a2"), manifestDigest: digestOf("b3") });
    const rebuilt = archived({ indexDigest: digestOf("a2"), configDigest: digestOf("c3") });
    const rows: readonly (readonly [string, ArchivedImage, SourceImage, boolean])[] = [
      ["by its index", archived(), wanted(), true],
      ["by its manifest", withoutIndex(archived()), wanted({}, { digest: manifests.amd64 }), true],
      ["by its config", archived(), wanted({}, { digest: digestOf("c1"), identity: "config" }), true],
      [
        "one platform of the index that was named",
        withoutIndex(archived()),
        wanted({ platforms: [amd64] }),
        true,
      ],
      ["not: it moved", other, wanted(), false],
      ["not: a rebuild has the same layers", rebuilt, wanted(), false],
      [
        "not: a rebuild has the same layers, of a store that names configs",
        rebuilt,
        wanted({ platforms: [amd64] }, { digest: digestOf("c1"), identity: "config" }),
        false,
      ],
      [
        "not: neither has layers",
        { ...other, diffIds: [] },
        unlayered(wanted({ platforms: [amd64] })),
        false,
      ],
    ];
    for (const [title, image, image2, isThere] of rows) {
      it(title, () => assert.equal(movedImage(identity(image), [image2]), isThere ? undefined : image2));
    }
  });

  describe("has just the platforms that were asked for", () => {
    const rows: readonly (readonly [string, readonly ArchivedImage[], SourceImage, RegExp | undefined])[] = [
      ["all, where none was", [archived(), onArm], wanted(), undefined],
      ["one", [withoutIndex(onArm)], wanted({ platforms: [arm64] }, { digest: manifests.arm64 }), undefined],
      ["both", [archived(), onArm], both, undefined],
      [
        "one whose config leaves its variant out",
        [withoutIndex(archived({ platform: { os: "linux", architecture: "arm" } }))],
        wanted({ platforms: [arm6] }, { digest: manifests.amd64 }),
        undefined,
      ],
      [
        "not: Docker 27 exports the whole index",
        [archived(), onArm],
        wanted({ platforms: [arm64] }),
        /for linux\/arm64, and exported it for linux\/amd64 too.*before 28.*ENGINE_UNSUPPORTED/,
      ],
      [
        "not: the whole index, although the engine has named one of its manifests",
        [archived(), onArm],
        wanted({ platforms: [arm64] }, { digest: manifests.arm64 }),
        /linux\/amd64 too.*ENGINE_UNSUPPORTED/,
      ],
      [
        "not: a third one",
        [archived(), onArm, archived({ manifestDigest: digestOf("b3"), platform: arm6 })],
        both,
        /linux\/arm\/v6 too/,
      ],
      ["not: one of both is missing", [archived()], both, /not have all of their layers.*IMAGE_NOT_FOUND/],
    ];
    for (const [title, images, image, refusal] of rows) {
      it(title, () => {
        const required = () => requirePlatforms(identity(...images), [image]);
        if (refusal === undefined) required();
        else assert.throws(required, refusal);
      });
    }

    it("has the platforms of each image, whatever those of others are", () => {
      const other = archived({
        indexDigest: digestOf("a2"),
        manifestDigest: digestOf("b4"),
        platform: arm64,
      });
      const onlyOther = wanted({ platforms: [arm64] }, { digest: digestOf("a2") });
      requirePlatforms(identity(archived(), onArm, other), [both, onlyOther]);
    });
  });
});
