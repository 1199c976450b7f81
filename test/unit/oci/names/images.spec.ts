import assert from "node:assert/strict";
import {
  archiveNames,
  isImageId,
  readStreamName,
  repositoryOf,
  tagOf,
  withTag,
} from "../../../../provider/oci/names/images.js";

const hex = "0123456789ab".repeat(5) + "cdef";
const digest = `sha256:${hex}`;

describe("names of images", () => {
  it("are IDs from 12 digits on", () => {
    for (const id of [digest, hex, hex.slice(0, 12)]) assert.ok(isImageId(id), id);
    for (const name of [
      hex.slice(0, 11),
      `${hex}0`,
      "sha256:0123456789ab",
      `web@${digest}`,
      hex.toUpperCase(),
    ]) {
      assert.ok(!isImageId(name), name);
    }
  });

  for (const [reference, tagged, tag, repository, names] of [
    ["web", "web:v7", "", "web", []],
    ["web:v1", "web:v1", "v1", "web", ["web:v1"]],
    ["quay.io:5000/acme/web", "quay.io:5000/acme/web:v7", "", "quay.io:5000/acme/web", []],
    [
      "quay.io:5000/acme/web:v1",
      "quay.io:5000/acme/web:v1",
      "v1",
      "quay.io:5000/acme/web",
      ["quay.io:5000/acme/web:v1"],
    ],
    [`web@${digest}`, `web@${digest}`, "", "web", []],
    [`web:v1@${digest}`, `web:v1@${digest}`, "v1", "web", ["web:v1"]],
    [`localhost:5000/web@${digest}`, `localhost:5000/web@${digest}`, "", "localhost:5000/web", []],
    [hex, hex, "", hex, []],
  ] as const) {
    it(reference, () => {
      assert.equal(withTag(reference, "v7"), tagged);
      assert.equal(tagOf(reference), tag);
      assert.equal(repositoryOf(reference), repository);
      assert.deepEqual(archiveNames(reference, undefined), names);
      assert.deepEqual(archiveNames(reference, "other:v1"), ["other:v1"]);
    });
  }

  it("an ID has neither tag nor name", () => {
    assert.equal(withTag(digest, "v7"), digest);
    assert.deepEqual(archiveNames(digest, undefined), []);
  });

  for (const [text, expected] of [
    ["shop/site:v1", ["shop", "site", "v1"]],
    ["site:v1", [undefined, "site", "v1"]],
    ["shop/site", ["shop", "site", "*"]],
    ["shop/site:v*", ["shop", "site", "v*"]],
    ["shop/site:{v1,v2}", ["shop", "site", "{v1,v2}"]],
    ["a/b/site:v1", undefined],
    ["shop/site@sha256:0", undefined],
    ["shop/site:", undefined],
    ["shop/Site:v1", undefined],
    ["quay.io/site:v1", undefined],
    ["", undefined],
  ] as const) {
    it(`of a stream: ${JSON.stringify(text)}`, () => {
      const found = readStreamName(text);
      assert.deepEqual(found && [found.namespace, found.name, found.tags], expected);
    });
  }
});
