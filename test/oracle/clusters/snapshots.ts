import fc from "fast-check";
import type { ClusterSnapshot, Image, ImageMetadata } from "../../../provider/prune/snapshot.js";
import type { MirrorRule } from "../../../provider/usage/mirrors.js";
import type { Referrer } from "../../../provider/usage/referrer.js";
import type { SpecTag, StreamFacts, TagHistory, TagItem } from "../../../provider/usage/streamFacts.js";
import { pullSpecs, referrers, sources } from "./referrers.js";
import {
  artifactTags,
  configs,
  digests,
  labels,
  layers,
  namespaces,
  plainTags,
  repositories,
  streamNames,
  takenAt,
} from "./universe.js";

const minute = 60_000;

/** Mostly old; else around half an hour, an hour and a day, which the policies ask for. */
const instants: fc.Arbitrary<number> = fc.oneof(
  { withCrossShrink: true },
  { weight: 8, arbitrary: fc.constant(takenAt - 100_000 * minute) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      -Infinity,
      ...[1, 30, 31, 59, 60, 61, 1439, 1440, 1441].map((age) => takenAt - age * minute),
    ),
  },
);

const mediaTypes = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  schema2: "application/vnd.docker.distribution.manifest.v2+json",
  schema1: "application/vnd.docker.distribution.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  list: "application/vnd.docker.distribution.manifest.list.v2+json",
};

const ofEveryImage = {
  uid: fc.constant("uid"),
  createdAt: instants,
  managed: fc.oneof(
    { weight: 4, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  repository: fc.constantFrom(...repositories, "ext/tool"),
  isSigned: fc.oneof(
    { weight: 5, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  unsaid: fc.constant("nothing" as const),
};

function plainImage(digest: string): fc.Arbitrary<Image> {
  const ofEither = {
    digest: fc.constant(digest),
    ...ofEveryImage,
    // A layer may even be the manifest of another image.
    layers: fc.array(
      fc.oneof(
        { weight: 15, arbitrary: fc.constantFrom(...layers) },
        { weight: 1, arbitrary: fc.constant(digests[0]!) },
      ),
      { maxLength: 3 },
    ),
    manifests: fc.constant([]),
  };
  const withConfig = fc.record({
    ...ofEither,
    mediaType: fc.constantFrom(mediaTypes.manifest, mediaTypes.schema2),
    metadata: metadataOf(configs),
  });
  const schema1 = fc.record({
    ...ofEither,
    mediaType: fc.constant(mediaTypes.schema1),
    metadata: metadataOf(configs.map((config) => config.replace("sha256:", ""))),
  });
  return fc.oneof({ weight: 8, arbitrary: withConfig }, { weight: 1, arbitrary: schema1 });
}

function metadataOf(configIds: readonly string[]): fc.Arbitrary<ImageMetadata> {
  return fc.record({
    kind: fc.constant("known" as const),
    configId: fc.constantFrom(...configIds),
    sizeBytes: fc.constantFrom(0, 10, 2000),
  });
}

/** Of later digests only: content-addressed indexes cannot form a circle. */
function indexImage(digest: string): fc.Arbitrary<Image> {
  const below = digests.slice(digests.indexOf(digest) + 1);
  return fc.record({
    digest: fc.constant(digest),
    ...ofEveryImage,
    mediaType: fc.constantFrom(mediaTypes.index, mediaTypes.list),
    layers: fc.constant([]),
    metadata: fc.constant({ kind: "absent" as const }),
    manifests: below.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...below), { maxLength: 3 }),
  });
}

const images: fc.Arbitrary<readonly Image[]> = fc
  .tuple(
    ...digests.map((digest) =>
      fc.oneof(
        { withCrossShrink: true },
        { weight: 2, arbitrary: fc.constant(undefined) },
        { weight: 7, arbitrary: plainImage(digest) },
        { weight: 3, arbitrary: indexImage(digest) },
      ),
    ),
  )
  .map((found) => found.filter((image) => image !== undefined));

/** Where an item's image came from, its own stream first. */
function itemSpec(repository: string, digest: string): fc.Arbitrary<string> {
  const own = `image-registry.openshift-image-registry.svc:5000/${repository}@${digest}`;
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(own) },
    { weight: 1, arbitrary: fc.constant("") },
    { weight: 1, arbitrary: fc.constantFrom(...repositories).map((other) => `r.io/${other}@${digest}`) },
    { weight: 1, arbitrary: fc.constant(`quay.io/ext/tool@${digest}`) },
  );
}

