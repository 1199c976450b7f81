import assert from "node:assert/strict";
import { clusterObjects } from "../../../provider/cluster/lists/objects.js";
import { clusterChanges } from "../../../provider/cluster/lists/watches.js";
import type { ClusterLooks } from "../../../provider/prune/ports.js";
import type { ClusterSnapshot } from "../../../provider/prune/snapshot.js";
import { loadSurvey } from "../../../provider/prune/survey/load.js";
import { createClusterLooks } from "../../../provider/prune/survey/refresh.js";
import { describeReferrer } from "../../../provider/usage/referrer.js";
import { type PruneWorld, repositoryHost, startPruneWorld } from "../../support/worlds/prune.js";
import { clientOf, everySurveyRequest } from "../../support/worlds/pruneRun.js";

const signal = new AbortController().signal;
const options = { signal, progress: () => undefined, now: Date.now };

describe("watches of a cluster during an execution", () => {
  let world: PruneWorld;
  let looks: ClusterLooks;
  let close: () => Promise<void>;

  beforeEach(async () => {
    world = await startPruneWorld();
    world.push("shop/web:latest", "one", 30);
    world.runPod("web", `${repositoryHost}/shop/web:latest`);
    const { url: server, certificateAuthority: ca, adminToken: token } = world.sandbox;
    const client = clientOf({ server, ca, token, registry: "" });
    const cluster = { objects: clusterObjects(client), changes: clusterChanges(client) };
    const { snapshot } = await loadSurvey(cluster.objects, everySurveyRequest, options);
    looks = createClusterLooks(cluster, snapshot, everySurveyRequest, options, { smallBytes: 0 });
    close = () => client.close();
    await looks.whole({ signal });
  });
  afterEach(async () => {
    await close();
    await world.close();
  });

  const seen = ({ streams, referrers, images }: ClusterSnapshot) => ({
    items: streams.flatMap(({ tags }) => tags.flatMap(({ items }) => items.map(({ digest }) => digest))),
    pods: referrers.map(describeReferrer).filter((each) => each.startsWith("pod/")),
    images: images.map(({ digest }) => digest).sort(),
  });
  /** Lists of pods, streams and Images; asking for a version is none. */
  const lists = () =>
    world.sandbox.requests
      .matching({ method: "GET", path: /\/(?:pods|imagestreams|images)$/ })
      .filter(({ query }) => !/watch=true|limit=1(?:&|$)/.test(query));

  it("show what was pushed, run, deleted and trimmed before they began, without a list", async () => {
    world.push("shop/web:latest", "two", 0);
    world.runPod("late", `${repositoryHost}/shop/web:latest`);
    world.remove("v1", "Pod", "web");
    const before = lists().length;
    const followed = seen(await looks.next({ signal }));

    assert.equal(lists().length, before);
    assert.deepEqual(followed.pods, ["pod/late namespace=shop"]);
    assert.equal(followed.items.length, 2);
    assert.deepEqual(followed, seen(await looks.whole({ signal })));
    assert.ok(lists().length > before);
  });

  it("are followed by a list where the server has forgotten the changes", async () => {
    world.runPod("late", `${repositoryHost}/shop/web:latest`);
    world.sandbox.expireContinueTokens();
    const { pods } = seen(await looks.next({ signal }));
    assert.deepEqual(pods.sort(), ["pod/late namespace=shop", "pod/web namespace=shop"]);
  });
});
