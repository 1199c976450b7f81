import type { Cluster } from "./cluster/create.js";
import type { ObjectName } from "./cluster/edits.js";
import { applyChange, type ChangeParts, type ChangeResult, type ClusterChange } from "./control/changes.js";
import type { IntegratedRegistry } from "./integrated/registry.js";
import { newToken } from "./kube/access/authentication.js";
import type { PolicyRule } from "./kube/access/roles.js";
import type { KubeObject } from "./kube/model/object.js";
import { objectKey } from "./kube/storage/objectStore.js";
import { type KubeconfigOptions, userKubeconfig, writeKubeconfigFile } from "./kubeconfig.js";
import { formatRegistriesConf, registryAddresses, type SandboxRegistry } from "./registry/start.js";
import type { CertificateAuthority, KeyPair } from "./server/certificates.js";
import type { FaultRules } from "./server/faults.js";
import type { RequestCallback, RequestHooks } from "./server/requestHooks.js";
import type { RequestLog } from "./server/requestLog.js";
import type { RequestMatch } from "./server/requestMatch.js";

export interface SandboxUser {
  readonly name: string;
  readonly token: string;
}

export interface SandboxParts {
  readonly cluster: Cluster;
  readonly authority: CertificateAuthority;
  readonly keyPair: KeyPair;
  readonly faults: FaultRules;
  readonly requests: RequestLog;
  readonly registries: ReadonlyMap<string, SandboxRegistry>;
  readonly hosts: Map<string, string>;
  readonly adminToken: string;
  readonly users: readonly SandboxUser[];
  readonly ports: { readonly https: number; readonly http: number | undefined; readonly control: number };
  readonly changes: ChangeParts;
  readonly hooks: RequestHooks;
  readonly opened: readonly { close(): Promise<void> }[];
}

/** A running cluster's image API with its registries, all on loopback; `startSandbox` makes it. */
export class Sandbox {
  /** `https://127.0.0.1:port` */
  readonly url: string;
  /** The same API without TLS; undefined unless asked for. */
  readonly httpUrl: string | undefined;
  /** Where faults and the request log are reached over HTTP. */
  readonly controlUrl: string;
  /** PEM of the authority behind every certificate of this sandbox. */
  readonly certificateAuthority: string;
  /** The server certificate that API and registries present; for other servers that a test starts. */
  readonly serverKeyPair: KeyPair;
  readonly adminToken: string;
  /** Never the admin. */
  readonly users: readonly SandboxUser[];
  readonly faults: FaultRules;
  readonly requests: RequestLog;
  readonly #parts: SandboxParts;

  constructor(parts: SandboxParts) {
    const { https, http, control } = parts.ports;
    this.url = `https://127.0.0.1:${https}`;
    this.httpUrl = http === undefined ? undefined : `http://127.0.0.1:${http}`;
    this.controlUrl = `http://127.0.0.1:${control}`;
    this.certificateAuthority = parts.authority.certificate;
    this.serverKeyPair = parts.keyPair;
    this.adminToken = parts.adminToken;
    this.users = parts.users;
    this.faults = parts.faults;
    this.requests = parts.requests;
    this.#parts = parts;
  }

  /** The cluster's own registry; throws when the sandbox was started without it. */
  get integratedRegistry(): IntegratedRegistry {
    return this.#parts.changes.integratedRegistry();
  }

  /** The registry of that name, or the first one; throws when there is none. */
  registry(name?: string): SandboxRegistry {
    const { registries } = this.#parts;
    const [first] = registries.values();
    const found = name === undefined ? first : registries.get(name);
    if (found !== undefined) return found;
    const names = [...registries.keys()].join(", ");
    throw new Error(`the sandbox has no registry ${name ?? ""}; it has ${names}`);
  }

  /** Lets a registry (by name or address) play a host; its certificate names only the hosts that were given at start. */
  mapRegistryHost(host: string, target: string): void {
    const { registries, hosts } = this.#parts;
    for (const [name, address] of registryAddresses(host, target, registries)) hosts.set(name, address);
  }

  /** @throws Error when there is no such user, or no plain HTTP */
  kubeconfig(options: KubeconfigOptions = {}): string {
    return userKubeconfig(this, options);
  }

  /** Readable for its owner only; missing folders are created. */
  writeKubeconfig(path: string, options?: KubeconfigOptions): Promise<void> {
    return writeKubeconfigFile(path, this.kubeconfig(options));
  }

  /**
   * By which podman, skopeo and `ImageArchive` on this machine find the registries that play hosts: the text of a
   * registries.conf, for CONTAINERS_REGISTRIES_CONF. It follows `mapRegistryHost`.
   */
  registriesConf(): string {
    return formatRegistriesConf(this.#parts.hosts);
  }

  issueClientCertificate(user: string, groups: readonly string[] = []): Promise<KeyPair> {
    return this.#parts.authority.issueClient(user, groups);
  }

  /** A new token for a user, who need not have existed. */
  addToken(user: string, token: string = newToken(), groups: readonly string[] = []): string {
    this.#parts.cluster.authentication.addToken(token, { name: user, groups });
    return token;
  }

  removeToken(token: string): void {
    this.#parts.cluster.authentication.removeToken(token);
  }

  grant(user: string, rule: PolicyRule): void {
    this.#parts.cluster.access.grant(user, rule);
  }

  revoke(user: string): void {
    this.#parts.cluster.access.revoke(user);
  }

  /**
   * Stores an object past all rules, as a test's starting point. uid and creationTimestamp are kept where given (null is
   * a time before all others), else those of the object that it replaces; a missing namespace is created.
   */
  seed(object: KubeObject): KubeObject {
    return this.#parts.cluster.edits.put(object);
  }

  /** A JSON merge patch over a stored object, status included, past all rules; throws when there is none. */
  patch(change: KubeObject): KubeObject {
    return this.#parts.cluster.edits.patch(change);
  }

  /** Removes a stored object past all rules; throws when there is none. */
  remove(name: ObjectName): void {
    this.#parts.cluster.edits.remove(name);
  }

  /** A stored object, by `<resource>` or `<resource>.<group>`. */
  stored(resource: string, name: string, namespace?: string): KubeObject | undefined {
    return this.#parts.cluster.store.get(resource, objectKey(namespace, name));
  }

  /** Applies a change behind the clients' backs now, given as data like that of a reaction. */
  change(change: ClusterChange): ChangeResult {
    return applyChange(this.#parts.changes, change);
  }

  /**
   * Runs before a matching request is handled, which waits for it: to change the cluster at an exact moment. Once unless
   * `times` says otherwise; answers the function that removes it.
   */
  onRequest(match: RequestMatch, callback: RequestCallback): () => void {
    return this.#parts.hooks.add(match, callback);
  }

  /** Sets the cluster's clock (Date headers, timestamps) that many seconds ahead of this machine's. */
  shiftClock(seconds: number): void {
    this.#parts.changes.clock.set(seconds);
  }

  /** Makes every continue token given so far answer 410. */
  expireContinueTokens(): void {
    this.#parts.cluster.store.dropSnapshots();
  }

  /** Resolves when no background import is under way. */
  settled(): Promise<void> {
    return this.#parts.cluster.controller.settled();
  }

  async close(): Promise<void> {
    const { opened, cluster } = this.#parts;
    await Promise.all(opened.map((part) => part.close()));
    await cluster.controller.settled();
  }
}
