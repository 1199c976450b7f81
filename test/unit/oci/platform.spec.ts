import assert from "node:assert/strict";
import {
  arePlatformsEqual,
  distinctPlatforms,
  formatPlatform,
  isPlatform,
  mayBePlatform,
  parsePlatform,
  type Platform,
} from "../../../provider/oci/platform.js";

const platform = (text: string): Platform => {
  const parsed = parsePlatform(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
};

/** Rules of containerd, which Docker follows (platforms.Normalize). */
const pairs: readonly (readonly [a: string, b: string, areSame: boolean])[] = [
  ["linux/amd64", "linux/amd64", true],
  ["linux/arm64", "linux/arm64/v8", true],
  ["linux/arm64", "linux/arm64/v8.0", true],
  ["linux/arm64", "linux/arm64/8", true],
  ["linux/arm64/v9", "linux/arm64/v9.0", true],
  ["linux/arm", "linux/arm/v7", true],
  ["linux/arm/7", "linux/arm/v7", true],
  ["linux/amd64", "linux/amd64/v1", true],
  ["linux/x86_64", "linux/amd64", true],
  ["linux/aarch64", "linux/arm64/v8", true],
  ["linux/i386", "linux/386", true],
  ["linux/armhf", "linux/arm", true],
  ["linux/armel", "linux/arm/v6", true],
  ["linux/arm64", "linux/arm64/v9", false],
  ["linux/arm64/v8", "linux/arm64/v8.2", false],
  ["linux/arm", "linux/arm/v6", false],
  ["linux/amd64", "linux/amd64/v2", false],
  ["linux/arm64", "linux/arm", false],
  ["linux/amd64", "linux/arm64", false],
  ["linux/amd64", "windows/amd64", false],
  ["linux/constructor", "linux/toString".toLowerCase(), false],
];

describe("platforms", () => {
  for (const [a, b, areSame] of pairs) {
    it(`${a} and ${b} are ${areSame ? "the same" : "different"}`, () => {
      assert.equal(isPlatform(platform(a), platform(b)), areSame);
      assert.equal(isPlatform(platform(b), platform(a)), areSame);
      assert.equal(arePlatformsEqual([a], [b]), areSame);
      assert.equal(distinctPlatforms([platform(a), platform(b)]).length, areSame ? 1 : 2);
    });
  }

  it("takes a missing variant for the wanted one, and no other variant for it", () => {
    assert.ok(mayBePlatform(platform("linux/arm"), platform("linux/arm/v6")));
    assert.ok(!mayBePlatform(platform("linux/arm/v6"), platform("linux/arm")));
    assert.ok(!mayBePlatform(platform("linux/arm64"), platform("linux/arm/v6")));
  });

  it("asks for a version of Windows only where one is wanted", () => {
    const any = platform("windows/amd64");
    const old = { ...any, osVersion: "10.0.17763.1" };
    assert.ok(isPlatform(old, any));
    assert.ok(!isPlatform(any, old));
    assert.ok(mayBePlatform(any, old));
    assert.equal(distinctPlatforms([any, old]).length, 2);
  });

  it("compares lists in any order, and unknown platforms with none", () => {
    const list = ["linux/arm64", "linux/amd64"];
    assert.ok(arePlatformsEqual(list, ["linux/amd64/v1", "linux/arm64/v8"]));
    assert.ok(!arePlatformsEqual(list, ["linux/amd64"]));
    assert.ok(!arePlatformsEqual(list, ["linux/amd64", "linux/amd64"]));
    assert.ok(!arePlatformsEqual(list, undefined));
    assert.ok(arePlatformsEqual(undefined, undefined));
    assert.ok(arePlatformsEqual(["odd"], ["odd"]));
  });

  it("keeps the first of equal platforms", () => {
    const texts = ["linux/arm64/v8", "linux/amd64", "linux/arm64"];
    assert.deepEqual(distinctPlatforms(texts.map(platform)).map(formatPlatform), texts.slice(0, 2));
  });
});
