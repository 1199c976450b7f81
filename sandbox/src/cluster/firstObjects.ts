import { internalRegistry, publicRegistry } from "../images/stream/defaults.js";
import { apiServices } from "../kube/kinds/apiServices.js";
import { customResourceDefinition } from "../kube/kinds/definitions.js";
import { definedKinds } from "../kube/kinds/served.js";
import type { KubeObject } from "../kube/model/object.js";
import type { ServedResource } from "../kube/model/resource.js";
import type { ClusterOptions } from "./options.js";

const standardNamespaces = ["default", "kube-system", "openshift-config"];
const configVersion = "config.openshift.io/v1";

/** The objects of a fresh cluster. */
export function firstObjects(
  options: ClusterOptions,
  resources: readonly ServedResource[],
): readonly KubeObject[] {
  const { clusterUid, namespaces = [] } = options;
  const names = [...new Set([...standardNamespaces, ...namespaces])];
  const missing = new Set(options.missingGroups);
  const served = resources.filter(({ group }) => !missing.has(group));
  return [
    ...names.map((name) => namespaceObject(name, name === "kube-system" ? clusterUid : undefined)),
    ...apiServices(served, new Set(options.unavailableGroups)),
    imageConfig(options),
    {
      kind: "ClusterVersion",
      apiVersion: configVersion,
      metadata: { name: "version", generation: 1 },
      spec: { channel: "stable-4", clusterID: clusterUid ?? "" },
      status: { desired: { version: "4.20.0" }, conditions: goodConditions },
    },
    {
      kind: "ClusterOperator",
      apiVersion: configVersion,
      metadata: { name: "image-registry", generation: 1 },
      spec: {},
      status: { conditions: goodConditions },
    },
  ];
}

/** Definitions that serve the kinds of operators. */
export function firstDefinitions({ customKinds = [], missingGroups }: ClusterOptions): readonly KubeObject[] {
  const missing = new Set(missingGroups);
  return definedKinds(customKinds)
    .filter(({ group }) => !missing.has(group))
    .map(customResourceDefinition);
}

/** What operators report in a steady, healthy state. */
export const goodConditions = [
  { type: "Available", status: "True", reason: "AsExpected" },
  { type: "Progressing", status: "False", reason: "AsExpected" },
  { type: "Degraded", status: "False", reason: "AsExpected" },
];

function imageConfig({ allowedRegistriesForImport, registryRemoved }: ClusterOptions): KubeObject {
  return {
    kind: "Image",
    apiVersion: configVersion,
    metadata: { name: "cluster", generation: 1 },
    spec: allowedRegistriesForImport === undefined ? {} : { allowedRegistriesForImport },
    status:
      registryRemoved === true
        ? {}
        : { internalRegistryHostname: internalRegistry, externalRegistryHostnames: [publicRegistry] },
  };
}

/** A namespace as it is after its creation. */
export function namespaceObject(name: string, uid?: string): KubeObject {
  return {
    kind: "Namespace",
    apiVersion: "v1",
    metadata: {
      name,
      labels: { "kubernetes.io/metadata.name": name },
      ...(uid === undefined ? {} : { uid }),
    },
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active" },
  };
}
