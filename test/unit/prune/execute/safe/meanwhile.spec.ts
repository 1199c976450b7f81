import assert from "node:assert/strict";
import { describePruneFailure } from "../../../../../provider/prune/execute/failure.js";
import { describeBroken } from "../../../../../provider/prune/execute/safe/broken.js";
import { ImageError } from "../../../../../provider/support/imageError.js";
import {
  image,
  index,
  item,
  minutesAgo,
  pod,
  snapshot,
  source,
  stream,
  strictPolicy,
} from "../../../../support/builders/snapshot.js";
import { type Hook, PruneCluster } from "../../../../support/fakes/pruneCluster.js";
import {
  a,
  atCall,
  b,
  digestOf,
  digestsIn,
  fail,
  newCluster,
  once,
  run,
  use,
  web,
  x,
  y,
} from "../../../../support/fakes/safePrune.js";

const together =
  (...hooks: readonly Hook[]): Hook =>
  (call, cluster) =>
    hooks.forEach((hook) => hook(call, cluster));
const numbered = (n: number) => `sha256:${String(n).padStart(64, "0")}`;

/** Streams `s00`, `s01`, … that each are free to lose one item. */
function crowdOf(count: number): PruneCluster {
  const numbers = Array.from({ length: count }, (_, n) => n);
  const streams = numbers.map((n) =>
    stream(`shop/s${String(n).padStart(2, "0")}`, { latest: [item(b), item(numbered(n), 700)] }),
  );
  const images = [b, ...numbers.map(numbered)].map((digest) => image(digest));
  return new PruneCluster(snapshot({ images, streams }));
}

const countsOf = ({ revisions, restored, skipped, images }: Awaited<ReturnType<typeof run>>) => ({
  revisions,
  restored,
  skipped,
  images,
});

