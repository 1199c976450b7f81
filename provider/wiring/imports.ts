import type { ClusterClient } from "../cluster/api/client.js";
import type { ConnectedCluster } from "../cluster/connection/open.js";
import { clusterImportRules } from "../cluster/images/importDiagnosis.js";
import { rememberingLookups } from "../cluster/images/rememberedLookups.js";
import { clusterObjects } from "../cluster/lists/objects.js";
import { clusterWatches } from "../cluster/lists/watches.js";
import type { Cluster } from "../imports/ports.js";
import { createKindLooks } from "../imports/use/kindLooks.js";
import { createRollouts } from "../imports/use/rollouts.js";
import { createStreamUsers } from "../imports/use/search.js";
import { tellingWrites } from "../imports/use/writes.js";
import { onePer } from "../support/async/memoized.js";

/** Wires a connected cluster for imports; the same value each time, because handlers key what they remember by it. */
export const importClusterOf = onePer((connected: ConnectedCluster): Cluster => {
  const { identity, defaultNamespace, diagnosis, client } = connected;
  const { users, rollouts, rules } = sharedOf(client);
  const streams = rememberingLookups(tellingWrites(connected.streams, users));
  return { identity, defaultNamespace, streams, diagnosis, rules, users, rollouts };
});

/** What all connections to a cluster as one user share. */
const sharedOf = onePer((client: ClusterClient): Pick<Cluster, "users" | "rollouts" | "rules"> => {
  const objects = clusterObjects(client);
  const looks = createKindLooks({ objects, watches: clusterWatches(client) });
  return {
    users: createStreamUsers(looks),
    rollouts: createRollouts(looks),
    rules: clusterImportRules(objects),
  };
});
