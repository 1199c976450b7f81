import { type Cluster, createCluster } from "./cluster/create.js";
import type { ChangeParts } from "./control/changes.js";
import { Reactions } from "./control/reactions.js";
import { answerControlRequest } from "./control/server.js";
import { ServerClock } from "./http/clock.js";
import { type IntegratedRegistry, startIntegratedRegistry } from "./integrated/registry.js";
import { newToken } from "./kube/access/authentication.js";
import { sandboxSettings } from "./optionSettings.js";
import type { SandboxOptions, SandboxUserOptions } from "./options.js";
import { Network } from "./pull/network.js";
import {
  registryAddresses,
  type RegistryOptions,
  type SandboxRegistry,
  startRegistry,
} from "./registry/start.js";
import { Sandbox, type SandboxParts, type SandboxUser } from "./sandbox.js";
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type KeyPair,
} from "./server/certificates.js";
import { FaultRules } from "./server/faults.js";
import { listen, type Listener } from "./server/listener.js";
import { RequestHooks } from "./server/requestHooks.js";
import { RequestLog } from "./server/requestLog.js";
import { requireSettings } from "./settings/require.js";

const defaultUsers: readonly SandboxUserOptions[] = [{ name: "alice" }];
const defaultRegistries: Readonly<Record<string, RegistryOptions>> = { open: {} };
const adminName = "admin";

/** What the listeners of one sandbox share. */
interface Ground {
  readonly options: SandboxOptions;
  /** Names of its servers, as faults, reactions and the request log have them. */
  readonly servers: readonly string[];
  readonly authority: CertificateAuthority;
  readonly keyPair: KeyPair;
  readonly faults: FaultRules;
  readonly requests: RequestLog;
  readonly clock: ServerClock;
  readonly hooks: RequestHooks;
  /** All listeners, so that a start that fails half-way leaves nothing behind. */
  readonly opened: { close(): Promise<void> }[];
}