function itemsOf(repository: string, among: readonly string[]): fc.Arbitrary<TagItem> {
  const plain = fc.constantFrom(...among).chain((digest) =>
    fc.record({
      digest: fc.constant(digest),
      createdAt: instants,
      pullSpec: itemSpec(repository, digest),
    }),
  );
  const reference = fc.record({ digest: fc.constant(""), createdAt: instants, pullSpec: pullSpecs });
  return fc.oneof({ weight: 8, arbitrary: plain }, { weight: 1, arbitrary: reference });
}

const tagNames = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...plainTags) },
  { weight: 2, arbitrary: fc.constantFrom(...artifactTags) },
);

/** An attachment names its image, so no image is attached to its own attachment. */
function historyOf(repository: string): fc.Arbitrary<TagHistory> {
  return tagNames.chain((tag) => {
    const subject = artifactTags.indexOf(tag);
    return fc.record({
      tag: fc.constant(tag),
      items: fc.array(itemsOf(repository, digests.slice(subject + 1)), { maxLength: 4 }),
    });
  });
}

const specTags: fc.Arbitrary<readonly SpecTag[]> = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom(...plainTags, "edge"),
    from: fc.oneof(
      { weight: 1, arbitrary: fc.constant(undefined) },
      { weight: 5, arbitrary: sources },
      // An alias of a tag of its own stream.
      {
        weight: 1,
        arbitrary: fc
          .constantFrom(...plainTags)
          .map((name) => ({ kind: "ImageStreamTag", namespace: "", name })),
      },
    ),
    isReference: fc.boolean(),
  }),
  { selector: ({ name }) => name, maxLength: 2 },
);

function streamOf(namespace: string, name: string): fc.Arbitrary<StreamFacts> {
  return fc.record({
    namespace: fc.constant(namespace),
    name: fc.constant(name),
    createdAt: instants,
    labels: fc.oneof(
      { weight: 3, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: fc.constant(labels) },
    ),
    resourceVersion: fc.constant("1"),
    specTags: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: specTags }),
    tags: fc.uniqueArray(historyOf(`${namespace}/${name}`), { selector: ({ tag }) => tag, maxLength: 3 }),
  });
}

const streams: fc.Arbitrary<readonly StreamFacts[]> = fc.uniqueArray(
  fc
    .tuple(fc.constantFrom(...namespaces), fc.constantFrom(...streamNames))
    .chain(([namespace, name]) => streamOf(namespace, name)),
  { selector: ({ namespace, name }) => `${namespace}/${name}`, minLength: 1, maxLength: 4 },
);

const locations = [
  "quay.io",
  "quay.io/ext",
  "quay.io/ext/tool",
  "mirror.example",
  "r.io",
  "r.io/a",
  "r.io/b/web",
];

/** Rules of all lengths, which lead into each other, out of the cluster and in circles. */
const mirrorRules: fc.Arbitrary<MirrorRule> = fc.record({
  source: fc.constantFrom(...locations, "*.example", "*.io"),
  mirrors: fc.array(fc.constantFrom(...locations, "mirror.example/extra", "r.io/c"), {
    minLength: 1,
    maxLength: 2,
  }),
});

/** Any cluster with complete Images: shared layers and configs, nested indexes, missing Images, dangling items, all references. */
export const clusters: fc.Arbitrary<ClusterSnapshot> = fc.record({
  takenAt: fc.constant(takenAt),
  images,
  streams,
  // As on a cluster: two objects of one kind and name would be indistinguishable in any order.
  referrers: fc.uniqueArray<Referrer, string>(referrers, {
    selector: ({ kind, namespace, name }) => `${kind} ${namespace}/${name}`,
    maxLength: 4,
  }),
  imageLimits: fc.array(
    fc.record({
      namespace: fc.constantFrom(...namespaces),
      maxStorage: fc.constantFrom("5", "1Ki", "1Gi"),
    }),
    { maxLength: 3 },
  ),
  mirrors: fc.oneof(
    { withCrossShrink: true },
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(mirrorRules, { maxLength: 3 }) },
  ),
  layerBytes: fc.constant(new Map(layers.map((layer, bytes) => [layer, bytes]))),
});
