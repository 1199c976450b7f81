import assert from "node:assert/strict";
import { planPrune } from "../../../../../../provider/prune/plan/decide.js";
import {
  A,
  B,
  C,
  D,
  E,
  imageA,
  imageB,
  web,
  keepNone,
  specTag,
  other,
} from "../../../../../support/builders/safeRules.js";
import {
  blobsIn,
  image,
  index,
  item,
  planOf,
  pod,
  safePolicy,
  snapshot,
  source,
  stream,
  takenAt,
} from "../../../../../support/builders/snapshot.js";

describe("the rules of safe", () => {
  it("counts kept items by reason", () => {
    const given = snapshot({
      images: [imageA, imageB, image(C), image(D, { createdAt: takenAt })],
      streams: [stream("shop/web", { latest: [item(B), item(A), item(C)] })],
      referrers: [pod(`r.io/shop/web@${A}`)],
    });
    assert.deepEqual(planOf(given, safePolicy()).kept, {
      revisions: { "digest-in-use": 1, "revision-kept": 1 },
      images: { "used-by-stream": 2, "young-image": 1 },
    });
  });

  it("refuses references that cannot be read, those of streams too, and lists them sorted", () => {
    const given = snapshot({
      streams: [stream("shop/web", {}, { specTags: [specTag("v", source("DockerImage", "::"))] })],
      referrers: [
        other({ pullSpecs: [{ field: "volume x", text: "::" }] }),
        pod(" :: "),
        pod(" r.io/shop/web "),
      ],
    });
    const result = planPrune(given, safePolicy());
    assert.ok(!result.ok && result.refusal.kind === "invalid-references");
    const references = result.refusal.references.map(({ referrer, field, text }) => [
      referrer.name,
      field,
      text,
    ]);
    assert.deepEqual(references, [
      ["n1", "volume x", "::"],
      ["web", "", "::"],
      ["web-1", "container web", " :: "],
    ]);
    assert.equal(planOf(given, safePolicy({ invalidRefs: "ignore" })).ignoredReferences.length, 3);
  });

  it("deletes the links of everything below an index, and none that the rest of the stream needs", () => {
    const shared = image(D, { layers: ["shared", "layer-d"] });
    const given = snapshot({
      images: [index(A, C, D), index(B, D, E), image(C, { layers: ["shared", "layer-c"] }), shared, image(E)],
      streams: [stream("shop/web", { latest: [item(B), item(A)] })],
    });
    const [trim] = planOf(given, safePolicy()).streams;
    assert.deepEqual(
      { layers: trim?.layerLinks.toSorted(), manifests: trim?.manifestLinks.toSorted() },
      { layers: [`config-${C}`, "layer-c"], manifests: [A, C] },
    );
  });

  it("keeps the links of a child whose own item is cut while its index is kept", () => {
    const given = snapshot({
      images: [index(A, B), imageB],
      streams: [stream("shop/web", { latest: [item(A), item(B)] })],
    });
    const [trim] = planOf(given, safePolicy()).streams;
    assert.deepEqual([trim?.tags.length, trim?.layerLinks, trim?.manifestLinks], [1, [], []]);
  });

  it("deletes nothing in the registry where the policy excludes it", () => {
    const plan = planOf(
      snapshot({ images: [imageA, imageB], streams: [web] }),
      safePolicy({ pruneRegistry: false }),
    );
    assert.deepEqual(
      [plan.streams[0]?.layerLinks, plan.streams[0]?.manifestLinks, blobsIn(plan)],
      [[], [], []],
    );
  });

  it("keeps tags that had no item before", () => {
    const given = snapshot({
      images: [imageA, imageB],
      streams: [stream("shop/web", { empty: [], latest: [item(B), item(A)], gone: [item(B), item(A)] })],
    });
    const plan = planOf(given, safePolicy(keepNone));
    assert.deepEqual(
      plan.streams[0]?.tags.map(({ tag, vanishes }) => [tag, vanishes]),
      [
        ["gone", true],
        ["latest", true],
      ],
    );
  });
});
