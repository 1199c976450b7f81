import type { KubeObject } from "./objects.js";
import type { ResourceKind } from "./resource.js";

/** The CustomResourceDefinition behind a kind, with a schema that takes anything. */
export function customResourceDefinition(kind: ResourceKind): KubeObject {
  const { group, version, resource, namespaced } = kind;
  const schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  return {
    kind: "CustomResourceDefinition",
    apiVersion: "apiextensions.k8s.io/v1",
    metadata: { name: `${resource}.${group}` },
    spec: {
      group,
      scope: namespaced ? "Namespaced" : "Cluster",
      names: { plural: resource, kind: kind.kind, listKind: `${kind.kind}List` },
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
    status: {
      acceptedNames: { plural: resource, kind: kind.kind, listKind: `${kind.kind}List` },
      conditions: [{ type: "Established", status: "True", reason: "InitialNamesAccepted" }],
      storedVersions: [version],
    },
  };
}
