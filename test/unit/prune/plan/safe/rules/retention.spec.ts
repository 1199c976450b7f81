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
  overSize,
  describeRules,
} from "../../../../../support/builders/safeRules.js";
import { image, index, item, minutesAgo, pod, stream } from "../../../../../support/builders/snapshot.js";

describeRules("retention", [
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
    name: "keepTagRevisions 0 cuts everything",
    given: { images: [imageA, imageB], streams: [web] },
    under: keepNone,
    items: ["shop/web:latest#0 -obsolete-revision", "shop/web:latest#1 -obsolete-revision"],
    images: ["a -", "b -"],
  },
  {
    name: "within-limit, and over-limit beyond it",
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
    items: ["shop/web:latest#0 young-revision", "shop/web:latest#1 -over-limit"],
    images: ["a -"],
  },
]);

describeRules("age", [
  {
    name: "young-stream keeps all its items",
    given: { images: [imageA, imageB], streams: [{ ...web, createdAt: minutesAgo(59) }] },
    items: ["shop/web:latest#0 young-stream", "shop/web:latest#1 young-stream"],
    images: [],
  },
  {
    name: "young-revision, strictly",
    given: {
      images: [imageA, imageB],
      streams: [stream("shop/web", { latest: [item(B), item(A, 59), item(A, 60)] })],
    },
    items: [...uncut, "shop/web:latest#1 young-revision", "shop/web:latest#2 -obsolete-revision"],
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
    name: "young-revision for an old Image that came back lately, and for an index that did",
    given: {
      images: [imageA, imageB, index(C, D), image(D), image(E)],
      streams: [stream("shop/web", { latest: [item(B, 90), item(A, 119), item(C, 119), item(E, 120)] })],
    },
    under: { keepUnreferencedYoungerThanSeconds: 7200 },
    items: [
      "shop/web:latest#0 young-revision",
      "shop/web:latest#1 young-revision",
      "shop/web:latest#2 young-revision",
      "shop/web:latest#3 -obsolete-revision",
    ],
    images: ["d child-of-kept-index", "e -"],
  },
  {
    name: "no young-revision for an Image that was pushed with it, which tells its age itself",
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
]);
