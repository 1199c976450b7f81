import assert from "node:assert/strict";
import { describePruneFailure } from "../../../../../provider/prune/execute/failure.js";
import { image, index, item, stream } from "../../../../support/builders/snapshot.js";
import type { Hook } from "../../../../support/fakes/pruneCluster.js";
import { a, c, digestOf, newCluster, once, run, web, withItem } from "../../../../support/fakes/safePrune.js";

describe("executeSafePrune", () => {
  describe("afterwards", () => {
    it("names an Image that was tagged while its blobs were deleted", async () => {
      const cluster = newCluster();
      const tagged = stream("shop/late", { v1: [item(a, 0)] });
      const hook = once(`blob config-${a}`, (it) => it.put({ stream: tagged }));
      const outcome = await run(cluster, {
        hook: (call, it) => {
          hook(call, it);
          if (call === `image ${a}`) throw new Error("no");
        },
      });
      const where = { namespace: "shop", name: "late" };
      assert.deepEqual(outcome.broken, [
        { kind: "incomplete", digest: a, stream: where, blobs: [a, `layer-${a}`, `config-${a}`] },
      ]);
      assert.ok(cluster.calls.includes(`pull shop/late ${a}`));
    });

    it("names a new Image that found a layer still there when it was pushed", async () => {
      const cluster = newCluster();
      const sharing = image(c, { layers: [`layer-${a}`] });
      const hook = once(`image ${a}`, (it) => {
        it.put({ image: sharing, stream: stream("shop/late", { v1: [item(c, 0)] }) });
        it.blobs.add(c).add(`config-${c}`);
      });
      const outcome = await run(cluster, { hook });
      assert.deepEqual(
        outcome.broken.map((each) => [each.digest, each.kind === "incomplete" && each.blobs]),
        [[c, [`layer-${a}`]]],
      );
    });

    it("names an Image that was pushed again and deleted, because its object stayed the same", async () => {
      const cluster = newCluster();
      const hook = once(`image ${a}`, (it) => it.put({ stream: stream("shop/late", { v1: [item(a, 0)] }) }));
      const outcome = await run(cluster, { hook });
      const where = { namespace: "shop", name: "late" };
      assert.deepEqual(outcome.broken, [{ kind: "incomplete", digest: a, stream: where, blobs: [a] }]);
      assert.ok(!cluster.calls.some((call) => call.startsWith("pull ")));
    });

    it("names an Image below an index too", async () => {
      const cluster = newCluster();
      const hook = once(`image ${a}`, (it) => {
        it.put({ image: image(c, { layers: [`layer-${a}`] }) });
        it.push(index(digestOf("f"), c), stream("shop/late", { v1: [item(digestOf("f"), 0)] }));
      });
      const outcome = await run(cluster, { hook });
      assert.deepEqual(
        outcome.broken.map(({ digest }) => digest),
        [c],
      );
    });

    it("does not call an Image broken whose blobs were pushed again", async () => {
      const cluster = newCluster();
      const hook = once(`image ${a}`, (it) => it.push(image(a, { uid: "new" }), withItem(web, a, 0)));
      const outcome = await run(cluster, { hook });
      assert.deepEqual(outcome.broken, []);
      assert.ok(cluster.calls.includes(`has shop/web layer-${a}`));
    });

    it("reports that the registry does not answer", async () => {
      const cluster = newCluster();
      const pushed = once(`image ${a}`, (it) => it.push(image(a, { uid: "new" }), withItem(web, a, 0)));
      const hook: Hook = (call, it) => {
        pushed(call, it);
        if (call === `has shop/web layer-${a}`) throw new Error("down");
      };
      const outcome = await run(cluster, { hook });
      assert.equal(
        describePruneFailure(outcome.failures.at(-1) ?? assert.fail()),
        `image ${a}: failed to look for its blobs: down`,
      );
    });
  });
});
