import type * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "./connection.js";
import type { PullSecretArgs, PullSecretSourceArgs } from "./pullSecret.js";
import type { MirrorRegistryArgs } from "./mirrorRegistry.js";
import type { ImportPolicyArgs, RepositoryArgs, TagArgs } from "./tags.js";
import type { TimeoutsArgs } from "./timeouts.js";

/** One of `source`, `tags`, `repository`, `reimport` and `sourceRepository` is required. */
export interface ImportedImageStreamArgs extends ImportPolicyArgs {
  /**
   * Which cluster, and as whom; see {@link ConnectionArgs}. Naming another cluster here replaces the resource.
   * @default what the stack's configuration, the environment or `~/.kube/config` names
   */
  readonly connection?: pulumi.Input<ConnectionArgs> | undefined;
  /**
   * Namespace of the image stream. Changing it replaces the resource.
   * @default the connection's
   */
  readonly namespace?: pulumi.Input<string> | undefined;
  /**
   * Name of the image stream. Changing it replaces the resource.
   * @default the resource's name
   */
  readonly name?: pulumi.Input<string> | undefined;
  /** One image; its tag becomes the stream's tag, `latest` if it has none. Beside or in place of `tags`. */
  readonly source?: pulumi.Input<string> | undefined;
  /**
   * Tags by name: the pull spec of the source, or an object with one source: `image`, `alias`, `imageStreamTag` or
   * `imageStreamImage`.
   */
  readonly tags?: pulumi.Input<Record<string, pulumi.Input<string | TagArgs>>> | undefined;
  /**
   * A whole repository, beside or in place of `source` and `tags`. Asked for its tags when this or `triggers` changes, and in
   * every run where `trackUpstream` says so; `up` takes no tag that its preview has not shown.
   */
  readonly repository?: pulumi.Input<RepositoryArgs> | undefined;
  /** Labels of the stream; keys that are not named here are left alone. */
  readonly labels?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /** Annotations of the stream; keys that are not named here are left alone. */
  readonly annotations?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /**
   * Let workloads of the namespace name the stream's tags as short image names.
   * @default left as it is
   */
  readonly lookupLocal?: pulumi.Input<boolean> | undefined;
  /**
   * Let the cluster trust every registry of this stream: plain HTTP and unverified TLS, for pulls through the integrated
   * registry too. Tags are imported with `insecure: true` unless they say otherwise.
   * @default left as it is
   */
  readonly insecureRepository?: pulumi.Input<boolean> | undefined;
  /**
   * A whole repository that the cluster's import controller imports by itself, later and without a word to Pulumi
   * (`spec.dockerImageRepository`): `quay.io/acme/web`. Its tags belong to the cluster.
   * @default left as it is
   */
  readonly sourceRepository?: pulumi.Input<string> | undefined;
  /**
   * Import tags again from the sources that they have on the cluster, those of others too, as `oc import-image web:v1` without
   * `--from` does: when this is new, and whenever `triggers` change. `true`: every tag with an external source.
   * @default false
   */
  readonly reimport?: pulumi.Input<boolean | pulumi.Input<string>[]> | undefined;
  /**
   * A pull secret that this resource writes before it imports, and removes at its end. It is encrypted in the state, also
   * where it is given in clear. A secret of this name that somebody else made is left alone, unless `adopt` is set.
   */
  readonly pullSecret?: pulumi.Input<PullSecretArgs> | undefined;
  /**
   * The same as a copy of a secret in another namespace, which it follows at every `up`. In place of `pullSecret`.
   */
  readonly pullSecretFrom?: pulumi.Input<PullSecretSourceArgs> | undefined;
  /**
   * What to do when a source tag names a new digest: `pinned` nothing, and no registry is asked once a tag is imported;
   * `report` a warning in every preview and `up`; `follow` a change in the preview, which `up` imports.
   * @default "pinned"
   */
  readonly trackUpstream?: pulumi.Input<"pinned" | "report" | "follow"> | undefined;
  /**
   * Take over tags that exist already or belong to another resource.
   * @default false
   */
  readonly adopt?: pulumi.Input<boolean> | undefined;
  /**
   * What destroying removes: `owned` the tags that this resource owns, and the stream if a resource of this package
   * created it and nothing is left in it; `stream` the whole stream, unless another resource has tags in it; `keep`
   * only the claim.
   * @default "owned"
   */
  readonly onDestroy?: pulumi.Input<"owned" | "stream" | "keep"> | undefined;
  /**
   * Remove tags and streams even while workloads, builds or other streams use them, whose images can then no longer be
   * pulled. For a replacement and for destroying, the value of the last `up` counts.
   * @default false
   */
  readonly deleteInUse?: pulumi.Input<boolean> | undefined;
  /** How the cluster's own registry is reached, for `mirror`. */
  readonly integratedRegistry?: pulumi.Input<MirrorRegistryArgs> | undefined;
  /**
   * Any change imports every tag again.
   * @default []
   */
  readonly triggers?: pulumi.Input<pulumi.Input<unknown>[]> | undefined;
  /**
   * Time limits: `"90s"`, `"10m"`, `"1h30m"` or a number of seconds.
   * @default check 30s, create 10m, update 10m, delete 5m
   */
  readonly timeouts?: TimeoutsArgs<"check" | "create" | "update" | "delete"> | undefined;
}
