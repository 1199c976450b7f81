import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LastPrune } from "../../../provider/prune/outputs.js";
import { planIn, type PruneWorld, repositoryHost, startPruneWorld } from "../../support/worlds/prune.js";

describe("ImagePrunePolicy", () => {
  let world: PruneWorld;
  let digests: readonly string[];

  /** shop/web:latest with five revisions, newest first in `digests`; a pod runs the fourth. */
  beforeEach(async () => {
    world = await startPruneWorld();
    digests = world.pushWeb(60, 50, 40, 30, 20).map(({ digest }) => digest);
    world.runPod("web", `${repositoryHost}/shop/web@${digests[3] ?? ""}`);
    world.beginRun();
  });
  afterEach(() => world.close());

  const policy = (more: object = {}) => world.policy({ keepTagRevisions: 2, ...more });
  const lastPrune = (state: { readonly outputs: object } | undefined) =>
    (state?.outputs as { readonly lastPrune?: LastPrune }).lastPrune;

  it("previews what would be deleted and why, and writes nothing", async () => {
    const preview = await world.pulumi().preview(policy());

    assert.deepEqual(preview.failures, []);
    assert.equal(preview.step, "create");
    const plan = planIn(preview.inputs);
    assert.deepEqual([plan.images, plan.revisions, plan.streams], [2, 2, 1]);
    assert.equal(Object.keys(plan.items).length, 2);
    assert.equal(plan.kept["a workload uses the digest"], 1);
    assert.equal(plan.coverage.pods, 1);
    assert.match(String(plan.coverage.registry), /^https:\/\/127\.0\.0\.1:\d+ \(.+\), writable$/);
    assert.deepEqual(world.history("shop/web:latest"), digests);
    const changing = world
      .writes()
      .filter(({ path, method }) => !/selfsubject|sha256:0{64}/.test(path) && method !== "GET");
    assert.deepEqual(
      changing.map(({ method, path }) => `${method} ${path}`),
      [],
    );
  });

  it("prunes what was previewed, keeps pullable what is in use, and finds nothing in a second run", async () => {
    const pulumi = world.pulumi();
    await pulumi.preview(policy());
    await pulumi.up(policy());

    const kept = [digests[0], digests[1], digests[3]];
    assert.deepEqual(world.history("shop/web:latest"), kept);
    assert.deepEqual(await world.images(), kept.toSorted());
    for (const digest of kept) assert.deepEqual(await world.pull(`shop/web@${digest ?? ""}`), { ok: true });
    assert.equal(lastPrune(pulumi.state)?.images, 2);
    assert.deepEqual(lastPrune(pulumi.state)?.updatedImageStreams, { "shop/web": 2 });
    assert.deepEqual(lastPrune(pulumi.state)?.deletedImages.toSorted(), [digests[2], digests[4]].toSorted());
    assert.ok(
      pulumi.lines.some((line) => /pruned 2 images and 2 revisions/.test(line)),
      pulumi.lines.join("\n"),
    );
    assert.ok(pulumi.lines.some((line) => /rollout restart/.test(line)));

    world.beginRun();
    assert.equal((await pulumi.preview(policy())).step, "same");
    assert.equal((await pulumi.up(policy())).step, "same");
  });

  it("deletes the blobs that only pruned images had", async () => {
    const before = world.sandbox.integratedRegistry.blobs();
    const pulumi = world.pulumi();
    await pulumi.up(policy());
    const after = world.sandbox.integratedRegistry.blobs();

    // Of each image its own layer, its config and its manifest; the base layer is shared and stays.
    assert.equal(before.size - after.size, 6);
  });

  it("shows new candidates as mere additions after a refresh", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(policy());
    world.push("shop/web:latest", "newer", 5);
    await pulumi.refresh();
    world.beginRun();
    const preview = await pulumi.preview(policy());

    assert.deepEqual(planIn(pulumi.state!.inputs).items, {});
    assert.equal(preview.step, "update");
    assert.deepEqual(
      Object.keys(planIn(preview.inputs).items).map((key) => key.split(" ")[1]),
      [(digests[1] ?? "").slice(0, 19)],
    );
  });

  it("forgets the policy when it is destroyed, and deletes nothing", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(policy());
    const before = await world.images();
    await pulumi.destroy();

    assert.deepEqual(await world.images(), before);
  });

  describe("between preview and update", () => {
    it("spares an image that has come into use between preview and update", async () => {
      const pulumi = world.pulumi();
      await pulumi.preview(policy());
      world.runPod("late", `${repositoryHost}/shop/web@${digests[2] ?? ""}`);
      await pulumi.up(policy());

      assert.deepEqual(await world.pull(`shop/web@${digests[2] ?? ""}`), { ok: true });
      assert.deepEqual(await world.images(), digests.slice(0, 4).toSorted());
    });

    it("prunes nothing more than was previewed, though more could be pruned", async () => {
      const pulumi = world.pulumi();
      await pulumi.preview(policy());
      world.runPod("web", "quay.io/acme/other:1");
      await pulumi.up(policy());

      assert.ok((await world.images()).includes(digests[3] ?? ""));
      assert.deepEqual(await world.pull(`shop/web@${digests[3] ?? ""}`), { ok: true });
    });

    it("prunes nothing when the preview did not know the plan", async () => {
      const pulumi = world.pulumi();
      const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
      const preview = await pulumi.preview(policy({ namespace: unknown }));
      await pulumi.up(policy({ namespace: "shop" }));

      assert.equal(preview.inputs.plan, unknown);
      assert.deepEqual(world.history("shop/web:latest"), digests);
      assert.ok(pulumi.lines.some((line) => /not known in the preview/.test(line)));
    });

    it("answers the same plan, cutoff and all, so that --strict holds", async () => {
      const pulumi = world.pulumi();
      const preview = await pulumi.preview(policy());
      world.runPod("other", "quay.io/acme/other:1");
      const up = await pulumi.up(policy());

      assert.deepEqual(up.inputs.plan, preview.inputs.plan);
    });
  });

  describe("between check and execution", () => {
    const onFirstWrite = (change: () => void) =>
      world.sandbox.onRequest({ server: "api", method: "POST", path: "/leases" }, change);

    it("spares an image that a new pod uses", async () => {
      onFirstWrite(() => world.runPod("late", `${repositoryHost}/shop/web@${digests[2] ?? ""}`));
      await world.pulumi().up(policy());

      assert.deepEqual(await world.pull(`shop/web@${digests[2] ?? ""}`), { ok: true });
      assert.ok(!(await world.images()).includes(digests[4] ?? ""));
    });

    it("spares a digest that a tag was moved to", async () => {
      onFirstWrite(() => void world.push("shop/other:stable", "web 60", 0));
      await world.pulumi().up(policy());

      assert.deepEqual(await world.pull("shop/other:stable"), { ok: true });
      assert.ok(!(await world.images()).includes(digests[2] ?? ""));
    });

    it("goes on when a stream was deleted", async () => {
      onFirstWrite(() => world.remove("image.openshift.io/v1", "ImageStream", "web"));
      const pulumi = world.pulumi();
      await pulumi.up(policy());

      assert.deepEqual(pulumi.state?.initErrors, []);
    });

    const onStatusWrite = (change: () => void) =>
      world.sandbox.onRequest({ server: "api", method: "PUT", path: "/imagestreams/web/status" }, change);

    it("plans the stream anew after a conflict", async () => {
      onStatusWrite(() => void world.push("shop/web:stable", "web 20", 0));
      await world.pulumi().up(policy());

      assert.equal(world.history("shop/web:latest").length, 3);
      assert.deepEqual(await world.pull("shop/web:stable"), { ok: true });
    });

    it("leaves a stream for the next run that lists an image which was not read", async () => {
      onStatusWrite(() => void world.push("shop/web:latest", "raced", 0));
      const pulumi = world.pulumi();
      await pulumi.up(policy());

      assert.equal(world.history("shop/web:latest").length, 6);
      assert.equal(lastPrune(pulumi.state)?.notEligible, 4);
      assert.deepEqual(await world.pull("shop/web:latest"), { ok: true });
    });
  });

  describe("approvals", () => {
    it("deletes only what an approved plan lists", async () => {
      const report = policy({ mode: "report", planReport: "out/plan.json" });
      await world.pulumi("report").up(report);
      world.push("shop/web:latest", "newer", 5);
      world.beginRun();
      const pulumi = world.pulumi();
      const approved = policy({ approvedPlan: "out/plan.json" });
      const preview = await pulumi.preview(approved);
      await pulumi.up(approved);

      assert.deepEqual(planIn(preview.inputs).kept["not approved"], 1);
      assert.deepEqual((await world.images()).includes(digests[1] ?? ""), true);
      assert.deepEqual((await world.images()).includes(digests[2] ?? ""), false);
    });

    it("executes only the plan with the approved fingerprint", async () => {
      const { fingerprint } = planIn((await world.pulumi().preview(policy())).inputs);
      const other = `sha256:${"0".repeat(64)}`;
      const refused = world.pulumi();
      await refused.up(policy({ approvedFingerprint: other }));
      assert.deepEqual(world.history("shop/web:latest"), digests);
      assert.match(planIn(refused.state!.inputs).warnings.join(), new RegExp(fingerprint));

      world.beginRun();
      await world.pulumi().up(policy({ approvedFingerprint: fingerprint }));
      assert.equal(world.history("shop/web:latest").length, 3);
    });

    it("refuses a report of another cluster, and a file that is none", async () => {
      const [problem] = (await world.pulumi().preview(policy({ approvedPlan: "missing.json" }))).failures;
      assert.match(
        problem ?? "",
        /^approvedPlan: missing\.json cannot be read: it does not exist\. Nothing was planned \[PRUNE_NOT_APPROVED\]/,
      );
    });
  });

  describe("reports", () => {
    it("never prunes in report mode, and is quiet as long as the plan is the same", async () => {
      const pulumi = world.pulumi();
      const report = policy({ mode: "report", planReport: "plan.html" });
      await pulumi.up(report);

      assert.deepEqual(world.history("shop/web:latest"), digests);
      assert.match(readFileSync(join(world.folder, "plan.html"), "utf8"), /shop\/web/);
      assert.equal((await pulumi.preview(report)).step, "same");
      world.push("shop/web:latest", "newer", 5);
      assert.equal((await pulumi.preview(report)).step, "update");
    });

    it("writes the report of a plan that is refused", async () => {
      const preview = await world.pulumi().preview(policy({ limits: { images: 1 }, planReport: "plan.md" }));

      assert.match(
        preview.failures.join(),
        /limits\.images: the plan has 2 images, the limit is 1\. Biggest: shop\/web 2\. The plan is in plan\.md\. \[PRUNE_LIMIT\]/,
      );
      assert.ok(existsSync(join(world.folder, "plan.md")));
    });
  });

  it("refuses a second policy of the stack that would delete the same", async () => {
    const [a, b] = world.together("a", "b");
    const first = await a?.preview(policy());
    const second = await b?.preview(policy({ keepTagRevisions: 1 }));

    assert.deepEqual(first?.failures, []);
    assert.match(second?.failures.join() ?? "", /select: the policy "a" of this stack would let go the same/);
  });

  it("stops in up, and warns in a preview, when the registry is read-only", async () => {
    world.sandbox.integratedRegistry.mode = "readOnly";
    const pulumi = world.pulumi();
    const preview = await pulumi.preview(policy());

    assert.deepEqual(preview.failures, []);
    assert.ok(
      pulumi.lines.some((line) => line.includes("[REGISTRY_READ_ONLY]")),
      pulumi.lines.join("\n"),
    );
    await assert.rejects(pulumi.up(policy()), /REGISTRY_READ_ONLY/);
    assert.deepEqual(world.history("shop/web:latest"), digests);
  });

  it("names every right that is missing", async () => {
    const token = world.sandbox.addToken("reader");
    world.sandbox.grant("reader", { apiGroups: ["*"], resources: ["*"], verbs: ["get", "list"] });
    const args = policy({ connection: { ...world.connection, token } });

    await assert.rejects(world.pulumi().up(args), (error: Error) => {
      assert.match(error.message, /PRUNE_PERMISSION/);
      assert.match(error.message, /imagestreams\/status/);
      assert.match(error.message, /delete images/);
      return true;
    });
  });

  it("deletes nothing in the registry with pruneRegistry: false", async () => {
    const before = world.sandbox.integratedRegistry.blobs();
    await world.pulumi().up(policy({ pruneRegistry: false }));

    assert.deepEqual(world.sandbox.integratedRegistry.blobs(), before);
    assert.equal((await world.images()).length, 3);
  });

  it("keeps planned what a failed step has not pruned, and prunes it in the next up", async () => {
    world.sandbox.faults.add({
      method: "DELETE",
      path: "/images/",
      times: 1,
      effect: { kind: "answer", status: 500, body: "{}" },
    });
    const pulumi = world.pulumi();
    await assert.rejects(pulumi.up(policy()));
    assert.equal(pulumi.state?.initErrors.length, 1);

    world.beginRun();
    await pulumi.up(policy());
    assert.deepEqual(pulumi.state.initErrors, []);
    assert.equal((await world.images()).length, 3);
  });

  it("prunes by oc's rules when asked to", async () => {
    await world.pulumi().up({ connection: world.connection, rules: "oc", keepTagRevisions: 2 });

    assert.equal(world.history("shop/web:latest").length, 3);
    assert.equal((await world.images()).length, 3);
  });
});
