import assert from "node:assert/strict";
import { summariseArchive } from "../../../provider/archive/summary.js";
import { contentImage } from "../../support/builders/archiveContent.js";

describe("the summary of an archive in a preview", () => {
  const one = { "acme/web:v1": contentImage() };
  const two = { ...one, "acme/db:v1": contentImage() };

  for (const [content, expected] of [
    [
      { action: "write", reason: "there is no file yet", images: one, size: 182e6 },
      "would write out/web.tar: 1 image, 182 MB",
    ],
    [{ action: "write", reason: "", images: two }, "would write out/web.tar: 2 images"],
    [
      { action: "rewrite", reason: "acme/web:v1 moved", images: two, size: 1 },
      "would rewrite out/web.tar: 2 images, 1 B; acme/web:v1 moved",
    ],
    [{ action: "rewrite", reason: "", images: one }, "would rewrite out/web.tar: 1 image"],
    [
      { action: "adopt", reason: "it is there", images: one, size: 5 },
      "would take over out/web.tar: 1 image, 5 B",
    ],
    [undefined, "what out/web.tar would hold is not known yet"],
    [null, "what out/web.tar would hold is not known yet"],
    ["04da6b54-80e4-46f7-96ec-b56ff0331ba9", "what out/web.tar would hold is not known yet"],
  ] as const) {
    it(expected, () => assert.equal(summariseArchive({ path: "out/web.tar", content }), expected));
  }

  it("is empty where nothing is written", () => {
    const content = { action: "keep", reason: "its images are the same", images: one };
    assert.equal(summariseArchive({ path: "out/web.tar", content }), undefined);
  });

  it("names the archive where its path is not known", () => {
    assert.equal(
      summariseArchive({ content: { action: "write", images: one } }),
      "would write the archive: 1 image",
    );
  });
});
