import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { OcPolicy, Retention } from "../../../provider/prune/args/policy.js";
import type { ClusterSnapshot, Image, ImageLimit, ImageMetadata } from "../../../provider/prune/snapshot.js";
import type {
  BuildReferrer,
  ContainerImage,
  ImageSource,
  PodReferrer,
  Referrer,
  TemplateKind,
  TemplateReferrer,
} from "../../../provider/usage/referrer.js";
import type { StreamFacts } from "../../../provider/usage/streamFacts.js";
import { repositoryRoot } from "../repositoryRoot.js";

/** One line of test/conformance/oc-prune-*.jsonl: a cluster as Kubernetes writes it, and what `oc` did with it. */
export interface OcCluster {
  readonly group: string;
  readonly name: string;
  readonly now: string;
  readonly namespace?: string;
  readonly keepYoungerThanSeconds?: number | null;
  readonly keepTagRevisions?: number | null;
  readonly pruneOverSizeLimit?: boolean | null;
  readonly allImages?: boolean | null;
  readonly pruneRegistry?: boolean | null;
  readonly ignoreInvalidRefs?: boolean | null;
  readonly images?: Readonly<Record<string, RawImage>>;
  readonly streams?: Readonly<Record<string, RawStream>>;
  readonly pods?: RawList<RawPod>;
  readonly rcs?: RawList<RawWorkload>;
  readonly dcs?: RawList<RawWorkload>;
  readonly rss?: RawList<RawWorkload>;
  readonly deployments?: RawList<RawWorkload>;
  readonly dss?: RawList<RawWorkload>;
  readonly ssets?: RawList<RawWorkload>;
  readonly jobs?: RawList<RawWorkload>;
  readonly cronjobs?: RawList<RawCronJob>;
  readonly builds?: RawList<RawBuild>;
  readonly bcs?: RawList<RawBuild>;
  readonly limits?: Readonly<Record<string, readonly RawLimitRange[] | null>>;
  readonly imageDeleterErr?: string;
  readonly imageStreamDeleterErr?: string;
  readonly layerDeleterErr?: string;
  readonly manifestDeleterErr?: string;
  readonly blobDeletionFailsFor?: readonly string[];
  readonly expectedErrorString?: string;
  readonly expectedStreamUpdates?: readonly string[] | null;
  readonly expectedLayerLinkDeletions?: RawSet;
  readonly expectedManifestLinkDeletions?: RawSet;
  readonly expectedManifestDeletions?: RawSet;
  readonly expectedBlobDeletions?: RawSet;
  readonly expectedImageDeletions?: readonly string[] | null;
  readonly expectedStreamUpdateFailures?: readonly string[];
  readonly expectedLayerLinkDeletionFailures?: readonly string[];
  readonly expectedManifestLinkDeletionFailures?: readonly string[];
  readonly expectedBlobDeletionFailures?: readonly string[];
  readonly expectedImageDeletionFailures?: readonly string[];
}

/** A list or a Go set; lists may repeat an element. */
export type RawSet = readonly string[] | Readonly<Record<string, object>> | null | undefined;

export function elementsOf(set: RawSet): readonly string[] {
  if (set === null || set === undefined) return [];
  const elements = Array.isArray(set) ? (set as readonly string[]) : Object.keys(set);
  return [...new Set(elements)].sort();
}

interface RawList<Item> {
  readonly items?: readonly Item[] | null;
}

interface RawMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly creationTimestamp?: string | null;
  readonly annotations?: Readonly<Record<string, string>> | null;
}

interface RawImage {
  readonly metadata: RawMetadata;
  readonly dockerImageMetadata?: { readonly Id?: string; readonly Size?: number } | null;
  readonly dockerImageLayers?: readonly { readonly name: string; readonly size: number }[] | null;
  readonly dockerImageManifestMediaType?: string;
  readonly dockerImageManifests?: readonly { readonly digest: string }[] | null;
}

interface RawSource {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
}

