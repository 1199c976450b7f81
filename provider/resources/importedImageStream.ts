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
  /** Let the cluster import the tag again by itself, every 15 minutes or so. Not for digests. Default false. */
  readonly scheduled?: pulumi.Input<boolean> | undefined;
  /** Allow plain HTTP and unverified TLS to the registry. Default false. */
  readonly insecure?: pulumi.Input<boolean> | undefined;
  /**
   * What to take from an image index: `Legacy` the image of one platform, `PreserveOriginal` all of them.
   * Default the cluster's.
   */
  readonly importMode?: pulumi.Input<"Legacy" | "PreserveOriginal"> | undefined;
  /** Where workloads pull from: the source, or the integrated registry (`Local`). Default `Source`. */
  readonly referencePolicy?: pulumi.Input<"Source" | "Local"> | undefined;
}

/** A tag that is imported from a registry. */
export interface ImageTagArgs extends ImportPolicyArgs {
  /** Pull spec of the source, like `quay.io/acme/web:v1` or `quay.io/acme/web@sha256:…`. */
  readonly image: pulumi.Input<string>;
  /** Annotations of the tag; keys that are not named here are left alone. */
  readonly annotations?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}

export interface ImportedImageStreamArgs extends ImportPolicyArgs {
  /** Which cluster; see {@link ConnectionArgs}. Default the surroundings'. */
  readonly connection?: pulumi.Input<ConnectionArgs> | undefined;
  /** Namespace of the image stream. Default the connection's. Changing it replaces the resource. */
  readonly namespace?: pulumi.Input<string> | undefined;
  /** Name of the image stream. Default the resource's name. Changing it replaces the resource. */
  readonly name?: pulumi.Input<string> | undefined;
  /** One image; its tag becomes the stream's tag, `latest` if it has none. Beside or in place of `tags`. */
  readonly source?: pulumi.Input<string> | undefined;
  /** Tags by name: the source image, or an object with it. */
  readonly tags?: pulumi.Input<Record<string, pulumi.Input<string | ImageTagArgs>>> | undefined;
  /** Labels of the stream; keys that are not named here are left alone. */
  readonly labels?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /** Annotations of the stream; keys that are not named here are left alone. */
  readonly annotations?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /** Let workloads of the namespace name the stream's tags as short image names. Default left as it is. */
  readonly lookupLocal?: pulumi.Input<boolean> | undefined;
  /**
   * What to do when a source tag names a new digest: `pinned` nothing, `report` a warning in every preview and up,
   * `follow` show it as a change and import it. Default `pinned`, which asks no registry once a tag is imported.
   */
  readonly trackUpstream?: pulumi.Input<"pinned" | "report" | "follow"> | undefined;
  /** Take over tags that exist already or belong to another resource. Default false. */
  readonly adopt?: pulumi.Input<boolean> | undefined;
  /**
   * What destroying removes: the tags this resource owns (and the stream, if a resource of this package created it and
   * nothing is left in it), the whole stream (unless another resource has tags in it), or nothing. Default `owned`.
   */
  readonly onDestroy?: pulumi.Input<"owned" | "stream" | "keep"> | undefined;
  /**
   * Remove tags and streams even while workloads, builds or other streams use them; such images can be pulled no more.
   * For a replacement and for destroying, the value of the last `up` counts. Default false.
   */
  readonly deleteInUse?: pulumi.Input<boolean> | undefined;
  /** Any change imports every tag again. */
  readonly triggers?: pulumi.Input<pulumi.Input<unknown>[]> | undefined;
  /** Time limits, like `"90s"`, `"10m"` or a number of seconds. Defaults: check 30s, create and update 10m, delete 5m. */
  readonly timeouts?: TimeoutsArgs<"check" | "create" | "update" | "delete"> | undefined;
}

/**
 * An image stream whose tags are imported from external registries: synchronously, with every digest known, in the
 * preview already.
 */
export class ImportedImageStream extends OkdResource {
  declare readonly namespace: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  /** What every tag resolves to, by tag. Known in previews. */
  declare readonly resolved: pulumi.Output<ResolvedTags>;
  /** Tags that destroying this resource would remove. */
  declare readonly owned: pulumi.Output<readonly string[]>;
  /** Whether this resource created the stream. */
  declare readonly createdStream: pulumi.Output<boolean>;
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

  /** Digest of a tag; known in previews. Fails when the stream has no such tag or its import failed. */
  digest(tag: pulumi.Input<string>): pulumi.Output<string> {
    return this.resolvedImage(tag).digest;
  }

  /** Pull spec of a tag by digest, always with its registry, honouring the reference policy; known in previews. */
  pullSpec(tag: pulumi.Input<string>): pulumi.Output<string> {
    // States of older versions hold short names of Docker Hub.
    return this.resolvedImage(tag).pullSpec.apply(qualifiedReference);
  }

  /** A tag as ImageArchive takes it; its digest is known in previews, before it is imported. */
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
