import assert from "node:assert/strict";
import { image, snapshot } from "../../../../support/builders/snapshot.js";
import { FakeProgressClock } from "../../../../support/fakes/progressClock.js";
import { type Hook, PruneCluster } from "../../../../support/fakes/pruneCluster.js";
import {
  a,
  atCall,
  b,
  c,
  digestsIn,
  fail,
  newCluster,
  once,
  run,
  use,
  web,
  withItem,
  x,
} from "../../../../support/fakes/safePrune.js";

describe("executeSafePrune", () => {
  describe("of Images, on fresh surveys", () => {
    const many = Array.from({ length: 60 }, (_, n) => `sha256:${String(n).padStart(64, "0")}`);
    const crowded = () =>
      new PruneCluster(snapshot({ images: many.map((digest) => image(digest)), streams: [web] }));
    const deletionsBetweenLooks = (cluster: PruneCluster): readonly number[] =>
      cluster.calls
        .join("\n")
        .split("look")
        .slice(2, -1)
        .map((calls) => calls.split("\n").filter((call) => call.startsWith("image ")).length);

    it("spares an image that has come into use since the streams were trimmed, and puts its item back", async () => {
      const cluster = newCluster();
      const outcome = await run(cluster, { hook: atCall("look", 3, use(a)) });
      assert.deepEqual(outcome.deletedImages, [x]);
      const { revisions, restored, skipped } = outcome;
      assert.deepEqual({ revisions, restored, skipped }, { revisions: 1, restored: 1, skipped: 1 });
      assert.deepEqual(outcome.broken, []);
      assert.deepEqual(digestsIn(cluster, "web"), [b, a]);
      assert.ok(cluster.blobs.has(`layer-${a}`));
    });

    it("spares an image that was pushed again between two batches", async () => {
      const cluster = crowded();
      const [late = ""] = many.slice(-1);
      const hook = atCall("look", 3, (it) => it.push(image(late), withItem(web, late, 700)));
      const outcome = await run(cluster, { hook });
      assert.equal(outcome.images, many.length - 1);
      assert.ok(!cluster.changes.some((call) => call.includes(late)));
      assert.equal(outcome.skipped, 1);
      assert.deepEqual(outcome.broken, []);
    });

    it("spares the layers that a new Image shares with a planned one", async () => {
      const cluster = crowded();
      const [late = ""] = many.slice(-1);
      const sharing = image(c, { layers: [`layer-${late}`] });
      const hook = atCall("look", 3, (it) => it.push(sharing, withItem(web, c, 0)));
      const outcome = await run(cluster, { hook });
      assert.ok(outcome.deletedImages.includes(late));
      assert.ok(cluster.blobs.has(`layer-${late}`));
    });

    it("reads again after 16 Images, and keeps to 16 while deleting takes longer than reading", async () => {
      let now = 0;
      const cluster = crowded();
      const hook: Hook = (call) => {
        if (call.startsWith("image ")) now += 10;
        if (call === "look") now += 5;
      };
      await run(cluster, { hook, clock: () => now });
      assert.deepEqual(deletionsBetweenLooks(cluster), [16, 16, 16, 12]);
    });

    it("takes twice as many Images while reading takes longer than deleting", async () => {
      let now = 0;
      const cluster = crowded();
      const hook: Hook = (call) => {
        if (call === "look") now += 5;
      };
      await run(cluster, { hook, clock: () => now });
      assert.deepEqual(deletionsBetweenLooks(cluster), [16, 32, 12]);
    });

    it("tries an Image once that could not be deleted, and keeps its blobs", async () => {
      const [first = "", ...rest] = many;
      const shared = ["shared"];
      const images = [image(first, { layers: shared }), ...rest.map((digest) => image(digest))];
      const [last = ""] = rest.slice(-1);
      const given = images.map((each) => (each.digest === last ? image(last, { layers: shared }) : each));
      const cluster = new PruneCluster(snapshot({ images: given, streams: [web] }));
      const outcome = await run(cluster, { hook: once(`image ${first}`, fail("no")) });
      assert.equal(cluster.calls.filter((call) => call === `image ${first}`).length, 1);
      assert.equal(outcome.images, many.length - 1);
      assert.ok(cluster.blobs.has("shared"));
    });

    it("reports progress from the second second on: count, speed and the present image", async () => {
      const time = new FakeProgressClock();
      const lines: string[] = [];
      const cluster = crowded();
      const hook: Hook = (call) => {
        if (call.startsWith("image ")) time.pass(500);
      };
      cluster.snapshot = {
        ...cluster.snapshot,
        layerBytes: new Map(many.map((digest) => [`layer-${digest}`, 1_000_000])),
      };
      const progress = (line: string) => void lines.push(line);
      await run(cluster, { hook, clock: () => time.now(), progress, progressClock: time });
      assert.match(
        lines[0] ?? "",
        /^deleted 2 of 60 images, 2 MB, 1\.3\/s, (?:shop\/web@)?sha256:[0-9a-f]{12}$/,
      );
      assert.equal(lines.length, 12);
    });
  });
});
