import { internalRegistry, publicRegistry } from "./images/streamDefaults.js";
import type { KubeObject } from "./kube/objects.js";
import type { SandboxOptions } from "./sandboxOptions.js";

const standardNamespaces = ["default", "kube-system", "openshift-config"];

/** What every cluster has before anybody creates something. */
export function firstObjects(options: SandboxOptions): readonly KubeObject[] {
  const { allowedRegistriesForImport, clusterUid, namespaces = [] } = options;
  const names = [...new Set([...standardNamespaces, ...namespaces])];
  return [
    ...names.map((name) => firstNamespace(name, name === "kube-system" ? clusterUid : undefined)),
    {
      kind: "Image",
      apiVersion: "config.openshift.io/v1",
      metadata: { name: "cluster", generation: 1 },
      spec: allowedRegistriesForImport === undefined ? {} : { allowedRegistriesForImport },
      status: { internalRegistryHostname: internalRegistry, externalRegistryHostnames: [publicRegistry] },
    },
  ];
}

function firstNamespace(name: string, uid: string | undefined): KubeObject {
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
