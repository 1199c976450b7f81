import * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage, ResolvedTags } from "../imports/plan/resolvedTag.js";
import { qualifiedReference } from "../oci/names/pullReference.js";
import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import { own } from "../support/collections.js";
import { applyPartly } from "./applyPartly.js";
import type { ConnectionArgs } from "./connectionArgs.js";
import type { StreamTag } from "./imageArchive.js";
import { OkdResource, type ResourceKind } from "./okdResource.js";
import type { TimeoutsArgs } from "./resourceOptions.js";
import { importedImageStreamStub } from "./stubs.js";

/** How a tag is imported; on the resource these are the defaults of all its tags. */
export interface ImportPolicyArgs {
  /**
   * Let the cluster import the tag again by itself, every 15 minutes or so. Not for digests.
   * @default false
   */
  readonly scheduled?: pulumi.Input<boolean> | undefined;
  /**
   * Allow plain HTTP and unverified TLS to the registry, also for later imports by the cluster.
   * @default false
   */
  readonly insecure?: pulumi.Input<boolean> | undefined;
  /**
   * What to take from an image index: `Legacy` the image of one platform, `PreserveOriginal` the index with all of
   * them (OpenShift or OKD 4.12 and later).
   * @default the cluster's
   */
  readonly importMode?: pulumi.Input<"Legacy" | "PreserveOriginal"> | undefined;
  /**
   * Where workloads pull from: `Source` the source registry, `Local` the integrated registry.
   * @default "Source"
   */
  readonly referencePolicy?: pulumi.Input<"Source" | "Local"> | undefined;
}

/** A tag that is imported from a registry. Its policies take the place of the resource's. */
export interface ImageTagArgs extends ImportPolicyArgs {
  /** Pull spec of the source: `quay.io/acme/web:v1` or `quay.io/acme/web@sha256:…`. */
  readonly image: pulumi.Input<string>;
  /**
   * Annotations of the tag; keys that are not named here are left alone. `importer.image.openshift.io/prefer-arch` and
   * `importer.image.openshift.io/prefer-os` choose the platform that `Legacy` takes.
   */
  readonly annotations?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}

/** Either `source` or `tags` is required. */
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
  /** Tags by name: the pull spec of the source, or an object with it. */
  readonly tags?: pulumi.Input<Record<string, pulumi.Input<string | ImageTagArgs>>> | undefined;
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

/**
 * An image stream whose tags are imported from external registries: synchronously, with every digest known, in the
 * preview already. One resource is one stream, which may be shared: only tags that the resource owns are changed and
 * removed.
 */
export class ImportedImageStream extends OkdResource {
  /** Namespace of the stream. */
  declare readonly namespace: pulumi.Output<string>;
  /** Name of the stream. */
  declare readonly name: pulumi.Output<string>;
  /** What every tag resolves to, by tag. Known in previews. Above 200 tags only `digest` and `pullSpec` of each. */
  declare readonly resolved: pulumi.Output<ResolvedTags>;
  /** Tags that destroying this resource would remove. */
  declare readonly owned: pulumi.Output<readonly string[]>;
  /** Whether this resource created the stream. */
  declare readonly createdStream: pulumi.Output<boolean>;
  /** UID of the stream. */
  declare readonly streamUid: pulumi.Output<string>;
  /** Address of the stream in the integrated registry; empty without one. */
  declare readonly dockerImageRepository: pulumi.Output<string>;
  /** Address of the stream by the integrated registry's route; empty without one. */
  declare readonly publicDockerImageRepository: pulumi.Output<string>;
  /** The cluster that the stream lies on. */
  declare readonly cluster: pulumi.Output<ClusterIdentity>;

  constructor(name: string, args: ImportedImageStreamArgs, options?: pulumi.CustomResourceOptions) {
    super(kind, name, args, options);
  }

  /**
   * Digest of a tag, `sha256:…`; known in previews. Fails with a `RunError` when the stream has no such tag, and with the
   * message and code of the import when that failed.
   */
  digest(tag: pulumi.Input<string>): pulumi.Output<string> {
    return this.resolvedImage(tag).digest;
  }

  /**
   * Pull spec of a tag by digest, for a workload: always with a registry, the integrated one where the reference policy
   * is `Local`; known in previews. Fails as `digest` does.
   */
  pullSpec(tag: pulumi.Input<string>): pulumi.Output<string> {
    // States of older versions hold short names of Docker Hub.
    return this.resolvedImage(tag).pullSpec.apply(qualifiedReference);
  }

  /**
   * A tag for `stream` of an ImageArchive; its digest is known in previews, before it is imported. Fails as `digest`
   * does.
   */
  tag(tag: pulumi.Input<string>): pulumi.Output<StreamTag> {
    return pulumi
      .all([this.namespace, this.name, tag, this.digest(tag)])
      .apply(([namespace, name, own, digest]) => ({ namespace, name, tag: own, digest }));
  }

  private resolvedImage(tag: pulumi.Input<string>): pulumi.Output<ResolvedImage> {
    return pulumi
      .output(tag)
      .apply((name) => applyPartly(this.resolved, (resolved) => requireImage(resolved, name)));
  }
}

const kind: ResourceKind = {
  type: "ImportedImageStream",
  stub: importedImageStreamStub,
  outputs: {
    resolved: undefined,
    owned: undefined,
    createdStream: undefined,
    streamUid: undefined,
    dockerImageRepository: undefined,
    publicDockerImageRepository: undefined,
    cluster: undefined,
    namespace: undefined,
    name: undefined,
  },
  computed: "resolved",
  shows: { resolved: ["source", "tags"], owned: ["source", "tags"] },
  inId: ["namespace", "name"],
  required: "source or tags is required",
};

function requireImage(resolved: ResolvedTags, name: string): ResolvedImage {
  const tag = own(resolved, name);
  if (pulumi.isUnknown(tag)) return pulumi.unknown as unknown as ResolvedImage;
  if (tag === undefined) {
    throw new pulumi.RunError(
      `The image stream has no tag "${name}"; it has ${Object.keys(resolved).join(", ")}.`,
    );
  }
  if ("error" in tag) throw new pulumi.RunError(tag.error);
  return tag;
}
