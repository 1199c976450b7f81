import assert from "node:assert/strict";
import type { OcPolicy } from "../../../../provider/prune/args/policy.js";
import { planPrune } from "../../../../provider/prune/plan/decide.js";
import { describePlanRefusal } from "../../../../provider/prune/plan/decision.js";
import type { ClusterSnapshot } from "../../../../provider/prune/snapshot.js";
import type { PodReferrer } from "../../../../provider/usage/referrer.js";
import {
  blobsIn,
  cutsIn,
  image,
  imagesIn,
  index,
  item,
  minutesAgo,
  planOf,
  pod,
  policy,
  snapshot,
  stream,
  takenAt,
} from "../../../support/builders/snapshot.js";

interface PlanCase {
  readonly name: string;
  readonly given: Partial<ClusterSnapshot>;
  readonly under?: Partial<OcPolicy>;
  readonly cuts?: readonly string[];
  readonly images?: readonly string[];
  readonly blobs?: readonly string[];
}

const two = stream("shop/web", { latest: [item("b"), item("a")] });
const images = [image("a"), image("b")];
const overSize: Partial<OcPolicy> = { retention: { kind: "over-size-limit", keepYoungerThanSeconds: 0 } };
const keepNone: Partial<OcPolicy> = {
  retention: { kind: "revisions", keepYoungerThanSeconds: 3600, keepTagRevisions: 0 },
};

function finishedPod(createdAt: number): PodReferrer {
  return pod("r.io/shop/web", { phase: "Succeeded", createdAt });
}

const cases: readonly PlanCase[] = [
  {
    name: "keeps an item that is exactly as old as keepYoungerThan only by other rules: it is not young",
    given: { images, streams: [stream("shop/web", { latest: [item("b"), item("a", 60)] })] },
    cuts: ["shop/web:latest#1 obsolete-revision"],
    images: ["a"],
    blobs: ["a", "config-a", "layer-a"],
  },
  {
    name: "keeps an item that is a millisecond younger",
    given: {
      images,
      streams: [
        stream("shop/web", {
          latest: [item("b"), { digest: "a", createdAt: minutesAgo(60) + 1, pullSpec: "" }],
        }),
      ],
    },
  },
  {
    name: "counts a finished pod that is exactly as old as keepYoungerThan",
    given: { images, streams: [two], referrers: [finishedPod(minutesAgo(60))] },
    under: keepNone,
    cuts: ["shop/web:latest#1 obsolete-revision"],
    images: ["a"],
    blobs: ["a", "config-a", "layer-a"],
  },
  {
    name: "counts no finished pod that is a millisecond older",
    given: { images, streams: [two], referrers: [finishedPod(minutesAgo(60) - 1)] },
    under: keepNone,
    cuts: ["shop/web:latest#0 obsolete-revision", "shop/web:latest#1 obsolete-revision"],
    images: ["a", "b"],
    blobs: ["a", "b", "config-a", "config-b", "layer-a", "layer-b"],
  },
  {
    name: "counts every finished pod over the size limit, which knows no age",
    given: {
      images,
      streams: [two],
      referrers: [finishedPod(-Infinity)],
      imageLimits: [{ namespace: "shop", maxStorage: "1" }],
    },
    under: overSize,
    cuts: ["shop/web:latest#1 over-limit"],
    images: ["a"],
    blobs: ["a", "config-a", "layer-a"],
  },
  {
    name: "keeps an old image of which a young stream lists an old item",
    given: { images, streams: [{ ...two, createdAt: minutesAgo(1) }] },
  },
  {
    name: "cuts the item of a reference tag, which has no image",
    given: { streams: [stream("shop/web", { ref: [item("")] })] },
    cuts: ["shop/web:ref#0 dangling-revision"],
  },
  {
    name: "keeps a stream of which one image hides its layers, and all Images",
    given: {
      images: [image("a"), image("b", { metadata: { kind: "absent" } }), image("c")],
      streams: [two, stream("shop/api", { latest: [item("a"), item("c")] })],
    },
    cuts: ["shop/api:latest#1 obsolete-revision"],
  },
  {
    name: "keeps everything below an index that a stream lists",
    given: {
      images: [index("top", "middle"), index("middle", "leaf"), image("leaf"), image("other")],
      streams: [stream("shop/web", { latest: [item("top")] })],
    },
    images: ["other"],
    blobs: ["config-other", "layer-other", "other"],
  },
  {
    name: "deletes the old child of a young index that no stream lists",
    given: { images: [{ ...index("top", "leaf"), createdAt: takenAt }, image("leaf")] },
    images: ["leaf"],
    blobs: ["config-leaf", "layer-leaf", "leaf"],
  },
  {
    name: "keeps no Image for a workload alone",
    given: { images, referrers: [pod(`r.io/shop/web@sha256:${"a".repeat(64)}`)] },
    images: ["a", "b"],
    blobs: ["a", "b", "config-a", "config-b", "layer-a", "layer-b"],
  },
  {
    name: "protects only the first revision by a tag",
    given: { images, streams: [two], referrers: [pod("r.io/shop/web")] },
    under: keepNone,
    cuts: ["shop/web:latest#1 obsolete-revision"],
    images: ["a"],
    blobs: ["a", "config-a", "layer-a"],
  },
  {
    name: "prunes one namespace and no Image, and does not see users elsewhere",
    given: {
      images,
      streams: [two, stream("other/web", { latest: [item("b"), item("a")] })],
      referrers: [pod("r.io/shop/web", { namespace: "other" })],
    },
    under: { ...keepNone, namespace: "shop" },
    cuts: ["shop/web:latest#0 obsolete-revision", "shop/web:latest#1 obsolete-revision"],
  },
  {
    name: "keeps what it cannot measure, and deletes young images that nothing lists, over the size limit",
    given: {
      images: [image("a", { metadata: { kind: "known", configId: "", sizeBytes: 2000 } }), image("b")],
      streams: [two],
      imageLimits: [
        { namespace: "shop", maxStorage: "1500" },
        { namespace: "shop", maxStorage: "3Ki" },
        { namespace: "shop", maxStorage: "nonsense" },
      ],
    },
    under: overSize,
    cuts: ["shop/web:latest#1 over-limit"],
    images: ["a"],
    blobs: ["a", "layer-a"],
  },
  {
    name: "keeps a blob that a kept image needs",
    given: {
      images: [
        image("a", { layers: ["shared", "own", "own"] }),
        image("b", { layers: ["shared", "config-a"] }),
      ],
      streams: [stream("shop/web", { latest: [item("b")] })],
    },
    images: ["a"],
    blobs: ["a", "own"],
  },
  {
    name: "deletes nothing in the registry where the policy excludes it",
    given: { images, streams: [two] },
    under: { pruneRegistry: false },
    cuts: ["shop/web:latest#1 obsolete-revision"],
    images: ["a"],
  },
];

