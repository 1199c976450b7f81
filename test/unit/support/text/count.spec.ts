import assert from "node:assert/strict";
import { own } from "../../../../provider/support/collections.js";
import { countOf, pluralOf } from "../../../../provider/support/text/wording.js";

describe("countOf", () => {
  it("agrees with its number, groups thousands, and takes irregular plurals", () => {
    assert.equal(countOf(1, "image"), "1 image");
    assert.equal(countOf(0, "image"), "0 images");
    assert.equal(countOf(4443, "image"), "4,443 images");
    assert.equal(countOf(2, "repository", "repositories"), "2 repositories");
    assert.equal(pluralOf(1, "uses", "use"), "uses");
  });
});

describe("own", () => {
  it("returns the record's own values, and nothing that every object inherits", () => {
    assert.equal(own({ v1: "a" }, "v1"), "a");
    for (const name of ["constructor", "__proto__", "toString"]) assert.equal(own({}, name), undefined);
    assert.equal(own({ constructor: "a" }, "constructor"), "a");
    assert.equal(own(undefined, "v1"), undefined);
    assert.equal(own(null, "v1"), undefined);
  });
});
