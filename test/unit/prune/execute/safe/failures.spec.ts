import assert from "node:assert/strict";
import { describePruneFailure } from "../../../../../provider/prune/execute/failure.js";
import { image, item, pod, stream, strictPolicy, takenAt } from "../../../../support/builders/snapshot.js";
import type { Hook } from "../../../../support/fakes/pruneCluster.js";
import {
  a,
  atCall,
  c,
  fail,
  newCluster,
  ofImage,
  once,
  run,
  x,
} from "../../../../support/fakes/safePrune.js";

describe("executeSafePrune", () => {
  describe("with a step that fails", () => {
    it("keeps the Images of a stream that could not be written, and deletes the others", async () => {
      for (const call of ["read shop/web", "trim shop/web"]) {
        const cluster = newCluster();
        const outcome = await run(cluster, { hook: once(call, fail("no")) });
        assert.deepEqual(outcome.failures.map(describePruneFailure), ["imagestream shop/web: no"]);
        assert.deepEqual(outcome.deletedImages, [x]);
        assert.equal(outcome.streams, 1);
      }
    });

    it("keeps the Images of a stream that could not be written under a policy for its namespace alone", async () => {
      const cluster = newCluster();
      const policy = strictPolicy({ namespace: "shop" });
      const outcome = await run(cluster, { policy, hook: once("trim shop/web", fail("no")) });
      assert.deepEqual(outcome.deletedImages, [x]);
    });

    it("reports links that could not be deleted, and goes on", async () => {
      const cluster = newCluster();
      const hook: Hook = (call) => {
        if (call === `layer shop/web layer-${a}` || call.startsWith("manifest shop/api"))
          throw new Error("no");
      };
      const outcome = await run(cluster, { hook });
      assert.deepEqual(outcome.failures.map(describePruneFailure), [
        `imagestream shop/api: failed to delete manifest link ${x}: no`,
        `imagestream shop/web: failed to delete layer link layer-${a}: no`,
      ]);
      assert.deepEqual(
        { layerLinks: outcome.layerLinks, manifestLinks: outcome.manifestLinks, images: outcome.images },
        { layerLinks: 3, manifestLinks: 1, images: 2 },
      );
    });

    it("keeps an Image when none of its blobs could be deleted, and deletes it after one was", async () => {
      const cluster = newCluster();
      const hook: Hook = (call) => {
        if (ofImage(a).includes(call) || call === `blob layer-${x}`) throw new Error("no");
      };
      const outcome = await run(cluster, { hook });
      assert.deepEqual(outcome.deletedImages, [x]);
      assert.equal(outcome.failures.length, 4);
      assert.deepEqual({ blobs: outcome.blobs, bytes: outcome.bytes }, { blobs: 2, bytes: 0 });
      assert.equal(cluster.calls.filter((call) => call === `blob ${a}`).length, 1);
    });

    it("counts an Image that was replaced as failed and not as deleted", async () => {
      const cluster = newCluster();
      const replaced = image(a, { uid: "another" });
      const outcome = await run(cluster, { hook: once(`image ${a}`, (it) => it.put({ image: replaced })) });
      assert.deepEqual(outcome.deletedImages, [x]);
      assert.deepEqual(outcome.failures.map(describePruneFailure), [
        `image ${a}: failed to delete image ${a}: the Image was replaced [API_CONFLICT]`,
      ]);
      assert.ok(cluster.snapshot.images.some(({ uid }) => uid === "another"));
    });

    it("deletes no Image when the cluster cannot be read again", async () => {
      const cluster = newCluster();
      const outcome = await run(cluster, { hook: atCall("look", 3, fail("no list")) });
      assert.deepEqual(outcome.failures.map(describePruneFailure), [
        "no further images were deleted, because the cluster could not be looked at again: no list",
      ]);
      assert.deepEqual({ streams: outcome.streams, images: outcome.images }, { streams: 2, images: 0 });
    });

    it("deletes no Image when an unreadable reference has appeared meanwhile", async () => {
      const cluster = newCluster();
      const hook = atCall("look", 2, (it) => {
        it.snapshot = { ...it.snapshot, referrers: [pod("UPPER/case@@")] };
      });
      const outcome = await run(cluster, { hook });
      assert.match(describePruneFailure(outcome.failures[0] ?? assert.fail()), /PRUNE_REFUSED/);
      assert.equal(outcome.images, 0);
    });

    it("deletes no Image when one without known content has appeared, early or late", async () => {
      for (const call of ["acquire me", "read shop/web"]) {
        const cluster = newCluster();
        const unreadable = image(c, { metadata: { kind: "absent" }, createdAt: takenAt });
        const outcome = await run(cluster, { hook: once(call, (it) => it.put({ image: unreadable })) });
        assert.deepEqual(outcome.failures.map(describePruneFailure), [
          `image ${c}: it does not say what it needs, and the registry does not tell, so no further images were deleted. ` +
            `Push or import it again, or delete it if nothing needs it (oc delete image ${c})`,
        ]);
        assert.equal(outcome.images, 0);
      }
    });

    it("does not fail because of an Image that was unreadable when the plan was made, which has no Images then", async () => {
      const cluster = newCluster();
      cluster.put({ image: image(c, { metadata: { kind: "absent" }, createdAt: takenAt }) });
      const outcome = await run(cluster);
      assert.deepEqual([outcome.revisions, outcome.images, outcome.failures], [2, 0, []]);
    });

    it("names an Image without known content as possibly broken", async () => {
      const cluster = newCluster();
      const late = stream("shop/late", { v1: [item(c)] });
      const hook = atCall("look", 4, (it) => it.push(image(c, { unsaid: "kind" }), late));
      const outcome = await run(cluster, { hook });
      assert.deepEqual(outcome.failures.map(describePruneFailure), [
        `image ${c}: failed to look for its blobs: it does not say what it needs, and the registry does not tell`,
      ]);
      assert.equal(outcome.images, 2);
    });

    it("reports that the last check has failed", async () => {
      const cluster = newCluster();
      const outcome = await run(cluster, { hook: atCall("look", 4, fail("no list")) });
      assert.deepEqual(outcome.failures.map(describePruneFailure), [
        "it is not known whether images came into use meanwhile: no list",
      ]);
      assert.equal(outcome.images, 2);
    });
  });
});
