import assert from "node:assert/strict";
import type { PushedImage } from "okd-image-sandbox";
import { requiredRights, requireRights } from "../../../provider/prune/check/preflight.js";
import { describePruneFailure } from "../../../provider/prune/execute/failure.js";
import type { SafePruneOutcome } from "../../../provider/prune/execute/outcome.js";
import { hasCode } from "../../../provider/support/imageError.js";
import { strictPolicy } from "../../support/builders/snapshot.js";
import { type PruneWorld, repositoryHost, startPruneWorld } from "../../support/worlds/prune.js";
import { connectPruneRun, type PlannedPrune, type PruneRun } from "../../support/worlds/pruneRun.js";

const policy = strictPolicy();
const ok = { ok: true };
const options = { signal: new AbortController().signal };
const leaseOf = (world: PruneWorld) =>
  world.sandbox.stored("leases.coordination.k8s.io", "pulumi-okd-images-prune", "openshift-image-registry");

describe("a safe prune of a cluster", () => {
  let world: PruneWorld;
  let run: PruneRun;
  /** shop/web:latest, newest first; the third is what a pod runs by a mirror's name. */
  let web: readonly string[];
  let oldest: PushedImage;
  /** shop/multi:latest before its only update: an index and its children. */
  let oldIndex: readonly string[];
  let newIndex: string;

  beforeEach(async () => {
    world = await startPruneWorld();
    run = connect(world.sandbox.adminToken);
    const push = (days: number) => world.push("shop/web:latest", `web ${days}`, days);
    oldest = push(30);
    web = [oldest, ...[20, 10, 5].map(push)].map(({ digest }) => digest).reverse();
    world.runPod("web", `mirror.example/cache/shop/web@${web[2] ?? ""}`);
    const children = (text: string) => ({
      children: [{ layers: [`${text} one`] }, { layers: [`${text} two`, "shared"] }],
    });
    const index = world.push("shop/multi:latest", children("old"), 40);
    oldIndex = [index.digest, ...index.children.map(({ digest }) => digest)];
    newIndex = world.push("shop/multi:latest", children("new"), 3).digest;
    world.beginRun();
  });
  afterEach(async () => {
    await run.close();
    await world.close();
  });

  function connect(token: string, holder?: string): PruneRun {
    const { url: server, certificateAuthority: ca, integratedRegistry } = world.sandbox;
    return connectPruneRun({ server, registry: integratedRegistry.url, token, ca }, holder);
  }
  const plan = (): Promise<PlannedPrune> => run.plan(policy, options);
  const prune = async (order?: PlannedPrune): Promise<SafePruneOutcome> =>
    await run.execute(order ?? (await plan()), policy, options);
  const web1 = (): string => web[1] ?? "";
  const web3 = (): string => web[3] ?? "";

  it("deletes what was planned, and everything that is in use can be pulled afterwards", async () => {
    const { integratedRegistry } = world.sandbox;
    const outcome = await prune();
    assert.deepEqual(outcome.failures.map(describePruneFailure), []);
    assert.deepEqual(outcome.deletedImages.toSorted(), [web1(), web3(), ...oldIndex].toSorted());
    assert.deepEqual(outcome.trimmedStreams, [
      { namespace: "shop", name: "multi", revisions: 1 },
      { namespace: "shop", name: "web", revisions: 2 },
    ]);
    assert.deepEqual([outcome.interrupted, outcome.skipped, outcome.broken], [false, 0, []]);
    assert.deepEqual(world.history("shop/web:latest"), [web[0], web[2]]);
    for (const digest of [web[0], web[2]]) assert.deepEqual(await world.pull(`shop/web@${digest ?? ""}`), ok);
    assert.deepEqual(await world.pull(`shop/multi@${newIndex}`), ok);
    for (const digest of outcome.deletedImages) assert.ok(!integratedRegistry.blobs().has(digest));
    assert.ok(!integratedRegistry.hasManifestLink("shop/web", web1()));
    const again = await plan();
    assert.deepEqual([again.plan.streams, again.plan.images], [[], { kind: "planned", deletions: [] }]);
  });

  it("writes a stream before it touches the registry, and holds the lease meanwhile", async () => {
    const holders = new Set<unknown>();
    world.sandbox.onRequest({ method: "DELETE", times: 0 }, () => {
      holders.add((leaseOf(world)?.["spec"] as { readonly holderIdentity?: string }).holderIdentity);
    });
    await prune();
    const steps = world
      .writes()
      .map(({ method, path }) => `${method} ${path}`)
      .filter((line) => /web\/status|\/v2\/shop\/web|admin|\/images\//.test(line));
    const kindOf = (line: string) => /status|v2|admin|images\//.exec(line)?.[0] ?? "";
    const kinds = steps.map(kindOf);
    assert.equal(kinds[0], "status");
    assert.ok(kinds.lastIndexOf("v2") < kinds.indexOf("admin"), steps.join("\n"));
    assert.match([...holders].join(), /^test \(run \w{8}\)$/);
    assert.equal((leaseOf(world)?.["spec"] as { holderIdentity?: string }).holderIdentity, undefined);
  });

  it("spares what a pod has come to use since the plan", async () => {
    const order = await plan();
    world.runPod("late", `${repositoryHost}/shop/web@${web1()}`);
    const outcome = await prune(order);
    assert.ok(!outcome.deletedImages.includes(web1()));
    assert.equal(outcome.skipped, 2);
    assert.deepEqual(await world.pull(`shop/web@${web1()}`), ok);
  });

  it("spares what comes into use between streams and Images, except in its history", async () => {
    const order = await plan();
    world.sandbox.onRequest({ method: "PUT", path: "/web/status" }, () =>
      world.runPod("late", `${repositoryHost}/shop/web@${web1()}`),
    );
    const outcome = await prune(order);
    assert.ok(!outcome.deletedImages.includes(web1()));
    assert.equal(outcome.skipped, 1);
  });

  it("judges a stream anew that is pushed to while it is written", async () => {
    const order = await plan();
    world.sandbox.onRequest({ method: "PUT", path: "/web/status" }, () => {
      world.push("shop/web:latest", "web 30");
    });
    const outcome = await prune(order);
    assert.deepEqual(outcome.failures.map(describePruneFailure), []);
    // The digest is in the history twice now; only its new item stays, and so does the Image.
    assert.deepEqual(world.history("shop/web:latest").slice(0, 2), [web3(), web[0]]);
    assert.ok(!outcome.deletedImages.includes(web3()));
    assert.deepEqual(await world.pull("shop/web:latest"), ok);
  });

  it("keeps the Images of a stream that it may not write", async () => {
    const effect = { kind: "answer", status: 500 } as const;
    world.sandbox.faults.add({ method: "PUT", path: "/web/status", effect });
    const outcome = await prune();
    assert.equal(outcome.failures.length, 1);
    assert.deepEqual(outcome.deletedImages.toSorted(), oldIndex.toSorted());
    for (const digest of web) assert.deepEqual(await world.pull(`shop/web@${digest}`), ok);
  });

  it("keeps an Image that was created anew under the planned one's name", async () => {
    world.sandbox.onRequest(
      { method: "DELETE", path: `/images/${encodeURIComponent(web3())}|/images/${web3()}` },
      () => {
        const image = world.sandbox.stored("images.image.openshift.io", web3());
        assert.ok(image);
        world.sandbox.remove({
          apiVersion: "image.openshift.io/v1",
          kind: "Image",
          metadata: image.metadata,
        });
        world.sandbox.seed({ ...image, metadata: { ...image.metadata, uid: "another" } });
      },
    );
    const outcome = await prune();
    assert.match(
      outcome.failures.map(describePruneFailure).join(),
      /was replaced by another one.*API_CONFLICT/,
    );
    assert.equal(world.sandbox.stored("images.image.openshift.io", web3())?.metadata.uid, "another");
  });

  it("names the Image that was pushed again while its blobs were deleted", async () => {
    const blob = oldest.configDigest ?? "";
    world.sandbox.onRequest({ server: "integrated", method: "DELETE", path: `/admin/blobs/${blob}` }, () => {
      world.push("shop/again:v1", "web 30");
    });
    const outcome = await prune();
    const [broken] = outcome.broken;
    assert.ok(broken);
    assert.deepEqual(broken.stream, { namespace: "shop", name: "again" });
    assert.deepEqual((await world.pull(`shop/again@${broken.digest}`)).ok, false);
  });

  it("allows one run at a time, and takes over from one that died", async () => {
    const order = await plan();
    const other = connect(world.sandbox.adminToken, "other");
    try {
      let refusal: unknown;
      world.sandbox.onRequest({ method: "PUT", path: "/web/status" }, async () => {
        refusal = await other.execute(order, policy, options).catch((error: unknown) => error);
      });
      assert.deepEqual((await prune(order)).failures, []);
      assert.ok(hasCode(refusal, "PRUNE_BUSY"));
      assert.match(refusal.message, /test \(run \w{8}\) has been pruning this cluster since 20/);
    } finally {
      await other.close();
    }

    const lease = leaseOf(world);
    assert.ok(lease);
    const renewTime = new Date().toISOString().replace("Z", "000Z");
    world.sandbox.patch({ ...lease, spec: { holderIdentity: "dead", leaseDurationSeconds: 60, renewTime } });
    const next = await plan();
    await assert.rejects(prune(next), (error) => hasCode(error, "PRUNE_BUSY"));
    world.sandbox.shiftClock(62);
    assert.deepEqual((await prune(next)).failures, []);
  });

  it("reports every missing right before anything is written", async () => {
    const alice = connect(world.sandbox.addToken("alice"));
    try {
      await assert.rejects(
        requireRights(alice.permissions, requiredRights(policy), options),
        (error: Error) => {
          assert.ok(hasCode(error, "PRUNE_PERMISSION"));
          for (const right of [
            "get imagestreams.image.openshift.io",
            "update imagestreams/status.image.openshift.io",
            "get images.image.openshift.io",
            "delete images.image.openshift.io",
            "create leases.coordination.k8s.io in namespace openshift-image-registry",
          ]) {
            assert.ok(error.message.includes(right), `${right}: ${error.message}`);
          }
          return true;
        },
      );
      await requireRights(run.permissions, requiredRights(policy), options);
    } finally {
      await alice.close();
    }
  });
});
