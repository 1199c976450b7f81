import assert from "node:assert/strict";
import { parsePattern } from "../../../../provider/support/text/patterns.js";

function matches(pattern: string, ...texts: readonly string[]) {
  return parsePattern(pattern)?.matches(texts);
}

describe("parsePattern", () => {
  it("finds the first match wherever in the text, with its groups by number and by name", () => {
    assert.deepEqual(matches(String.raw`(?<major>\d+)\.(\d+)`, "v1.27-alpine", "edge"), [
      { 0: "1.27", 1: "1", 2: "27", major: "1" },
      undefined,
    ]);
  });

  it("reads named groups as Go and RE2 write them", () => {
    assert.deepEqual(matches("^main-(?P<ts>[0-9]+)$", "main-20261130"), [
      { 0: "main-20261130", 1: "20261130", ts: "20261130" },
    ]);
  });

  it("answers a group that took no part as empty", () => {
    assert.deepEqual(matches("^a(?<b>b)?$", "a"), [{ 0: "a", 1: "", b: "" }]);
  });

  it("a group called __proto__ is a group like any other", () => {
    const [match] = matches("^(?<__proto__>.)$", "x") as [object];

    assert.equal(Object.getPrototypeOf(match), Object.prototype);
    assert.equal(Object.getOwnPropertyDescriptor(match, "__proto__")?.value, "x");
  });

  it("names the groups of a pattern", () => {
    assert.deepEqual([...(parsePattern("(a)|(?<second>b)")?.groups ?? [])].sort(), ["0", "1", "2", "second"]);
  });

  it("is undefined for what is no regular expression", () => {
    assert.equal(parsePattern("(a"), undefined);
    assert.equal(parsePattern("(?P<1>a)"), undefined);
  });

  for (const slow of ["(a+)+$", "^(a|aa)+$", "(a*)*b"]) {
    it(`${slow} is stopped at a text that it needs years for`, function () {
      this.timeout(20_000);

      assert.equal(matches(slow, "a".repeat(127) + "!"), "tooSlow");
    });
  }

  it("5,000 texts are matched at once", () => {
    const texts = Array.from({ length: 5_000 }, (_, index) => `v1.${index}.0`);

    assert.equal(matches(String.raw`^v(\d+)\.(\d+)\.(\d+)$`, ...texts)?.length, 5_000);
  });
});
