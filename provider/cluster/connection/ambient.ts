import type { CredentialSource } from "../../http/credentials.js";
import type { Endpoint } from "../../http/dispatcher.js";
import type { Machine } from "../../http/machine.js";
import { inClusterConnection } from "./inCluster.js";
import { homeKubeConfig } from "./kubeConfig/files.js";
import { selectContext } from "./kubeConfig/selectContext.js";

/** A place that names a cluster, and what it says. */
export interface FoundConnection {
  readonly endpoint: Endpoint;
  /** Best first; empty when the place names a server and nothing to log in with. */
  readonly credentials: readonly CredentialSource[];
  readonly namespace: string | undefined;
  /** Tells it from another one without holding a secret in clear. */
  readonly fingerprint: string;
}

/** The places that nobody chose, best first: ~/.kube/config, then the pod's service account. Each may throw. */
export const ambientPlaces: readonly ((machine: Machine) => FoundConnection | undefined)[] = [
  fromHome,
  fromPod,
];

function fromHome(machine: Machine): FoundConnection | undefined {
  const load = homeKubeConfig(machine);
  if (load === undefined) return undefined;
  const wanted = { context: undefined, cluster: undefined, origin: "default place" };
  const selected = selectContext(load, wanted, machine);
  return { ...selected, credentials: selected.hasCredentials ? [selected.credentials] : [] };
}

function fromPod(machine: Machine): FoundConnection | undefined {
  const pod = inClusterConnection(machine);
  return pod && { ...pod, credentials: [pod.credentials], fingerprint: "in cluster" };
}