interface RawStream {
  readonly metadata: RawMetadata;
  readonly spec?: {
    readonly tags?:
      | readonly { readonly name: string; readonly from?: RawSource | null; readonly reference?: boolean }[]
      | null;
  };
  readonly status?: {
    readonly tags?:
      | readonly {
          readonly tag: string;
          readonly items?: readonly { readonly image?: string; readonly created?: string | null }[] | null;
        }[]
      | null;
  };
}

interface RawPodSpec {
  readonly initContainers?: readonly RawContainer[] | null;
  readonly containers?: readonly RawContainer[] | null;
}

interface RawContainer {
  readonly name?: string;
  readonly image?: string;
}

interface RawTemplate {
  readonly template?: { readonly spec?: RawPodSpec } | null;
}

interface RawPod {
  readonly metadata: RawMetadata;
  readonly spec?: RawPodSpec;
  readonly status?: { readonly phase?: string };
}

interface RawWorkload {
  readonly metadata: RawMetadata;
  readonly spec?: RawTemplate;
}

interface RawCronJob {
  readonly metadata: RawMetadata;
  readonly spec?: { readonly jobTemplate?: { readonly spec?: RawTemplate } };
}

interface RawBuild {
  readonly metadata: RawMetadata;
  readonly spec?: {
    readonly strategy?: {
      readonly sourceStrategy?: { readonly from?: RawSource | null };
      readonly dockerStrategy?: { readonly from?: RawSource | null };
      readonly customStrategy?: { readonly from?: RawSource | null };
    };
  };
}

interface RawLimitRange {
  readonly metadata?: RawMetadata;
  readonly spec?: {
    readonly limits?:
      | readonly { readonly type: string; readonly max?: { readonly storage?: string | number } | null }[]
      | null;
  };
}

export function readClusters(file: string): readonly OcCluster[] {
  return readFileSync(join(repositoryRoot, "test/conformance", file), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as OcCluster);
}

/** The options as the recording programs passed them; TestRegistryPruning has defaults of its own. */
export function policyOf(cluster: OcCluster): OcPolicy {
  const isRegistryTest = cluster.group === "TestRegistryPruning";
  const retention: Retention =
    cluster.pruneOverSizeLimit === true
      ? { kind: "over-size-limit", keepYoungerThanSeconds: 0 }
      : {
          kind: "revisions",
          keepYoungerThanSeconds: cluster.keepYoungerThanSeconds ?? 3600,
          keepTagRevisions: cluster.keepTagRevisions ?? (isRegistryTest ? 1 : 3),
        };
  return {
    rules: "oc",
    namespace: cluster.namespace,
    allImages: cluster.allImages ?? true,
    pruneRegistry: cluster.pruneRegistry ?? !isRegistryTest,
    ignoreInvalidRefs: cluster.ignoreInvalidRefs ?? false,
    retention,
  };
}

export function snapshotOf(cluster: OcCluster): ClusterSnapshot {
  const images = Object.values(cluster.images ?? {});
  return {
    takenAt: Date.parse(cluster.now),
    images: images.map(imageOf),
    streams: Object.values(cluster.streams ?? {}).map(streamOf),
    referrers: referrersOf(cluster),
    imageLimits: Object.entries(cluster.limits ?? {}).flatMap(([namespace, ranges]) =>
      (ranges ?? []).flatMap((range) => limitsOf(namespace, range)),
    ),
    layerBytes: new Map(
      images.flatMap((image) => (image.dockerImageLayers ?? []).map(({ name, size }) => [name, size])),
    ),
  };
}

function imageOf(raw: RawImage): Image {
  return {
    digest: raw.metadata.name,
    uid: "",
    createdAt: instantOf(raw.metadata.creationTimestamp),
    managed: raw.metadata.annotations?.["openshift.io/image.managed"] === "true",
    mediaType: raw.dockerImageManifestMediaType ?? "",
    repository: "",
    isSigned: false,
    layers: (raw.dockerImageLayers ?? []).map((layer) => layer.name),
    metadata: metadataOf(raw),
    manifests: (raw.dockerImageManifests ?? []).map((manifest) => manifest.digest),
    unsaid: "nothing",
  };
}

