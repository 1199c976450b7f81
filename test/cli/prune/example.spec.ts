import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openProject } from "../../support/cli/project.js";
import { lastPruneIn } from "../../support/cli/scenes/prune.js";
import { Stack } from "../../support/cli/stack.js";
import { requireReal } from "../../support/programs/requireReal.js";
import { repositoryRoot } from "../../support/repositoryRoot.js";
import { type PruneWorld, repositoryHost, startPruneWorld } from "../../support/worlds/prune.js";

describe("examples/image-prune under the Pulumi CLI", function () {
  this.timeout(240_000);
  const name = `engine-test-${process.pid}`;
  const example = join(repositoryRoot, "examples", "image-prune");
  let folder: string;
  let world: PruneWorld;
  let stack: Stack;
  let digests: readonly string[];

  before(function () {
    requireReal(this, "test/cli/prune/example", ["pulumi"]);
  });
  /** shop/web:latest with six revisions, newest first in `digests`; a pod runs the fifth. */
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "prune-example-"));
    world = await startPruneWorld();
    digests = [100, 90, 80, 70, 60, 50]
      .map((days) => world.push("shop/web:latest", `web ${days}`, days).digest)
      .toReversed();
    for (const stream of ["a", "b", "c"]) world.push(`shop/${stream}:v1`, stream, 90);
    world.runPod("web", `${repositoryHost}/shop/web@${digests[4] ?? ""}`);
    const kubeconfig = join(folder, "kubeconfig");
    await world.sandbox.writeKubeconfig(kubeconfig);
    const project = openProject("okd-images-image-prune", example);
    stack = await Stack.create({ project, name, environment: { KUBECONFIG: kubeconfig } });
  });
  afterEach(async () => {
    // The project is the example itself: delete only what belongs to this stack.
    rmSync(join(example, `Pulumi.${name}.yaml`), { force: true });
    stack.close();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("proposes a plan, prunes it once it is approved, and keeps what came later", async () => {
    const [proposed, approved] = [join(folder, "plan.json"), join(folder, "approved.json")];
    await stack.configure("planReport", proposed);
    const proposal = await stack.up();
    assert.equal(proposal.code, 0, proposal.text);
    assert.match(proposal.text, /reports only: would prune 2 images, 2 revisions in 1 stream/);
    assert.equal(world.history("shop/web:latest").length, 6);

    copyFileSync(proposed, approved);
    world.push("shop/web:latest", "newer", 40); // the third revision could go too, now
    await stack.configure("approvedPlan", approved);
    const up = await stack.up();
    assert.equal(up.code, 0, up.text);
    assert.equal(lastPruneIn(stack.resource("monthly")?.outputs).images, 2);
    const images = await world.images();
    assert.deepEqual(
      digests.map((digest) => images.includes(digest)),
      [true, true, true, false, true, false],
    );
    assert.deepEqual(await world.pull(`shop/web@${digests[4] ?? ""}`), { ok: true });

    const again = await stack.up("--expect-no-changes");
    assert.equal(again.code, 0, again.text);
  });
});
