import type { RegistryUrl } from "../../oci/names/registryUrl.js";
import type { Platform } from "../../oci/platform.js";

/** The arguments of an ImageArchive after parsing, without the connection. */
export interface ArchiveArgs {
  /** As written; relative to the folder of Pulumi.yaml. */
  readonly path: string;
  readonly images: readonly ImageRequest[];
  readonly engine: EngineArgs;
  /** By host, with port if it has one. */
  readonly registries: Readonly<Record<string, ArchiveRegistry>>;
  readonly integratedRegistry: IntegratedRegistrySettings;
  readonly format: ArchiveFormat;
  readonly compression: Compression;
  /** Octal permissions of the file. */
  readonly fileMode: number;
  readonly createDirectories: boolean;
  /** Write over a file that this resource has not written. */
  readonly overwriteUnmanaged: boolean;
  readonly onDestroy: "delete" | "keep";
  /** What to do about a missing file: write it again, or leave that to another checkout. */
  readonly onMissing: "export" | "ignore";
  /** Write `<path>.json`, the mapping, and `<path>.sha256` beside the archive. */
  readonly manifest: boolean;
  /** How the file is checked for changes: by its stat, or every byte. */
  readonly verify: "stat" | "digest";
  readonly triggers: readonly unknown[];
}

export function usesStreams({ images }: Pick<ArchiveArgs, "images">): boolean {
  return images.some(({ source }) => source.kind === "stream");
}

/**
 * - `docker-archive`: loads in every engine and is an OCI layout at the same time.
 * - `oci-archive`: an OCI layout alone.
 * - `engine`: the engine's own bytes.
 */
export type ArchiveFormat = "docker-archive" | "oci-archive" | "engine";

export type Compression = "none" | "gzip" | "zstd";

/** One entry of `images`. */
export interface ImageRequest {
  readonly source: RequestedSource;
  /** Undefined: all that a registry has, the engine's own choice. */
  readonly platforms: readonly Platform[] | undefined;
  /** Name in the archive instead of the source's; with a tag. */
  readonly as: string | undefined;
}

export type RequestedSource =
  /** A reference as it is pulled: `quay.io/acme/web:v1`. */
  | { readonly kind: "registry"; readonly reference: string }
  /** A reference or an ID of an engine. */
  | { readonly kind: "engine"; readonly reference: string }
  | {
      readonly kind: "stream";
      /** Undefined: the connection's. */
      readonly namespace: string | undefined;
      readonly name: string;
      /** A tag or a glob of tags. */
      readonly tags: string;
      /** What an ImportedImageStream of the same program has resolved the tag to, which may not be imported yet. */
      readonly digest: string | undefined;
    };

/** How the engine is reached; the Docker CLI's conventions fill in what is not given (facts/engines.md 13). */
export interface EngineArgs {
  readonly host: string | undefined;
  readonly context: string | undefined;
  readonly caCert: string | undefined;
  readonly clientCert: string | undefined;
  readonly clientKey: string | undefined;
  readonly skipTlsVerify: boolean;
  readonly tlsHostname: string | undefined;
  readonly apiVersion: string | undefined;
  readonly timeoutSeconds: number | undefined;
}

/** How a registry is reached; credential files and helpers fill in what is not given. */
export interface ArchiveRegistry {
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** A bearer token in place of user and password. */
  readonly token: string | undefined;
  readonly caCert: string | undefined;
  readonly clientCert: string | undefined;
  readonly clientKey: string | undefined;
  /** Plain HTTP and unverified TLS. */
  readonly insecure: boolean;
  readonly mirrors: readonly string[];
}

/** How the cluster's own registry is reached, for image streams; the connection fills in what is not given. */
export interface IntegratedRegistrySettings {
  /** Undefined: where the cluster says that it is. */
  readonly url: RegistryUrl | undefined;
  /** A path or PEM text. */
  readonly caCert: string | undefined;
  readonly skipTlsVerify: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** In place of the connection's. */
  readonly token: string | undefined;
}
