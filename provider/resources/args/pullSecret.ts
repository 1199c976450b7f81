import type * as pulumi from "@pulumi/pulumi";

/** A login at a registry. */
export interface RegistryLoginArgs {
  /** Name of the user or robot account. */
  readonly username: pulumi.Input<string>;
  /** Password or token. */
  readonly password: pulumi.Input<string>;
}

/** A pull secret of the resource's own. Either `auths` or `dockerConfigJson` is required. */
export interface PullSecretArgs {
  /**
   * Name of the secret, in the stream's namespace. Resources of one program may keep one secret together.
   * @default the stream's name and `-pull`
   */
  readonly name?: pulumi.Input<string> | undefined;
  /**
   * Logins by what they are for: host and port as in the images (`quay.io`, `r.acme.com:5000`, `docker.io` for Docker
   * Hub), or that with the beginning of the path (`quay.io/acme`).
   */
  readonly auths?: pulumi.Input<Record<string, pulumi.Input<RegistryLoginArgs>>> | undefined;
  /** The same as the text of a docker configuration: `{"auths": {"quay.io": {"auth": "…"}}}`. */
  readonly dockerConfigJson?: pulumi.Input<string> | undefined;
}

/** A pull secret that is copied from another namespace. */
export interface PullSecretSourceArgs {
  /** Namespace of the secret that is copied. */
  readonly namespace: pulumi.Input<string>;
  /** Name of the secret that is copied, of type `kubernetes.io/dockerconfigjson` or `kubernetes.io/dockercfg`. */
  readonly name: pulumi.Input<string>;
  /**
   * Name of the copy, in the stream's namespace.
   * @default the same name
   */
  readonly as?: pulumi.Input<string> | undefined;
}
