import type { ResourceKind } from "../model/resource.js";
import { mergeKeysOfPod } from "../model/strategicMerge.js";
import type { Strategy } from "../storage/strategy.js";
import { secretStrategy } from "./secrets.js";

/** A kind that is only stored. */
export interface StoredKind extends ResourceKind {
  readonly strategy?: Strategy;
  /** Has the subresource `status`, and only through it is the status written. */
  readonly hasStatus?: boolean;
}

const core = { group: "", version: "v1", namespaced: true };
const apps = { group: "apps", version: "v1", namespaced: true };
const batch = { group: "batch", version: "v1", namespaced: true, hasStatus: true };
const builds = { group: "build.openshift.io", version: "v1", namespaced: true };
const rbac = { group: "rbac.authorization.k8s.io", version: "v1" };
const templateKeys = mergeKeysOfPod("spec.template.spec.");
const returned = { answersDeletedObject: true };
const pending: Strategy = {
  ...returned,
  prepareCreate: (object) => ({
    ...object,
    metadata: { ...object.metadata, generation: 1 },
    status: { phase: "Pending" },
  }),
};

/** One line for each kind. */
export const storedKinds: readonly StoredKind[] = [
  {
    ...core,
    resource: "pods",
    kind: "Pod",
    shortNames: ["po"],
    hasStatus: true,
    strategy: pending,
    mergeKeys: mergeKeysOfPod("spec."),
  },
  {
    ...core,
    resource: "replicationcontrollers",
    kind: "ReplicationController",
    shortNames: ["rc"],
    hasStatus: true,
    mergeKeys: templateKeys,
  },
  { ...core, resource: "nodes", kind: "Node", namespaced: false, shortNames: ["no"], hasStatus: true },
  {
    ...core,
    resource: "services",
    kind: "Service",
    shortNames: ["svc"],
    hasStatus: true,
    strategy: returned,
    mergeKeys: { "spec.ports": "port" },
  },
  {
    ...core,
    resource: "serviceaccounts",
    kind: "ServiceAccount",
    shortNames: ["sa"],
    strategy: returned,
    mergeKeys: { secrets: "name", imagePullSecrets: "name" },
  },
  { ...core, resource: "secrets", kind: "Secret", strategy: secretStrategy },
  { ...core, resource: "configmaps", kind: "ConfigMap", shortNames: ["cm"] },
  { ...core, resource: "limitranges", kind: "LimitRange", shortNames: ["limits"] },
  { ...core, resource: "resourcequotas", kind: "ResourceQuota", shortNames: ["quota"], hasStatus: true },
  ...[
    { ...apps, resource: "daemonsets", kind: "DaemonSet", shortNames: ["ds"] },
    { ...apps, resource: "deployments", kind: "Deployment", shortNames: ["deploy"] },
    { ...apps, resource: "replicasets", kind: "ReplicaSet", shortNames: ["rs"] },
    { ...apps, resource: "statefulsets", kind: "StatefulSet", shortNames: ["sts"] },
    { ...batch, resource: "jobs", kind: "Job" },
  ].map((kind) => ({ ...kind, hasStatus: true, mergeKeys: templateKeys })),
  { ...apps, resource: "controllerrevisions", kind: "ControllerRevision" },
  { ...core, resource: "podtemplates", kind: "PodTemplate", mergeKeys: mergeKeysOfPod("template.spec.") },
  { ...core, group: "template.openshift.io", resource: "templates", kind: "Template" },
  {
    ...batch,
    resource: "cronjobs",
    kind: "CronJob",
    shortNames: ["cj"],
    mergeKeys: mergeKeysOfPod("spec.jobTemplate.spec.template.spec."),
  },
  { ...builds, resource: "buildconfigs", kind: "BuildConfig", shortNames: ["bc"] },
  { ...builds, resource: "builds", kind: "Build" },
  {
    group: "apps.openshift.io",
    version: "v1",
    namespaced: true,
    resource: "deploymentconfigs",
    kind: "DeploymentConfig",
    shortNames: ["dc"],
    hasStatus: true,
    mergeKeys: templateKeys,
  },
  {
    group: "template.openshift.io",
    version: "v1",
    namespaced: true,
    resource: "templateinstances",
    kind: "TemplateInstance",
    hasStatus: true,
  },
  {
    group: "route.openshift.io",
    version: "v1",
    namespaced: true,
    resource: "routes",
    kind: "Route",
    hasStatus: true,
  },
  {
    group: "coordination.k8s.io",
    version: "v1",
    namespaced: true,
    resource: "leases",
    kind: "Lease",
    strategy: { requiresResourceVersion: true },
  },
  { ...rbac, namespaced: true, resource: "roles", kind: "Role" },
  { ...rbac, namespaced: true, resource: "rolebindings", kind: "RoleBinding" },
  { ...rbac, namespaced: false, resource: "clusterroles", kind: "ClusterRole" },
  { ...rbac, namespaced: false, resource: "clusterrolebindings", kind: "ClusterRoleBinding" },
];
