import type { ArchivePorts } from "../archive/ports.js";
import { createClusterConnector } from "../cluster/connection/open.js";
import type { Cluster } from "../imports/ports.js";
import { watchProcessEnd } from "../lifecycle/processEnd.js";
import { createLogs, pulumiEngineAddress } from "../lifecycle/pulumiLog.js";
import { type Connector, redactedLog, type Runtime } from "../lifecycle/session.js";
import type { PruneCluster } from "../prune/ports.js";
import { secrets } from "./secrets.js";

const engineAddress = pulumiEngineAddress();
const processEnd = watchProcessEnd(engineAddress);

/** What the resources of a provider process share. */
export const runtime: Runtime = {
  signal: processEnd.signal,
  track: processEnd.track,
  logFor: createLogs(engineAddress),
  secrets,
};

/** One connection for each cluster, shared by all resources; so its messages land on the stack's row. */
const clusters = createClusterConnector({ onSecret: secrets.add, warn: redactedLog(runtime, "").warn });

async function loadImportClusters() {
  const { createImportClusters } = await import("./imports.js");
  return createImportClusters(secrets.add);
}

let importClusterOf: ReturnType<typeof loadImportClusters> | undefined;

export const importClusters: Connector<Cluster> = {
  issues: (connection) => clusters.issues(connection),
  async open(connection, config, signal) {
    importClusterOf ??= loadImportClusters();
    return (await importClusterOf)(await clusters.open(connection, config, signal, "with a warning"));
  },
};

/**
 * A pruner needs more of a cluster, and its code is loaded only where the program has one. No other identity ever takes over:
 * what is planned and deleted depends on who reads the cluster.
 */
export const pruneClusters: Connector<PruneCluster> = {
  issues: (connection) => clusters.issues(connection),
  async open(connection, config, signal) {
    const { pruneClusterOf } = await import("./prune.js");
    return pruneClusterOf(await clusters.open(connection, config, signal, "never"));
  },
};

async function loadArchiveSources() {
  const { createArchiveSources } = await import("./archive.js");
  return createArchiveSources(secrets.add);
}

let archivePorts: ReturnType<typeof loadArchiveSources> | undefined;

/** Archives need a cluster only for image streams; engines and registries are shared whatever the connection. */
export const archiveSources: Connector<ArchivePorts> = {
  issues: (connection) => clusters.issues(connection),
  async open(connection, config) {
    archivePorts ??= loadArchiveSources();
    return (await archivePorts)((signal) => clusters.open(connection, config, signal, "with a warning"));
  },
};
