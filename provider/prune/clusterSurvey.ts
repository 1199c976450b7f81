import type { RegistryRoute } from "../okd/registryHosts.js";
import type { ClusterSnapshot } from "./snapshot.js";

/** Everything that one survey of a cluster found: what decides, and what an approver must know about the survey itself. */
export interface ClusterSurvey {
  readonly snapshot: ClusterSnapshot;
  readonly coverage: Coverage;
  readonly registry: RegistryHints;
  readonly conditions: ClusterConditions;
}

/** What was read, what was not, and why. */
export interface Coverage {
  /** Number of objects by plural resource, sorted: `pods`; those that discovery has found as `widgets.example.io`. */
  readonly read: Readonly<Record<string, number>>;
  /** The cost of reading them, under the same names. Never the same twice. */
  readonly costs: Readonly<Record<string, ListCost>>;
  /** Why a resource was not read: its API is not served, or the policy allows it to be unreadable. */
  readonly absent: Readonly<Record<string, string>>;
  /** Served resources that may name images and that `skipKinds` leaves out, like `widgets.example.io`, sorted. */
  readonly uncovered: readonly string[];
  /** Seconds that the server's clock is ahead of this machine's; whole, negative when behind. */
  readonly clockSkewSeconds: number;
}

export interface ListCost {
  /** Of the answers, unzipped. */
  readonly bytes: number;
  /** From the first request to the last answer. */
  readonly milliseconds: number;
}

/** What the cluster's objects say about where the integrated registry is. Hosts with their ports. */
export interface RegistryHints extends ConfiguredHosts {
  /**
   * A stream's status.publicDockerImageRepository and status.dockerImageRepository, the host alone. Like the next field it is
   * no address: an editor of a project may have chosen it, and where the registry is removed it is the spec's upstream.
   */
  readonly publicRepositoryHost: string | undefined;
  readonly repositoryHost: string | undefined;
  /** Host in the dockerImageReference of the newest managed Image. */
  readonly managedImageHost: string | undefined;
}

/** Where the registry is, according to objects that only administrators write. */
export interface ConfiguredHosts {
  /** images.config.openshift.io/cluster: externalRegistryHostnames of spec, then of status. */
  readonly externalHostnames: readonly string[];
  /** images.config.openshift.io/cluster: status.internalRegistryHostname. */
  readonly internalHostname: string | undefined;
  /** Routes in openshift-image-registry that lead to service image-registry. */
  readonly routes: readonly RegistryRoute[];
  /** That service, with its port; undefined where it is proven absent. */
  readonly serviceHost: string | undefined;
  /** What could not be read, and why: `this user may not get images.config.openshift.io/cluster`. */
  readonly unread: readonly string[];
}

/** States of the cluster that speak against pruning now; "unreadable" where they may not be read (facts/pruning.md 33). */
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
