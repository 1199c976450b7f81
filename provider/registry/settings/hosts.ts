import type { TokenSource } from "../../http/credentials.js";
import type { Machine } from "../../http/machine.js";
import { type RetryPolicy, usualPolicy } from "../../http/retry.js";
import { registryAlias } from "../../oci/names/pullReference.js";

/** How one registry is reached; files of the machine fill in what is not given. */
export interface RegistrySettings {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** A bearer token in place of user and password. */
  readonly token?: string | undefined;
  /** PEM text or the path of a file with it; trusted beside the system's CAs. */
  readonly caCert?: string | undefined;
  /** PEM text or a path, as the key. */
  readonly clientCert?: string | undefined;
  readonly clientKey?: string | undefined;
  /** Accepts any certificate, and plain HTTP where TLS is not spoken. */
  readonly insecure?: boolean | undefined;
  /** Whether registries.conf may set `insecure`, too; default true. */
  readonly insecureByFiles?: boolean | undefined;
  /** Plain HTTP only. */
  readonly http?: boolean | undefined;
  /** `host[:port][/path]` that are asked first, in this order, for what this registry has. */
  readonly mirrors?: readonly string[] | undefined;
}

export interface ImageRegistrySettings {
  /** By host, with port if it has one; `docker.io` for Docker Hub. */
  readonly registries: Readonly<Record<string, RegistrySettings>>;
  /** A user's token of a cluster for its integrated registry: by host as in `registries`. */
  readonly tokenSource?: (host: string) => TokenSource | undefined;
  readonly machine: Machine;
  /** Called with every secret before its first use. */
  readonly onSecret: (secret: string) => void;
  readonly limits?: Partial<PullLimits>;
}

export interface PullLimits {
  /** Milliseconds without an answer, or without a further byte of one, default 60,000. */
  readonly idleMs: number;
  /** How often in a row a blob is resumed after a connection that brought less than 1 MiB, default 10. */
  readonly resumes: number;
  /** Milliseconds for a credential helper, default 30,000. */
  readonly helperMs: number;
  /** Default `usualPolicy`. */
  readonly retry: RetryPolicy;
}

export const defaultLimits: PullLimits = {
  idleMs: 60_000,
  resumes: 10,
  helperMs: 30_000,
  retry: usualPolicy,
};

/** The user's settings for a registry, under any of its names. */
export function settingsFor({ registries }: ImageRegistrySettings, host: string): RegistrySettings {
  const wanted = registryAlias(host);
  const key = Object.keys(registries).find((name) => registryAlias(name.toLowerCase()) === wanted);
  return (key === undefined ? undefined : registries[key]) ?? {};
}
