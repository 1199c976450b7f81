import assert from "node:assert/strict";
import { cutKey } from "../../../../provider/prune/plan/approval.js";
import { planPrune } from "../../../../provider/prune/plan/decide.js";
import {
  blobsIn,
  cutsIn,
  image,
  imagesIn,
  index,
  item,
  policy,
  snapshot,
  stream,
} from "../../../support/builders/snapshot.js";

describe("cutKey", () => {
  it("names an item by stream, tag, digest and creation", () => {
    const key = cutKey({ namespace: "shop", name: "web" }, "v1", { digest: "a", createdAt: 0 });
    assert.equal(key, "shop/web:v1 a 1970-01-01T00:00:00.000Z");
  });

  it("names an item without a creation", () => {
    const key = cutKey({ namespace: "shop", name: "web" }, "v1", { digest: "a", createdAt: -Infinity });
    assert.equal(key, "shop/web:v1 a unknown");
  });
});

describe("an approval under oc's rules", () => {
  const web = stream("shop/web", { v1: [item("c"), item("b"), item("a")] });
  const given = snapshot({
    images: [image("a", { layers: ["shared"] }), image("b", { layers: ["shared"] }), image("c")],
    streams: [web],
  });
  const planWith = (cuts: readonly string[], images: readonly string[]) => {
    const keys = cuts.map((digest) => cutKey(web, "v1", item(digest)));
    const result = planPrune(given, policy(), { cuts: new Set(keys), images: new Set(images) });
    assert.ok(result.ok);
    return result.plan;
  };

  it("keeps items that it does not list, with their Images and blobs", () => {
    const plan = planWith(["a"], ["a", "b", "c"]);
    assert.deepEqual(cutsIn(plan), ["shop/web:v1#2 obsolete-revision"]);
    assert.deepEqual([imagesIn(plan), blobsIn(plan)], [["a"], ["a", "config-a"]]);
    assert.deepEqual(plan.kept, {
      revisions: { "not-approved": 1, "revision-kept": 1 },
      images: { "used-by-stream": 2 },
    });
    assert.deepEqual(plan.streams[0]?.layerLinks, ["config-a"]);
  });

  it("keeps Images that it does not list, and their blobs", () => {
    const plan = planWith(["a", "b"], ["b"]);
    assert.deepEqual([imagesIn(plan), blobsIn(plan)], [["b"], ["b", "config-b"]]);
    assert.deepEqual(plan.kept.images, { "not-approved": 1, "used-by-stream": 1 });
  });

  it("keeps the children of an index that it does not list", () => {
    const nested = snapshot({ images: [index("a", "b"), image("b")] });
    const result = planPrune(nested, policy(), { cuts: new Set(), images: new Set(["b"]) });
    assert.ok(result.ok);
    assert.deepEqual(result.plan.kept.images, { "child-of-kept-index": 1, "not-approved": 1 });
  });

  it("changes nothing when it lists everything", () => {
    assert.deepEqual(planWith(["a", "b", "c"], ["a", "b", "c"]), planWith(["a", "b"], ["a", "b"]));
    const unapproved = planPrune(given, policy());
    assert.deepEqual({ ok: true, plan: planWith(["a", "b"], ["a", "b"]) }, unapproved);
  });
});
