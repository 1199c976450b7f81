import type { AliasChains } from "../images/stream/chains.js";
import type { CustomKind } from "../kube/kinds/served.js";

/** The state of the cluster's API at start. */
export interface ClusterOptions {
  /** `allowedRegistriesForImport` at start; it can be changed in images.config.openshift.io/cluster. */
  readonly allowedRegistriesForImport?: readonly {
    readonly domainName: string;
    readonly insecure?: boolean;
  }[];
  /** Namespaces that exist at start, besides `default`, `kube-system` and `openshift-config`. */
  readonly namespaces?: readonly string[];
  /** uid of kube-system, which tells clusters apart; default random. */
  readonly clusterUid?: string;
  /** Kinds of operators: stored, listed, shown by discovery, each with its CustomResourceDefinition. */
  readonly customKinds?: readonly CustomKind[];
  /** API groups that this cluster does not serve. */
  readonly missingGroups?: readonly string[];
  /** API groups whose backend is gone (503). */
  readonly unavailableGroups?: readonly string[];
  /** The registry is switched off (managementState: Removed): nothing names one, and streams answer their spec's upstream. */
  readonly registryRemoved?: boolean;
  /** The throttle of 2 images a second in one import, after a burst of 3; default true. */
  readonly throttleImports?: boolean;
  /** Imports spec tags in the background, once after each write, as openshift-controller-manager does; default false. */
  readonly controller?: boolean;
  /**
   * How much of a chain of aliases one write fills, where a real server leaves it to chance: the hops whose target had an
   * item before, or all; default `"firstHop"`.
   */
  readonly aliasChains?: AliasChains;
  readonly limits?: SandboxLimits;
}

/** Times and sizes of the real server, to be shortened where a test would have to wait. */
export interface SandboxLimits {
  /** Of an import without `timeout`; default 34. */
  readonly importSeconds?: number;
  /** Cap of `timeout`; default 60. */
  readonly maximumImportSeconds?: number;
  /** Of a TLS connection to a registry that does not answer; default 10. */
  readonly registryHandshakeSeconds?: number;
  /** Of a plain request to a registry that does not answer; default 15. */
  readonly registryResponseSeconds?: number;
  /** Tags that a repository import takes; default 50. */
  readonly tagsPerRepository?: number;
}
