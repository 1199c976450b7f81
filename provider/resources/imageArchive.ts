import type * as pulumi from "@pulumi/pulumi";
import type { ArchiveContent } from "../archive/plan/content.js";
import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import { type ConnectionArgs, connectionInput, connectionsInput } from "./connectionArgs.js";
import { OkdResource, type ResourceKind } from "./okdResource.js";
import type { TimeoutsArgs } from "./resourceOptions.js";
import { imageArchiveStub } from "./stubs.js";

/** A tag of an image stream, as `ImportedImageStream.tag()` answers it. */
export interface StreamTag {
  readonly namespace: string;
  readonly name: string;
  readonly tag: string;
  /** Known in previews, before the tag is imported. */
  readonly digest?: string | undefined;
}

/** An image of an archive: exactly one of `registry`, `engine` and `stream`. */
export interface ArchivedImageArgs {
  /** A reference as it is pulled, like `quay.io/acme/web:v1`; no engine is needed. */
  readonly registry?: pulumi.Input<string> | undefined;
  /** A reference or an ID of a container engine: Docker or podman. */
  readonly engine?: pulumi.Input<string> | undefined;
  /** A tag of an image stream: `tag()` of an ImportedImageStream, `"namespace/name:tag"`, a glob of tags, a whole stream. */
  readonly stream?: pulumi.Input<string | StreamTag> | undefined;
  /**
   * Like `linux/arm64`; several from a registry, or from Docker 29. Default all that a registry has, and the engine's own
   * choice.
   */
  readonly platforms?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Name in the archive. Default the source's. */
  readonly as?: pulumi.Input<string> | undefined;
}

/** Which container engine; what is not given follows the Docker CLI: DOCKER_HOST, contexts, the usual sockets. */
export interface EngineConnectionArgs {
  /** `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://user@host`, `npipe:////./pipe/docker_engine`. */
  readonly host?: pulumi.Input<string> | undefined;
  /** A context of the Docker CLI. */
  readonly context?: pulumi.Input<string> | undefined;
  /** Paths or PEM texts. */
  readonly caCert?: pulumi.Input<string> | undefined;
  readonly clientCert?: pulumi.Input<string> | undefined;
  readonly clientKey?: pulumi.Input<string> | undefined;
  readonly skipTlsVerify?: pulumi.Input<boolean> | undefined;
  /** Name that the engine's certificate must be for. */
  readonly tlsHostname?: pulumi.Input<string> | undefined;
  readonly apiVersion?: pulumi.Input<string> | undefined;
  readonly timeoutSeconds?: pulumi.Input<number> | undefined;
}

/** How a registry is reached; what is not given comes from the credential files and helpers of Docker and podman. */
export interface ArchiveRegistryArgs {
  readonly username?: pulumi.Input<string> | undefined;
  readonly password?: pulumi.Input<string> | undefined;
  /** A bearer token in place of user and password. */
  readonly token?: pulumi.Input<string> | undefined;
  /** Paths or PEM texts. */
  readonly caCert?: pulumi.Input<string> | undefined;
  readonly clientCert?: pulumi.Input<string> | undefined;
  readonly clientKey?: pulumi.Input<string> | undefined;
  /** Plain HTTP and unverified TLS. Default false. */
  readonly insecure?: pulumi.Input<boolean> | undefined;
  /** Tried before the registry itself. */
  readonly mirrors?: pulumi.Input<pulumi.Input<string>[]> | undefined;
}

/** How the cluster's own registry is reached, for image streams. */
export interface IntegratedRegistryArgs {
  /** `[http(s)://]host[:port]`. Default what the cluster says: external hostnames, route, internal hostname. */
  readonly url?: pulumi.Input<string> | undefined;
  /** CA bundle of the registry: a path or PEM text. Default the system's and the connection's. */
  readonly caCert?: pulumi.Input<string> | undefined;
  /** Do not verify the registry's certificate, and fall back to plain HTTP. Default false. */
  readonly skipTlsVerify?: pulumi.Input<boolean> | undefined;
  readonly username?: pulumi.Input<string> | undefined;
  readonly password?: pulumi.Input<string> | undefined;
  /** A bearer token in place of user and password. Default the connection's. */
  readonly token?: pulumi.Input<string> | undefined;
}

