import type { Cluster } from "./cluster.js";
import { applyChange, type ChangeParts, type ChangeResult, type ClusterChange } from "./clusterChanges.js";
import type { ObjectName } from "./clusterEdits.js";
import type { ServerClock } from "./http/clock.js";
import type { FaultRules } from "./http/faults.js";
import type { Listener } from "./http/listener.js";
import type { RequestCallback, RequestHooks } from "./http/requestHooks.js";
import type { RequestLog } from "./http/requestLog.js";
import type { RequestMatch } from "./http/requestMatch.js";
import type { IntegratedRegistry } from "./integrated/integratedRegistry.js";
import type { PolicyRule } from "./kube/clusterRoles.js";
import type { KubeObject } from "./kube/objects.js";
import { objectKey } from "./kube/objectStore.js";
import { formatKubeconfig, writeKubeconfigFile } from "./kubeconfig.js";
import { registryAddresses } from "./registryAddresses.js";
import type { SandboxRegistry } from "./registry/sandboxRegistry.js";
import type { KubeconfigOptions, Sandbox, SandboxUser } from "./sandbox.js";
import { newToken } from "./tokens.js";
import type { CertificateAuthority, KeyPair } from "./tls/certificates.js";

export interface SandboxListeners {
  readonly https: Listener;
  readonly http: Listener | undefined;
  readonly control: Listener;
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
  readonly listeners: SandboxListeners;
  readonly changes: ChangeParts;
  readonly clock: ServerClock;
  readonly hooks: RequestHooks;
  readonly opened: readonly { close(): Promise<void> }[];
}

export class RunningSandbox implements Sandbox {
  readonly url: string;
  readonly httpUrl: string | undefined;
  readonly controlUrl: string;
  readonly certificateAuthority: string;
  readonly serverKeyPair: KeyPair;
  readonly adminToken: string;
  readonly users: readonly SandboxUser[];
  readonly faults: FaultRules;
  readonly requests: RequestLog;
  readonly #parts: SandboxParts;

  constructor(parts: SandboxParts) {
    const { https, http, control } = parts.listeners;
    this.url = `https://127.0.0.1:${https.port}`;
    this.httpUrl = http === undefined ? undefined : `http://127.0.0.1:${http.port}`;
    this.controlUrl = `http://127.0.0.1:${control.port}`;
    this.certificateAuthority = parts.authority.certificate;
    this.serverKeyPair = parts.keyPair;
    this.adminToken = parts.adminToken;
    this.users = parts.users;
    this.faults = parts.faults;
    this.requests = parts.requests;
    this.#parts = parts;
  }

  get integratedRegistry(): IntegratedRegistry {
    return this.#parts.changes.integratedRegistry();
  }

  registry(name?: string): SandboxRegistry {
    const { registries } = this.#parts;
    const [first] = registries.values();
    const found = name === undefined ? first : registries.get(name);
    if (found === undefined)
      throw new Error(
        `the sandbox has no registry ${name ?? ""}; it has ${[...registries.keys()].join(", ")}`,
      );
    return found;
  }

  mapRegistryHost(host: string, target: string): void {
    const { registries, hosts } = this.#parts;
    for (const [name, address] of registryAddresses(host, target, registries)) hosts.set(name, address);
  }

  kubeconfig(options: KubeconfigOptions = {}): string {
    const { user = "admin", namespace, plainHttp = false, clientCertificate } = options;
    const credentials =
      clientCertificate === undefined ? { token: this.#tokenOf(user) } : { keyPair: clientCertificate };
    if (!plainHttp) {
      return formatKubeconfig({
        server: this.url,
        certificateAuthority: this.certificateAuthority,
        user,
        credentials,
        namespace,
      });
    }
    if (this.httpUrl === undefined) throw new Error("the sandbox was started without plainHttp");
    return formatKubeconfig({ server: this.httpUrl, user, credentials, namespace });
  }

  writeKubeconfig(path: string, options?: KubeconfigOptions): Promise<void> {
    return writeKubeconfigFile(path, this.kubeconfig(options));
  }

  issueClientCertificate(user: string, groups: readonly string[] = []): Promise<KeyPair> {
    return this.#parts.authority.issueClient(user, groups);
  }

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

  seed(object: KubeObject): KubeObject {
    return this.#parts.cluster.edits.put(object);
  }

  remove(name: ObjectName): void {
    this.#parts.cluster.edits.remove(name);
  }

  patch(change: KubeObject): KubeObject {
    return this.#parts.cluster.edits.patch(change);
  }

  stored(resource: string, name: string, namespace?: string): KubeObject | undefined {
    return this.#parts.cluster.store.get(resource, objectKey(namespace, name));
  }

  change(change: ClusterChange): ChangeResult {
    return applyChange(this.#parts.changes, change);
  }

  onRequest(match: RequestMatch, callback: RequestCallback): () => void {
    return this.#parts.hooks.add(match, callback);
  }

  shiftClock(seconds: number): void {
    this.#parts.clock.set(seconds);
  }

  expireContinueTokens(): void {
    this.#parts.cluster.store.dropSnapshots();
  }

  settled(): Promise<void> {
    return this.#parts.cluster.controller.settled();
  }

  async close(): Promise<void> {
    const { opened, cluster } = this.#parts;
    await Promise.all(opened.map((part) => part.close()));
    await cluster.controller.settled();
  }

  #tokenOf(user: string): string {
    if (user === "admin") return this.adminToken;
    const found = this.users.find(({ name }) => name === user);
    if (found === undefined) throw new Error(`the sandbox has no user ${user}`);
    return found.token;
  }
}
