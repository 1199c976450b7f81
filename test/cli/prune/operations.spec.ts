import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { lastPruneIn, planIn, usePruneScene } from "../../support/cli/scenes/prune.js";

describe("ImagePrunePolicy under the Pulumi CLI", function () {
  this.timeout(240_000);
  const scene = usePruneScene("test/cli/prune/operations");

  const survivors = (...revisions: readonly number[]) => revisions.map((each) => scene.digest(each)).sort();

  it("lists the candidates in the preview, prunes them, shows new ones as additions, and deletes nothing on destroy", async () => {
    const { stack, world } = scene;
    scene.declare({ planReport: "out/plan.html" });

    const preview = await stack.preview("--diff");
    assert.equal(preview.code, 0, preview.text);
    assert.deepEqual(preview.steps("preview"), ["create policy"]);
    assert.match(
      preview.lines("policy").join("\n"),
      /would prune 3 images, 3 revisions in 1 stream, frees .+; spares 1 in use; out\/plan\.html/,
    );
    for (const revision of [2, 4, 5]) {
      assert.match(
        preview.text,
        new RegExp(`shop/web:latest ${scene.digest(revision).slice(0, 19)}: "obsolete revision`),
      );
    }
    assert.match(readFileSync(join(stack.project.folder, "out/plan.html"), "utf8"), /<!doctype html>/);
    assert.equal(world.history("shop/web:latest").length, 6);

    const up = await stack.up();
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(await world.images(), survivors(0, 1, 3));
    assert.equal(lastPruneIn(stack.resource("policy")?.outputs).images, 3);
    assert.match(up.lines("policy").join("\n"), /pruned 3 images and 3 revisions/);

    const again = await stack.up("--expect-no-changes");
    assert.equal(again.code, 0, again.text);

    world.push("shop/web:latest", "newer", 5);
    const refreshed = await stack.preview("--refresh", "--diff");
    assert.equal(refreshed.code, 0, refreshed.text);
    const added = scene.digest(1).slice(0, 19);
    assert.match(refreshed.text, new RegExp(`\\+ shop/web:latest ${added}: "obsolete revision`));
    assert.doesNotMatch(refreshed.text, /^\s*- shop/m);

    const destroy = await stack.destroy();
    assert.equal(destroy.code, 0, destroy.text);
    assert.equal((await world.images()).length, 4);
  });

  it("prunes a part of what the preview listed, and nothing else, when the cluster changes in between", async () => {
    const { world, stack } = scene;
    scene.declare();
    scene.afterPreview(() => {
      world.runPod("web", "quay.io/acme/other:1"); // frees the fourth revision
      world.runPod("late", scene.pullSpec(5));
      world.push("shop/stable:latest", "web 50", 0); // the fifth revision
    });
    const up = await stack.up();

    assert.equal(up.code, 0, up.text);
    const images = await world.images();
    assert.ok(!images.includes(scene.digest(2)));
    for (const revision of [0, 1, 3, 4, 5])
      assert.ok(images.includes(scene.digest(revision)), `revision ${revision}`);
    assert.deepEqual(await world.pull(`shop/web@${scene.digest(5)}`), { ok: true });
    assert.deepEqual(await world.pull(`shop/web@${scene.digest(3)}`), { ok: true });
    assert.deepEqual(await world.pull("shop/stable:latest"), { ok: true });
  });

  it("keeps an image that comes into use between check and execution, whatever happens to its stream", async () => {
    const { world, stack } = scene;
    scene.declare();
    scene.beforeExecution(() => {
      world.runPod("late", scene.pullSpec(5));
      world.push("ci/web:copy", "web 50", 0);
      world.push("shop/web:latest", "pushed meanwhile", 0);
    });
    const up = await stack.up("--skip-preview");

    assert.equal(up.code, 0, up.text);
    assert.deepEqual(await world.pull(`shop/web@${scene.digest(5)}`), { ok: true });
    assert.deepEqual(await world.pull("ci/web:copy"), { ok: true });
    assert.deepEqual(await world.pull("shop/web:latest"), { ok: true });
    assert.ok(!(await world.images()).includes(scene.digest(2)));
  });

  it("goes on when the stream is deleted between check and execution", async () => {
    const { world, stack } = scene;
    scene.declare();
    scene.beforeExecution(() => world.remove("image.openshift.io/v1", "ImageStream", "web"));
    const up = await stack.up("--skip-preview");

    assert.equal(up.code, 0, up.text);
    assert.ok((await world.images()).includes(scene.digest(3)), "in use by its pod");
  });

  it("executes a saved plan while nothing changes, and nothing of it after a change", async () => {
    const { world, stack } = scene;
    scene.declare();
    scene.afterPreview(() => world.runPod("late", scene.pullSpec(5)));
    const refused = await stack.up("--strict");
    assert.notEqual(refused.code, 0, refused.text);
    assert.match(refused.text, /violates plan/);
    assert.equal(world.history("shop/web:latest").length, 6);

    const held = await stack.up("--strict");
    assert.equal(held.code, 0, held.text);
    assert.deepEqual(await world.images(), survivors(0, 1, 3, 5));
  });

  it("prunes only what an approved plan lists", async () => {
    const { world, stack } = scene;
    scene.declare({ mode: "report", planReport: "out/plan.json" });
    const report = await stack.preview();
    assert.equal(report.code, 0, report.text);

    world.push("shop/web:latest", "newer", 5); // now the second revision could go, too
    world.runPod("late", scene.pullSpec(5));
    scene.declare({ approvedPlan: "out/plan.json" });
    const up = await stack.up("--strict");

    assert.equal(up.code, 0, up.text);
    const images = await world.images();
    assert.deepEqual(
      [2, 4].filter((revision) => images.includes(scene.digest(revision))),
      [],
    );
    assert.deepEqual(
      [0, 1, 3, 5].filter((revision) => !images.includes(scene.digest(revision))),
      [],
    );
    assert.equal(planIn(stack.resource("policy")?.inputs).kept["not approved"], 1);
  });

  it("fails the preview with the numbers when a limit is exceeded", async () => {
    const { stack, world } = scene;
    scene.declare({ limits: { images: 2, fraction: 0.4 } });
    const preview = await stack.preview();

    assert.notEqual(preview.code, 0);
    assert.match(
      preview.text,
      /limits\.images: the plan has 3 images, the limit is 2\. Biggest: shop\/web 3\. \[PRUNE_LIMIT\]/,
    );
    assert.match(
      preview.text,
      /limits\.fraction: the plan has 3 revisions of 6, more than 40 % of all revisions \(limits\.fraction 0\.4\)/,
    );
    assert.equal(world.history("shop/web:latest").length, 6);
  });

  it("prunes nothing in a run whose arguments were unknown in the preview, and prunes in the next", async () => {
    const { stack, world } = scene;
    const resources = [
      { type: "value" as const, name: "where", args: { value: "shop" } },
      scene.policy({ namespace: { $output: ["where", "result"] } }),
    ];
    stack.declare({ resources });
    const first = await stack.up();
    assert.equal(first.code, 0, first.text);
    assert.match(first.text, /not known in the preview of this run, so nothing is pruned/);
    assert.equal(world.history("shop/web:latest").length, 6);

    const second = await stack.up();
    assert.equal(second.code, 0, second.text);
    assert.equal(world.history("shop/web:latest").length, 3);
    assert.deepEqual(await world.images(), survivors(0, 1, 3));
  });

  it("lets two policies of one stack prune beside each other", async () => {
    const { stack, world } = scene;
    for (const days of [60, 50, 40, 30]) world.push("ci/build:main", `build ${days}`, days);
    stack.declare({
      resources: [
        scene.policy({ namespace: "shop" }, {}, "shop"),
        scene.policy({ namespace: "ci", keepTagRevisions: 1 }, {}, "ci"),
      ],
    });
    const up = await stack.up("--parallel", "8");

    assert.equal(up.code, 0, up.text);
    assert.equal(world.history("shop/web:latest").length, 3);
    assert.equal(world.history("ci/build:main").length, 1);
    assert.equal((await world.images()).length, 4);
  });

  it("keeps its state small, whatever it prunes", async () => {
    const { stack, world } = scene;
    for (let number = 0; number < 300; number += 1)
      world.push("ci/many:latest", `many ${number}`, 400 - number);
    scene.declare();
    const up = await stack.up();

    assert.equal(up.code, 0, up.text);
    const stored = stack.resource("policy");
    assert.equal(lastPruneIn(stored?.outputs).images, 301);
    assert.ok(JSON.stringify(stored).length < 100 * 1024, `${JSON.stringify(stored).length} bytes`);
  });
});
