import type * as pulumi from "@pulumi/pulumi";

/** How the cluster's own registry is reached, for `mirror`. */
export interface MirrorRegistryArgs {
  /**
   * `[http(s)://]host[:port]`.
   * @default what the cluster says: external hostnames, route, internal hostname
   */
  readonly url?: pulumi.Input<string> | undefined;
  /**
   * CA bundle of the registry: a path or PEM text.
   * @default the connection's, beside the usual ones
   */
  readonly caCert?: pulumi.Input<string> | undefined;
  /**
   * Accept any certificate of the registry, and plain HTTP. `connection.skipTlsVerify` does not count here.
   * @default false
   */
  readonly skipTlsVerify?: pulumi.Input<boolean> | undefined;
}
