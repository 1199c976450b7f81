import assert from "node:assert/strict";
import type { SafePolicy } from "../../../../../provider/prune/args/policy.js";
import type { ClusterSnapshot } from "../../../../../provider/prune/snapshot.js";
import {
  A,
  B,
  C,
  D,
  E,
  imageA,
  imageB,
  web,
  named,
  select,
  other,
  configured,
} from "../../../../support/builders/safeRules.js";
import {
  digestOf,
  image,
  index,
  item,
  planOf,
  pod,
  safePolicy,
  snapshot,
  stream,
} from "../../../../support/builders/snapshot.js";

describe("the warnings of safe", () => {
  const warningsOf = (given: Partial<ClusterSnapshot>, under: Partial<SafePolicy> = {}) =>
    planOf(snapshot(given), safePolicy(under)).warnings;

  it("name streams whose images are all missing, as far as they are selected", () => {
    const streams = ["b/y", "b/x", "a/z"].map((name) => stream(name, { v: [item(A)], ref: [item("")] }));
    const found = [...streams, stream("a/refs", { ref: [item("")] }), stream("a/empty", {})];
    assert.deepEqual(warningsOf({ streams: found }, select({ streams: ["a/*", "b/*"] })), [
      { kind: "stream-without-images", stream: { namespace: "a", name: "z" } },
      { kind: "stream-without-images", stream: { namespace: "b", name: "x" } },
      { kind: "stream-without-images", stream: { namespace: "b", name: "y" } },
    ]);
    assert.deepEqual(warningsOf({ streams: found }, select({ streams: ["c/*"] })), []);
  });

  it("name digests in use that no stream serves, and three of their users", () => {
    const given: Partial<ClusterSnapshot> = {
      images: [imageA, imageB, image(C), index(D, C)],
      streams: [stream("shop/web", { v: [item(B), item(D)] })],
      referrers: [
        ...["4", "3", "2", "1"].map((name) => pod(`r.io/shop/web@${A}`, { name })),
        pod(`r.io/shop/web@${B}`),
        pod(`r.io/shop/web@${C}`),
        pod(`r.io/shop/web@${E}`),
      ],
    };
    const users = ["1", "2", "3"].map((name) => `pod/${name} namespace=shop`);
    assert.deepEqual(warningsOf(given), [{ kind: "already-unpullable", digest: A, users }]);
  });

  it("name the repository of a pushed digest, if it still exists", () => {
    const where = { namespace: "shop", name: "web" };
    const streamOf = (managed: boolean, repository: string) => {
      const given: Partial<ClusterSnapshot> = {
        images: [image(A, { managed, repository }), imageB],
        streams: [stream("shop/web", { v: [item(B)] })],
        referrers: [pod(`r.io/shop/web@${A}`)],
      };
      return warningsOf(given).map((each) => each.kind === "already-unpullable" && each.stream);
    };
    assert.deepEqual(streamOf(true, "shop/web"), [where]);
    assert.deepEqual(streamOf(true, "shop/gone"), [undefined]);
    assert.deepEqual(streamOf(false, "shop/web"), [undefined]);
  });

  it("count no item as a user of the digest in its own pull spec", () => {
    const given = { images: [imageA, imageB], streams: [stream("x/y", { v: [named(`r.io/a/b@${A}`, B)] })] };
    assert.deepEqual(warningsOf(given), []);
  });

  it("count running images that are neither a digest nor a config of any Image, each once", () => {
    const ids = [A, `docker-pullable://r.io/x@${D}`, "e".repeat(64), "e".repeat(64), digestOf("1"), ""];
    const given = {
      images: [imageA, configured(B, E)],
      referrers: [other({ imageIds: ids })],
      streams: [web],
    };
    assert.deepEqual(warningsOf(given), [{ kind: "unmatched-image-ids", count: 2 }]);
  });

  it("name signed images that are deleted", () => {
    const images = [image(B, { isSigned: true }), image(A, { isSigned: true }), image(C)];
    assert.deepEqual(warningsOf({ images, streams: [stream("x/y", { v: [item(B)] })] }), [
      { kind: "signed-image-goes", digest: A },
    ]);
  });
});