/** Starts a cluster's image API and its registries on loopback. Everything is gone after `close()`. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  requireSettings("startSandbox", sandboxSettings, options);
  const authority = await createCertificateAuthority("sandbox authority");
  const keyPair = await authority.issueServer(certificateHosts(options));
  const servers = serverNames(options);
  const ground = {
    options,
    authority,
    keyPair,
    servers,
    faults: new FaultRules(servers),
    requests: new RequestLog(),
    clock: new ServerClock(options.clockOffsetSeconds),
    hooks: new RequestHooks(servers),
    opened: [],
  };
  try {
    return await openSandbox(ground);
  } catch (error) {
    await closeAll(ground);
    throw error;
  }
}

async function openSandbox(ground: Ground): Promise<Sandbox> {
  const { options, faults, clock } = ground;
  const hosts = new Map<string, string>();
  const network = createNetwork(ground, hosts);
  const cluster = createCluster(options, network, faults, clock);
  const registries = await startRegistries(ground);
  for (const [host, target] of Object.entries(options.registryHosts ?? {})) {
    for (const [name, address] of registryAddresses(host, target, registries)) hosts.set(name, address);
  }
  const adminToken = options.adminToken ?? newToken();
  cluster.authentication.addToken(adminToken, { name: adminName, groups: ["system:masters"] });
  const users = addUsers(cluster, options.users ?? defaultUsers);
  const integrated = await startIntegrated(ground, cluster, network);
  for (const object of options.objects ?? []) cluster.edits.put(object);
  const changes = { edits: cluster.edits, clock, integratedRegistry: () => existing(integrated) };
  const ports = await startListeners(ground, cluster, changes);
  return new Sandbox({
    ...ground,
    cluster,
    registries,
    hosts,
    adminToken,
    users,
    ports,
    changes,
  });
}

async function closeAll({ opened }: Ground): Promise<void> {
  await Promise.all(opened.map((part) => part.close()));
}

function createNetwork({ options, authority }: Ground, hosts: ReadonlyMap<string, string>): Network {
  const own = options.distrustOwnAuthority === true ? [] : [authority.certificate];
  return new Network({
    hosts,
    trustedCertificates: [...own, ...(options.trustedCertificates ?? [])],
    handshakeSeconds: options.limits?.registryHandshakeSeconds ?? 10,
    responseSeconds: options.limits?.registryResponseSeconds ?? 15,
  });
}

function serverNames({
  registries = defaultRegistries,
  integratedRegistry,
}: SandboxOptions): readonly string[] {
  const integrated = integratedRegistry === undefined ? [] : ["integrated"];
  return ["api", ...integrated, ...Object.keys(registries)];
}

function certificateHosts(options: SandboxOptions): readonly string[] {
  const publicHost = options.integratedRegistry?.publicHost;
  return [...Object.keys(options.registryHosts ?? {}), ...(publicHost === undefined ? [] : [publicHost])]
    .flatMap((host) => [...registryAddresses(host, "", new Map()).keys()])
    .map((host) => host.replace(/:\d+$/, ""));
}

async function startRegistries(ground: Ground): Promise<ReadonlyMap<string, SandboxRegistry>> {
  const { options, keyPair, faults, hooks, requests: log, opened } = ground;
  const registries = new Map<string, SandboxRegistry>();
  for (const [name, settings] of Object.entries(options.registries ?? defaultRegistries)) {
    const registry = await startRegistry(name, settings, { keyPair, faults, hooks, log });
    opened.push(registry);
    registries.set(name, registry);
  }
  return registries;
}

async function startIntegrated(
  ground: Ground,
  cluster: Cluster,
  network: Network,
): Promise<IntegratedRegistry | undefined> {
  const { options, keyPair, faults, hooks, requests: log, clock, opened } = ground;
  if (options.integratedRegistry === undefined) return undefined;
  const surroundings = { cluster, network, keyPair, faults, hooks, clock, log };
  const registry = await startIntegratedRegistry(options.integratedRegistry, surroundings);
  opened.push(registry);
  return registry;
}

function existing(registry: IntegratedRegistry | undefined): IntegratedRegistry {
  if (registry === undefined) throw new Error("the sandbox was started without integratedRegistry");
  return registry;
}

function addUsers(cluster: Cluster, users: readonly SandboxUserOptions[]): readonly SandboxUser[] {
  return users.map(({ name, token = newToken(), groups = [], rules = [] }) => {
    cluster.authentication.addToken(token, { name, groups });
    for (const rule of rules) cluster.access.grant(name, rule);
    return { name, token };
  });
}

async function startListeners(
  ground: Ground,
  cluster: Cluster,
  changes: ChangeParts,
): Promise<SandboxParts["ports"]> {
  const { options, servers, authority, keyPair, faults, hooks, requests, clock, opened } = ground;
  const open = async (settings: Omit<Parameters<typeof listen>[0], "keyPair">): Promise<Listener> => {
    const listener = await listen({ ...settings, keyPair });
    opened.push(listener);
    return listener;
  };
  const api = { name: "api", handler: cluster.handler, gzip: true, clock, hooks, faults, log: requests };
  const clientAuthority = authority.certificate;
  const https = await open({ ...api, port: options.port ?? 0, protocol: "https", clientAuthority });
  const http = options.plainHttp === true ? await open({ ...api, port: 0, protocol: "http" }) : undefined;
  const control = {
    servers,
    faults,
    requests,
    changes,
    reactions: new Reactions(hooks, changes, servers),
    expireContinueTokens: (): void => cluster.store.dropSnapshots(),
  };
  const controlListener = await open({
    name: "control",
    handler: (request) => Promise.resolve(answerControlRequest(control, request)),
    port: options.controlPort ?? 0,
    protocol: "http",
  });
  return { https: https.port, http: http?.port, control: controlListener.port };
}
