import type * as pulumi from "@pulumi/pulumi";
import type { ArchiveContent } from "../archive/outputs.js";
import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import { connectionInput, connectionsInput } from "./args/connection.js";
import type { ImageArchiveArgs } from "./args/imageArchive.js";
import { OkdResource, type ResourceKind } from "./okdResource.js";
import { imageArchiveStub } from "./stubs.js";

/**
 * Images of registries, image streams and container engines in one tarball: written again only when its content would
 * change, never partial, never lost.
 */
export class ImageArchive extends OkdResource {
  /** As it was given. */
  declare readonly path: pulumi.Output<string>;
  /** What is in the archive, by image. Known in previews. */
  declare readonly content: pulumi.Output<ArchiveContent>;
  /**
   * Of the file, hex. From registries and streams the same on every machine; with `compression` for the same version of
   * Node.
   */
  declare readonly sha256: pulumi.Output<string>;
  /** Bytes of the file. */
  declare readonly size: pulumi.Output<number>;
  /**
   * The cluster that its image streams are on; undefined for an archive without any. Another one stops every operation,
   * unless `connection` itself names it: then the archive is updated.
   */
  declare readonly cluster: pulumi.Output<ClusterIdentity | undefined>;

  constructor(name: string, args: ImageArchiveArgs, options?: pulumi.CustomResourceOptions) {
    super(kind, name, withCredentials(args), options);
  }
}

/** From JavaScript the arguments may be missing. */
function withCredentials(args: ImageArchiveArgs | undefined): ImageArchiveArgs | undefined {
  if (typeof args !== "object") return args;
  const { engine, registries, integratedRegistry } = args;
  return {
    ...args,
    engine: connectionInput(engine),
    registries: connectionsInput(registries),
    integratedRegistry: connectionInput(integratedRegistry),
  } as ImageArchiveArgs;
}

const kind: ResourceKind = {
  type: "ImageArchive",
  stub: imageArchiveStub,
  outputs: {
    content: undefined,
    sha256: undefined,
    size: undefined,
    mtimeMs: undefined,
    fileId: undefined,
    writtenFormat: undefined,
    beside: undefined,
    cluster: undefined,
  },
  computed: "content",
  shows: { content: ["path", "images", "tag", "platforms"] },
  inId: [],
  required: "path and images are required",
};
