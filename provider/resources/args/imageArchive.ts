import type * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "./connection.js";
import type { TimeoutsArgs } from "./timeouts.js";

/** A tag of an image stream, as `ImportedImageStream.tag()` answers it. */
export interface StreamTag {
  /** Namespace of the stream. */
  readonly namespace: string;
  /** Name of the stream. */
  readonly name: string;
  /** Name of the tag. */
  readonly tag: string;
  /** `sha256:…`; known in previews, before the tag is imported. */
  readonly digest?: string | undefined;
}

/** An image of an archive: exactly one of `registry`, `engine` and `stream`. */
export interface ArchivedImageArgs {
  /** A reference as it is pulled, without `docker://`: `quay.io/acme/web:v1`. No engine is needed. */
  readonly registry?: pulumi.Input<string> | undefined;
  /**
   * A reference, a digest or an ID of a container engine, Docker or podman. IDs and digests have no name: give one with
   * `as`, or `docker load` shows `<none>`.
   */
  readonly engine?: pulumi.Input<string> | undefined;
  /**
   * `tag()` of an ImportedImageStream; or a tag, a glob of tags or a whole stream that exists: `"shop/web:v1"`,
   * `"shop/web:v*"`, `"shop/web"`; without a namespace the connection's.
   */
  readonly stream?: pulumi.Input<string | StreamTag> | undefined;
  /**
   * Which platforms: `linux/arm64`, `linux/arm/v7`. Several come from a registry, or from Docker 29.
   * @default the archive's `platforms`
   */
  readonly platforms?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * Name in the archive. Not with `format: "engine"`, which keeps the engine's names.
   * @default the source's
   */
  readonly as?: pulumi.Input<string> | undefined;
}

/** Which container engine; what is not given follows the Docker CLI: `DOCKER_HOST`, contexts, the usual sockets. */
export interface EngineConnectionArgs {
  /** `unix:///run/podman/podman.sock`, `tcp://host:2376`, `ssh://user@host`, `npipe:////./pipe/docker_engine`. */
  readonly host?: pulumi.Input<string> | undefined;
  /** A context of the Docker CLI; not together with `host`. */
  readonly context?: pulumi.Input<string> | undefined;
  /** CAs to trust: a path or PEM text. */
  readonly caCert?: pulumi.Input<string> | undefined;
  /** Client certificate: a path or PEM text; together with `clientKey`. */
  readonly clientCert?: pulumi.Input<string> | undefined;
  /** Key of `clientCert`: a path or PEM text. */
  readonly clientKey?: pulumi.Input<string> | undefined;
  /**
   * Accept any certificate of the engine.
   * @default false
   */
  readonly skipTlsVerify?: pulumi.Input<boolean> | undefined;
  /**
   * Name that the engine's certificate must be for.
   * @default the host's
   */
  readonly tlsHostname?: pulumi.Input<string> | undefined;
  /**
   * Version of the Engine API: `"1.44"`.
   * @default negotiated
   */
  readonly apiVersion?: pulumi.Input<string> | undefined;
  /**
   * Seconds for one answer. An export may take minutes to begin, and is not limited by it.
   * @default 60
   */
  readonly timeoutSeconds?: pulumi.Input<number> | undefined;
}

/** How a registry is reached; what is not given comes from the credential files and helpers of Docker and podman. */
export interface ArchiveRegistryArgs {
  /** Together with `password`. */
  readonly username?: pulumi.Input<string> | undefined;
  /** Together with `username`. */
  readonly password?: pulumi.Input<string> | undefined;
  /** A bearer token in place of user and password. */
  readonly token?: pulumi.Input<string> | undefined;
  /**
   * CAs to trust: a path or PEM text.
   * @default those of `certs.d`
   */
  readonly caCert?: pulumi.Input<string> | undefined;
  /**
   * Client certificate: a path or PEM text; together with `clientKey`.
   * @default that of `certs.d`
   */
  readonly clientCert?: pulumi.Input<string> | undefined;
  /**
   * Key of `clientCert`: a path or PEM text.
   * @default that of `certs.d`
   */
  readonly clientKey?: pulumi.Input<string> | undefined;
  /**
   * Plain HTTP, and any certificate of this host and port; not of its token server or of where it redirects to.
   * @default false
   */
  readonly insecure?: pulumi.Input<boolean> | undefined;
  /**
   * Asked before the registry itself, in this order: `host[:port][/path]`.
   * @default those of `registries.conf`
   */
  readonly mirrors?: pulumi.Input<pulumi.Input<string>[]> | undefined;
}

