import assert from "node:assert/strict";
import type { ClusterSnapshot } from "../../../../provider/prune/snapshot.js";
import { refreshSnapshot } from "../../../../provider/prune/survey/refresh.js";
import {
  digest,
  type FakeCluster,
  fakeObjects,
  rawImage,
  rawStream,
  safeRequest,
  serverTime,
  surveyOptions,
  unavailable,
} from "../../../support/fakes/clusterObjects.js";
import { images, streams, shop, load, failing } from "../../../support/fakes/surveyedCluster.js";

describe("refreshSnapshot", () => {
  const snapshotOf = async (cluster: FakeCluster): Promise<ClusterSnapshot> => (await load(cluster)).snapshot;
  const withImages = (...names: readonly object[]): FakeCluster => ({
    ...shop,
    objects: { ...shop.objects, [images]: names },
  });

  it("keeps known images, fetches new ones, drops those that are gone, and keeps the instant", async () => {
    const previous = await snapshotOf(shop);
    const objects = fakeObjects({
      ...withImages(rawImage("v2"), rawImage("v3")),
      serverTimes: { [streams]: serverTime + 3_600_000 },
    });
    const fresh = await refreshSnapshot(objects, previous, safeRequest, surveyOptions());

    assert.equal(fresh.takenAt, previous.takenAt);
    assert.deepEqual(
      fresh.images.map((image) => image.digest),
      [digest("v2"), digest("v3")],
    );
    assert.equal(fresh.images[0], previous.images[1]);
    assert.equal(fresh.layerBytes.get(digest("layer v3")), 400);
    const requests = objects.calls.filter((call) => call.includes(images) && !call.startsWith("listed"));
    assert.deepEqual(requests, [`list ${images} (metadata)`, `get ${images}/${digest("v3")}`]);
  });

  it("reads an image anew that was deleted and pushed again", async () => {
    const previous = await snapshotOf(shop);
    const again = rawImage("v1", {
      metadata: { name: digest("v1"), uid: "another", creationTimestamp: "2026-11-21T00:00:00Z" },
    });
    const fresh = await refreshSnapshot(
      fakeObjects(withImages(again)),
      previous,
      safeRequest,
      surveyOptions(),
    );
    assert.equal(fresh.images[0]?.uid, "another");
    assert.equal(fresh.images[0].managed, false);
  });

  it("reads streams and workloads anew", async () => {
    const previous = await snapshotOf(shop);
    const objects = { ...shop.objects, pods: [], [streams]: [rawStream("shop", "new", [])] };
    const fresh = await refreshSnapshot(fakeObjects({ objects }), previous, safeRequest, surveyOptions());
    assert.deepEqual(
      fresh.streams.map(({ name }) => name),
      ["new"],
    );
    assert.deepEqual(
      fresh.referrers.map(({ name }) => name),
      ["web"],
    );
  });

  it("fails where a list fails", async () => {
    const previous = await snapshotOf(shop);
    const objects = fakeObjects(failing({ [images]: unavailable }));
    await assert.rejects(refreshSnapshot(objects, previous, safeRequest, surveyOptions()), unavailable);
  });

  it("equals a new survey but for the instant", async () => {
    const now = withImages(rawImage("v1"), rawImage("v4"));
    const fresh = await refreshSnapshot(
      fakeObjects(now),
      await snapshotOf(shop),
      safeRequest,
      surveyOptions(),
    );
    const { layerBytes, ...rest } = fresh;
    const { layerBytes: anewBytes, ...anew } = await snapshotOf(now);
    assert.deepEqual(rest, anew);
    for (const [layer, bytes] of anewBytes) assert.equal(layerBytes.get(layer), bytes);
  });
});