describe("executeSafePrune, while the cluster changes", () => {
  describe("reads the cluster before each batch of streams", () => {
    it("and keeps what a pod has come to use meanwhile", async () => {
      const cluster = crowdOf(40);
      const outcome = await run(cluster, { hook: once("trim shop/s00", use(numbered(30))) });
      assert.deepEqual(digestsIn(cluster, "s30"), [b, numbered(30)]);
      assert.ok(!cluster.calls.includes("trim shop/s30"));
      assert.deepEqual(countsOf(outcome), { revisions: 39, restored: 0, skipped: 2, images: 39 });
      assert.deepEqual([outcome.broken, outcome.failures], [[], []]);
    });

    it("of 16 while trimming takes longer than reading, and of twice as many otherwise", async () => {
      const trimsBetweenLooks = (cluster: PruneCluster) =>
        cluster.calls
          .join("\n")
          .split("look")
          .map((calls) => calls.split("\n").filter((call) => call.startsWith("trim ")).length)
          .filter((count) => count > 0);
      for (const [lookMs, sizes] of [
        [5, [16, 16, 8]],
        [500, [16, 24]],
      ] as const) {
        let now = 0;
        const cluster = crowdOf(40);
        const hook: Hook = (call) => {
          if (call.startsWith("trim ")) now += 10;
          if (call === "look") now += lookMs;
        };
        await run(cluster, { hook, clock: () => now });
        assert.deepEqual(trimsBetweenLooks(cluster), sizes);
      }
    });

    it("and stops when a kind has become unreadable, with the last cut items put back", async () => {
      const cluster = crowdOf(40);
      const hook = together(once("trim shop/s00", use(numbered(3))), atCall("look", 2, fail("no pods")));
      const outcome = await run(cluster, { hook });
      assert.deepEqual(outcome.failures.map(describePruneFailure), [
        "no further image streams were trimmed, because the cluster could not be looked at again: no pods",
      ]);
      assert.deepEqual(countsOf(outcome), { revisions: 0, restored: 16, skipped: 0, images: 0 });
      assert.deepEqual(digestsIn(cluster, "s03"), [b, numbered(3)]);
      assert.ok(!cluster.changes.some((call) => /^(layer|manifest|blob|image) /.test(call)));
    });

    it("and names the last cut items when they cannot be put back either", async () => {
      const cluster = newCluster();
      const expired = () => {
        throw new ImageError("API_UNAUTHORIZED", "token expired");
      };
      let isExpired = false;
      const hook: Hook = (call) => {
        if (isExpired && call !== "release") expired();
        if (call === "trim shop/web") isExpired = true;
      };
      const outcome = await run(cluster, { hook });
      const [look, unseen, last, ...restorations] = outcome.failures.map(describePruneFailure);
      assert.match(look ?? "", /could not be looked at again: token expired/);
      assert.match(
        unseen ?? "",
        /shop\/api:latest .*: 2 revisions were cut last, and nobody has looked since/,
      );
      assert.match(last ?? "", /it is not known whether images came into use meanwhile/);
      assert.equal(restorations.length, 2);
      assert.deepEqual(countsOf(outcome), { revisions: 2, restored: 0, skipped: 0, images: 0 });
    });
  });

  describe("puts an item back that came into use", () => {
    it("just before its cut, with its links kept, and does not count it as kept", async () => {
      const cluster = newCluster();
      const outcome = await run(cluster, { hook: once("trim shop/web", use(a)) });
      assert.deepEqual(digestsIn(cluster, "web"), [b, a]);
      assert.ok(!cluster.calls.some((call) => /^(layer|manifest) shop\/web/.test(call)));
      assert.deepEqual(countsOf(outcome), { revisions: 1, restored: 1, skipped: 1, images: 1 });
      assert.deepEqual(outcome.trimmedStreams, [{ namespace: "shop", name: "api", revisions: 1 }]);
    });

    it("when it came into use while later streams were trimmed", async () => {
      const cluster = newCluster();
      const outcome = await run(cluster, { hook: once("read shop/web", use(x)) });
      assert.deepEqual(digestsIn(cluster, "api"), [y, x]);
      assert.deepEqual(countsOf(outcome), { revisions: 1, restored: 1, skipped: 1, images: 1 });
    });

    it("after the links of its stream were deleted, and asks whether the registry serves it", async () => {
      const cluster = newCluster();
      const outcome = await run(cluster, { hook: once(`manifest shop/web ${a}`, use(a)) });
      assert.deepEqual(digestsIn(cluster, "web"), [b, a]);
      assert.ok(cluster.calls.includes(`pull shop/web ${a}`));
      assert.deepEqual(outcome.broken, []);
    });

    it("when it came into use by its tag, which had vanished", async () => {
      const tagged = stream("shop/web", { latest: [item(b)], old: [item(a, 700)] });
      const cluster = new PruneCluster(
        snapshot({ images: [image(a), image(b)], streams: [tagged], referrers: [pod(`r.io/shop/web@${b}`)] }),
      );
      const policy = strictPolicy({
        retention: { kind: "revisions", keepYoungerThanSeconds: 3600, keepTagRevisions: 0 },
      });
      const hook = once("trim shop/web", (it) => {
        const referrers = [...it.snapshot.referrers, pod("r.io/shop/web:old", { name: "late" })];
        it.snapshot = { ...it.snapshot, referrers };
      });
      const outcome = await run(cluster, { policy, hook });
      const [left] = cluster.snapshot.streams;
      assert.deepEqual(
        left?.tags.map(({ tag, items }) => [tag, items.map(({ digest }) => digest)]),
        [
          ["latest", [b]],
          ["old", [a]],
        ],
      );
      assert.deepEqual(countsOf(outcome), { revisions: 0, restored: 1, skipped: 1, images: 0 });
    });

    it("when it came into use by a spec tag with its digest", async () => {
      const cluster = newCluster();
      const hook = once("look", () => undefined);
      const edited = {
        ...stream("shop/other", { latest: [item(b)] }),
        specTags: [{ name: "pin", isReference: false, from: source("DockerImage", `r.io/shop/web@${a}`) }],
      };
      const outcome = await run(cluster, {
        hook: together(
          hook,
          once("trim shop/web", (it) => it.put({ stream: edited })),
        ),
      });
      assert.deepEqual(digestsIn(cluster, "web"), [b, a]);
      assert.equal(outcome.restored, 1);
    });

    it("when it came into use by a child that its index alone lists", async () => {
      const list = digestOf("f");
      const indexed = stream("shop/web", { latest: [item(b), item(list, 700)] });
      const cluster = new PruneCluster(
        snapshot({ images: [image(a), image(b), index(list, a)], streams: [indexed] }),
      );
      const outcome = await run(cluster, { hook: once("trim shop/web", use(a)) });
      assert.deepEqual(digestsIn(cluster, "web"), [b, list]);
      assert.deepEqual(countsOf(outcome), { revisions: 0, restored: 1, skipped: 2, images: 0 });
    });

    it("together with its signature in another stream", async () => {
      const signed = stream("shop/signatures", {
        [`${a.replace(":", "-")}.sig`]: [item(x, 700)],
        latest: [item(b)],
      });
      const cluster = new PruneCluster(
        snapshot({ images: [a, b, x].map((digest) => image(digest)), streams: [signed, web] }),
      );
      const outcome = await run(cluster, { hook: once("trim shop/web", use(a)) });
      const signatures = cluster.snapshot.streams.find(({ name }) => name === "signatures");
      assert.deepEqual(
        signatures?.tags.map(({ items }) => items.map(({ digest }) => digest)),
        [[b], [x]],
      );
      assert.deepEqual(countsOf(outcome), { revisions: 0, restored: 2, skipped: 2, images: 0 });
    });

    it("below an item that was pushed meanwhile, which stays current", async () => {
      const cluster = newCluster();
      const newer = digestOf("f");
      const hook = atCall("look", 2, (it) => {
        it.push(image(newer), stream("shop/web", { latest: [item(newer, 0), item(b)] }));
        use(a)(it);
      });
      await run(cluster, { hook });
      assert.deepEqual(digestsIn(cluster, "web"), [newer, b, a]);
    });

    it("when somebody writes the stream in that moment", async () => {
      const cluster = newCluster();
      const hook = together(
        once("trim shop/web", use(a)),
        once("restore shop/web", (it) => it.put({ stream: stream("shop/web", { latest: [item(b)] }) })),
      );
      const outcome = await run(cluster, { hook });
      assert.deepEqual(digestsIn(cluster, "web"), [b, a]);
      assert.deepEqual([outcome.restored, outcome.failures], [1, []]);
    });

    it("at a later check, when the first attempt fails", async () => {
      const cluster = newCluster();
      const hook = together(once("trim shop/web", use(a)), once("restore shop/web", fail("no")));
      const outcome = await run(cluster, { hook });
      assert.deepEqual(digestsIn(cluster, "web"), [b, a]);
      assert.deepEqual([outcome.restored, outcome.failures, outcome.broken], [1, [], []]);
    });

    it("when it was cut although the answer was lost", async () => {
      const cluster = newCluster();
      const lost: Hook = (call, it) => {
        if (call !== "trim shop/web") return;
        it.put({ stream: stream("shop/web", { latest: [item(b)] }) });
        use(a)(it);
        throw new ImageError("API_UNREACHABLE", "connection lost");
      };
      const outcome = await run(cluster, { hook: lost });
      assert.deepEqual(digestsIn(cluster, "web"), [b, a]);
      assert.deepEqual(countsOf(outcome), { revisions: 1, restored: 1, skipped: 1, images: 1 });
    });

    it("unless it was tagged again and is served as before", async () => {
      const cluster = newCluster();
      const hook = once("read shop/web", (it) => {
        it.put({ stream: stream("shop/api", { latest: [item(x, 1), item(y)] }) });
        use(x)(it);
      });
      const outcome = await run(cluster, { hook });
      assert.deepEqual(digestsIn(cluster, "api"), [x, y]);
      assert.deepEqual([outcome.restored, outcome.broken], [0, []]);
    });

    it("unless another stream has taken the name of a deleted one", async () => {
      const cluster = newCluster();
      const again = { ...stream("shop/api", { latest: [item(y)] }), createdAt: minutesAgo(1) };
      const hook = once("read shop/web", (it) => {
        it.put({ stream: again });
        use(x)(it);
      });
      const outcome = await run(cluster, { hook });
      assert.deepEqual(digestsIn(cluster, "api"), [y]);
      assert.deepEqual([outcome.restored, outcome.broken], [0, []]);
    });
  });

  it("counts an item as cut when the write's answer was lost", async () => {
    const cluster = newCluster();
    const hook = once("trim shop/web", (it) => {
      it.put({ stream: stream("shop/web", { latest: [item(b)] }) });
      throw new ImageError("API_CONFLICT", "already done by the same request");
    });
    const outcome = await run(cluster, { hook });
    assert.deepEqual(countsOf(outcome), { revisions: 2, restored: 0, skipped: 0, images: 2 });
    assert.deepEqual(outcome.failures, []);
  });

  it("spares an item whose stream has been taken out of the selection", async () => {
    const labelled = { ...web, labels: { prune: "yes" } };
    const cluster = new PruneCluster(snapshot({ images: [image(a), image(b)], streams: [labelled] }));
    const policy = strictPolicy({
      select: { namespaces: [], streams: [], tags: [], labels: { prune: "yes" } },
    });
    const outcome = await run(cluster, {
      policy,
      hook: once("acquire me", (it) => it.put({ stream: { ...labelled, labels: {} } })),
    });
    assert.deepEqual(digestsIn(cluster, "web"), [b, a]);
    assert.deepEqual(countsOf(outcome), { revisions: 0, restored: 0, skipped: 2, images: 0 });
  });

  it("deletes nothing of a digest whose tag was moved back to it", async () => {
    const cluster = newCluster();
    const moved = stream("shop/web", { latest: [item(a, 0), item(b), item(a, 700)] });
    const outcome = await run(cluster, { hook: atCall("look", 1, (it) => it.put({ stream: moved })) });
    assert.deepEqual(digestsIn(cluster, "web"), [a, b]);
    assert.deepEqual(outcome.deletedImages, [x]);
  });

  it("passes over streams of a terminating namespace", async () => {
    const cluster = newCluster();
    const hook: Hook = (call) => {
      if (call === "trim shop/api") throw new ImageError("API_FORBIDDEN", "shop is being terminated");
    };
    const outcome = await run(cluster, { hook });
    assert.deepEqual(countsOf(outcome), { revisions: 1, restored: 0, skipped: 1, images: 1 });
    assert.deepEqual(outcome.failures.map(describePruneFailure), [
      "imagestream shop/api: shop is being terminated [API_FORBIDDEN]",
    ]);
  });

  it("writes nothing once the lease is lost, and names the last cut items", async () => {
    const cluster = newCluster();
    const hook = once("trim shop/web", (it) => it.lost.abort(new ImageError("PRUNE_LEASE_LOST", "lost")));
    const outcome = await run(cluster, { hook });
    assert.equal(cluster.calls.at(-1), "release");
    assert.equal(cluster.calls.at(-2), "trim shop/web");
    assert.match(outcome.failures.map(describePruneFailure).join("\n"), /nobody has looked since/);
  });

  describe("reports as broken", () => {
    it("an item that cannot be put back, with the oc tag line from a stream that still lists it", async () => {
      const cluster = newCluster();
      const copy = stream("ops/copy", { v1: [item(a, 0)] });
      const hook = together(
        once("trim shop/web", (it) => {
          use(a)(it);
          it.put({ stream: copy });
        }),
        (call) => {
          if (call === "restore shop/web") throw new Error("limit exceeded");
        },
      );
      const outcome = await run(cluster, { hook });
      assert.deepEqual(outcome.broken.map(describeBroken), [
        `shop/web@${a} came into use by pod/web-1 namespace=shop while this run cut it, and cannot be pulled: ` +
          `oc tag ops/copy@${a} shop/web:restored-aaaaaaaaaaaa`,
      ]);
      assert.deepEqual(outcome.failures.map(describePruneFailure), [
        "imagestream shop/web: failed to put back 1 revision that something came to use: limit exceeded",
      ]);
      assert.deepEqual(countsOf(outcome), { revisions: 2, restored: 0, skipped: 1, images: 1 });
      assert.ok(!cluster.calls.includes(`blob layer-${a}`));
    });

    it("an image that came into use while its Image was being deleted", async () => {
      const cluster = newCluster();
      const outcome = await run(cluster, { hook: once(`image ${a}`, use(a)) });
      assert.deepEqual(outcome.broken.map(describeBroken), [
        `shop/web@${a} came into use by pod/web-1 namespace=shop while this run cut it, and cannot be pulled: ` +
          "push or import it again as shop/web:restored-aaaaaaaaaaaa",
      ]);
      assert.deepEqual(countsOf(outcome), { revisions: 2, restored: 0, skipped: 0, images: 2 });
    });

    it("no item whose stream somebody else has deleted", async () => {
      const cluster = newCluster();
      const hook = once(`image ${a}`, (it) => {
        it.removeStream("shop/web");
        use(a)(it);
      });
      assert.deepEqual((await run(cluster, { hook })).broken, []);
    });

    it("the findings of the check before the last one, when the last one fails", async () => {
      const cluster = newCluster();
      const hook = together(
        once("trim shop/web", use(a)),
        (call) => {
          if (call === "restore shop/web") throw new Error("no");
        },
        atCall("look", 4, fail("no list")),
      );
      const outcome = await run(cluster, { hook });
      assert.deepEqual(
        outcome.broken.map(({ digest }) => digest),
        [a],
      );
    });
  });
});
