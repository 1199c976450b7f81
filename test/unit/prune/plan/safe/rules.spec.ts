import assert from "node:assert/strict";
import type { KeepList, SafePolicy, StreamSelection } from "../../../../../provider/prune/args/policy.js";
import { type Approval, cutKey } from "../../../../../provider/prune/plan/approval.js";
import { planPrune } from "../../../../../provider/prune/plan/decide.js";
import { explainKept } from "../../../../../provider/prune/plan/explainKept.js";
import type { ClusterSnapshot, Image } from "../../../../../provider/prune/snapshot.js";
import type { OtherReferrer } from "../../../../../provider/usage/referrer.js";
import type { SpecTag, TagItem } from "../../../../../provider/usage/streamFacts.js";
import {
  blobsIn,
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
  source,
  stream,
  takenAt,
} from "../../../../support/builders/snapshot.js";

interface RuleCase {
  readonly name: string;
  readonly given: Partial<ClusterSnapshot>;
  readonly under?: Partial<SafePolicy>;
  readonly approval?: Approval;
  /** Of every item that the policy reaches, in order: `shop/web:latest#0 young-item`; of cut ones `-`. */
  readonly items: readonly string[];
  /** Of every Image that no stream lists: its digit and the reason, or `-`. */
  readonly images: readonly string[];
}

const [A, B, C, D, E] = ["a", "b", "c", "d", "e"].map(digestOf) as [string, string, string, string, string];
const imageA = image(A);
const imageB = image(B);
const web = stream("shop/web", { latest: [item(B), item(A)] });
/** What each case below is compared with. */
const uncut = ["shop/web:latest#0 revision-kept"];
const keepNone: Partial<SafePolicy> = {
  retention: { kind: "revisions", keepYoungerThanSeconds: 3600, keepTagRevisions: 0 },
};
const overSize: Partial<SafePolicy> = {
  retention: { kind: "over-size-limit", keepYoungerThanSeconds: 3600 },
};

function named(pullSpec: string, digest: string, age = 600): TagItem {
  return { ...item(digest, age), pullSpec };
}

function specTag(name: string, from: SpecTag["from"], isReference = false): SpecTag {
  return { name, from, isReference };
}

function select(parts: Partial<StreamSelection>): Partial<SafePolicy> {
  return { select: { ...safePolicy().select, ...parts } };
}

function keep(parts: Partial<KeepList>): Partial<SafePolicy> {
  return { keep: { ...safePolicy().keep, ...parts } };
}

function other(parts: Parameters<typeof mentions>[0], namespace = "else"): OtherReferrer {
  return { kind: "other", objectKind: "node", namespace, name: "n1", mentions: mentions(parts) };
}

function configured(digest: string, configId: string): Image {
  return image(digest, { metadata: { kind: "known", configId, sizeBytes: 1 } });
}

function verdictsOf(given: ClusterSnapshot, under: SafePolicy, approval?: Approval) {
  const result = planPrune(given, under, approval);
  assert.ok(result.ok, "refused");
  const kept = explainKept(given, under, approval);
  const cut = result.plan.streams.flatMap(({ namespace, name, tags }) =>
    tags.flatMap(({ tag, cuts }) =>
      cuts.map(({ revision, reason }) => `${namespace}/${name}:${tag}#${revision} -${reason}`),
    ),
  );
  const items = kept.items.map(
    ({ namespace, name, tag, revision, reason }) => `${namespace}/${name}:${tag}#${revision} ${reason}`,
  );
  const digit = (digest: string) => digest.slice(7, 8);
  return {
    items: [...items, ...cut].sort(),
    images: [
      ...kept.images.map(({ digest, reason }) => `${digit(digest)} ${reason}`),
      ...imagesIn(result.plan).map((digest) => `${digit(digest)} -`),
    ].sort(),
    counted: result.plan.kept,
  };
}

const signature = `sha256-${"a".repeat(64)}.sig`;

