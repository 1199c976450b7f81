/**
 * The code behind the resources, and the place where everything is wired. The stubs in users' state require this
 * module by its name for years: the exports below are never renamed.
 */
import "./support/requireNode.js";
import { randomBytes } from "node:crypto";
import { createArchiveHandler } from "./archive/handler.js";
import type { ArchivePorts } from "./archive/sourcePorts.js";
import { createImportHandler } from "./imports/handler.js";
import type { Cluster } from "./imports/ports.js";
import { createHandOver } from "./lifecycle/cli/handOver.js";
import { createLogs, engineAddress } from "./lifecycle/pulumiLog.js";
import { createHooks, type Hooks } from "./lifecycle/dynamicProvider.js";
import { createKnownSecrets } from "./lifecycle/knownSecrets.js";
import { watchProcessEnd } from "./lifecycle/processEnd.js";
import { projectFolder } from "./lifecycle/projectFolder.js";
import { type Connector, redactedLog, type Runtime } from "./lifecycle/session.js";
import { createClusterConnector } from "./cluster/connection/open.js";
import type { PruneCluster } from "./prune/ports.js";
import { redactExcerptsWith } from "./support/text/excerpt.js";
import { createFileClaims } from "./support/files/claims.js";
import { createPruneHandler } from "./prune/handler.js";

const engine = engineAddress();
const processEnd = watchProcessEnd(engine);
const secrets = createKnownSecrets(process.env);
redactExcerptsWith(secrets.withoutSecrets);

const runtime: Runtime = {
  signal: processEnd.signal,
  track: processEnd.track,
  logFor: createLogs(engine),
  secrets,
};

const newClaim = () => randomBytes(8).toString("hex");

const baseFolder = projectFolder();
const claims = createFileClaims();

/** One connection for each cluster, shared by all resources; so its messages land on the stack's row. */
const clusters = createClusterConnector({ onSecret: secrets.add, warn: redactedLog(runtime, "").warn });

const importClusters: Connector<Cluster> = {
  issues: (connection) => clusters.issues(connection),
  async open(connection, config, signal) {
    const { importClusterOf } = await import("./wiring/imports.js");
    return importClusterOf(await clusters.open(connection, config, signal, "with a warning"));
  },
};

/**
 * A pruner needs more of a cluster, and its code is loaded only where the program has one. No other identity ever takes over:
 * what is planned and deleted depends on who reads the cluster.
 */
const pruneClusters: Connector<PruneCluster> = {
  issues: (connection) => clusters.issues(connection),
  async open(connection, config, signal) {
    const { pruneClusterOf } = await import("./wiring/prune.js");
    return pruneClusterOf(await clusters.open(connection, config, signal, "never"));
  },
};

async function loadArchiveSources() {
  const { createArchiveSources } = await import("./wiring/archive.js");
  return createArchiveSources(secrets.add);
}

let archivePorts: ReturnType<typeof loadArchiveSources> | undefined;

/** Archives need a cluster only for image streams; engines and registries are shared whatever the connection. */
const archiveSources: Connector<ArchivePorts> = {
  issues: (connection) => clusters.issues(connection),
  async open(connection, config) {
    archivePorts ??= loadArchiveSources();
    return (await archivePorts)((signal) => clusters.open(connection, config, signal, "with a warning"));
  },
};

export const importedImageStream: Hooks = createHooks(
  createImportHandler({ newClaim }),
  importClusters,
  runtime,
);

export const imagePrunePolicy: Hooks = createHooks(
  createPruneHandler({ handOver: createHandOver(), baseFolder, now: Date.now, claims }),
  pruneClusters,
  runtime,
);

export const imageArchive: Hooks = createHooks(
  createArchiveHandler({ baseFolder, claims }),
  archiveSources,
  runtime,
);
