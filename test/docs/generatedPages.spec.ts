import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generatedPages } from "../../tools/docs/generatedPages.js";
import { repositoryRoot } from "../support/repositoryRoot.js";

describe("the generated pages of docs/reference", function () {
  this.timeout(120_000);
  const folder = join(repositoryRoot, "docs/reference");
  let pages: ReadonlyMap<string, string>;

  before(() => {
    pages = generatedPages(join(repositoryRoot, "dist/provider/index.d.ts"));
    if (process.env.UPDATE_GOLDEN !== "1") return;
    for (const [file, text] of pages) writeFileSync(join(folder, file), text);
  });

  for (const file of [
    "imported-image-stream.md",
    "image-prune-policy.md",
    "image-archive.md",
    "functions.md",
    "connection.md",
    "errors.md",
  ]) {
    it(`${file} says what the code says`, () => {
      const path = join(folder, file);
      assert.equal(
        existsSync(path) ? readFileSync(path, "utf8") : "",
        pages.get(file),
        "`npm run docs` writes it anew",
      );
    });
  }
});
