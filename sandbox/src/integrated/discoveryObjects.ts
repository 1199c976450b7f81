import { goodConditions, namespaceObject } from "../cluster/firstObjects.js";
import { internalRegistry } from "../images/stream/defaults.js";
import type { KubeObject } from "../kube/model/object.js";
import type { RegistryMode } from "./parts.js";

const namespace = "openshift-image-registry";
const operator = "imageregistry.operator.openshift.io/v1";

/** Further objects of a cluster with a registry, by which clients find it; the operator's own objects among them. */
export function discoveryObjects(
  publicHost: string,
  mode: RegistryMode,
  routes: Readonly<Record<string, string>> = {},
): readonly KubeObject[] {
  return [
    namespaceObject(namespace),
    {
      kind: "Service",
      apiVersion: "v1",
      metadata: { name: "image-registry", namespace },
      spec: { clusterIP: "172.30.0.50", ports: [{ name: "5000-tcp", port: 5000, protocol: "TCP" }] },
    },
    ...Object.entries({ "default-route": publicHost, ...routes }).map(([name, host]) => ({
      kind: "Route",
      apiVersion: "route.openshift.io/v1",
      metadata: { name, namespace },
      spec: { host, to: { kind: "Service", name: "image-registry" } },
      status: { ingress: [{ host, conditions: [{ type: "Admitted", status: "True" }] }] },
    })),
    registryConfig(mode),
    imagePruner,
  ];
}

function registryConfig(mode: RegistryMode): KubeObject {
  return {
    kind: "Config",
    apiVersion: operator,
    metadata: { name: "cluster", generation: 1 },
    spec: {
      managementState: "Managed",
      defaultRoute: true,
      readOnly: mode === "readOnly",
      replicas: 1,
      storage: { emptyDir: {} },
    },
    status: { readyReplicas: 1, conditions: goodConditions },
  };
}

const imagePruner: KubeObject = {
  kind: "ImagePruner",
  apiVersion: operator,
  metadata: { name: "cluster", generation: 1 },
  spec: {
    schedule: "",
    suspend: false,
    keepTagRevisions: 3,
    keepYoungerThanDuration: "60m0s",
    ignoreInvalidImageReferences: true,
  },
  status: { conditions: [{ type: "Available", status: "True", reason: "Ready" }] },
};

/** Merged over images.config.openshift.io/cluster. */
export function registryHostnames(publicHost: string): KubeObject {
  return {
    kind: "Image",
    apiVersion: "config.openshift.io/v1",
    metadata: { name: "cluster" },
    status: { internalRegistryHostname: internalRegistry, externalRegistryHostnames: [publicHost] },
  };
}
