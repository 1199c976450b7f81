import assert from "node:assert/strict";
import fc from "fast-check";
import type { ContentImage } from "../../../../provider/archive/outputs.js";
import { contentKey } from "../../../../provider/archive/plan/content.js";
import { besideTexts } from "../../../../provider/archive/plan/sidecars.js";
import { contentImage, digestOf } from "../../../support/builders/archiveContent.js";

describe("the sidecar files of an archive", () => {
  const archive = { name: "web.tar", sha256: "ab" };
  const mapping = (images: Readonly<Record<string, ContentImage>>) => besideTexts(images, archive)[".json"];
  const entries = (images: Readonly<Record<string, ContentImage>>) =>
    (JSON.parse(mapping(images)) as { images: readonly Readonly<Record<string, unknown>>[] }).images;

  it("have a checksum that sha256sum reads", () => {
    assert.equal(besideTexts({}, archive)[".sha256"], "ab  web.tar\n");
  });

  it("name each image's source and names", () => {
    const text = mapping({
      [contentKey("quay.io/acme/web:v1", "acme/web:stable")]: contentImage({ names: ["acme/web:stable"] }),
      [digestOf(2)]: contentImage({ digest: digestOf(2), names: [], platforms: ["linux/arm64"] }),
    });
    assert.ok(text.endsWith("}\n"));
    assert.deepEqual(JSON.parse(text), {
      archive: "web.tar",
      sha256: "ab",
      images: [
        {
          source: "quay.io/acme/web:v1",
          digest: digestOf(1),
          tags: ["acme/web:stable"],
          platforms: ["linux/amd64"],
        },
        { source: digestOf(2), digest: digestOf(2), tags: [], platforms: ["linux/arm64"] },
      ],
    });
  });

  it("name the image in the archive, and that of the source where it is another one", () => {
    const [chosen, whole] = entries({
      a: contentImage({ digest: digestOf(1), archivedDigest: digestOf(2) }),
      b: contentImage({ digest: digestOf(3) }),
    });
    assert.deepEqual([chosen?.digest, chosen?.sourceDigest], [digestOf(2), digestOf(1)]);
    assert.deepEqual([whole?.digest, Object.hasOwn(whole ?? {}, "sourceDigest")], [digestOf(3), false]);
  });

  it("are the same in whatever order the images come", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom("web:v1", "web:v2", "db:v1 as x:1", "db:v1"), { minLength: 1 }),
        (keys) => {
          const of = (order: readonly string[]) =>
            mapping(Object.fromEntries(order.map((key) => [key, contentImage({ names: [key] })])));
          assert.equal(of(keys), of(keys.toSorted()));
        },
      ),
    );
  });

  it("are stable, and hold nothing that differs between machines", () => {
    const { size: _, ...image } = contentImage({ size: 7 });
    const of = (content: ContentImage) => mapping({ "web:v1": content });
    assert.equal(of(contentImage({ size: 7, created: "2025-01-01T00:00:00Z" })), of(image));
  });

  it("name no platforms of an image that is not imported yet", () => {
    const { platforms: _, ...content } = contentImage();
    assert.deepEqual(entries({ a: content })[0]?.platforms, []);
  });
});
