import assert from "node:assert/strict";
import type { PrunePolicy } from "../../../../provider/prune/args/policy.js";
import { explainKept } from "../../../../provider/prune/plan/explainKept.js";
import type { ClusterSnapshot } from "../../../../provider/prune/snapshot.js";
import {
  digestOf,
  image,
  index,
  item,
  minutesAgo,
  pod,
  policy,
  safePolicy,
  snapshot,
  source,
  stream,
  takenAt,
} from "../../../support/builders/snapshot.js";

const [A, B, C, D] = ["a", "b", "c", "d"].map(digestOf) as [string, string, string, string];

/** `shop/web:latest#0 tag-in-use 1: pod/web-1 namespace=shop`. */
function explained(given: Partial<ClusterSnapshot>, under: PrunePolicy = safePolicy()) {
  const { revisions: items, images } = explainKept(snapshot(given), under);
  const users = (each: { readonly users: readonly string[]; readonly userCount: number }) =>
    each.userCount === 0 ? "" : ` ${each.userCount}: ${each.users.join(", ")}`;
  return {
    items: items.map(
      (each) => `${each.namespace}/${each.name}:${each.tag}#${each.revision} ${each.reason}${users(each)}`,
    ),
    images: images.map((each) => `${each.digest.slice(7, 8)} ${each.reason}${users(each)}`),
  };
}

