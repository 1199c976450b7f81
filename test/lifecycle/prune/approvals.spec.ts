import assert from "node:assert/strict";
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createFileClaims } from "../../../provider/support/files/claims.js";
import { startArchiveWorld } from "../../support/worlds/archive.js";
import { planIn, type PruneWorld, startPruneWorld } from "../../support/worlds/prune.js";

describe("what a run of the CLI may prune", () => {
  let world: PruneWorld;
  let digests: readonly string[];

  /** shop/web:latest with four revisions, of which two can go. */
  beforeEach(async () => {
    world = await startPruneWorld();
    digests = world.pushWeb(60, 50, 40, 30).map(({ digest }) => digest);
    world.runPod("other", "quay.io/acme/other:1");
    world.beginRun("shown");
  });
  afterEach(() => world.close());

  const policy = (more: object = {}) => world.policy({ keepTagRevisions: 2, ...more });
  const fingerprint = async () => planIn((await world.pulumi("before").preview(policy())).inputs).fingerprint;
  const isUntouched = () => assert.deepEqual(world.history("shop/web:latest"), digests);
  const isPruned = () => assert.deepEqual(world.history("shop/web:latest"), digests.slice(0, 2));
  const warnings = (lines: readonly string[]) =>
    lines.filter((line) => line.includes("[PRUNE_NOT_PREVIEWED]"));

  it("is nothing for a policy that was not in the run's preview, which says so and prunes in the next run", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(policy());

    isUntouched();
    const [warning = "", ...others] = warnings(pulumi.lines);
    assert.deepEqual(others, []);
    assert.match(
      warning,
      /^warning: 2 images and 2 revisions would go, but this policy was not in the preview of this run.*nothing is pruned in it\. Run pulumi up again: its preview lists what goes\./,
    );
    const plan = planIn(pulumi.state!.inputs);
    assert.deepEqual([plan.images, plan.revisions], [0, 0]);
    assert.equal(plan.kept["not approved"], 2);
    assert.match(
      plan.warnings.join(),
      /2 revisions and 2 Images of this plan are not approved, so they stay\./,
    );

    world.beginRun("shown");
    const preview = await pulumi.preview(policy());
    assert.equal(preview.step, "update");
    assert.equal(planIn(preview.inputs).images, 2);
    await pulumi.up(policy());
    isPruned();
    assert.equal(warnings(pulumi.lines).length, 1);
  });

  it("is no reason for a message where there is nothing to prune", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(policy({ keepTagRevisions: 9 }));
    assert.deepEqual(warnings(pulumi.lines), []);
  });

  it("is what the update finds when the CLI was told to skip the preview", async () => {
    world.beginRun("skipped");
    await world.pulumi().up(policy());
    isPruned();
  });

  for (const run of ["shown", "unknown", "lost"] as const) {
    it(`is the plan of approvedFingerprint alone where the run's preview is not known: ${run}`, async () => {
      const approved = await fingerprint();
      world.beginRun(run);
      await world.pulumi("wrong").up(policy({ approvedFingerprint: `sha256:${"0".repeat(64)}` }));
      isUntouched();
      await world.pulumi().up(policy({ approvedFingerprint: approved }));
      isPruned();
    });

    it(`is the content of approvedPlan alone where the run's preview is not known: ${run}`, async () => {
      await world.pulumi("report").preview(policy({ mode: "report", planReport: "plan.json" }));
      world.push("shop/web:latest", "newer", 5);
      world.beginRun(run);
      await world.pulumi().up(policy({ approvedPlan: "plan.json" }));
      assert.equal(world.history("shop/web:latest").length, 3);
      assert.ok(world.history("shop/web:latest").includes(digests[1] ?? ""));
    });

    it(`is nothing where the run's preview is not known and nothing is approved: ${run}`, async () => {
      world.beginRun(run);
      const pulumi = world.pulumi();
      await pulumi.up(policy());
      isUntouched();
      assert.equal(warnings(pulumi.lines).length, 1);
    });
  }

  const losses: readonly (readonly [what: string, lose: (folder: string, file: string) => void])[] = [
    ["the file", (_, file) => rmSync(file)],
    ["its folder", (folder) => rmSync(folder, { recursive: true })],
    ["its second half", (_, file) => writeFileSync(file, readFileSync(file, "utf8").slice(0, -200))],
    ["all of its content", (_, file) => writeFileSync(file, "")],
    [
      "its version",
      (_, file) => writeFileSync(file, readFileSync(file, "utf8").replace('"shape":2', '"shape":3')),
    ],
    [
      "its meaning",
      (_, file) =>
        writeFileSync(
          file,
          readFileSync(file, "utf8").replace('"images":[', `"images":["sha256:${"1".repeat(64)}",`),
        ),
    ],
  ];
  for (const [what, lose] of losses) {
    it(`is nothing when the preview's record loses ${what} before the update`, async () => {
      const pulumi = world.pulumi();
      await pulumi.preview(policy());
      const [file = ""] = readdirSync(world.handedFolder);
      lose(world.handedFolder, join(world.handedFolder, file));
      await pulumi.up(policy());
      isUntouched();
      assert.equal(warnings(pulumi.lines).length, 1, pulumi.lines.join("\n"));
    });
  }

  it("is nothing after a preview that has refused the plan", async () => {
    const pulumi = world.pulumi();
    const { failures } = await pulumi.preview(policy({ limits: { images: 1, fraction: 1 } }));
    assert.match(failures.join(), /PRUNE_LIMIT/);
    await pulumi.up(policy());
    isUntouched();
    assert.match(warnings(pulumi.lines).join(), /the preview of this run has refused the plan/);
  });

  it("is nothing when only the update's program prunes, or leaves nothing to the registry", async () => {
    for (const [shown, then] of [
      [{ mode: "report" }, {}],
      [{ pruneRegistry: false }, {}],
      [{ rules: "oc", limits: undefined }, {}],
    ] as const) {
      world.beginRun("shown");
      const pulumi = world.pulumi();
      assert.deepEqual((await pulumi.preview(policy(shown))).failures, []);
      await pulumi.up(policy(then));
      isUntouched();
      assert.match(
        warnings(pulumi.lines).join(),
        /in the preview of this run (?:mode|pruneRegistry|rules) was/,
      );
    }
  });

  it("is foretold by a preview that cannot find the CLI, with the fingerprint that approves it", async () => {
    world.beginRun("lost");
    const pulumi = world.pulumi();
    const preview = await pulumi.preview(policy());
    assert.match(
      warnings(pulumi.lines).join(),
      new RegExp(`prune nothing\\. .*approvedFingerprint: "${planIn(preview.inputs).fingerprint}"`),
    );
    const approved = world.pulumi("approved");
    await approved.preview(policy({ approvedFingerprint: planIn(preview.inputs).fingerprint }));
    assert.deepEqual(warnings(approved.lines), []);
  });

  it("does not matter to a policy that only reports", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(policy({ mode: "report" }));
    assert.equal(planIn(pulumi.state!.inputs).images, 2);
    assert.deepEqual(warnings(pulumi.lines), []);
  });

  describe("by an approved plan in a file", () => {
    const approve = async () => {
      await world.pulumi("report").preview(policy({ mode: "report", planReport: "out/plan.json" }));
      return readFileSync(join(world.folder, "out/plan.json"), "utf8");
    };
    const at = (path: string) => join(world.folder, path);

    const spellings: readonly (readonly [path: string, prepare: () => void])[] = [
      ["./out/plan.json", () => undefined],
      ["out/../out/plan.json", () => undefined],
      ["link.json", () => symlinkSync("out/plan.json", at("link.json"))],
      ["below/plan.json", () => symlinkSync("out", at("below"))],
      ["out/up/out/plan.json", () => symlinkSync("..", at("out/up"))],
      ["hard.json", () => linkSync(at("out/plan.json"), at("hard.json"))],
    ];
    for (const [planReport, prepare] of spellings) {
      it(`is kept apart from the report, which never overwrites it: ${planReport}`, async () => {
        const before = await approve();
        prepare();
        world.push("shop/web:latest", "newer", 5);
        for (const name of [planReport, at(planReport)]) {
          const args = policy({ approvedPlan: "out/plan.json", planReport: name });
          const { failures } = await world.pulumi().preview(args);
          assert.match(
            failures.join(),
            /^approvedPlan: .* every plan would approve itself\..*\[REPORT_NOT_WRITTEN\]$/,
          );
          await assert.rejects(world.pulumi().up(args), /every plan would approve itself/);
        }
        assert.equal(readFileSync(at("out/plan.json"), "utf8"), before);
        assert.equal(world.history("shop/web:latest").length, 5);
      });
    }

    it("is kept apart from the report of another policy of the program, which is named", async () => {
      const before = await approve();
      mkdirSync(at("ci"));
      symlinkSync("../out", at("ci/out"));
      const [a, b] = world.together("a", "b");
      assert.deepEqual((await a!.preview(policy({ approvedPlan: "out/plan.json" }))).failures, []);
      const other = { mode: "report", namespace: "shop", planReport: "ci/out/plan.json" };
      const { failures } = await b!.preview(policy(other));
      assert.match(
        failures.join(),
        /^planReport: ci\/out\/plan\.json is the approvedPlan of the resource "a" of this program, which it would overwrite\./,
      );
      assert.equal(readFileSync(at("out/plan.json"), "utf8"), before);
    });

    it("is refused when another policy of the program has written the file before", async () => {
      const [a, b] = world.together("a", "b");
      await a!.preview(policy({ mode: "report", planReport: "out/plan.json" }));
      const { failures } = await b!.preview(policy({ approvedPlan: "./out/plan.json" }));
      assert.match(
        failures.join(),
        /^approvedPlan: \.\/out\/plan\.json is written by the resource "a" of this program, so nobody has approved it\..*\[PRUNE_NOT_APPROVED\]$/,
      );
    });
  });
});

describe("an archive at the place of an approved plan", () => {
  it("is refused with the policy's name before anything is written, in up too", async () => {
    const world = await startArchiveWorld();
    try {
      world.publish("v1");
      const approved = join(world.folder, "approved.json");
      const args = { path: "./web", images: [`${world.host}/acme/web:v1`], overwriteUnmanaged: true };
      writeFileSync(approved, "{}");
      symlinkSync(".", join(world.folder, "below"));
      const claims = createFileClaims();
      claims.read("urn::cleanup", approved);
      const says = /path: .*approved\.json is the approvedPlan of the resource "cleanup" of this program\./;
      for (const more of [{ path: "approved.json" }, { path: "below/approved", manifest: true }]) {
        const pulumi = world.oneProcess(claims)("bundle");
        const { failures } = await pulumi.preview({ ...args, ...more });
        assert.match(failures.join(), says);
        await assert.rejects(pulumi.up({ ...args, ...more }), says);
      }
      assert.equal(readFileSync(approved, "utf8"), "{}");
    } finally {
      await world.close();
    }
  });
});
