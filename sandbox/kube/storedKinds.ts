import type { ObjectStore } from "./objectStore.js";
import { namespaceStrategy } from "./namespaces.js";
import type { ResourceKind, ServedResource } from "./resource.js";
import { StoredResource, type Strategy } from "./storedResource.js";
import { secretStrategy } from "./secrets.js";
import type { MergeKeys } from "./strategicMerge.js";

interface StoredKind extends ResourceKind {
  readonly strategy?: Strategy;
  readonly hasStatus?: boolean;
}

const core = { group: "", version: "v1", namespaced: true };
const apps = { group: "apps", version: "v1", namespaced: true, hasStatus: true };
const rbac = { group: "rbac.authorization.k8s.io", version: "v1" };
const podMergeKeys = mergeKeysOfPod("spec.template.spec.");

/** Kinds that are only stored: one line for each. */
const storedKinds: readonly StoredKind[] = [
  { ...core, resource: "secrets", kind: "Secret", strategy: secretStrategy },
  { ...core, resource: "configmaps", kind: "ConfigMap", shortNames: ["cm"] },
  { ...core, resource: "limitranges", kind: "LimitRange", shortNames: ["limits"] },
  { ...core, resource: "resourcequotas", kind: "ResourceQuota", shortNames: ["quota"], hasStatus: true },
  { ...apps, resource: "deployments", kind: "Deployment", shortNames: ["deploy"], mergeKeys: podMergeKeys },
  { ...rbac, namespaced: true, resource: "roles", kind: "Role" },
  { ...rbac, namespaced: true, resource: "rolebindings", kind: "RoleBinding" },
  { ...rbac, namespaced: false, resource: "clusterroles", kind: "ClusterRole" },
  { ...rbac, namespaced: false, resource: "clusterrolebindings", kind: "ClusterRoleBinding" },
  {
    group: "config.openshift.io",
    version: "v1",
    namespaced: false,
    resource: "images",
    kind: "Image",
    hasStatus: true,
  },
];

export function storedResources(store: ObjectStore): readonly ServedResource[] {
  const namespaces: StoredKind = {
    ...core,
    namespaced: false,
    resource: "namespaces",
    kind: "Namespace",
    shortNames: ["ns"],
    strategy: namespaceStrategy((namespace) => removeContent(store, namespace)),
  };
  return [namespaces, ...storedKinds].map(({ strategy, hasStatus, ...kind }) => {
    const verbs = new StoredResource(kind, store, strategy);
    const status =
      hasStatus === true ? { subresources: { status: { get: verbs.get, update: verbs.updateStatus } } } : {};
    return { ...kind, verbs, ...status };
  });
}

function removeContent(store: ObjectStore, namespace: string): void {
  for (const resource of store.resources()) {
    for (const object of store.list(resource, namespace)) store.remove(resource, object);
  }
}

function mergeKeysOfPod(path: string): MergeKeys {
  const containers = ["containers", "initContainers"].flatMap((list): [string, string][] => [
    [`${path}${list}`, "name"],
    [`${path}${list}.env`, "name"],
    [`${path}${list}.volumeMounts`, "mountPath"],
  ]);
  return Object.fromEntries([...containers, [`${path}volumes`, "name"], [`${path}imagePullSecrets`, "name"]]);
}
