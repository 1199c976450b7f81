import fc from "fast-check";
import type { OcPolicy, Retention, SafePolicy } from "../../../provider/prune/args/policy.js";
import type { Approval } from "../../../provider/prune/plan/approval.js";
import type { ClusterSnapshot, Image, ImageLimit } from "../../../provider/prune/snapshot.js";
import type {
  ContainerImage,
  ImageSource,
  Mentions,
  Referrer,
  TemplateKind,
} from "../../../provider/usage/referrer.js";
import type { SpecTag, StreamFacts } from "../../../provider/usage/streamFacts.js";
import { minutesAgo, takenAt } from "./snapshot.js";

const digests = Array.from("0123456789ab", (digit) => `sha256:${digit.repeat(64)}`);
const blobs = ["l0", "l1", "l2", "l3", "l4", "l5"];
const namespaces = ["a", "b", "c"];
const streamNames = ["web", "app"];
const artifactTags = digests.slice(0, 3).map((digest) => `${digest.replace(":", "-")}.sig`);
const tagNames = ["latest", "v1", "v2", ...artifactTags];
const configs = ["", ...blobs, digests[1] ?? "", ...["d", "e"].map((digit) => digit.repeat(64))];

/** Around the ages that the policies ask for, and none at all. */
const instants = fc.constantFrom(-Infinity, ...[1, 30, 31, 60, 61, 600, 100_000].map(minutesAgo));

const images: fc.Arbitrary<Image> = fc
  .record({
    digest: fc.constantFrom(...digests),
    uid: fc.constant("uid"),
    createdAt: instants,
    managed: fc.boolean(),
    mediaType: fc.constantFrom(
      "application/vnd.oci.image.manifest.v1+json",
      "application/vnd.docker.distribution.manifest.v1+json",
      "application/vnd.oci.image.index.v1+json",
    ),
    repository: fc.constantFrom("", "a/web", "b/gone", "x/y"),
    isSigned: fc.boolean(),
    // A layer may even be the manifest of another image.
    layers: fc.array(fc.constantFrom(...blobs, digests[0] ?? ""), { maxLength: 4 }),
    metadata: fc.oneof(
      {
        weight: 40,
        arbitrary: fc.record({
          kind: fc.constant("known" as const),
          configId: fc.constantFrom(...configs),
          sizeBytes: fc.constantFrom(0, 10, 2000),
        }),
      },
      { weight: 1, arbitrary: fc.constant({ kind: "absent" as const }) },
    ),
    manifests: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.constantFrom(...digests), { maxLength: 3 }) },
    ),
    unsaid: fc.oneof(
      { weight: 40, arbitrary: fc.constant("nothing" as const) },
      { weight: 1, arbitrary: fc.constantFrom("blobs" as const, "manifests" as const, "kind" as const) },
    ),
  })
  .map((image) => (image.metadata.kind === "known" ? image : { ...image, unsaid: "blobs" as const }));

const pullSpecs = fc
  .record({
    path: fc.constantFrom(
      "",
      ...["r.io/", "quay.io/", "r.io/extra/", ""].flatMap((host) =>
        namespaces.map((namespace) => `${host}${namespace}/`),
      ),
    ),
    name: fc.constantFrom(...streamNames),
    suffix: fc.constantFrom(
      "",
      ...tagNames.map((tag) => `:${tag}`),
      ...digests.map((digest) => `@${digest}`),
    ),
  })
  .map(({ path, name, suffix }) => `${path}${name}${suffix}`);

const items = fc.record({
  digest: fc.constantFrom("", ...digests),
  createdAt: instants,
  pullSpec: fc.oneof(fc.constant(""), pullSpecs),
});

const sources: fc.Arbitrary<ImageSource> = fc.record({
  kind: fc.constantFrom("ImageStreamTag", "ImageStreamImage", "DockerImage"),
  namespace: fc.constantFrom("", ...namespaces),
  name: fc.oneof(fc.constantFrom("web:v1", "app:latest", `web@${digests[1] ?? ""}`), pullSpecs),
});

