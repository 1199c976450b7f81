import type * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "./connection.js";

/** Whose image streams and pull secrets are asked about. */
export interface LookupArgs {
  /**
   * Which cluster, and as whom; see {@link ConnectionArgs}. Its credentials are in no result.
   * @default what the stack's configuration, the environment or `~/.kube/config` names
   */
  readonly connection?: pulumi.Input<ConnectionArgs> | undefined;
  /**
   * Namespace to look in, whose pull secrets are used.
   * @default the connection's
   */
  readonly namespace?: pulumi.Input<string> | undefined;
}

export interface ImageMetadataArgs extends LookupArgs {
  /** Pull spec: `quay.io/acme/web:v1` or `quay.io/acme/web@sha256:…`. */
  readonly image: pulumi.Input<string>;
  /**
   * Allow plain HTTP and unverified TLS to the registry.
   * @default false
   */
  readonly insecure?: pulumi.Input<boolean> | undefined;
  /**
   * What to read of an image index: `Legacy` the image of one platform, `PreserveOriginal` the index. Not beside
   * `platform`.
   * @default the cluster's
   */
  readonly importMode?: pulumi.Input<"Legacy" | "PreserveOriginal"> | undefined;
  /**
   * The image of an index to read, like `linux/arm64`.
   * @default the one that the import mode takes
   */
  readonly platform?: pulumi.Input<string> | undefined;
}

export interface ImageStreamImageArgs extends LookupArgs {
  /** Image stream and digest, `web@sha256:…`; the beginning of the digest is enough where no other image begins so. */
  readonly name: pulumi.Input<string>;
}

export interface ImageStreamTagArgs extends LookupArgs {
  /** Image stream and tag: `web:v1`. */
  readonly name: pulumi.Input<string>;
}

/** When a function's `Output` form asks. */
export interface LookupOptions {
  /** Ask only after these resources exist; in a preview that is to create one the result is unknown. */
  readonly dependsOn?:
    pulumi.Input<pulumi.CustomResource> | readonly pulumi.Input<pulumi.CustomResource>[] | undefined;
}
