import { type ApiResource, resourceName } from "../okd/objects.js";
import type { ContentPool } from "../support/contentPool.js";
import { toAnyReferrer } from "./anyReferrer.js";
import { buildPlaces, toBuildReferrer } from "./build.js";
import type { Place } from "./place.js";
import type { BuildReferrer, Referrer, TemplateKind } from "./referrer.js";
import {
  controllerRevisionPlaces,
  nodePlaces,
  podPlaces,
  podTemplatePlaces,
  toRevisionReferrer,
  toNodeReferrer,
  toPodReferrer,
  toPodTemplateReferrer,
  toTemplateReferrer,
  templatePlaces,
} from "./toReferrer.js";

/** Objects that name images, and how to read them. */
export interface ReferrerKind {
  readonly resource: ApiResource;
  /** `oc adm prune images` reads it too (facts/pruning.md 1). */
  readonly readByOc: boolean;
  /** Where it reads pull specs and sources, besides searching the rest of the object. */
  readonly places: readonly Place[];
  readonly project: (object: unknown, pool: ContentPool) => Referrer;
}

export const streamResource: ApiResource = openshift("image", "imagestreams");
export const imageResource: ApiResource = openshift("image", "images");
export const limitResource: ApiResource = { group: "", version: "v1", resource: "limitranges" };
export const jobResource: ApiResource = { group: "batch", version: "v1", resource: "jobs" };

/** Sets of mirrors; their rules count in both directions (provider/usage/mirrors.ts). */
export const mirrorResources: readonly ApiResource[] = [
  { group: "config.openshift.io", version: "v1", resource: "imagedigestmirrorsets" },
  { group: "config.openshift.io", version: "v1", resource: "imagetagmirrorsets" },
  { group: "operator.openshift.io", version: "v1alpha1", resource: "imagecontentsourcepolicies" },
  { group: "config.openshift.io", version: "v1", resource: "imagecontentpolicies" },
];

const core = { group: "", version: "v1" };
const apps = { group: "apps", version: "v1" };

/** One line for each kind; the long lists first, so that they do not run alone in the end. */
export const referrerKinds: readonly ReferrerKind[] = [
  { resource: { ...core, resource: "pods" }, readByOc: true, places: podPlaces, project: toPodReferrer },
  template("replicaset", { ...apps, resource: "replicasets" }),
  template("job", jobResource),
  template("replicationcontroller", { ...core, resource: "replicationcontrollers" }),
  build("build", openshift("build", "builds")),
  build("buildconfig", openshift("build", "buildconfigs")),
  template("deployment", { ...apps, resource: "deployments" }),
  template("deploymentconfig", openshift("apps", "deploymentconfigs")),
  template("statefulset", { ...apps, resource: "statefulsets" }),
  template("daemonset", { ...apps, resource: "daemonsets" }),
  template("cronjob", { ...jobResource, resource: "cronjobs" }),
  {
    resource: { ...apps, resource: "controllerrevisions" },
    readByOc: false,
    places: controllerRevisionPlaces,
    project: toRevisionReferrer,
  },
  {
    resource: { ...core, resource: "podtemplates" },
    readByOc: false,
    places: podTemplatePlaces,
    project: toPodTemplateReferrer,
  },
  {
    resource: openshift("template", "templates"),
    readByOc: false,
    places: [],
    project: (object, pool) => toAnyReferrer("template", object, pool),
  },
  { resource: { ...core, resource: "nodes" }, readByOc: false, places: nodePlaces, project: toNodeReferrer },
];

/** Names of the resources that a survey reads of every cluster that serves them. */
export const ownKinds: ReadonlySet<string> = new Set(
  [
    ...[streamResource, imageResource, limitResource],
    ...mirrorResources,
    ...referrerKinds.map(({ resource }) => resource),
  ].map(resourceName),
);

function openshift(area: string, resource: string): ApiResource {
  return { group: `${area}.openshift.io`, version: "v1", resource };
}

function template(kind: TemplateKind, resource: ApiResource): ReferrerKind {
  return {
    resource,
    readByOc: true,
    places: templatePlaces(kind),
    project: (object, pool) => toTemplateReferrer(kind, object, pool),
  };
}

function build(kind: BuildReferrer["kind"], resource: ApiResource): ReferrerKind {
  return {
    resource,
    readByOc: true,
    places: buildPlaces,
    project: (object, pool) => toBuildReferrer(kind, object, pool),
  };
}
