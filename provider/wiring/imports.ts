import type { ClusterClient } from "../cluster/api/client.js";
import type { ConnectedCluster } from "../cluster/connection/open.js";
import { clusterImportRules } from "../cluster/images/importDiagnosis.js";
import { clusterNodes } from "../cluster/images/nodeArchitectures.js";
import { clusterPullSecrets } from "../cluster/images/pullSecrets.js";
import { rememberingListings, rememberingLookups } from "../cluster/images/rememberedLookups.js";
import { clusterRepositories } from "../cluster/images/repositories.js";
import { clusterObjects } from "../cluster/lists/objects.js";
import { clusterWatches } from "../cluster/lists/watches.js";
import type { Cluster, Mirror } from "../imports/ports.js";
import { createKindLooks } from "../imports/use/kindLooks.js";
import { createRollouts } from "../imports/use/rollouts.js";
import { createSecretUsers } from "../imports/use/pullers.js";
import { createStreamUsers } from "../imports/use/search.js";
import { tellingWrites } from "../imports/use/writes.js";
import { onePer } from "../support/async/memoized.js";

type ImportClusters = (connected: ConnectedCluster) => Cluster;

/** Wires connected clusters for imports; the same value each time, because handlers key what they remember by it. */
export function createImportClusters(onSecret: (secret: string) => void): ImportClusters {
  return onePer((connected: ConnectedCluster): Cluster => {
    const { identity, defaultNamespace, diagnosis, client } = connected;
    const { users, secretUsers, rollouts, nodes, rules, repositories } = sharedOf(client);
    const streams = rememberingLookups(tellingWrites(connected.streams, users));
    const mirror = mirrorOf(connected, onSecret);
    const ports = { streams, repositories, diagnosis, rules, users, rollouts, nodes, mirror, secretUsers };
    return { identity, defaultNamespace, ...ports, secrets: clusterPullSecrets(client) };
  });
}

/** Code for registries is loaded only where a program mirrors something. */
function mirrorOf(connected: ConnectedCluster, onSecret: (secret: string) => void): Mirror {
  let opened: Promise<Mirror> | undefined;
  return {
    async store(order, watch) {
      opened ??= import("./mirror.js").then(({ clusterMirror }) => clusterMirror(connected, onSecret));
      await (await opened).store(order, watch);
    },
  };
}

/** What all connections to a cluster as one user share. */
const sharedOf = onePer(
  (
    client: ClusterClient,
  ): Pick<Cluster, "users" | "secretUsers" | "rollouts" | "nodes" | "rules" | "repositories"> => {
    const objects = clusterObjects(client);
    const looks = createKindLooks({ objects, watches: clusterWatches(client) });
    return {
      users: createStreamUsers(looks),
      secretUsers: createSecretUsers(objects),
      rollouts: createRollouts(looks),
      nodes: clusterNodes(objects),
      rules: clusterImportRules(objects),
      repositories: rememberingListings(clusterRepositories(client)),
    };
  },
);
