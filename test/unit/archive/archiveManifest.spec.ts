import assert from "node:assert/strict";
import { renderManifest } from "../../../provider/archive/archiveManifest.js";
import { contentImage, digestOf } from "./builders.js";

describe("the mapping beside an archive", () => {
  const archive = { name: "web.tar", sha256: "ab" };

  it("says of each image where it comes from and what it is called", () => {
    const text = renderManifest(
      [
        { source: "quay.io/acme/web:v1", content: contentImage({ names: ["acme/web:stable"] }) },
        {
          source: digestOf(2),
          content: contentImage({ digest: digestOf(2), names: [], platforms: ["linux/arm64"] }),
        },
      ],
      archive,
    );
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

  it("is stable, and holds nothing that differs between machines", () => {
    const { size: _, ...image } = contentImage({ size: 7 });
    const of = (content: typeof image) => renderManifest([{ source: "web:v1", content }], archive);
    assert.equal(of(contentImage({ size: 7, created: "2025-01-01T00:00:00Z" })), of(image));
  });

  it("knows no platforms of an image that is not imported yet", () => {
    const { platforms: _, ...content } = contentImage();
    const { images } = JSON.parse(renderManifest([{ source: "a", content }], archive)) as {
      images: readonly { platforms: readonly string[] }[];
    };
    assert.deepEqual(images[0]?.platforms, []);
  });
});
