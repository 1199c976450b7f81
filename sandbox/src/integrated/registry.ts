import type { Cluster } from "../cluster/create.js";
import type { ServerClock } from "../http/clock.js";
import { internalRegistry } from "../images/stream/defaults.js";
import type { Network } from "../pull/network.js";
import type { KeyPair } from "../server/certificates.js";
import type { FaultRules } from "../server/faults.js";
import { listen, type Listener } from "../server/listener.js";
import type { RequestHooks } from "../server/requestHooks.js";
import type { RequestLog } from "../server/requestLog.js";
import { IntegratedAccess } from "./access.js";
import { discoveryObjects, registryHostnames } from "./discoveryObjects.js";
import type { IntegratedRegistryOptions, RegistryMode, RegistryParts } from "./parts.js";
import { PullThrough } from "./pullThrough.js";
import { type ImagePush, type PushedImage, pushImage } from "./push.js";
import { ServedImages } from "./servedImages.js";
import { integratedHandler } from "./server.js";
import { IntegratedStorage } from "./storage.js";

/** The cluster's own registry: what it serves is what the cluster's image streams list. */
export interface IntegratedRegistry {
  /** `127.0.0.1:port`, where clients reach it; references name it by `internalHost`. */
  readonly address: string;
  readonly url: string;
  readonly internalHost: string;
  /** Can be set; the operator's objects do not change with it. */
  mode: RegistryMode;
  push(push: ImagePush): PushedImage;
  /** Digests of everything in its storage: layers, configs, manifests. */
  blobs(): ReadonlySet<string>;
  /** Whether a repository (`namespace/name`) links a layer or config. */
  hasLayerLink(repository: string, digest: string): boolean;
  hasManifestLink(repository: string, digest: string): boolean;
  /** Loses a blob, as a damaged disk does. */
  loseBlob(digest: string): void;
  close(): Promise<void>;
}

export interface IntegratedSurroundings {
  readonly cluster: Cluster;
  readonly network: Network;
  readonly keyPair: KeyPair;
  readonly faults: FaultRules;
  readonly hooks: RequestHooks;
  readonly clock: ServerClock;
  readonly log: RequestLog;
}

/** Starts it, and tells the cluster where it is. */
export async function startIntegratedRegistry(
  options: IntegratedRegistryOptions,
  { cluster, network, ...serving }: IntegratedSurroundings,
): Promise<IntegratedRegistry> {
  const { store, authentication, access, edits } = cluster;
  const { protocol = "https", port = 0, mode = "normal" } = options;
  const parts: RegistryParts = {
    store,
    storage: new IntegratedStorage(),
    served: new ServedImages(store),
    source: new PullThrough(store, network),
    mode,
  };
  const handler = integratedHandler(parts, new IntegratedAccess(authentication, access));
  const listener = await listen({ name: "integrated", handler, port, protocol, ...serving });
  const address = `127.0.0.1:${listener.port}`;
  const publicHost = options.publicHost ?? address;
  edits.patch(registryHostnames(publicHost));
  for (const object of discoveryObjects(publicHost, mode, options.routes)) edits.put(object);
  return new RunningRegistry(parts, listener, `${protocol}://${address}`);
}

class RunningRegistry implements IntegratedRegistry {
  readonly address: string;
  readonly url: string;
  readonly internalHost = internalRegistry;
  readonly #parts: RegistryParts;
  readonly #listener: Listener;

  constructor(parts: RegistryParts, listener: Listener, url: string) {
    this.#parts = parts;
    this.#listener = listener;
    this.url = url;
    this.address = new URL(url).host;
  }

  get mode(): RegistryMode {
    return this.#parts.mode;
  }

  set mode(mode: RegistryMode) {
    this.#parts.mode = mode;
  }

  push(push: ImagePush): PushedImage {
    return pushImage(this.#parts, push, internalRegistry);
  }

  blobs(): ReadonlySet<string> {
    return this.#parts.storage.digests();
  }

  hasLayerLink(repository: string, digest: string): boolean {
    return this.#parts.storage.hasLayerLink(repository, digest);
  }

  hasManifestLink(repository: string, digest: string): boolean {
    return this.#parts.storage.hasManifestLink(repository, digest);
  }

  loseBlob(digest: string): void {
    this.#parts.storage.deleteBlob(digest);
  }

  close(): Promise<void> {
    return this.#listener.close();
  }
}
