import assert from "node:assert/strict";
import { parseQuantity } from "../../../../../provider/prune/plan/rules/quantity.js";

describe("parseQuantity", () => {
  for (const [text, expected] of [
    ["550", 550],
    ["1Ki", 1024],
    ["1.5Gi", 1.5 * 2 ** 30],
    ["10G", 1e10],
    ["1k", 1000],
    ["100m", 0.1],
    ["1e9", 1e9],
    ["12E", 12e18],
    [".5M", 500_000],
    ["5.Ti", 5 * 2 ** 40],
    ["-1", -1],
    ["", undefined],
    ["1KiB", undefined],
    ["1 Gi", undefined],
    ["Gi", undefined],
  ] as const) {
    it(`reads ${JSON.stringify(text)}`, () => assert.equal(parseQuantity(text), expected));
  }

  for (const text of [`${"1".repeat(400_000)}!`, `1.${"0".repeat(400_000)}!`, `1e${"9".repeat(400_000)}!`]) {
    it(`reads a long text in time in proportion to its length: ${text.slice(0, 6)}…`, () =>
      assert.equal(parseQuantity(text), undefined));
  }
});
