import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireReal } from "../support/programs/requireReal.js";
import {
  readState,
  type RecordedResource,
  type RecordedState,
  unwrapped,
} from "../support/recordings/states.js";
import { establish, withFileFacts, writeFiles } from "../support/worlds/earlierState.js";
import { type RecordedWorld, startRecordedWorld } from "../support/worlds/recorded.js";
import type { Bag } from "../support/cli/operation.js";
import { Stack } from "../support/cli/stack.js";

/** Keys of a secret in a deployment, and what Pulumi marks it with. */
const [secretKey, secretMark] = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"];

describe("A stack of an earlier version under the Pulumi CLI", function () {
  this.timeout(180_000);
  let world: RecordedWorld;
  let stack: Stack;

  before(function () {
    requireReal(this, "test/cli/earlierStates", ["pulumi"]);
  });
  beforeEach(async () => {
    world = await startRecordedWorld();
    stack = await Stack.create();
  });
  afterEach(async () => {
    stack.close();
    await world.close();
  });

  /** One recording of each kind of resource, side by side. */
  function recordings(): readonly RecordedState[] {
    return ["stream-secrets", "policy-executed", "archive-secrets"].map((name) =>
      readState(`0d50c54/${name}`, world.addresses),
    );
  }

  it("is refreshed without a change, updated and destroyed", async () => {
    const states = recordings();
    const objects = states.flatMap((state) => state.objects);
    await establish(world, { world: { history: true }, objects });
    for (const state of states) writeFiles(state, stack.project.folder);
    const specs = states.flatMap(({ program }) => program.resources);
    stack.declare({ resources: specs });
    await importStates(states.flatMap(({ resources }) => resources));

    const refresh = await stack.refresh("--expect-no-changes");
    assert.equal(refresh.code, 0, refresh.text);
    const preview = await stack.preview("--expect-no-changes");
    assert.equal(preview.code, 0, preview.text);

    const changed = specs.map((spec) => ({ ...spec, args: { ...spec.args, triggers: ["changed"] } }));
    stack.declare({ resources: changed });
    const up = await stack.up();
    assert.equal(up.code, 0, up.text);
    assert.deepEqual([...up.steps()].sort(), ["update bundle", "update policy", "update web"]);
    const quiet = await stack.preview("--expect-no-changes");
    assert.equal(quiet.code, 0, quiet.text);

    const destroy = await stack.destroy();
    assert.equal(destroy.code, 0, destroy.text);
    assert.equal(world.sandbox.stored("imagestreams.image.openshift.io", "web", "apps"), undefined);
  });

  /** `pulumi stack import` of the recorded resources, with the stack and the provider that the engine adds. */
  async function importStates(resources: readonly RecordedResource[]): Promise<void> {
    const exported = JSON.parse((await stack.succeed("stack", "export")).stdout) as {
      readonly version: number;
      readonly deployment: object;
    };
    const { name: project, folder } = stack.project;
    const urn = (type: string, name: string) => `urn:pulumi:${stack.name}::${project}::${type}::${name}`;
    const root = { urn: urn("pulumi:pulumi:Stack", `${project}-${stack.name}`), type: "pulumi:pulumi:Stack" };
    const provider = {
      urn: urn("pulumi:providers:pulumi-nodejs", "default"),
      type: "pulumi:providers:pulumi-nodejs",
      id: "0a6e5d56-8f31-4f0e-9d7b-3c2f5b0f7c11",
    };
    const custom = resources.map((resource) => ({
      ...resource,
      outputs: withFileFacts(resource, folder),
      custom: true,
      parent: root.urn,
      provider: `${provider.urn}::${provider.id}`,
    }));
    const deployment = {
      ...exported.deployment,
      resources: unwrapped(
        [{ ...root, custom: false }, { ...provider, custom: true }, ...custom],
        "$secret",
        (secret): Bag => ({ [secretKey]: secretMark, plaintext: JSON.stringify(secret) }),
      ),
    };
    const file = join(stack.project.root, "deployment.json");
    writeFileSync(file, JSON.stringify({ ...exported, deployment }));
    await stack.succeed("stack", "import", "--file", file);
  }
});
