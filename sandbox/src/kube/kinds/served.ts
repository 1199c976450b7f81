import type { ServedResource } from "../model/resource.js";
import { namespaceStrategy } from "../storage/namespaces.js";
import type { ObjectStore } from "../storage/objectStore.js";
import { StoredResource } from "../storage/storedResource.js";
import { withStatusSubresource } from "../storage/strategy.js";
import { apiServiceStrategy } from "./apiServices.js";
import { type DefinedKind, definitionStrategy } from "./definitions.js";
import { operatorKinds } from "./operators.js";
import { type StoredKind, storedKinds } from "./table.js";

/** A kind that an operator installs. */
export interface CustomKind {
  readonly group: string;
  readonly version: string;
  /** Plural, as in paths. */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** openAPIV3Schema of its definition; default one that takes anything. Objects are not checked against it. */
  readonly schema?: object;
}

/** The kinds that every cluster has; those of operators follow from their definitions. */
export function storedResources(store: ObjectStore): readonly ServedResource[] {
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
  const definitions: StoredKind = {
    group: "apiextensions.k8s.io",
    version: "v1",
    namespaced: false,
    resource: "customresourcedefinitions",
    kind: "CustomResourceDefinition",
    shortNames: ["crd", "crds"],
    hasStatus: true,
    strategy: definitionStrategy(store, (resource) => {
      for (const object of store.list(resource)) store.remove(resource, object);
    }),
  };
  return [namespaces, apiServices, definitions, ...storedKinds].map((kind) => servedKind(store, kind));
}

/** Kinds that a CustomResourceDefinition describes. */
export function definedKinds(customKinds: readonly CustomKind[]): readonly DefinedKind[] {
  return [...operatorKinds, ...customKinds];
}

export function servedKind(store: ObjectStore, stored: StoredKind): ServedResource {
  const { strategy, hasStatus = false, ...kind } = stored;
  const { isCustom = false } = kind;
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
