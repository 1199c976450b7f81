import { createCluster, type Cluster } from "./cluster.js";
import { answerControlRequest } from "./controlServer.js";
import { FaultRules } from "./http/faults.js";
import { listen, type Listener } from "./http/listener.js";
import { RequestLog } from "./http/requestLog.js";
import { Network } from "./imports/network.js";
import { registryAddresses } from "./registryAddresses.js";
import { startRegistry, type RegistryOptions, type SandboxRegistry } from "./registry/sandboxRegistry.js";
import { RunningSandbox, type SandboxListeners } from "./runningSandbox.js";
import type { Sandbox } from "./sandbox.js";
import type { SandboxOptions, SandboxUserOptions } from "./sandboxOptions.js";
import { newToken } from "./tokens.js";
import { createCertificateAuthority, type CertificateAuthority, type KeyPair } from "./tls/certificates.js";

const defaultUsers: readonly SandboxUserOptions[] = [{ name: "alice" }];
const defaultRegistries: Readonly<Record<string, RegistryOptions>> = { open: {} };
const adminName = "admin";

/** Starts a cluster's image API and its registries on loopback. Everything is gone after `close()`. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const authority = await createCertificateAuthority("sandbox authority");
  const hosts = new Map<string, string>();
  const keyPair = await authority.issueServer(certificateHosts(options));
  const faults = new FaultRules();
  const requests = new RequestLog();
  const cluster = createCluster(options, createNetwork(options, hosts, authority), faults);
  const registries = await startRegistries(options, { keyPair, faults, log: requests });
  for (const [host, target] of Object.entries(options.registryHosts ?? {})) {
    for (const [name, address] of registryAddresses(host, target, registries)) hosts.set(name, address);
  }
  const adminToken = options.adminToken ?? newToken();
  cluster.authentication.addToken(adminToken, { name: adminName, groups: ["system:masters"] });
  const users = addUsers(cluster, options.users ?? defaultUsers);
  const listeners = await startListeners(options, cluster, authority, keyPair, faults, requests);
  return new RunningSandbox({
    cluster,
    authority,
    keyPair,
    faults,
    requests,
    registries,
    hosts,
    adminToken,
    users,
    listeners,
  });
}

function createNetwork(
  options: SandboxOptions,
  hosts: ReadonlyMap<string, string>,
  authority: CertificateAuthority,
): Network {
  const own = options.distrustOwnAuthority === true ? [] : [authority.certificate];
  return new Network({
    hosts,
    trustedCertificates: [...own, ...(options.trustedCertificates ?? [])],
    handshakeSeconds: options.limits?.registryHandshakeSeconds ?? 10,
    responseSeconds: options.limits?.registryResponseSeconds ?? 15,
  });
}

function certificateHosts(options: SandboxOptions): readonly string[] {
  return Object.keys(options.registryHosts ?? {})
    .flatMap((host) => [...registryAddresses(host, "", new Map()).keys()])
    .map((host) => host.replace(/:\d+$/, ""));
}

async function startRegistries(
  options: SandboxOptions,
  surroundings: { readonly keyPair: KeyPair; readonly faults: FaultRules; readonly log: RequestLog },
): Promise<ReadonlyMap<string, SandboxRegistry>> {
  const registries = new Map<string, SandboxRegistry>();
  for (const [name, registry] of Object.entries(options.registries ?? defaultRegistries)) {
    registries.set(name, await startRegistry(name, registry, surroundings));
  }
  return registries;
}

function addUsers(
  cluster: Cluster,
  users: readonly SandboxUserOptions[],
): readonly { name: string; token: string }[] {
  return users.map(({ name, token = newToken(), groups = [], rules = [] }) => {
    cluster.authentication.addToken(token, { name, groups });
    for (const rule of rules) cluster.access.grant(name, rule);
    return { name, token };
  });
}

async function startListeners(
  options: SandboxOptions,
  cluster: Cluster,
  authority: CertificateAuthority,
  keyPair: KeyPair,
  faults: FaultRules,
  requests: RequestLog,
): Promise<SandboxListeners> {
  const api = { name: "api", handler: cluster.handler, keyPair, gzip: true, faults, log: requests };
  const https = await listen({
    ...api,
    port: options.port ?? 0,
    protocol: "https",
    clientAuthority: authority.certificate,
  });
  const http = options.plainHttp === true ? await listen({ ...api, port: 0, protocol: "http" }) : undefined;
  const expireContinueTokens = (): void => cluster.store.dropSnapshots();
  const control: Listener = await listen({
    name: "control",
    handler: (request) =>
      Promise.resolve(answerControlRequest({ faults, requests, expireContinueTokens }, request)),
    port: options.controlPort ?? 0,
    protocol: "http",
    keyPair,
  });
  return { https, http, control };
}
