import type { ContentPool } from "../support/contentPool.js";
import { instantAt, isJsonObject, listAt, objectAt, textAt, valueAt } from "../support/json.js";
import { allPullSpecs, containerImages, otherPullSpecs, runningImageIds } from "./projectPodSpec.js";
import {
  annotatedTriggers,
  contentOf,
  podSpecsIn,
  readMentions,
  sourceOf,
  triggeringTags,
} from "./readMentions.js";
import type {
  BuildReferrer,
  ImageSource,
  OtherReferrer,
  PodReferrer,
  TemplateKind,
  TemplateReferrer,
} from "./referrer.js";

/**
 * Objects as the API server writes them, reduced to what they say about images (prune.md 1.2, safety.md 1.3-1.6).
 * Fields that are missing or of another type count as absent.
 */

export function projectPod(pod: unknown, pool: ContentPool): PodReferrer {
  const spec = valueAt(pod, "spec");
  return {
    kind: "pod",
    ...nameOf(pod, pool),
    phase: pool.text(textAt(pod, "status", "phase")),
    createdAt: instantAt(pod, "metadata", "creationTimestamp"),
    images: pool.value(containerImages(spec)),
    mentions: readMentions(
      {
        pullSpecs: otherPullSpecs(spec),
        sources: annotatedTriggers(pod),
        imageIds: runningImageIds(pod),
        scanned: contentOf(pod),
      },
      pool,
    ),
  };
}

export function projectTemplate(kind: TemplateKind, workload: unknown, pool: ContentPool): TemplateReferrer {
  const holder = kind === "cronjob" ? valueAt(workload, "spec", "jobTemplate") : workload;
  const podSpec = valueAt(holder, "spec", "template", "spec");
  return {
    kind,
    ...nameOf(workload, pool),
    images: pool.value(containerImages(podSpec)),
    mentions: readMentions(
      {
        pullSpecs: otherPullSpecs(podSpec),
        sources: [...annotatedTriggers(workload), ...deploymentTriggers(workload)],
        scanned: contentOf(workload),
      },
      pool,
    ),
  };
}

/** Triggers of a DeploymentConfig; other kinds have no such field. */
function deploymentTriggers(workload: unknown): readonly ImageSource[] {
  const triggers = listAt(workload, "spec", "triggers");
  return triggeringTags(triggers.map((trigger) => valueAt(trigger, "imageChangeParams", "from")));
}

export function projectBuild(kind: BuildReferrer["kind"], build: unknown, pool: ContentPool): BuildReferrer {
  const spec = valueAt(build, "spec");
  const strategy = objectAt(spec, "strategy");
  // Of several strategies the first counts, with or without a source, as for the server.
  const used = [strategy["sourceStrategy"], strategy["dockerStrategy"], strategy["customStrategy"]];
  const from = sourceOf(valueAt(used.find(isJsonObject), "from"));
  const sources = [
    ...listAt(spec, "source", "images").map((image) => sourceOf(valueAt(image, "from"))),
    sourceOf(valueAt(spec, "output", "to")),
    ...listAt(spec, "triggers").map((trigger) => sourceOf(valueAt(trigger, "imageChange", "from"))),
    ...listAt(spec, "triggeredBy").map((cause) => sourceOf(valueAt(cause, "imageChangeBuild", "fromRef"))),
  ].filter((source) => source !== undefined);
  return {
    kind,
    ...nameOf(build, pool),
    from: from === undefined ? undefined : pool.value(from),
    mentions: readMentions({ sources, scanned: contentOf(build) }, pool),
  };
}

/** A revision that a StatefulSet or DaemonSet can be rolled back to. */
export function projectControllerRevision(revision: unknown, pool: ContentPool): OtherReferrer {
  const pullSpecs = podSpecsIn(valueAt(revision, "data")).flatMap(allPullSpecs);
  return {
    kind: "other",
    objectKind: "controllerrevision",
    ...nameOf(revision, pool),
    mentions: readMentions({ pullSpecs, scanned: contentOf(revision) }, pool),
  };
}

/** The core kind: a template that some controller makes pods of. */
export function projectPodTemplate(template: unknown, pool: ContentPool): OtherReferrer {
  const pullSpecs = allPullSpecs(valueAt(template, "template", "spec"));
  return {
    kind: "other",
    objectKind: "podtemplate",
    ...nameOf(template, pool),
    mentions: readMentions({ pullSpecs, scanned: contentOf(template) }, pool),
  };
}

const nodeAnnotations = [
  "machineconfiguration.openshift.io/currentImage",
  "machineconfiguration.openshift.io/desiredImage",
] as const;

/** A node's status lists every image that it has in its cache: that says nothing about use, so it is not scanned. */
export function projectNode(node: unknown, pool: ContentPool): OtherReferrer {
  const annotations = objectAt(node, "metadata", "annotations");
  const pullSpecs = nodeAnnotations
    .map((name) => ({ field: `annotation ${name}`, text: textAt(annotations, name) }))
    .filter(({ text }) => text !== "");
  return {
    kind: "other",
    objectKind: "node",
    ...nameOf(node, pool),
    mentions: readMentions({ pullSpecs, scanned: [annotations, valueAt(node, "spec")] }, pool),
  };
}

function nameOf(object: unknown, pool: ContentPool): { readonly namespace: string; readonly name: string } {
  const metadata = objectAt(object, "metadata");
  return { namespace: pool.text(textAt(metadata, "namespace")), name: textAt(metadata, "name") };
}
