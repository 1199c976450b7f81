import { cutKey } from "../../../../../../provider/prune/plan/approval.js";
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
  named,
  select,
  keep,
  signature,
  describeRules,
} from "../../../../../support/builders/safeRules.js";
import { image, index, item, stream } from "../../../../../support/builders/snapshot.js";

describeRules("what the policy reaches", [
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
    name: "items that are not selected are kept and keep what they name",
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
]);

describeRules("an approval", [
  {
    name: "items that the approval does not list are kept, and keep what they name",
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
    name: "Images that the approval does not list are kept, with their artifacts and children",
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
]);
