import assert from "node:assert/strict";
import { compileJsonPath } from "../../../../../provider/prune/survey/kinds/jsonPath.js";

describe("compileJsonPath", () => {
  for (const [text, expected] of [
    ["$.spec.image", ["web"]],
    ["$..image", ["web", "api"]],
    ['$.spec.parts[?@.kind == "b"].image', ["api"]],
    ["$.spec.parts[?length(@.kind) == 1].image", ["api"]],
  ] as const) {
    it(`finds what ${text} selects`, async () => {
      const object = {
        spec: { image: "web", parts: [{ kind: "b", image: "api", count: 1 }, { image: "" }] },
      };
      const path = await compileJsonPath(text, "extraReferences[0].jsonPath");
      assert.deepEqual(path.textsIn(object), expected);
    });
  }

  for (const text of ['$[?search(@.a, "(a+)+$")]', "$[?match(@.a, @.b)]"]) {
    it(`refuses patterns, which a tenant's text could keep busy for ever: ${text}`, async () => {
      await assert.rejects(
        compileJsonPath(text, "extraReferences[0].jsonPath"),
        /Cannot use extraReferences\[0\]\.jsonPath .*(?:match|search).*\[ARGUMENT_INVALID\]/,
      );
    });
  }
});
