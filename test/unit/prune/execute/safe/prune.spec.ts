import assert from "node:assert/strict";
import { describeFailure } from "../../../../../provider/prune/execute/failure.js";
import { hasCode, ImageError } from "../../../../../provider/support/imageError.js";
import {
  image,
  index,
  item,
  pod,
  snapshot,
  stream,
  strictPolicy,
  takenAt,
} from "../../../../support/builders/snapshot.js";
import { FakeProgressClock } from "../../../../support/fakes/progressClock.js";
import { type Hook, PruneCluster } from "../../../../support/fakes/pruneCluster.js";
import {
  a,
  atCall,
  b,
  c,
  digestOf,
  digestsIn,
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
      assert.deepEqual(outcome.failures.map(describeFailure), [
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

  describe("with a step that fails", () => {
    it("keeps the Images of a stream that could not be written, and deletes the others", async () => {
      for (const call of ["read shop/web", "trim shop/web"]) {
        const cluster = newCluster();
        const outcome = await run(cluster, { hook: once(call, fail("no")) });
        assert.deepEqual(outcome.failures.map(describeFailure), ["imagestream shop/web: no"]);
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
      assert.deepEqual(outcome.failures.map(describeFailure), [
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
      assert.deepEqual(outcome.failures.map(describeFailure), [
        `image ${a}: failed to delete image ${a}: the Image was replaced [API_CONFLICT]`,
      ]);
      assert.ok(cluster.snapshot.images.some(({ uid }) => uid === "another"));
    });

    it("deletes no Image when the cluster cannot be read again", async () => {
      const cluster = newCluster();
      const outcome = await run(cluster, { hook: atCall("look", 3, fail("no list")) });
      assert.deepEqual(outcome.failures.map(describeFailure), [
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
      assert.match(describeFailure(outcome.failures[0] ?? assert.fail()), /PRUNE_REFUSED/);
      assert.equal(outcome.images, 0);
    });

    it("deletes no Image when one without known content has appeared, early or late", async () => {
      for (const call of ["acquire me", "read shop/web"]) {
        const cluster = newCluster();
        const unreadable = image(c, { metadata: { kind: "absent" }, createdAt: takenAt });
        const outcome = await run(cluster, { hook: once(call, (it) => it.put({ image: unreadable })) });
        assert.deepEqual(outcome.failures.map(describeFailure), [
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
      assert.deepEqual(outcome.failures.map(describeFailure), [
        `image ${c}: failed to look for its blobs: it does not say what it needs, and the registry does not tell`,
      ]);
      assert.equal(outcome.images, 2);
    });

    it("reports that the last check has failed", async () => {
      const cluster = newCluster();
      const outcome = await run(cluster, { hook: atCall("look", 4, fail("no list")) });
      assert.deepEqual(outcome.failures.map(describeFailure), [
        "it is not known whether images came into use meanwhile: no list",
      ]);
      assert.equal(outcome.images, 2);
    });
  });

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

  describe("that is ended early", () => {
    it("begins no further stream, link or Image once the signal fires, and reports what was done", async () => {
      const abort = new AbortController();
      const cluster = newCluster();
      const hook = once("trim shop/api", () => abort.abort());
      const outcome = await run(cluster, { signal: abort.signal, hook });
      assert.equal(outcome.interrupted, true);
      assert.deepEqual(cluster.calls.slice(-3), ["read shop/api", "trim shop/api", "release"]);
      assert.equal(outcome.streams, 1);
      assert.deepEqual(outcome.failures.map(describeFailure), [
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
      assert.deepEqual(outcome.failures.map(describeFailure), [lost.message]);
      assert.deepEqual([outcome.interrupted, outcome.deletedImages], [true, [a]]);
      assert.equal(cluster.calls.at(-1), "release");
    });
  });

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
        describeFailure(outcome.failures.at(-1) ?? assert.fail()),
        `image ${a}: failed to look for its blobs: down`,
      );
    });
  });
});
