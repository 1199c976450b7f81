import type { ClusterOptions } from "./cluster/options.js";
import type { IntegratedRegistryOptions } from "./integrated/parts.js";
import type { PolicyRule } from "./kube/access/roles.js";
import type { KubeObject } from "./kube/model/object.js";
import type { RegistryOptions } from "./registry/start.js";

export interface SandboxUserOptions {
  readonly name: string;
  /** Default: random. */
  readonly token?: string;
  readonly groups?: readonly string[];
  readonly rules?: readonly PolicyRule[];
}

/** All options of `startSandbox`. */
export interface SandboxOptions extends ClusterOptions {
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
  /**
   * Host names as they stand in references (with a port if they have one) to the name of a registry of this sandbox or
   * to a loopback `host:port`. A host that is neither mapped nor loopback is answered as an unknown name.
   */
  readonly registryHosts?: Readonly<Record<string, string>>;
  /** PEM certificates that imports trust besides the sandbox's own authority (additionalTrustedCA). */
  readonly trustedCertificates?: readonly string[];
  /** Imports do not trust the sandbox's authority: the TLS registries have an unknown one. */
  readonly distrustOwnAuthority?: boolean;
  /** Objects that exist at start, as for `sandbox.seed`. */
  readonly objects?: readonly KubeObject[];
  /** How far the cluster's clock is ahead of this machine's (Date headers, timestamps); default 0. */
  readonly clockOffsetSeconds?: number;
}
