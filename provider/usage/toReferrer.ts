import type { ContentPool } from "../support/contentPool.js";
import { instantAt, listAt, textAt, valueAt } from "../support/json.js";
import { podSpecsIn, readMentions } from "./mentions.js";
import { type FieldPath, type Place, placesBelow, valuesAt } from "./place.js";
import {
  allPullSpecs,
  containerImages,
  otherPullSpecs,
  ownPodPlaces,
  podSpecPath,
  podSpecPlaces,
  runningImageIds,
} from "./podSpec.js";
import {
  type ImageSource,
  nameOf,
  type OtherReferrer,
  type PodReferrer,
  type TemplateKind,
  type TemplateReferrer,
} from "./referrer.js";
import { annotatedSources, deploymentTriggersPath, triggerAnnotation, triggerSources } from "./triggers.js";

/**
 * Objects as the API server writes them, reduced to what they say about images (facts/pruning.md 1, 4, 34).
 * Fields that are missing or of another type count as absent.
 */

const triggers: Place = {
  path: ["metadata", "annotations", triggerAnnotation],
  content: "object reference",
  readByOc: false,
};

export const podPlaces: readonly Place[] = [...ownPodPlaces, triggers];

export function toPodReferrer(pod: unknown, pool: ContentPool): PodReferrer {
  const spec = valueAt(pod, "spec");
  const images = containerImages(spec);
  return {
    kind: "pod",
    ...nameOf(pod, pool),
    phase: pool.text(textAt(pod, "status", "phase")),
    createdAt: instantAt(pod, "metadata", "creationTimestamp"),
    images: pool.value(images),
    mentions: readMentions(
      pod,
      {
        images,
        pullSpecs: otherPullSpecs(spec),
        sources: annotatedSources(pod),
        imageIds: runningImageIds(pod),
        isCopy: isMadeOfTemplate(pod),
        isPod: true,
      },
      pool,
    ),
  };
}

const templateOwners: ReadonlySet<string> = new Set([
  "ReplicaSet",
  "ReplicationController",
  "StatefulSet",
  "DaemonSet",
  "Job",
]);

/** Such a pod repeats its pod template, which is read in the object that holds it. */
function isMadeOfTemplate(pod: unknown): boolean {
  return listAt(pod, "metadata", "ownerReferences").some(
    (owner) => valueAt(owner, "controller") === true && templateOwners.has(textAt(owner, "kind")),
  );
}

/** Of a DeploymentConfig; other kinds have no such field. */
const deploymentTriggers: FieldPath = [...deploymentTriggersPath, "from"];

export function templatePlaces(kind: TemplateKind): readonly Place[] {
  const own = placesBelow(podSpecPath(kind), podSpecPlaces);
  return kind === "deploymentconfig"
    ? [...own, triggers, { ...triggers, path: deploymentTriggers }]
    : [...own, triggers];
}

export function toTemplateReferrer(
  kind: TemplateKind,
  workload: unknown,
  pool: ContentPool,
): TemplateReferrer {
  const podSpec = valueAt(workload, ...podSpecPath(kind));
  const images = containerImages(podSpec);
  return {
    kind,
    ...nameOf(workload, pool),
    images: pool.value(images),
    mentions: readMentions(
      workload,
      {
        images,
        pullSpecs: otherPullSpecs(podSpec),
        sources: [...annotatedSources(workload), ...triggersOf(workload)],
      },
      pool,
    ),
  };
}

function triggersOf(workload: unknown): readonly ImageSource[] {
  return triggerSources(valuesAt(workload, deploymentTriggers));
}

const revisionPath: FieldPath = ["data"];
/** Pod specs stand at another depth in each kind that makes revisions. */
export const controllerRevisionPlaces: readonly Place[] = placesBelow(
  [...revisionPath, "…"],
  podSpecPlaces,
).map((place) => ({ ...place, readByOc: false }));

/** A revision that a StatefulSet or DaemonSet can be rolled back to. */
export function toRevisionReferrer(revision: unknown, pool: ContentPool): OtherReferrer {
  const pullSpecs = podSpecsIn(valueAt(revision, ...revisionPath)).flatMap(allPullSpecs);
  return projectOther("controllerrevision", revision, pullSpecs, [revision], pool);
}

const podTemplatePath: FieldPath = ["template", "spec"];
export const podTemplatePlaces: readonly Place[] = placesBelow(podTemplatePath, podSpecPlaces).map(
  (place) => ({ ...place, readByOc: false }),
);

/** The core kind: a template that some controller makes pods of. */
export function toPodTemplateReferrer(template: unknown, pool: ContentPool): OtherReferrer {
  const pullSpecs = allPullSpecs(valueAt(template, ...podTemplatePath));
  return projectOther("podtemplate", template, pullSpecs, [template], pool);
}

export const nodePlaces: readonly Place[] = [
  "machineconfiguration.openshift.io/currentImage",
  "machineconfiguration.openshift.io/desiredImage",
].map((name) => ({ path: ["metadata", "annotations", name], content: "pull spec", readByOc: false }));

/** A node's status lists every image that it has in its cache: that says nothing about use, so it is not scanned. */
export function toNodeReferrer(node: unknown, pool: ContentPool): OtherReferrer {
  const pullSpecs = nodePlaces
    .map(({ path }) => ({ field: `annotation ${path.at(-1)}`, text: textAt(node, ...path) }))
    .filter(({ text }) => text !== "");
  const scanned = [valueAt(node, "metadata", "annotations"), valueAt(node, "spec")];
  return projectOther("node", node, pullSpecs, scanned, pool);
}

/** An object of a kind that `oc` does not read. */
function projectOther(
  objectKind: string,
  object: unknown,
  pullSpecs: ReturnType<typeof allPullSpecs>,
  scanned: readonly unknown[],
  pool: ContentPool,
): OtherReferrer {
  const mentions = readMentions(object, { pullSpecs, scanned }, pool);
  return { kind: "other", objectKind, ...nameOf(object, pool), mentions };
}

/** A stream as a user of the images that its `spec.tags` come from: they are pulled again (facts/pruning.md 37). */
export function streamReferrer(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  sources: readonly ImageSource[],
): OtherReferrer {
  return {
    kind: "other",
    objectKind: "imagestream",
    namespace,
    name,
    mentions: {
      pullSpecs: [],
      sources: sources.map((source) => withStream(source, name)),
      digests: [],
      imageIds: [],
    },
  };
}

/** A source without a colon is a tag of the stream itself. */
function withStream(source: ImageSource, stream: string): ImageSource {
  const isOwnTag = source.kind === "ImageStreamTag" && !/[:@]/.test(source.name);
  return isOwnTag ? { ...source, name: `${stream}:${source.name}` } : source;
}