/** How the cluster's own registry is reached, for image streams. */
export interface IntegratedRegistryArgs {
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
  /** In place of a token; together with `password`. */
  readonly username?: pulumi.Input<string> | undefined;
  /** Together with `username`. */
  readonly password?: pulumi.Input<string> | undefined;
  /**
   * A bearer token.
   * @default the connection's
   */
  readonly token?: pulumi.Input<string> | undefined;
}

/** `path` and `images` are required. */
export interface ImageArchiveArgs {
  /**
   * Which cluster, and as whom, for image streams; see {@link ConnectionArgs}.
   * @default what the stack's configuration, the environment or `~/.kube/config` names
   */
  readonly connection?: pulumi.Input<ConnectionArgs> | undefined;
  /** Where to write; relative to the folder of `Pulumi.yaml`. Changing it replaces the resource. */
  readonly path: pulumi.Input<string>;
  /** What to export; a string is an image in a registry. */
  readonly images: pulumi.Input<pulumi.Input<string | ArchivedImageArgs>[]>;
  /**
   * Tag of images that are named without one.
   * @default "latest"
   */
  readonly tag?: pulumi.Input<string> | undefined;
  /**
   * Platforms of images that name none: `linux/arm64`, `linux/arm/v7`. Chosen platforms make a new index, with another
   * digest.
   * @default all that a registry has, and the engine's own choice
   */
  readonly platforms?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * Which container engine.
   * @default as the Docker CLI
   */
  readonly engine?: pulumi.Input<EngineConnectionArgs> | undefined;
  /** How registries are reached, by host, with port if it has one. */
  readonly registries?: pulumi.Input<Record<string, pulumi.Input<ArchiveRegistryArgs>>> | undefined;
  /** How the cluster's own registry is reached, for image streams. */
  readonly integratedRegistry?: pulumi.Input<IntegratedRegistryArgs> | undefined;
  /**
   * `docker-archive` loads in every engine and is an OCI layout too, `oci-archive` is an OCI layout alone, `engine` is
   * the engine's own bytes, with its names.
   * @default "docker-archive"; `"engine"` where all images come from an engine, for one platform and without `as`
   */
  readonly format?: pulumi.Input<"docker-archive" | "oci-archive" | "engine"> | undefined;
  /**
   * Of the whole file. Layers from registries are compressed already.
   * @default "none"
   */
  readonly compression?: pulumi.Input<"none" | "gzip" | "zstd"> | undefined;
  /**
   * Octal permissions of the file, and of its sidecar files: images may hold secrets.
   * @default "0600"
   */
  readonly fileMode?: pulumi.Input<string> | undefined;
  /**
   * Make the folders of `path`.
   * @default false
   */
  readonly createDirectories?: pulumi.Input<boolean> | undefined;
  /**
   * Write over a file that this resource has not written.
   * @default false
   */
  readonly overwriteUnmanaged?: pulumi.Input<boolean> | undefined;
  /**
   * What becomes of the file: `delete` removes it if it still is as it was written.
   * @default "delete"
   */
  readonly onDestroy?: pulumi.Input<"delete" | "keep"> | undefined;
  /**
   * What a missing file means: `export` it again, or `ignore`, as on another checkout.
   * @default "export"
   */
  readonly onMissing?: pulumi.Input<"export" | "ignore"> | undefined;
  /**
   * Write the sidecar files `<path>.json`, which maps sources to digests, and `<path>.sha256`.
   * @default false
   */
  readonly manifest?: pulumi.Input<boolean> | undefined;
  /**
   * How closely to check the file, for changes and before one that exists is adopted: `stat` its size, times and
   * manifests, `digest` every byte. For many gigabytes give `timeouts.check` more.
   * @default "stat"
   */
  readonly verify?: pulumi.Input<"stat" | "digest"> | undefined;
  /**
   * Any change writes the archive again.
   * @default []
   */
  readonly triggers?: pulumi.Input<pulumi.Input<unknown>[]> | undefined;
  /**
   * Time limits: `"90s"`, `"10m"`, `"1h30m"` or a number of seconds.
   * @default check 30s, create 6h, update 6h, delete 1m
   */
  readonly timeouts?: TimeoutsArgs<"check" | "create" | "update" | "delete"> | undefined;
}