const cases: Readonly<Record<string, readonly RuleCase[]>> = {
  retention: [
    {
      name: "revision-kept, then obsolete-revision",
      given: { images: [imageA, imageB], streams: [web] },
      items: [...uncut, "shop/web:latest#1 -obsolete-revision"],
      images: ["a -"],
    },
    {
      name: "a dangling item takes a revision too",
      given: {
        images: [imageA, imageB],
        streams: [stream("shop/web", { latest: [item(C), item(B), item(A)] })],
      },
      under: { retention: { kind: "revisions", keepYoungerThanSeconds: 3600, keepTagRevisions: 2 } },
      items: [
        "shop/web:latest#0 current-dangling",
        "shop/web:latest#1 revision-kept",
        "shop/web:latest#2 -obsolete-revision",
      ],
      images: ["a -"],
    },
    {
      name: "keepTagRevisions 0 takes everything",
      given: { images: [imageA, imageB], streams: [web] },
      under: keepNone,
      items: ["shop/web:latest#0 -obsolete-revision", "shop/web:latest#1 -obsolete-revision"],
      images: ["a -", "b -"],
    },
    {
      name: "within-limit, else over-limit",
      given: {
        images: [image(A, { metadata: { kind: "known", configId: "", sizeBytes: 2000 } }), imageB],
        streams: [web],
        imageLimits: [{ namespace: "shop", maxStorage: "1500" }],
      },
      under: overSize,
      items: ["shop/web:latest#0 within-limit", "shop/web:latest#1 -over-limit"],
      images: ["a -"],
    },
    {
      name: "age counts over the size limit too",
      given: {
        images: [imageA, imageB],
        streams: [stream("shop/web", { latest: [item(B, 59), item(A)] })],
        imageLimits: [{ namespace: "shop", maxStorage: "1" }],
        referrers: [],
      },
      under: overSize,
      items: ["shop/web:latest#0 young-item", "shop/web:latest#1 -over-limit"],
      images: ["a -"],
    },
  ],
  age: [
    {
      name: "young-stream keeps all its items",
      given: { images: [imageA, imageB], streams: [{ ...web, createdAt: minutesAgo(59) }] },
      items: ["shop/web:latest#0 young-stream", "shop/web:latest#1 young-stream"],
      images: [],
    },
    {
      name: "young-item, strictly",
      given: {
        images: [imageA, imageB],
        streams: [stream("shop/web", { latest: [item(B), item(A, 59), item(A, 60)] })],
      },
      items: [...uncut, "shop/web:latest#1 young-item", "shop/web:latest#2 -obsolete-revision"],
      images: [],
    },
    {
      name: "young-image, with what is below it",
      given: { images: [{ ...index(A, B), createdAt: minutesAgo(59) }, index(B, C), image(C), image(D)] },
      items: [],
      images: ["a young-image", "b child-of-kept-index", "c child-of-kept-index", "d -"],
    },
    {
      name: "young-unreferenced by the Image's own age",
      given: { images: [image(A, { createdAt: minutesAgo(119) }), image(B, { createdAt: minutesAgo(120) })] },
      under: { keepUnreferencedYoungerThanSeconds: 7200 },
      items: [],
      images: ["a young-unreferenced", "b -"],
    },
    {
      name: "young-item for an old Image that came back lately, and for an index that did",
      given: {
        images: [imageA, imageB, index(C, D), image(D), image(E)],
        streams: [stream("shop/web", { latest: [item(B, 90), item(A, 119), item(C, 119), item(E, 120)] })],
      },
      under: { keepUnreferencedYoungerThanSeconds: 7200 },
      items: [
        "shop/web:latest#0 young-item",
        "shop/web:latest#1 young-item",
        "shop/web:latest#2 young-item",
        "shop/web:latest#3 -obsolete-revision",
      ],
      images: ["d child-of-kept-index", "e -"],
    },
    {
      name: "no young-item for an Image that was pushed with it, which tells its age itself",
      given: {
        images: [image(A, { createdAt: minutesAgo(100) - 1000 }), imageB],
        streams: [stream("shop/web", { latest: [item(B), item(A, 100)] })],
      },
      under: { keepUnreferencedYoungerThanSeconds: 7200 },
      items: [...uncut, "shop/web:latest#1 -obsolete-revision"],
      images: ["a young-unreferenced"],
    },
    {
      name: "a pod that has ended counts while it is young",
      given: {
        images: [imageA, imageB],
        streams: [web],
        referrers: [pod(`r.io/shop/web@${A}`, { phase: "Failed", createdAt: minutesAgo(60) })],
      },
      items: [...uncut, "shop/web:latest#1 digest-in-use"],
      images: [],
    },
    {
      name: "a pod that has ended counts no more when it is old",
      given: {
        images: [imageA, imageB],
        streams: [web],
        referrers: [pod(`r.io/shop/web@${A}`, { phase: "Succeeded", createdAt: minutesAgo(61) })],
      },
      items: [...uncut, "shop/web:latest#1 -obsolete-revision"],
      images: ["a -"],
    },
    {
      name: "a pod that has ended counts whatever its age over the size limit",
      given: {
        images: [imageA, imageB],
        streams: [web],
        referrers: [pod(`r.io/shop/web@${A}`, { phase: "Succeeded", createdAt: -Infinity })],
        imageLimits: [{ namespace: "shop", maxStorage: "1" }],
      },
      under: overSize,
      items: ["shop/web:latest#0 -over-limit", "shop/web:latest#1 digest-in-use"],
      images: ["b -"],
    },
    {
      name: "a pod in phase Unknown counts whatever its age",
      given: {
        images: [imageA, imageB],
        streams: [web],
        referrers: [pod(`r.io/shop/web@${A}`, { phase: "Unknown", createdAt: -Infinity })],
      },
      items: [...uncut, "shop/web:latest#1 digest-in-use"],
      images: [],
    },
  ],
  "in use": [
    {
      name: "digest-in-use in every stream, whatever repository is named",
      given: {
        images: [imageA, imageB],
        streams: [web, stream("other/api", { latest: [item(B), item(A)] })],
        referrers: [pod(`mirror.example/deep/path/x@${A}`)],
      },
      items: [
        "other/api:latest#0 revision-kept",
        "other/api:latest#1 digest-in-use",
        ...uncut,
        "shop/web:latest#1 digest-in-use",
      ],
      images: [],
    },
    {
      name: "digest-in-use keeps the Image that no stream lists, and what it contains",
      given: { images: [index(A, C), imageB, image(C), image(D)], referrers: [pod(`r.io/shop/web@${A}`)] },
      items: [],
      images: ["a digest-in-use", "b -", "c digest-in-use", "d -"],
    },
    {
      name: "digest-in-use for the indexes above a child, at any depth, and not for what is beside it",
      given: {
        images: [index(A, B), index(B, C, D), image(C), image(D), image(E)],
        streams: [stream("shop/web", { latest: [item(E), item(A), item(B), item(C), item(D)] })],
        referrers: [pod(`r.io/shop/web@${C}`)],
      },
      items: [
        ...uncut,
        "shop/web:latest#1 digest-in-use",
        "shop/web:latest#2 digest-in-use",
        "shop/web:latest#3 digest-in-use",
        "shop/web:latest#4 -obsolete-revision",
      ],
      images: ["d child-of-kept-index"],
    },
    {
      name: "digest-in-use for items of children, at any depth",
      given: {
        images: [index(A, B), index(B, C), image(C), image(D), image(E)],
        streams: [stream("shop/web", { latest: [item(E), item(C), item(D)] })],
        referrers: [pod(`r.io/shop/web@${A}`)],
      },
      items: [...uncut, "shop/web:latest#1 digest-in-use", "shop/web:latest#2 -obsolete-revision"],
      images: ["a digest-in-use", "b digest-in-use", "d -"],
    },
    {
      name: "digest-in-use keeps an item whose Image is missing",
      given: {
        images: [imageB],
        streams: [web],
        referrers: [pod(`r.io/shop/web@${A}`)],
      },
      items: [...uncut, "shop/web:latest#1 digest-in-use"],
      images: [],
    },
    {
      name: "digest-in-use by the config, of every Image that has it",
      given: {
        images: [configured(A, D), configured(C, "d".repeat(64)), imageB],
        streams: [stream("shop/web", { latest: [item(B), item(A), item(C)] })],
        referrers: [other({ imageIds: ["d".repeat(64)] })],
      },
      items: [...uncut, "shop/web:latest#1 digest-in-use", "shop/web:latest#2 digest-in-use"],
      images: [],
    },
    {
      name: "digest-in-use by a config that is named like a manifest",
      given: {
        images: [configured(A, D), imageB],
        streams: [web],
        referrers: [pod(`r.io/shop/web@${D}`)],
      },
      items: [...uncut, "shop/web:latest#1 digest-in-use"],
      images: [],
    },
    {
      name: "digest-in-use by what other objects mention",
      given: {
        images: [imageA, imageB],
        streams: [web],
        referrers: [other({ digests: [A] })],
      },
      items: [...uncut, "shop/web:latest#1 digest-in-use"],
      images: [],
    },
    {
      name: "digest-in-use by keep.digests",
      given: { images: [imageA, imageB, image(C)], streams: [web] },
      under: keep({ digests: [A, C] }),
      items: [...uncut, "shop/web:latest#1 digest-in-use"],
      images: ["c digest-in-use"],
    },
    {
      name: "tag-in-use for the newest item, and not for its digest elsewhere",
      given: {
        images: [imageA, imageB],
        streams: [web, stream("other/api", { latest: [item(B)] })],
        referrers: [pod("mirror.example/some/shop/web")],
      },
      under: keepNone,
      items: [
        "other/api:latest#0 -obsolete-revision",
        "shop/web:latest#0 tag-in-use",
        "shop/web:latest#1 -obsolete-revision",
      ],
      images: ["a -"],
    },
    {
      name: "tag-in-use by what names the source of a mirror",
      given: {
        images: [imageA, imageB],
        streams: [stream("mirror/app", { v1: [item(B), item(A)], v2: [item(A)] })],
        referrers: [pod("quay.io/org/app:v1")],
        mirrors: [{ source: "quay.io/org", mirrors: ["r.io/mirror"] }],
      },
      under: keepNone,
      items: [
        "mirror/app:v1#0 tag-in-use",
        "mirror/app:v1#1 -obsolete-revision",
        "mirror/app:v2#0 -obsolete-revision",
      ],
      images: ["a -"],
    },
    {
      name: "tag-in-use by what names the mirror of a stream, as a reference tag and as a source too",
      given: {
        images: [imageB],
        streams: [
          stream("shop/api", { v1: [item(B)], v2: [item(B)], v3: [item(B)] }),
          stream("x/y", { ref: [named("m.io/copy/api:v1", "")] }),
          stream("x/z", {}, { specTags: [specTag("in", source("DockerImage", "m.io/copy/api:v2"))] }),
        ],
        mirrors: [{ source: "r.io/shop", mirrors: ["m.io/copy"] }],
      },
      under: keepNone,
      items: [
        "x/y:ref#0 reference-tag",
        "shop/api:v1#0 tag-in-use",
        "shop/api:v2#0 tag-in-use",
        "shop/api:v3#0 -obsolete-revision",
      ],
      images: [],
    },
    {
      name: "tag-in-use by what is possibly a pull spec, and all tags where it says none",
      given: {
        images: [imageB],
        streams: [
          stream("shop/api", { v1: [item(B)], v2: [item(B)] }),
          stream("shop/web", { v1: [item(B)], v2: [item(B)] }),
        ],
        referrers: [
          pod("", {
            mentions: mentions({ possibleSpecs: ["web:v1", "r.io/shop/api:*", "no:v1", ":", "-:*"] }),
          }),
        ],
      },
      under: keepNone,
      items: [
        "shop/api:v1#0 tag-in-use",
        "shop/api:v2#0 tag-in-use",
        "shop/web:v1#0 tag-in-use",
        "shop/web:v2#0 -obsolete-revision",
      ],
      images: [],
    },
    {
      name: "tag-in-use by a short name in the namespace of the object",
      given: {
        images: [imageA, imageB],
        streams: [web, stream("other/web", { latest: [item(B)] })],
        referrers: [pod("web:latest")],
      },
      under: keepNone,
      items: [
        "other/web:latest#0 -obsolete-revision",
        "shop/web:latest#0 tag-in-use",
        "shop/web:latest#1 -obsolete-revision",
      ],
      images: ["a -"],
    },
  ],
  "streams that point at streams": [
    {
      name: "a spec tag by digest retains the image",
      given: {
        images: [imageA, imageB],
        streams: [{ ...web, specTags: [specTag("v1", source("DockerImage", `quay.io/x/y@${A}`))] }],
      },
      items: [...uncut, "shop/web:latest#1 digest-in-use"],
      images: [],
    },
    {
      name: "a spec tag that is a reference counts too",
      given: {
        images: [imageA, imageB],
        streams: [{ ...web, specTags: [specTag("v1", source("DockerImage", `quay.io/x/y@${A}`), true)] }],
      },
      items: [...uncut, "shop/web:latest#1 digest-in-use"],
      images: [],
    },
    {
      name: "a spec tag from an ImageStreamImage of another namespace",
      given: {
        images: [imageA, imageB],
        streams: [
          web,
          stream(
            "other/api",
            {},
            { specTags: [specTag("v1", source("ImageStreamImage", `web@${A}`, "shop"))] },
          ),
        ],
      },
      items: [...uncut, "shop/web:latest#1 digest-in-use"],
      images: [],
    },
    {
      name: "a spec tag from an ImageStreamTag of another stream, and of its own",
      given: {
        images: [imageA, imageB],
        streams: [
          stream(
            "shop/web",
            { v1: [item(A)], v2: [item(A)] },
            {
              specTags: [specTag("latest", source("ImageStreamTag", "v1"))],
            },
          ),
          stream("shop/api", { v1: [item(A)], v2: [item(A)] }),
          stream("other/x", {}, { specTags: [specTag("y", source("ImageStreamTag", "api:v2", "shop"))] }),
        ],
      },
      under: keepNone,
      items: [
        "shop/api:v1#0 -obsolete-revision",
        "shop/api:v2#0 tag-in-use",
        "shop/web:v1#0 tag-in-use",
        "shop/web:v2#0 -obsolete-revision",
      ],
      images: ["b -"],
    },
    {
      name: "an item that stays names a digest of another stream",
      given: {
        images: [imageA, imageB],
        streams: [
          web,
          stream("other/api", { v1: [named(`r.io/shop/web@${A}`, A)] }),
          stream("other/web", { v1: [item(B), named(`r.io/shop/web@${B}`, B)] }),
        ],
      },
      items: [
        "other/api:v1#0 revision-kept",
        "other/web:v1#0 revision-kept",
        "other/web:v1#1 -obsolete-revision",
        ...uncut,
        "shop/web:latest#1 digest-in-use",
      ],
      images: [],
    },
    {
      name: "an item that stays keeps an index with its digest in another stream, and by that its parts",
      given: {
        images: [imageA, imageB, index(C, A, D), image(D)],
        streams: [
          stream("shop/web", { latest: [item(B), item(C), item(D)] }),
          stream("other/api", { v1: [named(`r.io/shop/web@${A}`, A)] }),
        ],
      },
      items: [
        "other/api:v1#0 revision-kept",
        ...uncut,
        "shop/web:latest#1 digest-in-use",
        "shop/web:latest#2 -obsolete-revision",
      ],
      images: ["d child-of-kept-index"],
    },
    {
      name: "an item keeps nothing of its own stream by naming its own digest",
      given: {
        images: [imageA, imageB],
        streams: [
          stream("shop/web", {
            latest: [named(`r.io/shop/web@${B}`, B), named(`r.io/shop/web@${A}`, A)],
            v1: [named(`r.io/shop/web@${A}`, A), named(`r.io/shop/web@${B}`, B)],
          }),
        ],
      },
      items: [
        ...uncut,
        "shop/web:latest#1 -obsolete-revision",
        "shop/web:v1#0 revision-kept",
        "shop/web:v1#1 -obsolete-revision",
      ],
      images: [],
    },
    {
      name: "an item keeps no unlisted index of its own stream by naming its own digest",
      given: {
        images: [imageA, index(C, A)],
        streams: [stream("shop/web", { latest: [named(`r.io/shop/web@${A}`, A), item(C)] })],
      },
      items: [...uncut, "shop/web:latest#1 -obsolete-revision"],
      images: ["c -"],
    },
    {
      name: "two streams that name a digest keep it in each other",
      given: {
        images: [imageA, imageB],
        streams: [
          stream("shop/web", { latest: [named(`r.io/x/y@${A}`, A)], old: [item(B), item(A)] }),
          stream("shop/api", { latest: [named(`r.io/x/y@${A}`, A)], old: [item(B), item(A)] }),
        ],
      },
      items: [
        "shop/api:latest#0 digest-in-use",
        "shop/api:old#0 revision-kept",
        "shop/api:old#1 digest-in-use",
        "shop/web:latest#0 digest-in-use",
        "shop/web:old#0 revision-kept",
        "shop/web:old#1 digest-in-use",
      ],
      images: [],
    },
    {
      name: "the item of a reference tag names a digest of its own stream",
      given: {
        images: [imageA, imageB],
        streams: [stream("shop/web", { latest: [item(B), item(A)], ref: [named(`r.io/shop/web@${A}`, "")] })],
      },
      items: [...uncut, "shop/web:latest#1 digest-in-use", "shop/web:ref#0 reference-tag"],
      images: [],
    },
    {
      name: "the item of a reference tag names a tag, here or in another stream",
      given: {
        images: [imageA, imageB, image(C)],
        streams: [
          stream("shop/web", {
            v1: [item(B), item(A)],
            v2: [item(B)],
            ref: [named("r.io/other/api:v1", "")],
            own: [named("web:v2", "")],
          }),
          stream("other/api", {
            v1: [named(`r.io/x/y@${C}`, B), named(`r.io/x/y@${D}`, A)],
            v2: [item(B)],
          }),
          stream("x/y", { v: [item(C), item(D)] }),
        ],
      },
      under: keepNone,
      items: [
        "x/y:v#0 digest-in-use",
        "x/y:v#1 -dangling-item",
        "other/api:v1#0 tag-in-use",
        "other/api:v1#1 -obsolete-revision",
        "other/api:v2#0 -obsolete-revision",
        "shop/web:own#0 reference-tag",
        "shop/web:ref#0 reference-tag",
        "shop/web:v1#0 -obsolete-revision",
        "shop/web:v1#1 -obsolete-revision",
        "shop/web:v2#0 tag-in-use",
      ],
      images: ["a -"],
    },
    {
      name: "what is kept keeps more, over several streams",
      given: {
        images: [imageA, imageB, image(C), image(D)],
        streams: [
          stream("a/one", { v: [named(`r.io/b/two@${A}`, D)] }),
          stream("b/two", { v: [item(D), named(`r.io/c/three@${B}`, A)] }),
          stream("c/three", { v: [item(D), named(`r.io/d/four@${C}`, B)] }),
          stream("d/four", { v: [item(D), item(C), item(A), item(B)] }),
        ],
      },
      items: [
        "a/one:v#0 revision-kept",
        "b/two:v#0 revision-kept",
        "b/two:v#1 digest-in-use",
        "c/three:v#0 revision-kept",
        "c/three:v#1 digest-in-use",
        "d/four:v#0 revision-kept",
        "d/four:v#1 digest-in-use",
        "d/four:v#2 digest-in-use",
        "d/four:v#3 digest-in-use",
      ],
      images: [],
    },
    {
      name: "an item that goes keeps nothing",
      given: {
        images: [imageA, imageB],
        streams: [web, stream("other/api", { v1: [item(B), named(`r.io/shop/web@${A}`, A)] })],
      },
      items: [
        "other/api:v1#0 revision-kept",
        "other/api:v1#1 -obsolete-revision",
        ...uncut,
        "shop/web:latest#1 -obsolete-revision",
      ],
      images: ["a -"],
    },
  ],
  "attached artifacts": [
    {
      name: "follows-subject while the subject stays, in another stream too",
      given: {
        images: [imageA, imageB, image(C)],
        streams: [
          stream("shop/web", { latest: [item(A)] }),
          stream("other/signatures", { [signature]: [item(B), item(C)] }),
        ],
      },
      items: [
        `other/signatures:${signature}#0 follows-subject`,
        `other/signatures:${signature}#1 follows-subject`,
        "shop/web:latest#0 revision-kept",
      ],
      images: [],
    },
    {
      name: "subject-gone when it goes, current and importable or not",
      given: {
        images: [imageA, imageB],
        streams: [
          stream(
            "shop/web",
            { [signature]: [item(B)] },
            { specTags: [specTag(signature, source("DockerImage", "quay.io/x/y:sig"))] },
          ),
        ],
      },
      items: [`shop/web:${signature}#0 -subject-gone`],
      images: ["a -", "b -"],
    },
    {
      name: "subject-gone over the size limit too",
      given: { images: [imageA, imageB], streams: [stream("shop/web", { [signature]: [item(B)] })] },
      under: overSize,
      items: [`shop/web:${signature}#0 -subject-gone`],
      images: ["a -", "b -"],
    },
    {
      name: "follows a subject that stays for another reason than a stream",
      given: {
        images: [{ ...imageA, createdAt: takenAt }, imageB],
        streams: [stream("shop/web", { [signature]: [item(B)] })],
      },
      items: [`shop/web:${signature}#0 follows-subject`],
      images: ["a young-image"],
    },
    {
      name: "an artifact that is young or in use stays without its subject",
      given: {
        images: [imageA, imageB, image(C)],
        streams: [
          stream("shop/web", { [signature]: [item(B, 10)] }),
          stream("shop/api", { [signature]: [item(C)] }),
        ],
        referrers: [pod(`r.io/shop/api@${C}`)],
      },
      items: [`shop/api:${signature}#0 digest-in-use`, `shop/web:${signature}#0 young-item`],
      images: ["a -"],
    },
    {
      name: "follows a subject that stays below an index",
      given: {
        images: [imageA, imageB, index(C, A)],
        streams: [stream("shop/web", { latest: [item(C)], [signature]: [item(B)] })],
      },
      items: ["shop/web:latest#0 revision-kept", `shop/web:${signature}#0 follows-subject`],
      images: ["a child-of-kept-index"],
    },
    {
      name: "ordinary rules when the tag only looks like an artifact's",
      given: {
        images: [imageA, imageB],
        streams: [stream("shop/web", { [`${signature}.x`]: [item(B)], [`x-${signature}`]: [item(B)] })],
      },
      items: [`shop/web:${signature}.x#0 revision-kept`, `shop/web:x-${signature}#0 revision-kept`],
      images: ["a -"],
    },
    {
      name: "ordinary rules when the subject is not known",
      given: {
        images: [imageB, image(C)],
        streams: [stream("shop/web", { [signature]: [item(B), item(C)] })],
      },
      items: [`shop/web:${signature}#0 revision-kept`, `shop/web:${signature}#1 -obsolete-revision`],
      images: ["c -"],
    },
    {
      name: "an item whose Image is missing is no known subject, even when it stays",
      given: {
        images: [imageB, image(C), image(D)],
        streams: [
          stream("shop/web", { latest: [item(A)], v1: [item(B)] }),
          stream("shop/api", { [signature]: [item(B), named(`r.io/x/y@${D}`, C)] }),
        ],
      },
      items: [
        `shop/api:${signature}#0 revision-kept`,
        `shop/api:${signature}#1 -obsolete-revision`,
        "shop/web:latest#0 current-dangling",
        "shop/web:v1#0 revision-kept",
      ],
      images: ["c -", "d -"],
    },
    {
      name: "artifacts of artifacts, and what those name",
      given: {
        images: [imageA, imageB, image(C), image(D), image(E)],
        streams: [
          stream("shop/web", { latest: [item(A)], [signature]: [item(B)] }),
          stream("shop/api", { [`sha256-${"b".repeat(64)}`]: [named(`r.io/x/y@${D}`, C)] }),
          stream("shop/last", { v: [item(E), item(D)] }),
        ],
      },
      items: [
        `shop/api:sha256-${"b".repeat(64)}#0 follows-subject`,
        "shop/last:v#0 revision-kept",
        "shop/last:v#1 digest-in-use",
        "shop/web:latest#0 revision-kept",
        `shop/web:${signature}#0 follows-subject`,
      ],
      images: [],
    },
    {
      name: "an artifact does not keep itself",
      given: {
        images: [imageA],
        streams: [stream("shop/web", { [signature]: [item(A)] })],
      },
      items: [`shop/web:${signature}#0 -subject-gone`],
      images: ["a -"],
    },
    {
      name: "all subjects stay when no Image can go",
      given: {
        images: [imageA, imageB, image(C, { unsaid: "blobs", createdAt: takenAt })],
        streams: [stream("shop/web", { [signature]: [item(B)] })],
      },
      items: [`shop/web:${signature}#0 follows-subject`],
      images: [],
    },
  ],
  "items that are special": [
    {
      name: "reference-tag",
      given: { images: [imageB], streams: [stream("shop/web", { ref: [item(""), item("")] })] },
      under: keepNone,
      items: ["shop/web:ref#0 reference-tag", "shop/web:ref#1 reference-tag"],
      images: ["b -"],
    },
    {
      name: "current-dangling, and dangling-item behind it",
      given: {
        images: [imageB],
        streams: [stream("shop/web", { latest: [item(A), item(C), item(B)], v1: [item(B), item(A)] })],
      },
      under: { retention: { kind: "revisions", keepYoungerThanSeconds: 3600, keepTagRevisions: 3 } },
      items: [
        "shop/web:latest#0 current-dangling",
        "shop/web:latest#1 -dangling-item",
        "shop/web:latest#2 revision-kept",
        "shop/web:v1#0 revision-kept",
        "shop/web:v1#1 -dangling-item",
      ],
      images: [],
    },
    {
      name: "importable-tag keeps its newest item, unless it is a reference or has no other source",
      given: {
        images: [imageA, imageB],
        streams: [
          stream(
            "shop/web",
            { latest: [item(B), item(A)], ref: [item(A)], tag: [item(A)], none: [item(A)] },
            {
              specTags: [
                specTag("latest", source("DockerImage", "quay.io/x/y:z")),
                specTag("ref", source("DockerImage", "quay.io/x/y:z"), true),
                specTag("tag", source("ImageStreamTag", "x:y")),
                specTag("none", undefined),
              ],
            },
          ),
        ],
      },
      under: keepNone,
      items: [
        "shop/web:latest#0 importable-tag",
        "shop/web:latest#1 -obsolete-revision",
        "shop/web:none#0 -obsolete-revision",
        "shop/web:ref#0 -obsolete-revision",
        "shop/web:tag#0 -obsolete-revision",
      ],
      images: ["a -"],
    },
    {
      name: "all-images-missing keeps the stream; a stream of reference tags is none of those",
      given: {
        images: [imageB],
        streams: [
          stream("shop/web", { latest: [item(A), item(C)], ref: [item("")] }),
          stream("shop/refs", { ref: [item("")] }),
        ],
      },
      items: [
        "shop/refs:ref#0 reference-tag",
        "shop/web:latest#0 all-images-missing",
        "shop/web:latest#1 all-images-missing",
        "shop/web:ref#0 all-images-missing",
      ],
      images: ["b -"],
    },
    {
      name: "unreadable-metadata keeps the stream",
      given: {
        images: [imageA, image(B, { metadata: { kind: "undecodable", problem: "bad" } }), image(C)],
        streams: [web, stream("shop/api", { latest: [item(A), item(C)] })],
      },
      items: [
        "shop/api:latest#0 revision-kept",
        "shop/api:latest#1 -obsolete-revision",
        "shop/web:latest#0 unreadable-metadata",
        "shop/web:latest#1 unreadable-metadata",
      ],
      images: [],
    },
    {
      name: "unreadable-metadata of a child keeps the stream of its index",
      given: {
        images: [index(A, B), index(B, C), image(C, { metadata: { kind: "absent" } }), image(D), image(E)],
        streams: [stream("shop/web", { latest: [item(D), item(E), item(A)] })],
      },
      items: [
        "shop/web:latest#0 unreadable-metadata",
        "shop/web:latest#1 unreadable-metadata",
        "shop/web:latest#2 unreadable-metadata",
      ],
      images: [],
    },
    {
      name: "external-image, items and Images, without allImages",
      given: {
        images: [image(A, { managed: false }), imageB, image(C), image(D, { managed: false })],
        streams: [stream("shop/web", { latest: [item(B), item(A), item(C), item(E)] })],
      },
      under: { allImages: false },
      items: [
        ...uncut,
        "shop/web:latest#1 external-image",
        "shop/web:latest#2 -obsolete-revision",
        "shop/web:latest#3 -dangling-item",
      ],
      images: ["c -", "d external-image"],
    },
    {
      name: "external images are like others with allImages",
      given: { images: [image(A, { managed: false }), imageB], streams: [web] },
      items: [...uncut, "shop/web:latest#1 -obsolete-revision"],
      images: ["a -"],
    },
  ],
  "references that cannot be read": [
    {
      name: "are ignored on demand",
      given: {
        images: [imageA, imageB],
        streams: [web],
        referrers: [pod("r.io/shop/web@x", { namespace: "shop" })],
      },
      under: { invalidRefs: "ignore" },
      items: [...uncut, "shop/web:latest#1 -obsolete-revision"],
      images: ["a -"],
    },
    {
      name: "or keep the streams of their namespace and those in their text, with Images of those repositories",
      given: {
        images: [
          imageA,
          imageB,
          image(C, { repository: "shop/gone" }),
          image(D, { repository: "mine/gone" }),
          image(E, { repository: "third/x" }),
        ],
        streams: [
          web,
          stream("mine/api", { latest: [item(B), item(A)] }),
          stream("third/api", { latest: [item(B), item(A)] }),
        ],
        referrers: [pod("r.io/shop/web::", { namespace: "mine" })],
      },
      under: { invalidRefs: "wildcard" },
      items: [
        "mine/api:latest#0 invalid-reference",
        "mine/api:latest#1 invalid-reference",
        "shop/web:latest#0 invalid-reference",
        "shop/web:latest#1 invalid-reference",
        "third/api:latest#0 revision-kept",
        "third/api:latest#1 -obsolete-revision",
      ],
      images: ["c -", "d invalid-reference", "e -"],
    },
    {
      name: "a source names its namespace beside the text",
      given: {
        images: [imageA, imageB],
        streams: [web],
        referrers: [other({ sources: [source("ImageStreamTag", "web", "shop")] })],
      },
      under: { invalidRefs: "wildcard" },
      items: ["shop/web:latest#0 invalid-reference", "shop/web:latest#1 invalid-reference"],
      images: [],
    },
  ],
  "what the policy reaches": [
    {
      name: "a namespace: items there, and Images that those or their indexes hold, or that were made there",
      given: {
        images: [
          imageA,
          imageB,
          image(C, { repository: "other/x" }),
          image(D, { repository: "shop/deleted" }),
          index(E, A),
        ],
        streams: [
          stream("shop/web", { latest: [item(B), item(E)] }),
          stream("other/api", { latest: [item(B), item(C)] }),
        ],
      },
      under: { namespace: "shop" },
      items: [...uncut, "shop/web:latest#1 -obsolete-revision"],
      images: ["a -", "d -", "e -"],
    },
    {
      name: "not-selected Images keep what is below them",
      given: {
        images: [imageA, imageB, index(C, A)],
        streams: [web],
      },
      under: { namespace: "shop" },
      items: [...uncut, "shop/web:latest#1 -obsolete-revision"],
      images: ["a child-of-kept-index", "c not-selected"],
    },
    {
      name: "items that are not selected stay and keep what they name",
      given: {
        images: [imageA, imageB, image(C)],
        streams: [
          stream("shop/web", { latest: [item(B), item(A), item(C)] }),
          stream("other/api", { latest: [item(B), named(`r.io/shop/web@${A}`, A)] }),
        ],
      },
      under: select({ namespaces: ["sh*"] }),
      items: [...uncut, "shop/web:latest#1 digest-in-use", "shop/web:latest#2 -obsolete-revision"],
      images: ["c -"],
    },
    {
      name: "tags",
      given: {
        images: [imageA, imageB, image(C)],
        streams: [stream("shop/web", { "pr-1": [item(B), item(A)], main: [item(B), item(C)], empty: [] })],
      },
      under: select({ tags: ["pr-*"] }),
      items: ["shop/web:pr-1#0 revision-kept", "shop/web:pr-1#1 -obsolete-revision"],
      images: ["a -"],
    },
    {
      name: "labels",
      given: {
        images: [imageA, imageB, image(C, { repository: "shop/web" }), image(D, { repository: "shop/gone" })],
        streams: [
          { ...web, labels: { team: "a", tier: "1" } },
          stream("shop/api", { latest: [item(B), item(A)] }, { labels: { team: "b", tier: "1" } }),
        ],
      },
      under: select({ labels: { team: "a", tier: "1" } }),
      items: [...uncut, "shop/web:latest#1 -obsolete-revision"],
      images: ["c -", "d not-selected"],
    },
    {
      name: "all kinds that are named must match",
      given: {
        images: [imageA, imageB, image(C)],
        streams: [web, stream("shop/api", { latest: [item(B), item(C)] })],
      },
      under: select({ namespaces: ["shop"], streams: ["*/web"] }),
      items: [...uncut, "shop/web:latest#1 -obsolete-revision"],
      images: ["a -"],
    },
    ...(
      [
        ["namespaces", { namespaces: ["s*"] }],
        ["streams", { streams: ["shop/*"] }],
        ["tags", { tags: ["lat*"] }],
        ["labels", { labels: { keep: "yes", team: "a" } }],
      ] as const
    ).map(([kind, parts]) => ({
      name: `kept-by-policy: ${kind}`,
      given: {
        images: [imageA, imageB],
        streams: [
          { ...web, labels: { keep: "yes", team: "a" } },
          stream("other/web", { v1: [item(B), item(A)] }, { labels: { keep: "yes" } }),
        ],
      },
      under: keep(parts),
      items: [
        "other/web:v1#0 revision-kept",
        "other/web:v1#1 -obsolete-revision",
        "shop/web:latest#0 kept-by-policy",
        "shop/web:latest#1 kept-by-policy",
      ],
      images: [],
    })),
  ],
  "an approval": [
    {
      name: "items that it does not list stay, and keep what they name",
      given: {
        images: [imageA, imageB, image(C)],
        streams: [
          stream("shop/web", { latest: [item(B), named(`r.io/shop/api@${C}`, A)] }),
          stream("shop/api", { latest: [item(B), item(C)] }),
        ],
      },
      approval: {
        cuts: new Set([cutKey({ namespace: "shop", name: "api" }, "latest", item(C))]),
        images: new Set([A, C]),
      },
      items: [
        "shop/api:latest#0 revision-kept",
        "shop/api:latest#1 digest-in-use",
        ...uncut,
        "shop/web:latest#1 not-approved",
      ],
      images: [],
    },
    {
      name: "Images that it does not list stay, with their artifacts and what is below them",
      given: {
        images: [index(A, D), imageB, image(C), image(D), image(E)],
        streams: [stream("shop/web", { latest: [item(B)], [signature]: [item(C)] })],
      },
      approval: {
        cuts: new Set([cutKey({ namespace: "shop", name: "web" }, signature, item(C))]),
        images: new Set([C, D, E]),
      },
      items: [...uncut, `shop/web:${signature}#0 follows-subject`],
      images: ["a not-approved", "d child-of-kept-index", "e -"],
    },
  ],
};

