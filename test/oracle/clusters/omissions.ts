import fc from "fast-check";
import type { SafePolicy } from "../../../provider/prune/args/policy.js";
import type { ClusterSnapshot, Image, ImageMetadata } from "../../../provider/prune/snapshot.js";
import { liveReferences } from "../model/liveReferences.js";
import { createRegistry, servedBy, withDescendants } from "../model/registry.js";
import { clusters } from "./snapshots.js";
import { digests } from "./universe.js";

/**
 * A cluster as it is, and as its API shows it: Images of old servers, of mappings and of foreign tools leave out what they
 * need, although the registry has it.
 */
export interface ToldCluster {
  readonly truth: ClusterSnapshot;
  readonly told: ClusterSnapshot;
}

type Omission = (image: Image) => Image;

const isIndex = ({ mediaType }: Image) => /index|manifest\.list/.test(mediaType);

/** Layers of an image, children of an index. */
const withoutLists: Omission = (image) =>
  isIndex(image)
    ? { ...image, manifests: [], unsaid: "manifests" }
    : { ...image, layers: [], unsaid: "blobs" };

const withoutFirst: Omission = (image) =>
  isIndex(image)
    ? { ...image, manifests: image.manifests.slice(1), unsaid: "manifests" }
    : { ...image, layers: image.layers.slice(1), unsaid: "blobs" };

function withoutMetadata(metadata: ImageMetadata): Omission {
  return (image) => (isIndex(image) ? image : { ...image, metadata, unsaid: "blobs" });
}

const withoutAnything: Omission = (image) => ({
  ...image,
  mediaType: "",
  layers: [],
  manifests: [],
  metadata: { kind: "absent" },
  unsaid: "kind",
});

const omissions: fc.Arbitrary<Omission> = fc.constantFrom(
  withoutLists,
  withoutLists,
  withoutFirst,
  withoutMetadata({ kind: "absent" }),
  withoutMetadata({ kind: "undecodable", problem: "unexpected end of JSON input" }),
  withoutAnything,
);

const omissionsByDigest: fc.Arbitrary<ReadonlyMap<string, Omission>> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...digests), omissions), {
    selector: ([digest]) => digest,
    minLength: 1,
    maxLength: 3,
  })
  .map((pairs) => new Map(pairs));

const notAlways = (weight: number): fc.Arbitrary<ReadonlyMap<string, Omission>> =>
  fc.oneof(
    { withCrossShrink: true },
    { weight, arbitrary: fc.constant(new Map<string, Omission>()) },
    { weight: 1, arbitrary: omissionsByDigest },
  );

function toldOf(truth: ClusterSnapshot, omitted: ReadonlyMap<string, Omission>): ToldCluster {
  const images = truth.images.map((image) => omitted.get(image.digest)?.(image) ?? image);
  return { truth, told: { ...truth, images } };
}

/** Most of them leave nothing out. */
export const toldClusters: fc.Arbitrary<ToldCluster> = fc
  .tuple(clusters, notAlways(4))
  .map(([truth, omitted]) => toldOf(truth, omitted));

/** At least one Image leaves something out. */
export const secretiveClusters: fc.Arbitrary<ToldCluster> = fc
  .tuple(clusters, omissionsByDigest)
  .map(([truth, omitted]) => toldOf(truth, omitted));

/**
 * Digests of incomplete Images that nobody can need any more: no stream serves them, nothing names them or what contains
 * them, and they are neither young nor kept. What these need may be deleted; they cannot be pulled anyway.
 */
export function forgottenDigests({ truth, told }: ToldCluster, policy: SafePolicy): ReadonlySet<string> {
  const registry = createRegistry(truth);
  const images = new Map(told.images.map((image) => [image.digest, image]));
  const named = liveReferences(told, policy).flatMap((each) => (each.kind === "digest" ? [each.digest] : []));
  const wanted = [
    ...[...registry.streams.keys()].flatMap((repository) => [...servedBy(registry, repository)]),
    ...named,
    ...told.images.filter((image) => isSpared(image, told, policy)).map(({ digest }) => digest),
  ];
  const kept = new Set(wanted.flatMap((digest) => [...withDescendants(images, digest)]));
  const secretive = told.images.filter(({ unsaid }) => unsaid !== "nothing").map(({ digest }) => digest);
  return new Set(secretive.filter((digest) => !kept.has(digest)));
}

function isSpared({ createdAt, repository }: Image, told: ClusterSnapshot, policy: SafePolicy): boolean {
  const age = (told.takenAt - createdAt) / 1000;
  const [namespace = ""] = repository.split("/");
  const named = [...policy.keep.namespaces, ...policy.keep.streams].some((glob) =>
    new RegExp(`^${glob.replaceAll("*", "[^/]*")}$`).test(glob.includes("/") ? repository : namespace),
  );
  return (
    age < Math.max(policy.retention.keepYoungerThanSeconds, policy.keepUnreferencedYoungerThanSeconds) ||
    named
  );
}