const specTags: fc.Arbitrary<SpecTag> = fc.record({
  name: fc.constantFrom(...tagNames),
  from: fc.option(
    fc.oneof(
      { weight: 3, arbitrary: pullSpecs.map((name) => ({ kind: "DockerImage", namespace: "", name })) },
      { weight: 1, arbitrary: fc.constant({ kind: "ImageStreamTag", namespace: "", name: "v1" }) },
      { weight: 1, arbitrary: sources },
    ),
    { nil: undefined },
  ),
  isReference: fc.boolean(),
});

const mentions: fc.Arbitrary<Mentions> = fc.record({
  pullSpecs: fc.array(fc.record({ field: fc.constant("volume v"), text: pullSpecs }), { maxLength: 1 }),
  sources: fc.array(sources, { maxLength: 1 }),
  digests: fc.array(fc.constantFrom(...digests), { maxLength: 1 }),
  imageIds: fc.array(fc.constantFrom(digests[2] ?? "", "d".repeat(64), `docker://${"e".repeat(64)}`), {
    maxLength: 1,
  }),
});

const streams: fc.Arbitrary<StreamFacts> = fc.record({
  namespace: fc.constantFrom(...namespaces),
  name: fc.constantFrom(...streamNames),
  createdAt: instants,
  labels: fc.constantFrom<Readonly<Record<string, string>>>({}, { team: "a" }),
  resourceVersion: fc.constant("1"),
  specTags: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.uniqueArray(specTags, { selector: ({ name }) => name, maxLength: 2 }) },
  ),
  tags: fc.uniqueArray(
    fc.record({ tag: fc.constantFrom(...tagNames), items: fc.array(items, { maxLength: 5 }) }),
    { selector: ({ tag }) => tag, maxLength: 3 },
  ),
});

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

const objectName = {
  namespace: fc.constantFrom(...namespaces),
  name: fc.constantFrom("x", "y", "z"),
  mentions: fc.option(mentions, { nil: undefined }),
};

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
    from: fc.option(sources, { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant("other" as const),
    objectKind: fc.constantFrom("node", "controllerrevision"),
    ...objectName,
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

export const extraSpecTags = specTags;

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

const selections = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ namespaces: [], streams: [], tags: [], labels: {} }) },
  {
    weight: 1,
    arbitrary: fc.record({
      namespaces: fc.constantFrom([], ["a"], ["[ab]"]),
      streams: fc.constantFrom([], ["*/web"]),
      tags: fc.constantFrom([], ["v*"], ["latest", "sha256-*"]),
      labels: fc.constantFrom<Readonly<Record<string, string>>>({}, { team: "a" }),
    }),
  },
);

export const safePolicies: fc.Arbitrary<SafePolicy> = fc.record({
  rules: fc.constant("safe" as const),
  namespace: fc.oneof(
    { weight: 5, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...namespaces) },
  ),
  allImages: fc.boolean(),
  pruneRegistry: fc.boolean(),
  invalidRefs: fc.constantFrom("fail" as const, "ignore" as const, "wildcard" as const),
  keepUnreferencedYoungerThanSeconds: fc.constantFrom(0, 1800, 3600, 36_000),
  retention: fc.oneof(
    retentions,
    fc.constant({ kind: "over-size-limit" as const, keepYoungerThanSeconds: 1800 }),
  ),
  select: selections,
  keep: fc.record({
    digests: fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.constantFrom(...digests), { maxLength: 2 }) },
    ),
    namespaces: fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, fc.constant(["c"])),
    streams: fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, fc.constant(["*/app"])),
    tags: fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, fc.constant(["v1"])),
    labels: fc.oneof(
      { weight: 6, arbitrary: fc.constant<Readonly<Record<string, string>>>({}) },
      fc.constant({ team: "a" }),
    ),
  }),
});

/** The rest after an approver has struck some out. */
export function approvalsOf(cuts: readonly string[], images: readonly string[]): fc.Arbitrary<Approval> {
  return fc.tuple(fc.subarray([...cuts]), fc.subarray([...images])).map(([approvedCuts, approvedImages]) => ({
    cuts: new Set(approvedCuts),
    images: new Set(approvedImages),
  }));
}
