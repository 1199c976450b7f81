import type { KubeObject } from "../model/object.js";
import type { ServedResource } from "../model/resource.js";
import type { ObjectStore } from "../storage/objectStore.js";
import type { DefinitionSpec } from "./definitions.js";
import { servedKind } from "./served.js";

/** What the CustomResourceDefinitions in the store let the API serve, as they are at the moment. */
export function definedResources(store: ObjectStore): () => readonly ServedResource[] {
  const known = new WeakMap<KubeObject, readonly ServedResource[]>();
  return () =>
    store.list("customresourcedefinitions.apiextensions.k8s.io").flatMap((definition) => {
      const before = known.get(definition);
      const resources = before ?? resourcesOf(store, definition);
      known.set(definition, resources);
      return resources;
    });
}

function resourcesOf(store: ObjectStore, definition: KubeObject): readonly ServedResource[] {
  const spec = definition["spec"] as DefinitionSpec | undefined;
  if (spec === undefined || !isEstablished(definition)) return [];
  const { group, scope, names, versions } = spec;
  return versions
    .filter(({ served }) => served)
    .map(({ name, subresources }) =>
      servedKind(store, {
        group,
        version: name,
        resource: names.plural,
        kind: names.kind,
        namespaced: scope === "Namespaced",
        ...(names.shortNames === undefined ? {} : { shortNames: names.shortNames }),
        hasStatus: subresources?.status !== undefined,
        isCustom: true,
      }),
    );
}

/** A definition that was seeded past all rules may lack it. */
function isEstablished(definition: KubeObject): boolean {
  const { conditions = [] } = (definition["status"] ?? {}) as {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
  return conditions.every(({ type, status }) => type !== "Established" || status === "True");
}
