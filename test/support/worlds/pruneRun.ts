import { clusterPermissions } from "../../../provider/cluster/accessReviews.js";
import { type ClusterClient, createClusterClient } from "../../../provider/cluster/api/client.js";
import { clusterImageDeleter, clusterStreamTrimmer } from "../../../provider/cluster/images/pruning.js";
import { clusterPruneLease } from "../../../provider/cluster/leases/pruneLease.js";
import { clusterObjects } from "../../../provider/cluster/lists/objects.js";
import { clusterChanges } from "../../../provider/cluster/lists/watches.js";
import { registryCredentials } from "../../../provider/cluster/tokenForRegistry.js";
import { createCredentialChain } from "../../../provider/http/credentialChain.js";
import type { PermissionReview } from "../../../provider/okd/accessRights.js";
import type { RequestOptions } from "../../../provider/okd/requestOptions.js";
import type { SafePolicy } from "../../../provider/prune/args/policy.js";
import type { SafePruneOutcome } from "../../../provider/prune/execute/outcome.js";
import { executeSafePrune } from "../../../provider/prune/execute/safe/prune.js";
import { planPrune } from "../../../provider/prune/plan/decide.js";
import type { PruneDecision } from "../../../provider/prune/plan/decision.js";
import type { ClusterSnapshot } from "../../../provider/prune/snapshot.js";
import { loadSurvey } from "../../../provider/prune/survey/load.js";
import { createClusterLooks } from "../../../provider/prune/survey/refresh.js";
import { openIntegratedRegistry } from "../../../provider/registry/integrated/operations.js";
import { toStreamFacts } from "../../../provider/usage/toStreamFacts.js";

/** Where a cluster and its registry are, as plain data for another process. */
export interface ClusterAddress {
  readonly server: string;
  /** URL. */
  readonly registry: string;
  readonly token: string;
  /** PEM; undefined for plain HTTP. */
  readonly ca: string | undefined;
}

export interface PlannedPrune {
  readonly plan: PruneDecision;
  readonly snapshot: ClusterSnapshot;
}

/** Plans and prunes with the real adapters and nothing of Pulumi. */
export interface PruneRun {
  readonly permissions: PermissionReview;
  plan(policy: SafePolicy, options: RequestOptions): Promise<PlannedPrune>;
  execute(order: PlannedPrune, policy: SafePolicy, options: RequestOptions): Promise<SafePruneOutcome>;
  close(): Promise<void>;
}

export const everySurveyRequest = {
  rules: "safe",
  namespace: undefined,
  extraReferences: [],
  allowUnreadable: [],
  skipKinds: [],
} as const;

export function connectPruneRun(address: ClusterAddress, holder = "test"): PruneRun {
  const client = clientOf(address);
  const objects = clusterObjects(client);
  const quietly = ({ signal }: RequestOptions) => ({ signal, progress: () => undefined, now: Date.now });
  return {
    permissions: clusterPermissions(client),
    async plan(policy, options) {
      const { snapshot } = await loadSurvey(objects, everySurveyRequest, quietly(options));
      const result = planPrune(snapshot, policy);
      if (!result.ok) throw new Error(`no plan: ${result.refusal.kind}`);
      return { plan: result.plan, snapshot };
    },
    async execute(order, policy, options) {
      const registry = await openRegistry(address, client, options);
      const cluster = { objects, changes: clusterChanges(client) };
      const ports = {
        streams: clusterStreamTrimmer(client, toStreamFacts),
        images: clusterImageDeleter(client),
        layerLinks: registry,
        manifestLinks: registry,
        blobs: registry,
        content: registry,
        lease: clusterPruneLease(client),
        looks: createClusterLooks(cluster, order.snapshot, everySurveyRequest, quietly(options)),
      };
      const settings = { ...options, workers: 3, progress: () => undefined, holder };
      try {
        return await executeSafePrune({ ...order, policy }, ports, settings);
      } finally {
        await registry.close();
      }
    },
    close: () => client.close(),
  };
}

export function clientOf({ server, token, ca }: ClusterAddress): ClusterClient {
  const credentials = createCredentialChain({
    origin: "test",
    kind: "token",
    read: () => Promise.resolve({ headers: { Authorization: `Bearer ${token}` }, certificate: undefined }),
  });
  const endpoint = { server, ca, skipTlsVerify: false, tlsServerName: undefined, proxyUrl: undefined };
  return createClusterClient({ endpoint, credentials, timeoutMs: 10_000 });
}

async function openRegistry(address: ClusterAddress, client: ClusterClient, { signal }: RequestOptions) {
  const { host, protocol } = new URL(address.registry);
  return await openIntegratedRegistry({
    candidates: [{ host, scheme: protocol === "https:" ? "https" : "http", origin: "test" }],
    tls: { caCert: address.ca },
    credentials: registryCredentials(client),
    signal,
  });
}
