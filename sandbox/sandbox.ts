import type { ChangeResult, ClusterChange } from "./clusterChanges.js";
import type { ObjectName } from "./clusterEdits.js";
import type { FaultRules } from "./http/faults.js";
import type { RequestCallback } from "./http/requestHooks.js";
import type { RequestLog } from "./http/requestLog.js";
import type { RequestMatch } from "./http/requestMatch.js";
import type { IntegratedRegistry } from "./integrated/integratedRegistry.js";
import type { PolicyRule } from "./kube/clusterRoles.js";
import type { KubeObject } from "./kube/objects.js";
import type { SandboxRegistry } from "./registry/sandboxRegistry.js";
import type { KeyPair } from "./tls/certificates.js";

export interface SandboxUser {
  readonly name: string;
  readonly token: string;
}

/** A running cluster's image API with its registries, all on loopback. */
export interface Sandbox {
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
  /** The registry of that name, or the first one; throws when there is none. */
  registry(name?: string): SandboxRegistry;
  /** The cluster's own registry; throws when the sandbox was started without it. */
  readonly integratedRegistry: IntegratedRegistry;
  /** Lets a registry (by name or address) play a host; its certificate names only the hosts that were given at start. */
  mapRegistryHost(host: string, target: string): void;

  kubeconfig(options?: KubeconfigOptions): string;
  writeKubeconfig(path: string, options?: KubeconfigOptions): Promise<void>;
  issueClientCertificate(user: string, groups?: readonly string[]): Promise<KeyPair>;
  /** A new token for a user, who need not have existed. */
  addToken(user: string, token?: string, groups?: readonly string[]): string;
  removeToken(token: string): void;
  grant(user: string, rule: PolicyRule): void;
  revoke(user: string): void;

  /**
   * Stores an object past all rules, as a test's starting point. uid and creationTimestamp are kept where given (null is
   * a time before all others), else those of the object that it replaces; a missing namespace is created.
   */
  seed(object: KubeObject): KubeObject;
  /** A JSON merge patch over a stored object, status included, past all rules; throws when there is none. */
  patch(change: KubeObject): KubeObject;
  /** Removes a stored object past all rules; throws when there is none. */
  remove(name: ObjectName): void;
  /** A stored object, by `<resource>` or `<resource>.<group>`. */
  stored(resource: string, name: string, namespace?: string): KubeObject | undefined;
  /** Something that happens behind the clients' backs, as data: what a reaction does, done now. */
  change(change: ClusterChange): ChangeResult;
  /**
   * Runs before a matching request is handled, which waits for it: to change the cluster at an exact moment. Once unless
   * `times` says otherwise; answers how to take it back.
   */
  onRequest(match: RequestMatch, callback: RequestCallback): () => void;
  /** Sets the cluster's clock (Date headers, timestamps) that many seconds ahead of this machine's. */
  shiftClock(seconds: number): void;
  /** Makes every continue token given so far answer 410. */
  expireContinueTokens(): void;
  /** Resolves when no background import is under way. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface KubeconfigOptions {
  /** Default: the admin. */
  readonly user?: string;
  readonly namespace?: string;
  /** Use the plain-HTTP address. */
  readonly plainHttp?: boolean;
  /** Log in with this client certificate instead of a token. */
  readonly clientCertificate?: KeyPair;
}