function metadataOf({ dockerImageMetadata: raw }: RawImage): ImageMetadata {
  if (raw === null || raw === undefined) return { kind: "absent" };
  return { kind: "known", configId: raw.Id ?? "", sizeBytes: raw.Size ?? 0 };
}

function streamOf({ metadata, spec, status }: RawStream): StreamFacts {
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    createdAt: instantOf(metadata.creationTimestamp),
    labels: {},
    resourceVersion: "1",
    specTags: (spec?.tags ?? []).map(({ name, from, reference }) => ({
      name,
      from: sourceOf(from),
      isReference: reference === true,
    })),
    tags: (status?.tags ?? []).map(({ tag, items }) => ({
      tag,
      items: (items ?? []).map(({ image, created }) => ({
        digest: image ?? "",
        createdAt: instantOf(created),
        pullSpec: "",
      })),
    })),
  };
}

function limitsOf(namespace: string, { spec }: RawLimitRange): readonly ImageLimit[] {
  return (spec?.limits ?? [])
    .filter(({ type }) => type === "openshift.io/Image")
    .flatMap(({ max }) =>
      max?.storage === undefined ? [] : [{ namespace, maxStorage: String(max.storage) }],
    );
}

function referrersOf(cluster: OcCluster): readonly Referrer[] {
  return [
    ...(cluster.pods?.items ?? []).map(podOf),
    ...templates("replicationcontroller", cluster.rcs),
    ...templates("deploymentconfig", cluster.dcs),
    ...templates("replicaset", cluster.rss),
    ...templates("deployment", cluster.deployments),
    ...templates("daemonset", cluster.dss),
    ...templates("statefulset", cluster.ssets),
    ...templates("job", cluster.jobs),
    ...(cluster.cronjobs?.items ?? []).map(({ metadata, spec }) =>
      templateOf("cronjob", { metadata, spec: spec?.jobTemplate?.spec ?? {} }),
    ),
    ...(cluster.builds?.items ?? []).map((build) => buildOf("build", build)),
    ...(cluster.bcs?.items ?? []).map((build) => buildOf("buildconfig", build)),
  ];
}

function podOf({ metadata, spec, status }: RawPod): PodReferrer {
  return {
    kind: "pod",
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    phase: status?.phase ?? "",
    createdAt: instantOf(metadata.creationTimestamp),
    images: containerImages(spec),
  };
}

function templates(kind: TemplateKind, list: RawList<RawWorkload> | undefined): readonly TemplateReferrer[] {
  return (list?.items ?? []).map((workload) => templateOf(kind, workload));
}

function templateOf(kind: TemplateKind, { metadata, spec }: RawWorkload): TemplateReferrer {
  const images = containerImages(spec?.template?.spec);
  return { kind, namespace: metadata.namespace ?? "", name: metadata.name, images };
}

function containerImages(spec: RawPodSpec | undefined): readonly ContainerImage[] {
  const toImage =
    (role: ContainerImage["role"]) =>
    ({ name, image }: RawContainer): ContainerImage => ({ role, name: name ?? "", image: image ?? "" });
  return [
    ...(spec?.initContainers ?? []).map(toImage("init container")),
    ...(spec?.containers ?? []).map(toImage("container")),
  ];
}

function buildOf(kind: BuildReferrer["kind"], { metadata, spec }: RawBuild): BuildReferrer {
  const { sourceStrategy, dockerStrategy, customStrategy } = spec?.strategy ?? {};
  // Of several strategies the first counts, with or without a source, as for the server.
  const strategy = sourceStrategy ?? dockerStrategy ?? customStrategy;
  return {
    kind,
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    from: sourceOf(strategy?.from),
  };
}

function sourceOf(raw: RawSource | null | undefined): ImageSource | undefined {
  if (raw === null || raw === undefined) return undefined;
  return { kind: raw.kind ?? "", namespace: raw.namespace ?? "", name: raw.name ?? "" };
}

function instantOf(timestamp: string | null | undefined): number {
  return timestamp === null || timestamp === undefined ? -Infinity : Date.parse(timestamp);
}
