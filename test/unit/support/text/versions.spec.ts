import assert from "node:assert/strict";
import { versionOf, versionRange } from "../../../../provider/support/text/versions.js";

const versions: readonly (readonly [tag: string, version: string | undefined])[] = [
  ["1.2.3", "1.2.3"],
  ["v1.2.3", "1.2.3"],
  ["V1", "1.0.0"],
  ["v1.2", "1.2.0"],
  ["2024.01", "2024.1.0"],
  ["1.2.3-rc.1", "1.2.3-rc.1"],
  ["1.27-alpine", "1.27.0-alpine"],
  ["1.2.3_4", "1.2.3+4"],
  ["1.2.3-rc.1_b2", "1.2.3-rc.1+b2"],
  ["20261130", "20261130.0.0"],
  ["latest", undefined],
  ["release-1.2.3", undefined],
  ["1.2.3.4", undefined],
  ["1.2.3-", undefined],
  ["1.2.3-a..b", undefined],
  ["1.2.3-01", undefined],
  ["9".repeat(16), undefined],
  ["", undefined],
];

describe("versionOf", () => {
  for (const [tag, version] of versions) {
    it(`${JSON.stringify(tag)} is ${version === undefined ? "no version" : version}`, () => {
      const found = versionOf(tag);
      const build = found?.build.length === 0 ? "" : `+${found?.build.join(".")}`;

      assert.equal(found === undefined ? undefined : `${found.version}${build}`, version);
    });
  }
});

const ranges: readonly {
  readonly range: string;
  readonly takes: readonly string[];
  readonly leaves: readonly string[];
}[] = [
  { range: ">=1.2 <2", takes: ["1.2.0", "v1.9"], leaves: ["1.1.9", "2.0.0", "1.5.0-rc.1", "2.0.0-rc.1"] },
  { range: "^1.2.3", takes: ["1.9.0"], leaves: ["1.2.2", "2.0.0"] },
  { range: "1.2 - 1.4", takes: ["1.2.0", "1.4.9"], leaves: ["1.5.0", "1.3.0-rc.1"] },
  { range: "1.x || 3.x", takes: ["1.0.0", "3.4.5"], leaves: ["2.0.0"] },
  { range: "*", takes: ["0.0.1", "20261130"], leaves: ["1.0.0-rc.1"] },
  { range: ">=1.0.0-0", takes: ["1.0.0-rc.1", "1.5.0-beta", "2.0.0"], leaves: ["0.9.0"] },
  { range: "^1.2.3-0", takes: ["1.2.3-rc.1", "1.9.0-rc.1"], leaves: ["2.0.0-rc.1"] },
];

describe("versionRange", () => {
  for (const { range, takes, leaves } of ranges) {
    it(`${range} takes ${takes.join(", ")} and leaves ${leaves.join(", ")}`, () => {
      const isInRange = versionRange(range);
      const inRange = [...takes, ...leaves].filter((tag) => isInRange?.(versionOf(tag)!));

      assert.deepEqual(inRange, takes);
    });
  }

  it("is undefined for what is no range", () => {
    assert.equal(versionRange("newest"), undefined);
  });
});
