import assert from "node:assert/strict";
import { didYouMean, nearestName } from "../../../../provider/support/text/wording.js";

describe("nearestName", () => {
  const rows: readonly (readonly [name: string, existing: readonly string[], nearest: string | undefined])[] =
    [
      ["shopp", ["apps", "shop", "kube-system"], "shop"],
      ["Shop", ["shop"], "shop"],
      ["sohp", ["ship-it", "shop"], "shop"],
      ["shop/wbe", ["shop/web", "shop/db"], "shop/web"],
      ["trackUpsteam", ["trackUpstream", "triggers"], "trackUpstream"],
      ["contxt", ["context", "cluster"], "context"],
      ["payments", ["shop", "kube-system"], undefined],
      ["a", ["b"], undefined],
      ["constructor", [], undefined],
    ];
  for (const [name, existing, nearest] of rows) {
    it(`of ${name} among ${existing.join(", ") || "nothing"} is ${nearest ?? "none"}`, () => {
      assert.equal(nearestName(name, existing), nearest);
    });
  }

  it("is fast for a very long name", () => {
    assert.equal(nearestName("x".repeat(1_000_000), ["y".repeat(1_000_000), "x"]), undefined);
  });

  it("is offered as a question", () => {
    assert.equal(didYouMean("shopp", ["shop"]), '; did you mean "shop"?');
    assert.equal(didYouMean("payments", ["shop"]), "");
  });
});
