import assert from "node:assert/strict";
import { throughMirrors } from "./mirrors.js";

describe("throughMirrors", () => {
  const rows: readonly (readonly [text: string, source: string, mirror: string, tags: string])[] = [
    ["quay.io/org/app:v1", "quay.io/org", "r.io/mirror", "mirror/app:v1"],
    ["quay.io/org/app:v1", "quay.io/org/app", "r.io/mirror/other", "mirror/other:v1"],
    ["quay.io/org/app", "quay.io", "r.io", "org/app:latest"],
    ["eu.quay.io/org/app:v1", "*.quay.io", "r.io", "org/app:v1"],
    ["quay.io/org/app:v1", "*.quay.io", "r.io", ""],
    ["quay.io/organ/app:v1", "quay.io/org", "r.io/mirror", ""],
    ["quay.io:5000/org/app:v1", "quay.io", "r.io", ""],
    ["m.io/x/app:v1", "r.io/a", "m.io/x", "a/app:v1"],
    ["m.io/x/a/app:v1", "*.quay.io", "m.io/x", "a/app:v1"],
    ["quay.io/org/app:v1", "quay.io", "r.io/too/long", ""],
    [`quay.io/org/app@sha256:${"a".repeat(64)}`, "quay.io", "r.io", ""],
    ["app:v1", "app", "r.io/a/app", ""],
  ];
  for (const [text, source, mirror, expected] of rows) {
    it(`knows what ${text.slice(0, 30)} is where ${source} is mirrored at ${mirror}`, () => {
      const tags = throughMirrors(text, [{ source, mirrors: [mirror] }]);
      assert.equal(tags.map(({ repository, tag }) => `${repository}:${tag}`).join(" "), expected);
    });
  }
});
