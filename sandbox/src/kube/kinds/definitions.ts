import type { KubeObject } from "../model/object.js";
import type { ResourceKind } from "../model/resource.js";
import type { ObjectStore } from "../storage/objectStore.js";
import type { Strategy } from "../storage/strategy.js";

/** What an operator installs: a kind with its CustomResourceDefinition. */
export interface DefinedKind extends ResourceKind {
  /** openAPIV3Schema of the version; default one that takes anything. */
  readonly schema?: unknown;
}

const takesAnything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

export function customResourceDefinition(kind: DefinedKind): KubeObject {
  const { group, version, resource, namespaced, shortNames, schema = takesAnything } = kind;
  return {
    kind: "CustomResourceDefinition",
    apiVersion: "apiextensions.k8s.io/v1",
    metadata: { name: `${resource}.${group}`, generation: 1 },
    spec: {
      group,
      scope: namespaced ? "Namespaced" : "Cluster",
      names: {
        plural: resource,
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        ...(shortNames === undefined ? {} : { shortNames }),
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          subresources: { status: {} },
        },
      ],
    },
    status: acceptedStatus({ plural: resource, kind: kind.kind, listKind: `${kind.kind}List` }, [version]),
  };
}

export interface DefinitionSpec {
  readonly group: string;
  readonly scope: "Namespaced" | "Cluster";
  readonly names: { readonly plural: string; readonly kind: string; readonly shortNames?: readonly string[] };
  readonly versions: readonly {
    readonly name: string;
    readonly served: boolean;
    readonly storage: boolean;
    readonly subresources?: { readonly status?: object };
  }[];
}

/** Definitions are accepted at once; deleting one deletes its objects. */
export function definitionStrategy(store: ObjectStore, removeObjects: (resource: string) => void): Strategy {
  return {
    requiresResourceVersion: true,
    prepareCreate: (object) => {
      const { names, versions } = object["spec"] as DefinitionSpec;
      const stored = versions.filter(({ storage }) => storage).map(({ name }) => name);
      const status = acceptedStatus(names, stored, store.timestamp());
      return { ...object, metadata: { ...object.metadata, generation: 1 }, status };
    },
    afterRemoval: ({ metadata }) => removeObjects(metadata.name),
  };
}

function acceptedStatus(acceptedNames: object, storedVersions: readonly string[], at?: string): object {
  const time = at === undefined ? {} : { lastTransitionTime: at };
  return {
    acceptedNames,
    conditions: [
      {
        type: "NamesAccepted",
        status: "True",
        reason: "NoConflicts",
        message: "no conflicts found",
        ...time,
      },
      {
        type: "Established",
        status: "True",
        reason: "InitialNamesAccepted",
        message: "the initial names have been accepted",
        ...time,
      },
    ],
    storedVersions,
  };
}
