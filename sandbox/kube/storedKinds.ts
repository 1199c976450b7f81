import { apiServiceStrategy } from "./apiServices.js";
import { storedKinds, type StoredKind } from "./kindTable.js";
import { namespaceStrategy } from "./namespaces.js";
import type { ObjectStore } from "./objectStore.js";
import type { ServedResource } from "./resource.js";
import { StoredResource } from "./storedResource.js";
import { withStatusSubresource } from "./strategy.js";

/** A kind that some operator brings along. */
export interface CustomKind {
  readonly group: string;
  readonly version: string;
  /** Plural, as in paths. */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export function storedResources(
  store: ObjectStore,
  customKinds: readonly CustomKind[],
): readonly ServedResource[] {
  const namespaces: StoredKind = {
    group: "",
    version: "v1",
    namespaced: false,
    resource: "namespaces",
    kind: "Namespace",
    shortNames: ["ns"],
    strategy: namespaceStrategy((namespace) => removeContent(store, namespace)),
  };
  const apiServices: StoredKind = {
    group: "apiregistration.k8s.io",
    version: "v1",
    namespaced: false,
    resource: "apiservices",
    kind: "APIService",
    hasStatus: true,
    strategy: apiServiceStrategy(store),
  };
  return [namespaces, apiServices, ...storedKinds, ...customKinds.map(asStoredKind)].map((kind) =>
    served(store, kind),
  );
}

/** Kinds that a CustomResourceDefinition describes. */
export function definedKinds(customKinds: readonly CustomKind[]): readonly StoredKind[] {
  return [...storedKinds.filter((kind) => kind.isCustom === true), ...customKinds.map(asStoredKind)];
}

function asStoredKind(kind: CustomKind): StoredKind {
  return { ...kind, hasStatus: true, isCustom: true };
}

function served(store: ObjectStore, stored: StoredKind): ServedResource {
  const { strategy, hasStatus = false, isCustom = false, ...kind } = stored;
  const rules = { ...(isCustom ? { requiresResourceVersion: true } : {}), ...strategy };
  const verbs = new StoredResource(kind, store, hasStatus ? withStatusSubresource(rules) : rules);
  if (!hasStatus) return { ...kind, verbs };
  return { ...kind, verbs, subresources: { status: { get: verbs.get, update: verbs.updateStatus } } };
}

function removeContent(store: ObjectStore, namespace: string): void {
  for (const resource of store.resources()) {
    for (const object of store.list(resource, namespace)) store.remove(resource, object);
  }
}
