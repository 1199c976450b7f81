import {
  A,
  B,
  C,
  D,
  E,
  imageA,
  imageB,
  overSize,
  named,
  specTag,
  signature,
  describeRules,
} from "../../../../../support/builders/safeRules.js";
import {
  image,
  index,
  item,
  pod,
  source,
  stream,
  takenAt,
} from "../../../../../support/builders/snapshot.js";

describeRules("attached artifacts", [
  {
    name: "follows-subject while the subject is kept, in another stream too",
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
    name: "subject-gone when the subject is deleted, current and importable or not",
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
    name: "follows a subject that is kept for another reason than a stream",
    given: {
      images: [{ ...imageA, createdAt: takenAt }, imageB],
      streams: [stream("shop/web", { [signature]: [item(B)] })],
    },
    items: [`shop/web:${signature}#0 follows-subject`],
    images: ["a young-image"],
  },
  {
    name: "an artifact that is young or in use is kept without its subject",
    given: {
      images: [imageA, imageB, image(C)],
      streams: [
        stream("shop/web", { [signature]: [item(B, 10)] }),
        stream("shop/api", { [signature]: [item(C)] }),
      ],
      referrers: [pod(`r.io/shop/api@${C}`)],
    },
    items: [`shop/api:${signature}#0 digest-in-use`, `shop/web:${signature}#0 young-revision`],
    images: ["a -"],
  },
  {
    name: "follows a subject that is kept below an index",
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
    name: "subjects stay when no Image can be deleted",
    given: {
      images: [imageA, imageB, image(C, { unsaid: "blobs", createdAt: takenAt })],
      streams: [stream("shop/web", { [signature]: [item(B)] })],
    },
    items: [`shop/web:${signature}#0 follows-subject`],
    images: [],
  },
]);
