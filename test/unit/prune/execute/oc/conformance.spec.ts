import assert from "node:assert/strict";
import { describePruneFailure } from "../../../../../provider/prune/execute/failure.js";
import { executePrune } from "../../../../../provider/prune/execute/oc/prune.js";
import type { PruneOutcome } from "../../../../../provider/prune/execute/outcome.js";
import { planPrune } from "../../../../../provider/prune/plan/decide.js";
import { describePlanRefusal } from "../../../../../provider/prune/plan/decision.js";
import {
  createRecordingPorts,
  type InjectedFailures,
  type RecordingPorts,
} from "../../../../support/fakes/recordingPorts.js";
import {
  elementsOf,
  type OcCluster,
  policyOf,
  type RawSet,
  readClusters,
  snapshotOf,
} from "../../../../support/recordings/ocClusters.js";

/** `sha256:any` stands for every blob. */
function injectedFailures(cluster: OcCluster): InjectedFailures {
  const { blobDeletionFailsFor = [] } = cluster;
  return {
    readStream: cluster.imageStreamDeleterErr,
    trimStream: cluster.imageStreamDeleterErr,
    layerLink: cluster.layerDeleterErr,
    manifestLink: cluster.manifestDeleterErr,
    image: cluster.imageDeleterErr,
    blob: (digest) =>
      blobDeletionFailsFor.some((text) => text === digest || text === "sha256:any") ? "err" : undefined,
  };
}

async function prune(cluster: OcCluster): Promise<{ ports: RecordingPorts; outcome: PruneOutcome }> {
  const snapshot = snapshotOf(cluster);
  const policy = policyOf(cluster);
  const result = planPrune(snapshot, policy);
  assert.ok(result.ok, "refused");
  const ports = createRecordingPorts(snapshot, injectedFailures(cluster));
  const { signal } = new AbortController();
  const outcome = await executePrune({ plan: result.plan, snapshot, policy }, ports, {
    workers: 5,
    signal,
    progress: () => undefined,
  });
  return { ports, outcome };
}

async function assertPrunedLikeOc(cluster: OcCluster): Promise<void> {
  const { ports, outcome } = await prune(cluster);
  const expected = expectedCalls(cluster);
  const actual = Object.fromEntries(
    Object.keys(expected).map((kind) => [kind, elementsOf([...ports.calls[kind as keyof Calls]])]),
  );
  assert.deepEqual(actual, expected);
  assert.deepEqual(outcome.failures.map(describePruneFailure).sort(), expectedFailures(cluster));
  if (cluster.group !== "TestRegistryPruning") assertCounts(cluster, outcome);
}

type Calls = Omit<RecordingPorts["calls"], "inOrder">;

/** TestRegistryPruning looks at the registry only, and has another word for the manifest links. */
function expectedCalls(cluster: OcCluster): Partial<Record<keyof Calls, readonly string[]>> {
  const registry = {
    layerLinks: elementsOf(cluster.expectedLayerLinkDeletions),
    manifestLinks: elementsOf(cluster.expectedManifestLinkDeletions ?? cluster.expectedManifestDeletions),
    blobs: elementsOf(cluster.expectedBlobDeletions),
  };
  if (cluster.group === "TestRegistryPruning") return registry;
  return {
    ...registry,
    streamUpdates: elementsOf(cluster.expectedStreamUpdates),
    images: elementsOf(cluster.expectedImageDeletions),
  };
}

function expectedFailures(cluster: OcCluster): readonly string[] {
  return [
    ...(cluster.expectedStreamUpdateFailures ?? []),
    ...(cluster.expectedLayerLinkDeletionFailures ?? []),
    ...(cluster.expectedManifestLinkDeletionFailures ?? []),
    ...(cluster.expectedBlobDeletionFailures ?? []),
    ...(cluster.expectedImageDeletionFailures ?? []),
  ].sort();
}

/** As oc's test counts: what was expected, less what was expected to fail. */
function assertCounts(cluster: OcCluster, outcome: PruneOutcome): void {
  const updates = elementsOf(cluster.expectedStreamUpdates);
  const less = (all: RawSet, failed: readonly string[] = []) => elementsOf(all).length - failed.length;
  assert.deepEqual(
    {
      ...{ items: outcome.revisions, streams: outcome.streams },
      ...{ layerLinks: outcome.layerLinks, manifestLinks: outcome.manifestLinks },
      ...{ blobs: outcome.blobs, images: outcome.images },
      ...{ failures: outcome.failures.length, interrupted: outcome.interrupted },
    },
    {
      items: updates.filter((update) => update.includes("|")).length,
      streams: new Set(updates.map((update) => update.split(/[|:]/)[0])).size,
      layerLinks: less(cluster.expectedLayerLinkDeletions, cluster.expectedLayerLinkDeletionFailures),
      manifestLinks: less(
        cluster.expectedManifestLinkDeletions,
        cluster.expectedManifestLinkDeletionFailures,
      ),
      blobs: less(cluster.expectedBlobDeletions, cluster.expectedBlobDeletionFailures),
      images: less(cluster.expectedImageDeletions, cluster.expectedImageDeletionFailures),
      failures: expectedFailures(cluster).length,
      interrupted: false,
    },
  );
}

function assertRefusedLikeOc(cluster: OcCluster): void {
  const result = planPrune(snapshotOf(cluster), policyOf(cluster));
  assert.ok(!result.ok, "planned");
  assert.equal(describePlanRefusal(result.refusal), cluster.expectedErrorString);
}

for (const { title, file, count } of [
  { title: "the cases of oc's own tests", file: "oc-prune-cases.jsonl", count: 79 },
  { title: "recorded clusters", file: "oc-prune-recorded.jsonl", count: 228 },
]) {
  describe(`pruning like oc: ${title}`, () => {
    const clusters = readClusters(file);

    it(`are ${count}`, () => assert.equal(clusters.length, count));

    for (const [index, cluster] of clusters.entries()) {
      it(`${index + 1} ${cluster.name}`, async () => {
        if ((cluster.expectedErrorString ?? "") !== "") assertRefusedLikeOc(cluster);
        else await assertPrunedLikeOc(cluster);
      });
    }
  });
}
