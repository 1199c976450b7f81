import type { KubeObject } from "../model/object.js";
import type { ServedResource } from "../model/resource.js";
import { objectKey, type ObjectStore } from "../storage/objectStore.js";
import type { Strategy } from "../storage/strategy.js";

/** Groups that OpenShift's own API server answers behind the aggregator. */
const aggregatedGroups = new Set([
  "apps.openshift.io",
  "build.openshift.io",
  "image.openshift.io",
  "route.openshift.io",
  "template.openshift.io",
]);

const backend = { name: "api", namespace: "openshift-apiserver" };

/** An APIService for each group version of `/apis`; those whose backend is gone are not Available. */
export function apiServices(
  resources: readonly ServedResource[],
  unavailableGroups: ReadonlySet<string>,
): readonly KubeObject[] {
  const served = resources.map(({ group, version }) => `${version}.${group}`);
  const unserved = [...unavailableGroups]
    .filter((group) => resources.every((resource) => resource.group !== group))
    .map((group) => `v1.${group}`);
  return [...new Set([...served, ...unserved])]
    .filter((name) => !name.endsWith("."))
    .map((name) => apiService(name, unavailableGroups));
}

function apiService(name: string, unavailableGroups: ReadonlySet<string>): KubeObject {
  const dot = name.indexOf(".");
  const group = name.slice(dot + 1);
  const isAvailable = !unavailableGroups.has(group);
  const isLocal = isAvailable && !aggregatedGroups.has(group);
  const condition = isLocal ? local : isAvailable ? passed : serviceNotFound(backend);
  return {
    kind: "APIService",
    apiVersion: "apiregistration.k8s.io/v1",
    metadata: { name },
    spec: {
      group,
      version: name.slice(0, dot),
      groupPriorityMinimum: 1000,
      versionPriority: 15,
      ...(isLocal ? {} : { service: { ...backend, port: 443 } }),
    },
    status: { conditions: [condition] },
  };
}

interface ServiceName {
  readonly name: string;
  readonly namespace: string;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime?: string;
}

const local: Condition = {
  type: "Available",
  status: "True",
  reason: "Local",
  message: "Local APIServices are always available",
};
const passed: Condition = {
  type: "Available",
  status: "True",
  reason: "Passed",
  message: "all checks passed",
};

function serviceNotFound({ name, namespace }: ServiceName): Condition {
  const message = `service/${name} in "${namespace}" is not present`;
  return { type: "Available", status: "False", reason: "ServiceNotFound", message };
}

/** A new APIService is available when its service exists, or it needs none. */
export function apiServiceStrategy(store: ObjectStore): Strategy {
  return {
    prepareCreate: (object) => {
      const { service } = object["spec"] as { readonly service?: ServiceName };
      const isThere =
        service !== undefined &&
        store.get("services", objectKey(service.namespace, service.name)) !== undefined;
      const condition = service === undefined ? local : isThere ? passed : serviceNotFound(service);
      return { ...object, status: { conditions: [{ ...condition, lastTransitionTime: store.timestamp() }] } };
    },
  };
}

/** Groups of which an APIService is not Available: nothing in them is answered. */
export function unavailableGroups(store: ObjectStore): ReadonlySet<string> {
  const gone = store.list("apiservices.apiregistration.k8s.io").filter((service) => {
    const { conditions = [] } = (service["status"] ?? {}) as { readonly conditions?: readonly Condition[] };
    return conditions.some(({ type, status }) => type === "Available" && status === "False");
  });
  return new Set(gone.map((service) => (service["spec"] as { readonly group: string }).group));
}
