import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as automation from "@pulumi/pulumi/automation/index.js";
import * as okd from "../../provider/index.js";
import { cliEnvironment } from "../support/cli/project.js";
import { requireReal } from "../support/programs/requireReal.js";
import { type ImportWorld, startImportWorld } from "../support/worlds/imports.js";

describe("Several operations in one process, with the Automation API", function () {
  this.timeout(240_000);
  const worlds: ImportWorld[] = [];
  let root = "";

  before(async function () {
    requireReal(this, "test/cli/concurrent", ["pulumi"]);
    root = mkdtempSync(join(tmpdir(), "okd-engine-"));
    for (const folder of ["backend", "home"]) mkdirSync(join(root, folder));
    worlds.push(await startImportWorld(), await startImportWorld());
  });
  after(async () => {
    for (const world of worlds) await world.sandbox.close();
    if (root !== "") rmSync(root, { recursive: true, force: true });
  });

  /** A stack of the same inline program on another cluster; `tags` may change between operations. */
  async function openStack(
    world: ImportWorld,
    name: string,
    tags: Record<string, string>,
  ): Promise<automation.Stack> {
    const program = () => {
      const web = new okd.ImportedImageStream("web", {
        connection: world.connection,
        namespace: "shop",
        tags: { ...tags },
      });
      return Promise.resolve({ digest: web.digest("v1"), owned: web.owned });
    };
    const { PATH: _, HOME: __, ...envVars } = cliEnvironment(root);
    return automation.LocalWorkspace.createOrSelectStack(
      { stackName: name, projectName: "okd-images-concurrent", program },
      { envVars, pulumiHome: join(root, "home", ".pulumi") },
    );
  }

  it("separates two stacks that run at the same time, operation after operation", async () => {
    const [first, second] = worlds as [ImportWorld, ImportWorld];
    const digests = [first.publish("v1", "one"), second.publish("v1", "two")];
    for (const world of worlds) world.publish("v2");
    const tags: Record<string, string> = { v1: "quay.io/acme/web:v1" };
    const stacks = await Promise.all([openStack(first, "first", tags), openStack(second, "second", tags)]);
    const lines: string[][] = [[], []];

    const previews = await Promise.all(
      stacks.map((stack, index) => stack.preview({ onOutput: (text) => void lines[index]!.push(text) })),
    );
    assert.deepEqual(
      previews.map(({ changeSummary }) => changeSummary.create),
      [2, 2],
    );
    for (const [index, digest] of digests.entries()) {
      const text = lines[index]!.join("");
      assert.ok(text.includes(`1 tag: v1 ${digest.slice(0, 19)}…`), text);
    }

    const ups = await Promise.all(stacks.map((stack) => stack.up()));
    assert.deepEqual(
      ups.map(({ outputs }) => outputs.digest?.value as unknown),
      digests,
    );
    assert.deepEqual(
      worlds.map((world) => world.served("v1")),
      digests,
    );

    await Promise.all(stacks.map((stack) => stack.up({ expectNoChanges: true })));
    tags.v2 = "quay.io/acme/web:v2";
    const [updated] = await Promise.all([stacks[0].up(), stacks[1].refresh({ expectNoChanges: true })]);
    assert.equal(updated.summary.resourceChanges?.update, 1);
    assert.deepEqual(updated.outputs.owned?.value, ["v1", "v2"]);
    assert.equal(second.served("v2"), undefined);

    await Promise.all(stacks.map((stack) => stack.destroy()));
    assert.deepEqual(
      worlds.map((world) => world.stream()),
      [undefined, undefined],
    );
  });
});
