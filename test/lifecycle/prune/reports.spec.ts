import assert from "node:assert/strict";
import type { ResourceState } from "../../support/fakes/pulumi.js";
import { planIn, type PruneWorld, repositoryHost, startPruneWorld } from "../../support/worlds/prune.js";

/** The state without the line for the program's own run, which a refresh does not repeat. */
function planned(state: ResourceState | undefined): object {
  const { summary: _, ...inputs } = state?.inputs ?? {};
  return { ...state, inputs };
}

describe("a policy that only reports", () => {
  let world: PruneWorld;
  let digests: readonly string[];

  /** shop/web:latest with four revisions, newest first in `digests`. */
  beforeEach(async () => {
    world = await startPruneWorld();
    digests = world.pushWeb(60, 50, 40, 30).map(({ digest }) => digest);
    world.runPod("web", `${repositoryHost}/shop/web@${digests[0] ?? ""}`);
    world.beginRun();
  });
  afterEach(() => world.close());

  const policy = (more: object = {}) => world.policy({ keepTagRevisions: 2, mode: "report", ...more });
  const reports = (lines: readonly string[]) => lines.filter((line) => line.includes("reports only"));

  it("reports once in every up, and in every preview of an unchanged plan", async () => {
    const pulumi = world.pulumi();
    const speaks = async (step: () => Promise<unknown>) => {
      pulumi.lines.length = 0;
      await step();
      return reports(pulumi.lines);
    };
    const args = policy({ planReport: "out/plan.md" });
    const line =
      /^info: reports only: would prune 2 images, 2 revisions in 1 stream, frees .+; out\/plan\.md$/;

    // Of a create and an update in a preview the program's own hook speaks.
    assert.deepEqual(await speaks(() => pulumi.preview(args)), []);
    for (const step of [
      () => pulumi.up(args),
      () => pulumi.preview(args),
      () => pulumi.preview(args),
      () => pulumi.up(args),
    ]) {
      const lines = await speaks(step);
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0] ?? "", line);
    }
  });

  it("reports in every run that there is nothing to prune", async () => {
    const pulumi = world.pulumi();
    const args = policy({ keepTagRevisions: 9 });
    await pulumi.up(args);
    await pulumi.preview(args);

    assert.deepEqual(reports(pulumi.lines), Array(2).fill("info: reports only: nothing to prune"));
  });

  it("stays the same in a refresh, items and warnings included, which reports nothing", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(policy());
    const before = pulumi.state!;
    const said = pulumi.lines.length;

    assert.equal(Object.keys(planIn(before.inputs).items).length, 2);
    for (let time = 0; time < 2; time += 1) {
      assert.equal(await pulumi.refresh(), "same");
      assert.deepEqual(planned(pulumi.state), planned(before));
    }
    assert.equal(pulumi.lines.length, said);
    assert.equal((await pulumi.preview(policy())).step, "same");
  });

  it("keeps its report while only the counts of what was read change", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(policy());
    const before = pulumi.state!;
    world.runPod("another", "quay.io/acme/other:1");
    assert.equal((await pulumi.up(policy())).step, "same");
    assert.equal(await pulumi.refresh(), "same");

    assert.deepEqual(planned(pulumi.state), planned(before));
  });

  it("is updated when nothing is left of what it reported", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(policy());
    const used = digests.slice(2);
    for (const [index, digest] of used.entries()) {
      world.runPod(`late-${index}`, `${repositoryHost}/shop/web@${digest}`);
    }
    world.beginRun();

    assert.equal((await pulumi.preview(policy())).step, "update");
    await pulumi.up(policy());
    assert.equal(planIn(pulumi.state!.outputs).images, 0);
    world.beginRun();
    assert.equal((await pulumi.preview(policy())).step, "same");
  });

  it("prunes what it reported once its mode is prune", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(policy());
    world.beginRun();
    await pulumi.up(policy({ mode: "prune" }));

    assert.deepEqual(world.history("shop/web:latest"), digests.slice(0, 2));
  });
});

describe("a refresh of a policy that prunes", () => {
  let world: PruneWorld;

  beforeEach(async () => {
    world = await startPruneWorld();
    world.pushWeb(60, 50, 40);
    world.runPod("other", "quay.io/acme/other:1");
    world.beginRun();
  });
  afterEach(() => world.close());

  const policy = (more: object = {}) => world.policy({ keepTagRevisions: 1, ...more });

  it("clears a plan that was carried out whole, warnings and coverage too, and a second refresh changes nothing", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(policy());
    assert.equal(planIn(pulumi.state!.inputs).images, 2);
    assert.ok(planIn(pulumi.state!.inputs).warnings.length > 0);
    await pulumi.refresh();

    const { images, items, warnings, coverage, kept } = planIn(pulumi.state!.inputs);
    assert.deepEqual([images, items, warnings, coverage, kept], [0, {}, [], {}, {}]);
    const first = pulumi.state;
    assert.equal(await pulumi.refresh(), "same");
    assert.deepEqual(planned(pulumi.state), planned(first));
    world.beginRun();
    assert.equal((await pulumi.preview(policy())).step, "same");
  });

  it("changes nothing after an up that had nothing more to do", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(policy());
    world.runPod("another", "quay.io/acme/other:1");
    world.beginRun();
    assert.equal((await pulumi.up(policy())).step, "same");
    const before = pulumi.state!;
    assert.equal(await pulumi.refresh(), "same");

    assert.deepEqual(planned(pulumi.state), planned(before));
  });

  it("changes nothing about a plan that had nothing to do", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(policy({ keepTagRevisions: 9 }));
    const before = pulumi.state!;

    assert.equal(await pulumi.refresh(), "same");
    assert.deepEqual(planned(pulumi.state), planned(before));
  });

  it("clears nothing of a plan that failed in part", async () => {
    world.sandbox.faults.add({
      method: "DELETE",
      path: "/images/",
      times: 1,
      effect: { kind: "answer", status: 500, body: "{}" },
    });
    const pulumi = world.pulumi();
    await assert.rejects(pulumi.up(policy()));
    await pulumi.refresh();

    assert.equal(planIn(pulumi.state!.inputs).images, 2);
    world.beginRun();
    await pulumi.up(policy());
    assert.equal((await world.images()).length, 1);
  });
});
