import type { FaultRules } from "../http/faults.js";
import { listen, type Listener } from "../http/listener.js";
import type { RequestHooks } from "../http/requestHooks.js";
import type { RequestLog } from "../http/requestLog.js";
import type { KeyPair } from "../tls/certificates.js";
import {
  moveTag,
  publishImage,
  publishIndex,
  type ImageContent,
  type Platform,
  type PublishedImage,
} from "./publishImage.js";
import { RegistryAccess, type RegistryAuthentication } from "./registryAccess.js";
import { registryHandler } from "./registryServer.js";
import { RegistryStore } from "./registryStore.js";

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
