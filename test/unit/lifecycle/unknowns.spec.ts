import assert from "node:assert/strict";
import {
  containsUnknown,
  isUnknownAt,
  unknownPaths,
  unknownValue,
  withoutUnknowns,
} from "../../../provider/lifecycle/unknowns.js";
import { unknownValue as sdkUnknownValue } from "@pulumi/pulumi/runtime/rpc.js";

describe("unknown values", () => {
  it("are the SDK's", () => assert.equal(unknownValue, sdkUnknownValue));

  it("are found at any depth", () => {
    assert.equal(containsUnknown({ a: [{ b: unknownValue }] }), true);
    assert.equal(containsUnknown({ a: [{ b: "known" }] }), false);
  });

  it("are left out with their keys", () => {
    const value = { a: unknownValue, b: [unknownValue, 1], c: { d: unknownValue, e: 2 } };
    assert.deepEqual(withoutUnknowns(value), { b: [1], c: { e: 2 } });
  });

  it("are named by their paths", () => {
    const value = { a: unknownValue, b: [1, { c: unknownValue }], d: { "e.f": unknownValue } };
    assert.deepEqual(unknownPaths(value), [["a"], ["b", 1, "c"], ["d", "e.f"]]);
  });

  it("cover the values below, at and above them", () => {
    const value = { tags: { v1: unknownValue, v2: "x" }, whole: unknownValue };
    assert.equal(isUnknownAt(value, ["tags", "v1", "image"]), true);
    assert.equal(isUnknownAt(value, ["tags"]), true);
    assert.equal(isUnknownAt(value, ["tags", "v2"]), false);
    assert.equal(isUnknownAt(value, ["whole", "deep"]), true);
    assert.equal(isUnknownAt(value, ["missing"]), false);
    assert.equal(isUnknownAt(value, ["tags", "constructor", "name"]), false);
  });
});