describe("planPrune", () => {
  for (const { name, given, under, cuts = [], images: doomed = [], blobs = [] } of cases) {
    it(name, () => {
      const plan = planOf(snapshot(given), policy(under));
      assert.deepEqual(
        { cuts: cutsIn(plan), images: imagesIn(plan), blobs: blobsIn(plan) },
        { cuts, images: doomed, blobs },
      );
    });
  }

  it("plans the worked example of docs/design/prune.md", () => {
    const used = `sha256:${"b".repeat(64)}`;
    const layered = (digest: string, name: string) => image(digest, { layers: ["base", `${name}1`] });
    const day = 24 * 60;
    const given = snapshot({
      images: [layered("a", "a"), layered(used, "b"), layered("c", "c"), index("d", "e"), image("e")],
      streams: [
        stream("shop/web", {
          latest: [item("c", 10), item(used, 5 * day), item("a", 9 * day)],
          old: [item("x", 90 * day)],
        }),
      ],
      referrers: [
        {
          kind: "deployment",
          namespace: "shop",
          name: "web",
          images: [{ role: "container", name: "web", image: `image-registry.example/shop/web@${used}` }],
        },
      ],
    });
    const plan = planOf(given);
    assert.deepEqual(cutsIn(plan), [
      "shop/web:latest#2 obsolete-revision",
      "shop/web:old#0 dangling-revision",
    ]);
    assert.deepEqual(plan.streams[0]?.layerLinks, ["a1", "config-a"]);
    assert.deepEqual(plan.streams[0].manifestLinks, ["a"]);
    assert.deepEqual(imagesIn(plan), ["a", "d", "e"]);
    assert.deepEqual(blobsIn(plan), ["a", "a1", "config-a", "config-e", "d", "e", "layer-e"]);
    assert.deepEqual(plan.kept, {
      revisions: { "digest-in-use": 1, "young-revision": 1 },
      images: { "used-by-stream": 2 },
    });
  });

  it("names for each stream the tags that vanish and the links that are deleted", () => {
    const given = snapshot({
      images: [image("a"), image("b", { layers: ["layer-a", "layer-b"] }), image("c")],
      streams: [stream("shop/web", { v2: [item("b"), item("c", 700)], v1: [item("gone")], empty: [] })],
    });
    assert.deepEqual(planOf(given).streams, [
      {
        namespace: "shop",
        name: "web",
        tags: [
          { tag: "empty", cuts: [], vanishes: true },
          {
            tag: "v1",
            cuts: [{ revision: 0, ...item("gone"), reason: "dangling-revision" }],
            vanishes: true,
          },
          {
            tag: "v2",
            cuts: [{ revision: 1, ...item("c", 700), reason: "obsolete-revision" }],
            vanishes: false,
          },
        ],
        layerLinks: ["layer-c", "config-c"],
        manifestLinks: ["c"],
      },
    ]);
  });

  it("counts what is kept by reason", () => {
    const given = snapshot({
      images: [image("a"), image("b"), image("c", { createdAt: takenAt }), image("d", { managed: false })],
      streams: [two, stream("shop/new", { latest: [item("b"), item("a")] }, { createdAt: takenAt })],
      referrers: [pod("r.io/shop/web:latest")],
    });
    assert.deepEqual(planOf(given, policy({ allImages: false })).kept, {
      revisions: { "tag-in-use": 1, "young-stream": 2 },
      images: { "external-image": 1, "used-by-stream": 2, "young-image": 1 },
    });
  });

  it("gives a blob to the last image that needs it, with the bytes of its layers", () => {
    const given = snapshot({
      images: [image("a", { layers: ["shared"] }), image("b", { layers: ["shared"] })],
      layerBytes: new Map([["shared", 70]]),
    });
    const { images: stage } = planOf(given);
    assert.deepEqual(stage, {
      kind: "planned",
      deletions: [
        { digest: "a", reason: "unreferenced-image", blobs: ["config-a"], manifestBlob: true, bytes: 0 },
        {
          digest: "b",
          reason: "unreferenced-image",
          blobs: ["shared", "config-b"],
          manifestBlob: true,
          bytes: 70,
        },
      ],
    });
  });

  it("names children that are deleted with their index", () => {
    const { images: stage } = planOf(snapshot({ images: [index("top", "leaf"), image("leaf")] }));
    assert.ok(stage.kind === "planned");
    assert.deepEqual(
      stage.deletions.map(({ digest, reason }) => `${digest} ${reason}`),
      ["leaf child-of-removed-index", "top unreferenced-image"],
    );
  });

  it("deletes no Images when one does not tell its blobs, and names it", () => {
    const given = snapshot({ images: [image("a"), image("b", { metadata: { kind: "absent" } })] });
    assert.deepEqual(planOf(given).images, { kind: "blocked", unreadable: ["b"] });
  });

  it("refuses metadata that cannot be decoded, before it looks at references", () => {
    const metadata = { kind: "undecodable", problem: "unexpected end of JSON input" } as const;
    const given = snapshot({
      images: [image("b", { metadata }), image("a", { metadata })],
      referrers: [pod("::")],
    });
    const result = planPrune(given, policy({ ignoreInvalidRefs: true }));
    assert.ok(!result.ok);
    assert.equal(
      describePlanRefusal(result.refusal),
      "failed to read image metadata for a: unexpected end of JSON input",
    );
  });

  it("lists every invalid reference, and each text once in the message", () => {
    const twice = { role: "container", name: "web", image: "::" } as const;
    const given = snapshot({ referrers: [pod("", { images: [twice, twice] })] });
    const result = planPrune(given, policy());
    assert.ok(!result.ok && result.refusal.kind === "invalid-references");
    assert.equal(result.refusal.references.length, 2);
    assert.equal(
      describePlanRefusal(result.refusal),
      'pod/web-1 namespace=shop: container web: invalid image reference "::": invalid reference format',
    );
    const ignoring = planOf(given, policy({ ignoreInvalidRefs: true }));
    assert.equal(ignoring.ignoredReferences.length, 2);
  });
});
