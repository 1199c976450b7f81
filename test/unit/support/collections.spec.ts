import assert from "node:assert/strict";
import { putBack } from "../../../provider/support/collections.js";

const back = (now: string, before: string, ...returning: readonly number[]) =>
  putBack(Array.from(now), Array.from(before), returning, (letter) => letter).join("");

describe("putBack", () => {
  const rows: readonly (readonly [string, string, string, readonly number[], string])[] = [
    ["between what stood around it", "ac", "abc", [1], "abc"],
    ["at the end", "a", "abc", [1, 2], "abc"],
    ["into a list of which nothing is left", "", "abc", [0, 2], "ac"],
    ["behind what came since", "nac", "abc", [1], "nabc"],
    ["at the end when nothing that stood there is left", "n", "abc", [2, 1], "nbc"],
    ["before what it stood before, when what stood in front is gone", "c", "abc", [1], "bc"],
    ["once where it stood twice", "aba", "abab", [3], "abab"],
    ["nothing", "ac", "abc", [], "ac"],
  ];
  for (const [title, now, before, returning, merged] of rows) {
    it(`puts elements back ${title}`, () => {
      assert.equal(back(now, before, ...returning), merged);
    });
  }
});