export interface ImageArchiveArgs {
  /** Which cluster, for image streams; see {@link ConnectionArgs}. */
  readonly connection?: pulumi.Input<ConnectionArgs> | undefined;
  /** Where to write; relative to the folder of Pulumi.yaml. Changing it replaces the resource. */
  readonly path: pulumi.Input<string>;
  /** What to export; a string is an image in a registry. */
  readonly images: pulumi.Input<pulumi.Input<string | ArchivedImageArgs>[]>;
  /** Tag of images that are named without one. Default `latest`. */
  readonly tag?: pulumi.Input<string> | undefined;
  /** Platforms of images that do not say. */
  readonly platforms?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  readonly engine?: pulumi.Input<EngineConnectionArgs> | undefined;
  /** By host, with port if it has one. */
  readonly registries?: pulumi.Input<Record<string, pulumi.Input<ArchiveRegistryArgs>>> | undefined;
  readonly integratedRegistry?: pulumi.Input<IntegratedRegistryArgs> | undefined;
  /**
   * `docker-archive` loads in every engine and is an OCI layout too, `oci-archive` is an OCI layout alone, `engine` the
   * engine's own bytes, with its names. Default `docker-archive`; where all images come from an engine, for one platform and
   * without `as`, `engine`.
   */
  readonly format?: pulumi.Input<"docker-archive" | "oci-archive" | "engine"> | undefined;
  /** Of the whole file. Default `none`: layers are compressed already. */
  readonly compression?: pulumi.Input<"none" | "gzip" | "zstd"> | undefined;
  /** Octal permissions of the file. Default `"0600"`. */
  readonly fileMode?: pulumi.Input<string> | undefined;
  /** Make the folders of `path`. Default false. */
  readonly createDirectories?: pulumi.Input<boolean> | undefined;
  /** Write over a file that this resource has not written. Default false. */
  readonly overwriteUnmanaged?: pulumi.Input<boolean> | undefined;
  /** Default `delete`: the file goes, if it still is as it was written. */
  readonly onDestroy?: pulumi.Input<"delete" | "keep"> | undefined;
  /** What a missing file means: `export` it again, or `ignore`, as on another checkout. Default `export`. */
  readonly onMissing?: pulumi.Input<"export" | "ignore"> | undefined;
  /** Write `<path>.json`, which maps sources to digests, and `<path>.sha256`. Default false. */
  readonly manifest?: pulumi.Input<boolean> | undefined;
  /**
   * How closely to look at the file, for changes and before one that is there already is taken over: at its size and times,
   * and its manifests, or at every byte. Default `stat`.
   */
  readonly verify?: pulumi.Input<"stat" | "digest"> | undefined;
  /** Any change writes the archive again. */
  readonly triggers?: pulumi.Input<pulumi.Input<unknown>[]> | undefined;
  /** Time limits, like `"90s"`, `"10m"` or a number of seconds. Defaults: check 30s, create and update 6h, delete 1m. */
  readonly timeouts?: TimeoutsArgs<"check" | "create" | "update" | "delete"> | undefined;
}

/**
 * Images exported to a tarball: written again only when its content would change, never partial, never lost.
 */
export class ImageArchive extends OkdResource {
  declare readonly path: pulumi.Output<string>;
  /** What is in the archive, by image. Known in previews. */
  declare readonly content: pulumi.Output<ArchiveContent>;
  /** Of the file, hex. */
  declare readonly sha256: pulumi.Output<string>;
  /** Bytes of the file. */
  declare readonly size: pulumi.Output<number>;
  /** The cluster that its image streams are on; undefined for an archive without any. */
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
