import {
  A,
  B,
  C,
  D,
  imageA,
  imageB,
  web,
  uncut,
  keepNone,
  named,
  specTag,
  describeRules,
} from "../../../../../support/builders/safeRules.js";
import { image, index, item, source, stream } from "../../../../../support/builders/snapshot.js";

describeRules("streams that point at streams", [
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
    name: "a kept item names a digest of another stream",
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
    name: "a kept item keeps an index with its digest in another stream, and its parts",
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
      "x/y:v#1 -dangling-revision",
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
    name: "kept items keep others, over several streams",
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
    name: "an item that is cut keeps nothing",
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
]);
