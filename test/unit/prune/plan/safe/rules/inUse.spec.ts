import {
  A,
  B,
  C,
  D,
  E,
  imageA,
  imageB,
  web,
  uncut,
  keepNone,
  named,
  specTag,
  keep,
  other,
  configured,
  describeRules,
} from "../../../../../support/builders/safeRules.js";
import {
  image,
  index,
  item,
  mentions,
  pod,
  source,
  stream,
} from "../../../../../support/builders/snapshot.js";

describeRules("in use", [
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
]);
