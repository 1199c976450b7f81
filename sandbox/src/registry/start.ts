import type { KeyPair } from "../server/certificates.js";
import type { FaultRules } from "../server/faults.js";
import { listen, type Listener } from "../server/listener.js";
import type { RequestHooks } from "../server/requestHooks.js";
import type { RequestLog } from "../server/requestLog.js";
import { RegistryAccess, type RegistryAuthentication } from "./access.js";
import {
  type ImageContent,
  moveTag,
  type Platform,
  type PublishedImage,
  publishImage,
  publishIndex,
} from "./publish.js";
import { registryHandler } from "./server.js";
import { RegistryStore } from "./store.js";

export interface RegistryOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** "both" answers HTTP and TLS on one port. Default "http". */
  readonly protocol?: "http" | "https" | "both";
  readonly authentication?: RegistryAuthentication;
}

/** A running registry and the ways to fill it in process. */
export interface SandboxRegistry {
  readonly name: string;
  /** `127.0.0.1:port`, as it stands in an image reference. */
  readonly host: string;
  readonly url: string;
  readonly authentication: RegistryAuthentication | undefined;
  readonly store: RegistryStore;
  publishImage(repository: string, tag: string | undefined, image?: ImageContent): PublishedImage;
  publishIndex(
    repository: string,
    tag: string | undefined,
    platforms: readonly Platform[],
    image?: ImageContent,
  ): PublishedImage;
  /** `target` is another tag or a digest of the repository. */
  moveTag(repository: string, tag: string, target: string): void;
  deleteTag(repository: string, tag: string): void;
  /** Hands out 401 for every token given so far. */
  revokeTokens(): void;
  close(): Promise<void>;
}

export interface RegistrySurroundings {
  readonly keyPair: KeyPair;
  readonly faults: FaultRules;
  readonly hooks: RequestHooks;
  readonly log: RequestLog;
}

export async function startRegistry(
  name: string,
  options: RegistryOptions,
  surroundings: RegistrySurroundings,
): Promise<SandboxRegistry> {
  const store = new RegistryStore();
  const access = new RegistryAccess(options.authentication);
  const protocol = options.protocol ?? "http";
  const listener: Listener = await listen({
    name,
    handler: registryHandler(store, access),
    port: options.port ?? 0,
    protocol,
    ...surroundings,
  });
  const host = `127.0.0.1:${listener.port}`;
  return {
    name,
    host,
    url: `${protocol === "https" ? "https" : "http"}://${host}`,
    authentication: options.authentication,
    store,
    publishImage: (repository, tag, image) => publishImage(store, repository, tag, image),
    publishIndex: (repository, tag, platforms, image) =>
      publishIndex(store, repository, tag, platforms, image),
    moveTag: (repository, tag, target) => moveTag(store, repository, tag, target),
    deleteTag: (repository, tag) => void store.deleteTag(repository, tag),
    revokeTokens: () => access.revokeTokens(),
    close: () => listener.close(),
  };
}

/** Docker Hub's name in references, and its names on the network. */
const dockerHubHosts = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/** Network names of a host in references, each with the loopback address that plays it. */
export function registryAddresses(
  host: string,
  target: string,
  registries: ReadonlyMap<string, SandboxRegistry>,
): ReadonlyMap<string, string> {
  const address = registries.get(target)?.host ?? target;
  const names = dockerHubHosts.includes(host) ? dockerHubHosts : [host];
  return new Map(names.map((name) => [name, address]));
}

/**
 * A registries.conf (containers-registries.conf(5), version 2) in which loopback addresses stand for hosts. `insecure`
 * covers both: plain HTTP, and TLS by an authority that nobody knows.
 */
export function formatRegistriesConf(addresses: ReadonlyMap<string, string>): string {
  return [...addresses]
    .map(([host, address]) =>
      [
        "[[registry]]",
        `prefix = ${JSON.stringify(host)}`,
        `location = ${JSON.stringify(address)}`,
        "insecure = true",
        "",
      ].join("\n"),
    )
    .join("\n");
}
