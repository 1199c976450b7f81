import type { ResourceKind } from "../model/resource.js";
import { forbidden, notFound } from "../model/status.js";
import type { ObjectStore } from "./objectStore.js";
import type { Strategy } from "./strategy.js";

/** Nothing can be created in a namespace that is missing or being deleted. */
export function admitNamespace(
  store: ObjectStore,
  kind: ResourceKind,
  name: string,
  namespace: string | undefined,
): void {
  const found = store.get("namespaces", `/${namespace ?? ""}`);
  if (found === undefined) throw notFound({ group: "", resource: "namespaces" }, namespace ?? "");
  if (found.metadata.deletionTimestamp === undefined) return;
  const because = `unable to create new content in namespace ${namespace ?? ""} because it is being terminated`;
  const message = `namespace ${namespace ?? ""} is being terminated`;
  throw forbidden(kind, name, because, [
    { reason: "NamespaceTerminating", message, field: "metadata.namespace" },
  ]);
}

/** Deleting a namespace deletes its content; with finalizers it remains as Terminating. */
export function namespaceStrategy(removeContent: (namespace: string) => void): Strategy {
  return {
    prepareCreate: (object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        labels: { "kubernetes.io/metadata.name": object.metadata.name, ...object.metadata.labels },
      },
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    }),
    prepareUpdate: (next, current) => ({ ...next, spec: current["spec"], status: current["status"] }),
    markTerminating: (object) => ({ ...object, status: { phase: "Terminating" } }),
    afterRemoval: (object) => removeContent(object.metadata.name),
    answersDeletedObject: true,
  };
}
