import assert from "node:assert/strict";
import { describePruneFailure } from "../../../../../provider/prune/execute/failure.js";
import { hasCode, ImageError } from "../../../../../provider/support/imageError.js";
import { image, item, pod, stream, strictPolicy } from "../../../../support/builders/snapshot.js";
import type { Hook } from "../../../../support/fakes/pruneCluster.js";
import {
  a,
  atCall,
  b,
  c,
  fail,
  newCluster,
  ofImage,
  once,
  run,
  use,
  web,
  withItem,
  x,
} from "../../../../support/fakes/safePrune.js";

describe("executeSafePrune", () => {
  it("writes streams, deletes their links, then blobs before their Image, and reads the cluster between these steps", async () => {
    const cluster = newCluster();
    const outcome = await run(cluster);
    assert.deepEqual(cluster.calls, [
      ...["acquire me", "look"],
      ...["read shop/api", "trim shop/api", "read shop/web", "trim shop/web", "look"],
      ...[`layer shop/api layer-${x}`, `layer shop/api config-${x}`, `manifest shop/api ${x}`],
      ...[`layer shop/web layer-${a}`, `layer shop/web config-${a}`, `manifest shop/web ${a}`],
      ...["look", ...ofImage(a), `image ${a}`, ...ofImage(x), `image ${x}`],
      ...["look", "release"],
    ]);
    assert.deepEqual(outcome, {
      ...{ revisions: 2, streams: 2, layerLinks: 4, manifestLinks: 2, blobs: 6, images: 2, bytes: 200 },
      trimmedStreams: [
        { namespace: "shop", name: "api", revisions: 1 },
        { namespace: "shop", name: "web", revisions: 1 },
      ],
      ...{ deletedImages: [a, x], skipped: 0, restored: 0, broken: [], failures: [], interrupted: false },
    });
  });

  it("deletes nothing in the registry when the policy excludes it", async () => {
    const cluster = newCluster();
    const outcome = await run(cluster, { policy: strictPolicy({ pruneRegistry: false }) });
    assert.deepEqual(cluster.changes, ["trim shop/api", "trim shop/web", `image ${a}`, `image ${x}`]);
    assert.deepEqual(outcome.failures, []);
  });

  describe("of a cluster that has changed since the plan", () => {
    it("spares images that have come into use, in streams and as Image", async () => {
      const cluster = newCluster();
      const outcome = await run(cluster, { hook: once("acquire me", use(a)) });
      assert.deepEqual(outcome.deletedImages, [x]);
      assert.ok(!cluster.calls.includes("trim shop/web"));
      assert.equal(outcome.skipped, 2);
    });

    it("cuts nothing that was not planned, however old it is meanwhile", async () => {
      const cluster = newCluster();
      const hook = once("acquire me", (it) =>
        it.push(image(c), stream("shop/web", { latest: [item(c), item(b), item(a, 700)] })),
      );
      const outcome = await run(cluster, { hook });
      assert.deepEqual(outcome.deletedImages, [a, x]);
      const left = cluster.snapshot.streams.find(({ name }) => name === "web");
      assert.deepEqual(
        left?.tags[0]?.items.map(({ digest }) => digest),
        [c, b],
      );
    });

    it("refuses everything when a reference has appeared that cannot be read", async () => {
      const cluster = newCluster();
      const hook = once("acquire me", (it) => {
        it.snapshot = { ...it.snapshot, referrers: [pod("UPPER/case@@")] };
      });
      await assert.rejects(run(cluster, { hook }), (error) => hasCode(error, "PRUNE_REFUSED"));
      assert.deepEqual(cluster.changes, []);
      assert.equal(cluster.calls.at(-1), "release");
    });

    it("rejects and releases the lease when the first survey fails", async () => {
      const cluster = newCluster();
      await assert.rejects(run(cluster, { hook: once("look", fail("no list")) }), /no list/);
      assert.deepEqual(cluster.calls, ["acquire me", "look", "release"]);
    });

    it("does nothing without the lease", async () => {
      const cluster = newCluster();
      const hook = once("acquire me", () => {
        throw new ImageError("PRUNE_BUSY", "somebody else prunes");
      });
      await assert.rejects(run(cluster, { hook }), (error) => hasCode(error, "PRUNE_BUSY"));
      assert.deepEqual(cluster.calls, ["acquire me"]);
    });
  });

  describe("of a stream that somebody writes meanwhile", () => {
    it("judges the stream anew and cuts the planned item at its present position", async () => {
      const cluster = newCluster();
      const hook = once("read shop/web", (it) => it.put({ stream: withItem(web, b, 1) }));
      const outcome = await run(cluster, { hook });
      const left = cluster.snapshot.streams.find(({ name }) => name === "web");
      assert.deepEqual(
        left?.tags[0]?.items.map(({ digest }) => digest),
        [b, b],
      );
      assert.deepEqual(outcome.deletedImages, [a, x]);
    });

    it("spares an item that has become the current one", async () => {
      const cluster = newCluster();
      const moved = stream("shop/web", { latest: [item(a, 700)] });
      const outcome = await run(cluster, { hook: once("read shop/web", (it) => it.put({ stream: moved })) });
      assert.deepEqual(outcome.deletedImages, [x]);
      assert.equal(outcome.skipped, 2);
    });

    it("spares a digest that the write has put into another tag", async () => {
      const cluster = newCluster();
      const moved = { ...web, tags: [...web.tags, { tag: "stable", items: [item(a, 1)] }] };
      const outcome = await run(cluster, { hook: once("read shop/web", (it) => it.put({ stream: moved })) });
      assert.deepEqual(outcome.deletedImages, [x]);
      assert.ok(!cluster.calls.includes(`manifest shop/web ${a}`));
    });

    it("leaves a stream to the next run that lists an unknown Image", async () => {
      const cluster = newCluster();
      const shared = image(c, { layers: [`layer-${a}`] });
      const hook = once("read shop/web", (it) => it.push(shared, withItem(web, c, 0)));
      const outcome = await run(cluster, { hook });
      assert.deepEqual(outcome.deletedImages, [x]);
      assert.ok(!cluster.calls.includes("trim shop/web"));
      assert.ok(!cluster.calls.includes(`layer shop/web layer-${a}`));
    });

    it("tries again after conflicts on the stream that it reads then", async () => {
      const cluster = newCluster();
      const hook = once("trim shop/web", (it) => it.put({ stream: withItem(web, b, 1) }));
      const outcome = await run(cluster, { hook });
      assert.deepEqual(outcome.failures, []);
      assert.equal(cluster.calls.filter((call) => call === "read shop/web").length, 2);
      assert.equal(outcome.revisions, 2);
    });

    it("gives up after five conflicts, and keeps the stream's links and Images", async () => {
      const cluster = newCluster();
      const hook: Hook = (call, it) => {
        if (call === "trim shop/web") it.put({ stream: web });
      };
      const outcome = await run(cluster, { hook });
      assert.deepEqual(outcome.failures.map(describePruneFailure), [
        "imagestream shop/web: modified [API_CONFLICT]",
      ]);
      assert.equal(cluster.calls.filter((call) => call === "trim shop/web").length, 5);
      assert.ok(!cluster.calls.some((call) => /^(layer|manifest) shop\/web/.test(call)));
      assert.deepEqual(outcome.deletedImages, [x]);
    });

    it("deletes the Images when the stream is gone", async () => {
      for (const call of ["read shop/web", "trim shop/web"]) {
        const cluster = newCluster();
        const outcome = await run(cluster, { hook: once(call, (it) => it.removeStream("shop/web")) });
        assert.deepEqual(outcome.deletedImages, [a, x]);
        assert.deepEqual(
          { revisions: outcome.revisions, skipped: outcome.skipped },
          { revisions: 1, skipped: 1 },
        );
        assert.deepEqual(outcome.failures, []);
      }
    });
  });

  describe("that is ended early", () => {
    it("begins no further stream, link or Image once the signal fires, and reports what was done", async () => {
      const abort = new AbortController();
      const cluster = newCluster();
      const hook = once("trim shop/api", () => abort.abort());
      const outcome = await run(cluster, { signal: abort.signal, hook });
      assert.equal(outcome.interrupted, true);
      assert.deepEqual(cluster.calls.slice(-3), ["read shop/api", "trim shop/api", "release"]);
      assert.equal(outcome.streams, 1);
      assert.deepEqual(outcome.failures.map(describePruneFailure), [
        `shop/api:latest ${x} 2026-11-20T00:20:00.000Z: 1 revision was cut last, and nobody has looked since whether something came to use it`,
      ]);
      assert.equal(cluster.calls.at(-1), "release");
    });

    it("stops among the blobs of an Image, which is kept for the next run", async () => {
      const abort = new AbortController();
      const cluster = newCluster();
      const hook = once(`blob layer-${a}`, () => abort.abort());
      const outcome = await run(cluster, { signal: abort.signal, hook });
      assert.deepEqual({ blobs: outcome.blobs, images: outcome.images }, { blobs: 1, images: 0 });
      assert.equal(outcome.interrupted, true);
      assert.deepEqual(cluster.calls.slice(-2), [`blob layer-${a}`, "release"]);
    });

    it("does not count as a failure of the survey that it interrupts", async () => {
      const abort = new AbortController();
      const cluster = newCluster();
      const hook = atCall("look", 3, () => {
        abort.abort();
        throw new ImageError("CANCELLED", "cancelled");
      });
      const outcome = await run(cluster, { signal: abort.signal, hook });
      assert.deepEqual([outcome.failures, outcome.interrupted], [[], true]);
    });

    it("stops when the lease is lost, with the reason", async () => {
      const cluster = newCluster();
      const lost = new ImageError("PRUNE_LEASE_LOST", "the lease belongs to another run");
      const hook = once(`image ${a}`, (it) => it.lost.abort(lost));
      const outcome = await run(cluster, { hook });
      assert.deepEqual(outcome.failures.map(describePruneFailure), [lost.message]);
      assert.deepEqual([outcome.interrupted, outcome.deletedImages], [true, [a]]);
      assert.equal(cluster.calls.at(-1), "release");
    });
  });
});
