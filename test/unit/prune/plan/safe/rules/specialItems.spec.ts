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
  specTag,
  other,
  describeRules,
} from "../../../../../support/builders/safeRules.js";
import { image, index, item, pod, source, stream } from "../../../../../support/builders/snapshot.js";

describeRules("items that are special", [
  {
    name: "reference-tag",
    given: { images: [imageB], streams: [stream("shop/web", { ref: [item(""), item("")] })] },
    under: keepNone,
    items: ["shop/web:ref#0 reference-tag", "shop/web:ref#1 reference-tag"],
    images: ["b -"],
  },
  {
    name: "current-dangling, and dangling-revision behind it",
    given: {
      images: [imageB],
      streams: [stream("shop/web", { latest: [item(A), item(C), item(B)], v1: [item(B), item(A)] })],
    },
    under: { retention: { kind: "revisions", keepYoungerThanSeconds: 3600, keepTagRevisions: 3 } },
    items: [
      "shop/web:latest#0 current-dangling",
      "shop/web:latest#1 -dangling-revision",
      "shop/web:latest#2 revision-kept",
      "shop/web:v1#0 revision-kept",
      "shop/web:v1#1 -dangling-revision",
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
    name: "all-images-missing keeps the stream, which one of reference tags is not",
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
      "shop/web:latest#3 -dangling-revision",
    ],
    images: ["c -", "d external-image"],
  },
  {
    name: "external images are like others with allImages",
    given: { images: [image(A, { managed: false }), imageB], streams: [web] },
    items: [...uncut, "shop/web:latest#1 -obsolete-revision"],
    images: ["a -"],
  },
]);

describeRules("references that cannot be read", [
  {
    name: "are ignored with ignoreInvalidReferences",
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
    name: "keep the streams of their namespace and those in their text, with Images of those repositories",
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
]);
