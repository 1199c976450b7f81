import assert from "node:assert/strict";
import type { SafePolicy } from "../../../../../provider/prune/args/policy.js";
import type { UnknownContent } from "../../../../../provider/prune/plan/decision.js";
import type { ClusterSnapshot, Image, Unsaid } from "../../../../../provider/prune/snapshot.js";
import {
  blobsIn,
  cutsIn,
  digestOf,
  image,
  imagesIn,
  index,
  item,
  mentions,
  minutesAgo,
  planOf,
  pod,
  safePolicy,
  snapshot,
  stream,
} from "../../../../support/builders/snapshot.js";

const [A, B, C, D, E] = ["a", "b", "c", "d", "e"].map(digestOf) as [string, string, string, string, string];

const ociIndex = "application/vnd.oci.image.index.v1+json";

/** An Image of which nothing is known that it would need. */
function secretive(digest: string, unsaid: Unsaid, overrides: Partial<Image> = {}): Image {
  const mediaType = { manifests: ociIndex, kind: "" }[unsaid as string];
  return image(digest, {
    ...(mediaType === undefined ? {} : { mediaType }),
    layers: [],
    metadata: { kind: "absent" },
    unsaid,
    ...overrides,
  });
}

/** `itself` or `everything`, by digest. */
function heldUp(given: Partial<ClusterSnapshot>, under: Partial<SafePolicy> = {}): Record<string, string> {
  const { warnings } = planOf(snapshot(given), safePolicy(under));
  const unknown = warnings.filter((each): each is UnknownContent => each.kind === "unknown-content");
  return Object.fromEntries(unknown.map(({ digest, holdsUp }) => [digest, holdsUp]));
}

const keep = { ...safePolicy().keep };

describe("an Image without known content", () => {
  const wanted: Readonly<Record<string, readonly [Partial<ClusterSnapshot>, Partial<SafePolicy>?]>> = {
    "a stream lists it": [{ streams: [stream("shop/web", { v1: [item(A)] })] }],
    "an index that a stream lists contains it": [
      {
        images: [index(B, C), index(C, A)],
        streams: [stream("shop/web", { v1: [item(B)] })],
      },
    ],
    "a pod runs it by its digest": [{ referrers: [pod(`r.io/any/path@${A}`)] }],
    "a pod runs an index that contains it": [
      { images: [index(B, A)], referrers: [pod(`r.io/any/path@${B}`)] },
    ],
    "an item of another stream sends its users to it": [
      { streams: [stream("prod/web", { ref: [{ ...item(""), pullSpec: `r.io/shop/web@${A}` }] })] },
    ],
    "keep.digests names it": [{}, { keep: { ...keep, digests: [A] } }],
    "keep.namespaces names where it was pushed to": [{}, { keep: { ...keep, namespaces: ["shop"] } }],
    "a reference that cannot be read may mean it": [
      { referrers: [pod("UPPER/case@@")] },
      { invalidRefs: "wildcard" },
    ],
  };
  for (const [name, [given, under]] of Object.entries(wanted)) {
    for (const unsaid of ["blobs", "manifests", "kind"] as const) {
      it(`blocks all Images where ${name}, its ${unsaid} unknown`, () => {
        const unknown = secretive(A, unsaid, { repository: "shop/web" });
        const whole = { ...given, images: [unknown, ...(given.images ?? []), image(D), image(E)] };
        assert.deepEqual(heldUp(whole, under), { [A]: "everything" });
        const plan = planOf(snapshot(whole), safePolicy(under));
        assert.deepEqual(plan.images, { kind: "blocked", unreadable: [A] });
      });
    }
  }

  it("blocks all Images while it is young, or lately in no stream", () => {
    const images = [secretive(A, "kind", { createdAt: minutesAgo(90) }), image(D)];
    assert.deepEqual(heldUp({ images }), { [A]: "itself" });
    assert.deepEqual(heldUp({ images }, { keepUnreferencedYoungerThanSeconds: 7200 }), { [A]: "everything" });
    const retention = { kind: "revisions" as const, keepYoungerThanSeconds: 7200, keepTagRevisions: 1 };
    assert.deepEqual(heldUp({ images }, { retention }), { [A]: "everything" });
  });

  it("blocks only itself, pushed or imported, once no stream lists it and nothing refers to it", () => {
    for (const managed of [true, false]) {
      for (const under of [{}, { allImages: false }, { namespace: "other" }]) {
        const images = [secretive(A, "kind", { managed }), image(D, { repository: "other/web" })];
        const plan = planOf(snapshot({ images }), safePolicy(under));
        assert.deepEqual(imagesIn(plan), [D]);
        assert.deepEqual(blobsIn(plan), [`config-${D}`, `layer-${D}`, D].sort());
        assert.deepEqual(heldUp({ images }, under), { [A]: "itself" });
      }
    }
  });

  it("keeps its known content where it blocks only itself", () => {
    const images = [
      image(A, { layers: ["shared"], metadata: { kind: "absent" } }),
      { ...index(B, C), unsaid: "manifests" as const },
      image(C),
      image(D, { layers: ["shared", "own"] }),
    ];
    const plan = planOf(snapshot({ images }), safePolicy());
    assert.deepEqual(imagesIn(plan), [D]);
    assert.deepEqual(blobsIn(plan), [`config-${D}`, "own", D].sort());
  });

  it("does not block the items of streams that do not list it", () => {
    const plan = planOf(
      snapshot({
        images: [secretive(A, "manifests"), image(B), image(C), image(D), image(E)],
        streams: [
          stream("shop/web", { v1: [item(A)], v2: [item(B), item(C)] }),
          stream("shop/api", { v1: [item(D), item(E)] }),
        ],
        referrers: [pod(`r.io/shop/web@${A}`)],
      }),
      safePolicy(),
    );
    assert.deepEqual(cutsIn(plan), ["shop/api:v1#1 obsolete-revision"]);
    assert.deepEqual(plan.kept.revisions, { "revision-kept": 1, "unreadable-metadata": 3 });
    assert.deepEqual(imagesIn(plan), []);
  });

  it("keeps the children of an index whose Image does not list them, while a pod runs it", () => {
    const given = {
      images: [secretive(A, "manifests", { repository: "shop/web" }), image(B), image(C)],
      streams: [stream("shop/web", { v1: [item(A)] })],
      referrers: [pod(`r.io/shop/web@${A}`)],
    };
    assert.deepEqual(imagesIn(planOf(snapshot(given), safePolicy())), []);
    const said = { ...given, images: [index(A, B), image(B), image(C)] };
    assert.deepEqual(imagesIn(planOf(snapshot(said), safePolicy())), [C]);
  });

  it("keeps shared layers of an Image that has metadata and lists no layers", () => {
    const layers = ["base"];
    const given = {
      images: [image(A, { layers: [], unsaid: "blobs" }), image(B, { layers }), image(C, { layers })],
      streams: [stream("shop/web", { v1: [item(A)] })],
    };
    assert.deepEqual(blobsIn(planOf(snapshot(given), safePolicy())), []);
  });

  it("is named with its streams and its unknown parts", () => {
    const given = snapshot({
      images: [
        index(B, A),
        secretive(A, "kind", { repository: "shop/web" }),
        secretive(C, "blobs", { repository: "x/y" }),
      ],
      streams: [stream("shop/web", { v1: [item(B)] }), stream("prod/web", { v1: [item(A)] })],
    });
    assert.deepEqual(planOf(given, safePolicy()).warnings, [
      {
        kind: "unknown-content",
        digest: A,
        unsaid: "kind",
        repository: "shop/web",
        streams: [
          { namespace: "prod", name: "web" },
          { namespace: "shop", name: "web" },
        ],
        holdsUp: "everything",
      },
      {
        kind: "unknown-content",
        digest: C,
        unsaid: "blobs",
        repository: "x/y",
        streams: [],
        holdsUp: "itself",
      },
    ]);
  });

  it("is kept by an unmatched config no longer than any other Image that nothing names", () => {
    const referrers = [pod("quay.io/ext/tool:1", { mentions: mentions({ imageIds: ["f".repeat(64)] }) })];
    assert.deepEqual(heldUp({ images: [secretive(A, "blobs")], referrers }), { [A]: "itself" });
  });
});