describe("explainKept", () => {
  it("gives digest, age and repository of kept images, and leaves out those that are merely listed", () => {
    const given = snapshot({
      images: [image(A), image(B, { createdAt: takenAt, repository: "shop/web" })],
      streams: [stream("shop/web", { latest: [item(A, 70)] })],
    });
    assert.deepEqual(explainKept(given, safePolicy()), {
      revisions: [
        {
          namespace: "shop",
          name: "web",
          tag: "latest",
          revision: 0,
          digest: A,
          createdAt: minutesAgo(70),
          reason: "revision-kept",
          users: [],
          userCount: 0,
        },
      ],
      images: [
        {
          digest: B,
          createdAt: takenAt,
          repository: "shop/web",
          reason: "young-image",
          users: [],
          userCount: 0,
        },
      ],
    });
  });

  it("sorts items by namespace, name, tag and revision, and Images by digest", () => {
    const two = { b: [item(A), item(A, 1)], a: [item(A)] };
    const { items, images } = explained({
      images: [image(D, { createdAt: takenAt }), image(A), image(C, { createdAt: takenAt })],
      streams: [stream("b/x", two), stream("a/y", two), stream("a/x", two)],
    });
    assert.deepEqual(
      items.map((text) => text.split(" ")[0]),
      ["a/x", "a/y", "b/x"].flatMap((name) => [`${name}:a#0`, `${name}:b#0`, `${name}:b#1`]),
    );
    assert.deepEqual(images, ["c young-image", "d young-image"]);
  });

  it("names the first three users of a digest, also of one above or below it or of its config, and counts all", () => {
    const users = ["4", "3", "2", "1"].map((name) => pod(`r.io/x/y@${A}`, { name }));
    const streams = [stream("shop/web", { latest: [item(C), item(B)] })];
    const { items, images } = explained({
      images: [index(A, B), image(B, { metadata: { kind: "known", configId: D, sizeBytes: 1 } }), image(C)],
      streams,
      referrers: [...users, pod(`r.io/x/y@${D}`, { name: "0" }), pod(`r.io/x/y@${D}`, { name: "0" })],
    });
    const named = "5: pod/0 namespace=shop, pod/1 namespace=shop, pod/2 namespace=shop";
    assert.deepEqual(items, ["shop/web:latest#0 revision-kept", `shop/web:latest#1 digest-in-use ${named}`]);
    assert.deepEqual(images, [`a digest-in-use ${named}`]);
  });

  it("names streams whose items or spec tags use a digest, but not the stream itself for its own digest", () => {
    const naming = { ...item(A), pullSpec: `r.io/shop/web@${A}` };
    const { items } = explained({
      images: [image(A), image(B), image(C)],
      streams: [
        stream("shop/web", { latest: [item(B), naming] }),
        stream("a/x", { latest: [naming] }),
        stream(
          "a/z",
          {},
          { specTags: [{ name: "v", from: source("DockerImage", `q.io/x@${A}`), isReference: true }] },
        ),
      ],
    });
    assert.deepEqual(items, [
      "a/x:latest#0 digest-in-use 2: imagestream/web namespace=shop, imagestream/z namespace=a",
      "shop/web:latest#0 revision-kept",
      "shop/web:latest#1 digest-in-use 2: imagestream/x namespace=a, imagestream/z namespace=a",
    ]);
  });

  it("names streams whose items name a tag", () => {
    const { items } = explained({
      images: [image(A)],
      streams: [
        stream("shop/web", { v: [item(A)] }),
        stream("a/x", { ref: [{ ...item(""), pullSpec: "r.io/shop/web:v" }] }),
      ],
    });
    assert.deepEqual(items, [
      "a/x:ref#0 reference-tag",
      "shop/web:v#0 tag-in-use 1: imagestream/x namespace=a",
    ]);
  });

  it("names keep.digests, the users of a tag, the subject of an artifact, and indexes", () => {
    const signature = `sha256-${"a".repeat(64)}.sig`;
    const under = safePolicy({ keep: { ...safePolicy().keep, digests: [A] } });
    const { items, images } = explained(
      {
        images: [index(A, C), image(B), image(C), index(D, C)].map((each) =>
          each.digest === D ? { ...each, createdAt: takenAt } : each,
        ),
        streams: [stream("shop/web", { latest: [item(B)], [signature]: [item(B)] })],
        referrers: [pod("r.io/shop/web")],
      },
      under,
    );
    assert.deepEqual(items, [
      "shop/web:latest#0 tag-in-use 1: pod/web-1 namespace=shop",
      `shop/web:${signature}#0 follows-subject 1: image/${A}`,
    ]);
    assert.deepEqual(images, [
      "a digest-in-use 1: keep.digests",
      "c digest-in-use 1: keep.digests",
      "d young-image",
    ]);
  });

  it("names the indexes that keep a child", () => {
    const { images } = explained({
      images: [{ ...index(B, A), createdAt: takenAt }, image(A), index(C, A)],
    });
    assert.deepEqual(images, [`a child-of-kept-index 1: image/${B}`, "b young-image"]);
  });

  it("names objects whose references cannot be read", () => {
    const under = safePolicy({ invalidRefs: "wildcard" });
    const { items, images } = explained(
      {
        images: [image(A), image(B, { repository: "shop/x" }), image(C, { repository: "q/r" })],
        streams: [stream("q/r", { v: [item(A)] }), stream("other/y", { v: [item(A)] })],
        referrers: [pod("r.io/q/r::", { name: "bad" })],
      },
      under,
    );
    const user = "invalid-reference 1: pod/bad namespace=shop";
    assert.deepEqual(items, ["other/y:v#0 revision-kept", `q/r:v#0 ${user}`]);
    assert.deepEqual(images, [`b ${user}`, `c ${user}`]);
  });

  it("leaves out items that the policy does not reach, and all Images when none is judged", () => {
    const { items, images } = explained(
      {
        images: [image(A), image(B), image(C, { unsaid: "blobs", createdAt: takenAt })],
        streams: [stream("shop/web", { v: [item(A)] }), stream("other/web", { v: [item(A)] })],
      },
      safePolicy({ namespace: "shop" }),
    );
    assert.deepEqual([items, images], [["shop/web:v#0 revision-kept"], []]);
  });

  it("explains oc's rules", () => {
    const given = {
      images: [image(A), image(B), image(C)],
      streams: [stream("shop/web", { v1: [item(B), item(A)], v2: [item(B), item(A)] })],
      referrers: [pod("r.io/shop/web:v1", { name: "t" }), pod(`r.io/shop/web@${A}`, { name: "d" })],
    };
    assert.deepEqual(explained(given, policy({ allImages: false })), {
      items: [
        "shop/web:v1#0 tag-in-use 1: pod/t namespace=shop",
        "shop/web:v1#1 digest-in-use 1: pod/d namespace=shop",
        "shop/web:v2#0 revision-kept",
        "shop/web:v2#1 digest-in-use 1: pod/d namespace=shop",
      ],
      images: [],
    });
    assert.deepEqual(explained(given, policy({ namespace: "shop" })).images, []);
  });
});
