import assert from "node:assert/strict";
import { refuseImport } from "../../../provider/resources/refusedOptions.js";

describe("refuseImport", () => {
  const message = (type: string, id: string) => {
    try {
      refuseImport(type, `${type} "web"`, { import: id });
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };

  it("gives the program that adopts the stream, and the command that prints it", () => {
    const text = message("ImportedImageStream", "shop/web");
    assert.match(
      text,
      /new okd\.ImportedImageStream\("web", \{ namespace: "shop", name: "web", tags: \{ \.\.\. \}, adopt: true \}\)/,
    );
    assert.match(text, /npx pulumi-okd-images generate web -n shop$/);
  });

  it("repeats no ID that names no stream", () => {
    for (const id of ["web", "a/b/c", 'shop/we"b', "shop/$(id)"]) {
      assert.match(message("ImportedImageStream", id), /which takes over tags that exist$/, id);
    }
    assert.match(message("ImageArchive", "shop/web"), /is taken over$/);
  });
});
