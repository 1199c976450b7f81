import fc from "fast-check";
import type { OcPolicy, Retention } from "../../../provider/prune/policy.js";
import type { ClusterSnapshot, Image, ImageLimit, ImageStream } from "../../../provider/prune/snapshot.js";
import type { ContainerImage, Referrer, TemplateKind } from "../../../provider/usage/referrer.js";
import { minutesAgo, takenAt } from "./builders.js";

const digests = Array.from("0123456789ab", (digit) => `sha256:${digit.repeat(64)}`);
const blobs = ["l0", "l1", "l2", "l3", "l4", "l5"];
const namespaces = ["a", "b", "c"];
const streamNames = ["web", "app"];
const tagNames = ["latest", "v1", "v2"];

/** Around the ages that the policies ask for, and none at all. */
const instants = fc.constantFrom(-Infinity, ...[1, 30, 31, 60, 61, 600, 100_000].map(minutesAgo));

const images: fc.Arbitrary<Image> = fc.record({
  digest: fc.constantFrom(...digests),
  uid: fc.constant("uid"),
  createdAt: instants,
  managed: fc.boolean(),
  mediaType: fc.constantFrom(
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
  ),
  repository: fc.constant(""),
  isSigned: fc.constant(false),
  // A layer may even be the manifest of another image.
  layers: fc.array(fc.constantFrom(...blobs, digests[0] ?? ""), { maxLength: 4 }),
  metadata: fc.oneof(
    {
      weight: 40,
      arbitrary: fc.record({
        kind: fc.constant("known" as const),
        configId: fc.constantFrom("", ...blobs),
        sizeBytes: fc.constantFrom(0, 10, 2000),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: "absent" as const }) },
  ),
  manifests: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(...digests), { maxLength: 3 }) },
  ),
});

const items = fc.record({
  digest: fc.constantFrom("", ...digests),
  createdAt: instants,
  pullSpec: fc.constant(""),
});

const streams: fc.Arbitrary<ImageStream> = fc.record({
  namespace: fc.constantFrom(...namespaces),
  name: fc.constantFrom(...streamNames),
  createdAt: instants,
  labels: fc.constant({}),
  resourceVersion: fc.constant("1"),
  specTags: fc.constant([]),
  tags: fc.uniqueArray(
    fc.record({ tag: fc.constantFrom(...tagNames), items: fc.array(items, { maxLength: 5 }) }),
    { selector: ({ tag }) => tag, maxLength: 3 },
  ),
});

const pullSpecs = fc
  .record({
    host: fc.constantFrom("r.io/", "quay.io/", "r.io/extra/", ""),
    namespace: fc.constantFrom(...namespaces),
    name: fc.constantFrom(...streamNames),
    suffix: fc.constantFrom(
      "",
      ...tagNames.map((tag) => `:${tag}`),
      ...digests.map((digest) => `@${digest}`),
    ),
  })
  .map(({ host, namespace, name, suffix }) => `${host}${namespace}/${name}${suffix}`);

const containers: fc.Arbitrary<readonly ContainerImage[]> = fc.array(
  fc.record({
    role: fc.constantFrom("container" as const, "init container" as const),
    name: fc.constantFrom("web", "log"),
    image: fc.oneof(
      { weight: 12, arbitrary: pullSpecs },
      { weight: 1, arbitrary: fc.constantFrom("", "::") },
    ),
  }),
  { maxLength: 2 },
);

const objectName = { namespace: fc.constantFrom(...namespaces), name: fc.constantFrom("x", "y", "z") };

const referrers: fc.Arbitrary<Referrer> = fc.oneof(
  fc.record({
    kind: fc.constant("pod" as const),
    ...objectName,
    phase: fc.constantFrom("Running", "Pending", "Succeeded", "Unknown"),
    createdAt: instants,
    images: containers,
  }),
  fc.record({
    kind: fc.constantFrom<TemplateKind>("deployment", "replicaset", "cronjob"),
    ...objectName,
    images: containers,
  }),
  fc.record({
    kind: fc.constantFrom("build" as const, "buildconfig" as const),
    ...objectName,
    from: fc.option(
      fc.record({
        kind: fc.constantFrom("ImageStreamTag", "ImageStreamImage", "DockerImage"),
        namespace: fc.constantFrom("", ...namespaces),
        name: fc.oneof(fc.constantFrom("web:v1", "app:latest", `web@${digests[1] ?? ""}`), pullSpecs),
      }),
      { nil: undefined },
    ),
  }),
);

const imageLimits: fc.Arbitrary<ImageLimit> = fc.record({
  namespace: fc.constantFrom(...namespaces),
  maxStorage: fc.constantFrom("5", "1Ki", "1Gi"),
});

export const snapshots: fc.Arbitrary<ClusterSnapshot> = fc.record({
  takenAt: fc.constant(takenAt),
  images: fc.uniqueArray(images, { selector: ({ digest }) => digest, maxLength: 12 }),
  streams: fc.uniqueArray(streams, {
    selector: ({ namespace, name }) => `${namespace}/${name}`,
    maxLength: 5,
  }),
  // As on a cluster: two objects of one kind and name would be indistinguishable in any order.
  referrers: fc.uniqueArray(referrers, {
    selector: ({ kind, namespace, name }) => `${kind} ${namespace}/${name}`,
    maxLength: 5,
  }),
  imageLimits: fc.array(imageLimits, { maxLength: 4 }),
  layerBytes: fc.constant(new Map(blobs.map((blob, size) => [blob, size]))),
});

export const extraReferrers = referrers;

const retentions: fc.Arbitrary<Retention> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("revisions" as const),
      keepYoungerThanSeconds: fc.constantFrom(0, 1800, 3600),
      keepTagRevisions: fc.nat(3),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "over-size-limit" as const, keepYoungerThanSeconds: 0 }) },
);

export const policies: fc.Arbitrary<OcPolicy> = fc.record({
  rules: fc.constant("oc" as const),
  namespace: fc.oneof(
    { weight: 5, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...namespaces) },
  ),
  allImages: fc.boolean(),
  pruneRegistry: fc.boolean(),
  ignoreInvalidRefs: fc.boolean(),
  retention: retentions,
});
