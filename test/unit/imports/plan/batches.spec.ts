import assert from "node:assert/strict";
import { importBatches } from "../../../../provider/imports/plan/batches.js";
import { desiredTag } from "../../../support/builders/imageStream.js";

function names(...tags: readonly ReturnType<typeof desiredTag>[]): readonly string[] {
  return importBatches(tags).map((batch) => batch.map((tag) => tag.name).join(" "));
}

describe("importBatches", () => {
  it("puts at most three images into a request", () => {
    const tags = ["a", "b", "c", "d", "e", "f", "g"].map((name) => desiredTag(name));

    assert.deepEqual(names(...tags), ["a b c", "d e f", "g"]);
  });

  it("asks one registry in each request", () => {
    const tags = [
      desiredTag("a", { image: "quay.io/x/a:1" }),
      desiredTag("b", { image: "nginx" }),
      desiredTag("c", { image: "docker.io/library/redis" }),
    ];

    assert.deepEqual(names(...tags), ["b c", "a"]);
  });

  it("never mixes values of insecure, because the first would win for all", () => {
    assert.deepEqual(names(desiredTag("a"), desiredTag("b", { insecure: true }), desiredTag("c")), [
      "a c",
      "b",
    ]);
  });
});
