import * as pulumi from "@pulumi/pulumi";
import type { ReferencedImage, ResolvedImage, ResolvedTags } from "../imports/outputs.js";
import { qualifiedReference } from "../oci/names/pullReference.js";
import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import { own } from "../support/collections.js";
import type { StreamTag } from "./args/imageArchive.js";
import type { ImportedImageStreamArgs } from "./args/importedImageStream.js";
import { OkdResource, type ResourceKind } from "./okdResource.js";
import { applyPartly, undecided } from "./partlyKnown.js";
import { importedImageStreamStub } from "./stubs.js";

/**
 * An image stream whose tags are imported from external registries: synchronously, with every digest known already in the
 * preview. One resource is one stream, which may be shared: only tags that the resource owns are changed and
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
  /** Names of the pull secrets that destroying this resource would remove, unless something else uses them. */
  declare readonly ownedSecrets: pulumi.Output<readonly string[]>;
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
    return this.resolvedTag(tag, requireDigest).digest;
  }

  /**
   * Pull spec of a tag by digest, for a workload: always with a registry, the integrated one where the reference policy
   * is `Local`; known in previews. Fails as `digest` does.
   */
  pullSpec(tag: pulumi.Input<string>): pulumi.Output<string> {
    // States of older versions hold short names of Docker Hub.
    return this.resolvedTag(tag, requireImage).pullSpec.apply(qualifiedReference);
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

  private resolvedTag<Image>(
    tag: pulumi.Input<string>,
    require: (resolved: ResolvedTags, name: string) => Image,
  ): pulumi.Output<Image> {
    return pulumi
      .output(tag)
      .apply((name) => applyPartly(this.resolved, (resolved) => require(resolved, name)));
  }
}

const kind: ResourceKind = {
  type: "ImportedImageStream",
  stub: importedImageStreamStub,
  outputs: {
    resolved: undefined,
    owned: undefined,
    ownedSecrets: undefined,
    createdStream: undefined,
    streamUid: undefined,
    dockerImageRepository: undefined,
    publicDockerImageRepository: undefined,
    cluster: undefined,
    namespace: undefined,
    name: undefined,
  },
  computed: "resolved",
  shows: { resolved: ["source", "tags", "repository"], owned: ["source", "tags", "repository"] },
  confidential: ["pullSecret"],
  inId: ["namespace", "name"],
  required: "source, tags, repository, reimport or sourceRepository is required",
};

function requireImage(resolved: ResolvedTags, name: string): ResolvedImage | ReferencedImage {
  const tag = own(resolved, name);
  if (pulumi.isUnknown(tag)) return undecided;
  if (tag === undefined) {
    throw new pulumi.RunError(
      `The image stream has no tag "${name}"; it has ${Object.keys(resolved).join(", ")}.`,
    );
  }
  if ("error" in tag) throw new pulumi.RunError(tag.error);
  return tag;
}

function requireDigest(resolved: ResolvedTags, name: string): ResolvedImage {
  const tag = requireImage(resolved, name);
  if (!("reference" in tag)) return tag;
  throw new pulumi.RunError(
    `The tag "${name}" is a reference, of which no digest is known: use pullSpec("${name}").`,
  );
}
