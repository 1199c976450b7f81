import assert from "node:assert/strict";
import { image, index, item, snapshot, stream } from "../../support/builders/snapshot.js";
import { applyStep, applySteps, type PlanStep } from "./applyPlan.js";
import { canPull, createRegistry, resolveTag } from "./registry.js";

const key = { namespace: "shop", name: "web" };

/** `outer` contains `inner` contains `leaf`; `leaf` and `other` share a layer; `gone` has no Image. */
const cluster = snapshot({
  images: [
    index("outer", "inner"),
    index("inner", "leaf", "lost"),
    image("leaf", { layers: ["shared", "own"] }),
    image("other", { layers: ["shared"] }),
    image("free"),
  ],
  streams: [
    stream("shop/web", { latest: [item("outer"), item("other")], old: [item("gone")] }),
    stream("shop/api", { latest: [item("other")] }),
  ],
});

function cutOf(tag: string, revision: number, digest: string): PlanStep {
  const cut = { ...item(digest), revision, reason: "obsolete-revision" as const };
  const tags = [{ tag, cuts: [cut], vanishes: false }];
  return { kind: "stream status", trim: { ...key, tags, layerLinks: [], manifestLinks: [] } };
}

describe("the model of the registry", () => {
  const model = createRegistry(cluster);

  const pulls: readonly (readonly [string, string, string, boolean])[] = [
    ["what the stream lists", "shop/web", "other", true],
    ["an index", "shop/web", "outer", true],
    ["what a nested index contains", "shop/web", "leaf", true],
    ["a child without Image", "shop/web", "lost", false],
    ["an item without Image", "shop/web", "gone", false],
    ["what only another stream lists", "shop/api", "leaf", false],
    ["an Image that no stream lists", "shop/web", "free", false],
    ["a stream that does not exist", "shop/nothing", "other", false],
  ];
  for (const [name, repository, digest, expected] of pulls) {
    it(`${expected ? "serves" : "does not serve"} ${name}`, () => {
      assert.equal(canPull(model, repository, digest), expected);
    });
  }

  const losses: readonly (readonly [string, readonly PlanStep[], string])[] = [
    ["its item is cut", [cutOf("latest", 1, "other")], "other"],
    ["the item of the index above it is cut", [cutOf("latest", 0, "outer")], "leaf"],
    ["the Image of the index above it goes", [{ kind: "image", digest: "inner" }], "leaf"],
    ["its Image goes", [{ kind: "image", digest: "leaf" }], "leaf"],
    ["a layer shared with another image goes", [{ kind: "blob", digest: "shared" }], "leaf"],
    ["its config goes", [{ kind: "blob", digest: "config-leaf" }], "leaf"],
    ["its manifest goes", [{ kind: "blob", digest: "leaf" }], "leaf"],
  ];
  for (const [name, steps, digest] of losses) {
    it(`serves an image no more when ${name}`, () => {
      assert.equal(canPull(model, "shop/web", digest), true);
      assert.equal(canPull(applySteps(model, steps), "shop/web", digest), false);
      assert.equal(canPull(model, "shop/web", digest), true, "the model itself must not change");
    });
  }

  it("still serves a blob whose link was deleted", () => {
    const unlinked: PlanStep = { kind: "layer link", repository: "shop/web", digest: "shared" };
    assert.equal(canPull(applyStep(model, unlinked), "shop/web", "leaf"), true);
  });

  it("resolves a tag to its newest item", () => {
    assert.equal(resolveTag(model, "shop/web", "latest"), "outer");
    const cut = applyStep(model, cutOf("latest", 0, "outer"));
    assert.equal(resolveTag(cut, "shop/web", "latest"), "other");
    assert.equal(resolveTag(model, "shop/web", "v9"), undefined);
  });

  it("drops a tag without items when the status is written", () => {
    assert.equal(resolveTag(applyStep(model, cutOf("old", 0, "gone")), "shop/web", "old"), undefined);
  });

  it("does not accept a plan for another cluster", () => {
    assert.throws(() => applyStep(model, cutOf("latest", 1, "outer")), /is not outer/);
  });
});
