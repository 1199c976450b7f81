import type { ClusterSnapshot } from "../plan/snapshot.js";

/** Everything that one look at a cluster found: what decides, and what an approver must know about the look itself. */
export interface ClusterSurvey {
  readonly snapshot: ClusterSnapshot;
  readonly coverage: Coverage;
  readonly registry: RegistryHints;
  readonly conditions: ClusterConditions;
}

/** What was read, what was not, and why (safety.md 2.6). */
export interface Coverage {
  /** Number of objects by plural resource, like `pods` or `builds`, sorted. */
  readonly read: Readonly<Record<string, number>>;
  /** Why a resource was not read: its API is not served, or the policy allows it to be unreadable. */
  readonly absent: Readonly<Record<string, string>>;
  /** Served resources that may name images and were not read, like `virtualmachines.kubevirt.io`. */
  readonly uncovered: readonly string[];
  /** Seconds that the server's clock is ahead of this machine's; whole, negative when behind. */
  readonly clockSkewSeconds: number;
}

/** Where the integrated registry may be found, as the cluster's objects say. Hosts with their ports. */
export interface RegistryHints {
  /** images.config.openshift.io/cluster: status.externalRegistryHostnames. */
  readonly externalHostnames: readonly string[];
  /** images.config.openshift.io/cluster: status.internalRegistryHostname. */
  readonly internalHostname: string | undefined;
  /** Host of route default-route in openshift-image-registry. */
  readonly routeHost: string | undefined;
  /** A stream's status.publicDockerImageRepository and status.dockerImageRepository, the host alone. */
  readonly publicRepositoryHost: string | undefined;
  readonly repositoryHost: string | undefined;
  /** Host in the dockerImageReference of the newest managed Image. */
  readonly managedImageHost: string | undefined;
}

/** States of the cluster that speak against pruning now (safety.md 3.1, prune.md 7); "unreadable" where they may not be read. */
export interface ClusterConditions {
  readonly imagePruner: ImagePrunerState;
  readonly clusterVersion: "steady" | "progressing" | "absent" | "unreadable";
  readonly registryOperator: "healthy" | "degraded" | "absent" | "unreadable";
}

/** The operator's own pruner, `imagepruners/cluster`. */
export type ImagePrunerState =
  | { readonly kind: "absent" | "suspended" | "unreadable" }
  | {
      readonly kind: "active";
      readonly schedule: string;
      readonly keepTagRevisions: number;
      /** As written, like `60m0s`. */
      readonly keepYoungerThan: string;
      readonly isRunning: boolean;
    };
