import type { RegistryMode } from "./integrated/registryParts.js";
import type { PolicyRule } from "./kube/clusterRoles.js";
import type { KubeObject } from "./kube/objects.js";
import type { CustomKind } from "./kube/storedKinds.js";
import type { RegistryOptions } from "./registry/sandboxRegistry.js";

export interface SandboxUserOptions {
  readonly name: string;
  /** Default: random. */
  readonly token?: string;
  readonly groups?: readonly string[];
  readonly rules?: readonly PolicyRule[];
}

export interface SandboxOptions {
  /** Port of the API over HTTPS; default 0, any free one. */
  readonly port?: number;
  /** Serves the API over plain HTTP too, at `sandbox.httpUrl`. */
  readonly plainHttp?: boolean;
  /** Port for `/sandbox/faults` and `/sandbox/requests`; default 0. */
  readonly controlPort?: number;
  readonly adminToken?: string;
  /** Besides the admin. Default: one user `alice` without any right. */
  readonly users?: readonly SandboxUserOptions[];
  /** Registries by name; default one open plain-HTTP registry named `open`. */
  readonly registries?: Readonly<Record<string, RegistryOptions>>;
  /** The cluster's own registry; absent: a cluster without one. */
  readonly integratedRegistry?: IntegratedRegistryOptions;
  /** The registry is switched off (managementState: Removed): nothing names one, and streams answer their spec's upstream. */
  readonly registryRemoved?: boolean;
  /**
   * Host names as they stand in references (with a port if they have one) to the name of a registry of this sandbox or
   * to a loopback `host:port`. A host that is neither mapped nor loopback is answered as an unknown name.
   */
  readonly registryHosts?: Readonly<Record<string, string>>;
  /** PEM certificates that imports trust besides the sandbox's own authority (additionalTrustedCA). */
  readonly trustedCertificates?: readonly string[];
  /** Imports do not trust the sandbox's authority: the TLS registries have an unknown one. */
  readonly distrustOwnAuthority?: boolean;
  /** `allowedRegistriesForImport` at start; it can be changed in images.config.openshift.io/cluster. */
  readonly allowedRegistriesForImport?: readonly {
    readonly domainName: string;
    readonly insecure?: boolean;
  }[];
  /** Namespaces that exist at start, besides `default`, `kube-system` and `openshift-config`. */
  readonly namespaces?: readonly string[];
  /** uid of kube-system, which tells clusters apart; default random. */
  readonly clusterUid?: string;
  /** Kinds that operators have added: stored, listed, shown by discovery, each with its CustomResourceDefinition. */
  readonly customKinds?: readonly CustomKind[];
  /** Objects that exist at start, as for `sandbox.seed`. */
  readonly objects?: readonly KubeObject[];
  /** API groups that this cluster does not serve. */
  readonly missingGroups?: readonly string[];
  /** API groups whose backend is gone (503). */
  readonly unavailableGroups?: readonly string[];
  /** How far the cluster's clock is ahead of this machine's (Date headers, timestamps); default 0. */
  readonly clockOffsetSeconds?: number;
  /** The throttle of 2 images a second in one import, after a burst of 3; default true. */
  readonly throttleImports?: boolean;
  /** Imports spec tags in the background, once after each write, as openshift-controller-manager does; default false. */
  readonly controller?: boolean;
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

export interface IntegratedRegistryOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default "https", with a certificate of the sandbox's authority. */
  readonly protocol?: "https" | "http";
  /** The name of its route, as references outside the cluster have it; default its address on loopback. */
  readonly publicHost?: string;
  /** Hosts of further routes to it, by the names of the routes. */
  readonly routes?: Readonly<Record<string, string>>;
  /** Default "normal". */
  readonly mode?: RegistryMode;
}
