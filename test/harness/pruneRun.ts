import { clusterPermissions } from "../../provider/openshift/accessReviews.js";
import type { ClusterClient } from "../../provider/openshift/clusterClient.js";
import { createClusterClient } from "../../provider/openshift/clusterClient.js";
import { clusterObjects } from "../../provider/openshift/clusterObjects.js";
import { clusterImageDeleter, clusterStreamTrimmer } from "../../provider/openshift/imagePruning.js";
import { clusterPruneLease } from "../../provider/openshift/leases.js";
import { registryCredentials } from "../../provider/openshift/registryCredentials.js";
import { createCredentialChain } from "../../provider/openshift/transport/credentialChain.js";
import { executeSafePrune } from "../../provider/prune/execute/executeSafePrune.js";
import { loadSurvey } from "../../provider/prune/survey/loadSurvey.js";
import type { PrunePlan } from "../../provider/prune/plan/plan.js";
import { planPrune } from "../../provider/prune/plan/planPrune.js";
import type { SafePolicy } from "../../provider/prune/plan/policy.js";
import type { PermissionReview, RequestOptions } from "../../provider/prune/execute/ports.js";
import { projectStream } from "../../provider/prune/survey/projectStream.js";
import type { SafePruneOutcome } from "../../provider/prune/execute/pruneOutcome.js";
import { createClusterLooks } from "../../provider/prune/survey/clusterLooks.js";
import { clusterChanges } from "../../provider/openshift/objectWatches.js";
import type { ClusterSnapshot } from "../../provider/prune/plan/snapshot.js";
import { openIntegratedRegistry } from "../../provider/registry/integratedRegistry.js";

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
  readonly plan: PrunePlan;
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
        streams: clusterStreamTrimmer(client, projectStream),
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
