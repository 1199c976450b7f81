import { selectContext } from "../kubeConfig.js";
import type { CredentialSource } from "../transport/credentials.js";
import type { Endpoint } from "../transport/dispatcher.js";
import type { ConnectionEnvironment } from "./environment.js";
import { inClusterConnection } from "./inCluster.js";
import { homeKubeConfig } from "./kubeConfigFiles.js";

/** What one place says that names a cluster. */
export interface FoundConnection {
  readonly endpoint: Endpoint;
  /** Absent when the place names a server and nothing to log in with. */
  readonly credentials: CredentialSource | undefined;
  readonly namespace: string | undefined;
  /** Tells it from another one without holding a secret in clear. */
  readonly fingerprint: string;
}

/** ~/.kube/config, then the pod's service account; each is looked at only when it is asked for. */
export function* ambientConnections(environment: ConnectionEnvironment): Generator<FoundConnection> {
  const load = homeKubeConfig(environment);
  if (load !== undefined) {
    const wanted = { context: undefined, cluster: undefined, origin: "default place" };
    const selected = selectContext(load, wanted, environment.readFile);
    yield { ...selected, credentials: selected.hasCredentials ? selected.credentials : undefined };
  }
  const pod = inClusterConnection(environment);
  if (pod !== undefined) yield { ...pod, fingerprint: "in cluster" };
}