describe("the rules of safe", () => {
  for (const [group, rows] of Object.entries(cases)) {
    describe(group, () => {
      for (const { name, given, under, approval, items, images } of rows) {
        it(name, () => {
          const verdicts = verdictsOf(snapshot(given), safePolicy(under), approval);
          assert.deepEqual(
            { items: verdicts.items, images: verdicts.images },
            { items: [...items].sort(), images: [...images].sort() },
          );
        });
      }
    });
  }

  it("counts what stays by reason", () => {
    const given = snapshot({
      images: [imageA, imageB, image(C), image(D, { createdAt: takenAt })],
      streams: [stream("shop/web", { latest: [item(B), item(A), item(C)] })],
      referrers: [pod(`r.io/shop/web@${A}`)],
    });
    assert.deepEqual(planOf(given, safePolicy()).kept, {
      items: { "digest-in-use": 1, "revision-kept": 1 },
      images: { "used-by-stream": 2, "young-image": 1 },
    });
  });

  it("refuses references that cannot be read, of streams too, and lists them sorted", () => {
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

  it("frees the links of everything below an index, and none that the rest of the stream needs", () => {
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

  it("keeps the links of a child whose own item goes while its index stays", () => {
    const given = snapshot({
      images: [index(A, B), imageB],
      streams: [stream("shop/web", { latest: [item(A), item(B)] })],
    });
    const [trim] = planOf(given, safePolicy()).streams;
    assert.deepEqual([trim?.tags.length, trim?.layerLinks, trim?.manifestLinks], [1, [], []]);
  });

  it("leaves the registry alone on demand", () => {
    const plan = planOf(
      snapshot({ images: [imageA, imageB], streams: [web] }),
      safePolicy({ pruneRegistry: false }),
    );
    assert.deepEqual(
      [plan.streams[0]?.layerLinks, plan.streams[0]?.manifestLinks, blobsIn(plan)],
      [[], [], []],
    );
  });

  it("leaves tags alone that had no item before", () => {
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

describe("the warnings of safe", () => {
  const warningsOf = (given: Partial<ClusterSnapshot>, under: Partial<SafePolicy> = {}) =>
    planOf(snapshot(given), safePolicy(under)).warnings;

  it("names streams whose images are all missing, as far as they are selected", () => {
    const streams = ["b/y", "b/x", "a/z"].map((name) => stream(name, { v: [item(A)], ref: [item("")] }));
    const found = [...streams, stream("a/refs", { ref: [item("")] }), stream("a/empty", {})];
    assert.deepEqual(warningsOf({ streams: found }, select({ streams: ["a/*", "b/*"] })), [
      { kind: "stream-without-images", stream: { namespace: "a", name: "z" } },
      { kind: "stream-without-images", stream: { namespace: "b", name: "x" } },
      { kind: "stream-without-images", stream: { namespace: "b", name: "y" } },
    ]);
    assert.deepEqual(warningsOf({ streams: found }, select({ streams: ["c/*"] })), []);
  });

  it("names digests in use that no stream serves, and three of their users", () => {
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

  it("tells where a pushed one was pushed to, if that is still there", () => {
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

  it("takes no item's own words for a user", () => {
    const given = { images: [imageA, imageB], streams: [stream("x/y", { v: [named(`r.io/a/b@${A}`, B)] })] };
    assert.deepEqual(warningsOf(given), []);
  });

  it("counts running images that are neither a digest nor a config of any Image, each once", () => {
    const ids = [A, `docker-pullable://r.io/x@${D}`, "e".repeat(64), "e".repeat(64), digestOf("1"), ""];
    const given = {
      images: [imageA, configured(B, E)],
      referrers: [other({ imageIds: ids })],
      streams: [web],
    };
    assert.deepEqual(warningsOf(given), [{ kind: "unmatched-image-ids", count: 2 }]);
  });

  it("names signed images that go", () => {
    const images = [image(B, { isSigned: true }), image(A, { isSigned: true }), image(C)];
    assert.deepEqual(warningsOf({ images, streams: [stream("x/y", { v: [item(B)] })] }), [
      { kind: "signed-image-goes", digest: A },
    ]);
  });
});