describe("an Image that no stream lists", () => {
  const given = (repository: string) =>
    snapshot({
      images: [image(A, { repository }), image(B)],
      streams: [stream("shop/web", { v1: [item(B)] }, { labels: { team: "a" } })],
    });
  const kept: readonly [string, Partial<SafePolicy["keep"]>, string][] = [
    ["keep.streams", { streams: ["shop/*"] }, "shop/web"],
    ["keep.streams, its stream gone", { streams: ["shop/*"] }, "shop/gone"],
    ["keep.namespaces", { namespaces: ["sh*"] }, "shop/gone"],
    ["keep.labels", { labels: { team: "a" } }, "shop/web"],
  ];
  for (const [name, parts, repository] of kept) {
    it(`is kept by ${name}, by the repository that it was pushed to`, () => {
      const plan = planOf(given(repository), safePolicy({ keep: { ...keep, ...parts } }));
      assert.deepEqual(imagesIn(plan), []);
      assert.equal(plan.kept.images["kept-by-policy"], 1);
    });
  }

  it("is deleted when its repository is another one, or only tags are kept", () => {
    for (const parts of [{ streams: ["shop/*"] }, { labels: { team: "a" } }, { tags: ["*"] }]) {
      assert.deepEqual(imagesIn(planOf(given("other/web"), safePolicy({ keep: { ...keep, ...parts } }))), [
        A,
      ]);
    }
  });

  it("is not selected by a policy for some tags, for its tags are not known", () => {
    const under = safePolicy({ select: { ...safePolicy().select, tags: ["*"], streams: ["shop/web"] } });
    for (const repository of ["shop/web", "shop/gone"]) {
      const plan = planOf(given(repository), under);
      assert.deepEqual([imagesIn(plan), plan.kept.images["not-selected"]], [[], 1]);
    }
  });
});
