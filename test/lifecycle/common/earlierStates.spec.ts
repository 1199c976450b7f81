import assert from "node:assert/strict";
import { withCurrentNames } from "../../../provider/prune/args/earlierNames.js";
import type { ResourceState } from "../../support/fakes/pulumi.js";
import { recordedStates } from "../../support/recordings/states.js";
import { type EarlierResource, startEarlierState } from "../../support/worlds/earlierState.js";

/** What destroying leaves: tags that others have in the stream, and files that are to stay. */
const left: Readonly<
  Record<string, { readonly tags?: readonly string[]; readonly files?: readonly string[] }>
> = {
  "0d50c54/archive-oci": { files: ["web.tar.gz"] },
  "0d50c54/policy-report": { files: ["plan.json"] },
  "0d50c54/stream-adopted": { tags: ["v3"] },
  "0d50c54/stream-shared": { tags: ["v2"] },
};

/** What a refresh leaves as it was: all but the computed input, which says what is there, and what is still to come. */
function unmoved({ id, inputs, outputs }: ResourceState): unknown {
  const { resolved: _resolved, plan: _plan, content: _content, ...args } = inputs;
  return { id, args: { ...withCurrentNames(args), __provider: "" }, outputs: { ...outputs, __provider: "" } };
}

/** What failed in part is repaired; any other state is taken as it is. */
async function settles({ name, args, engine }: EarlierResource): Promise<void> {
  const before = structuredClone(engine.state!);
  const hasFailed = before.initErrors.length > 0;
  const step = hasFailed ? "update" : "same";

  const preview = await engine.preview(args);
  assert.deepEqual([preview.step, preview.failures], [step, []], name);
  assert.equal(await engine.refresh(), step, name);
  if (!hasFailed) assert.deepEqual(unmoved(engine.state!), unmoved(before), name);
  assert.equal((await engine.up(args)).step, step, name);
  assert.equal(await engine.refresh(), "same", name);
}

async function takesChange({ name, args, engine }: EarlierResource): Promise<void> {
  const isPolicy = engine.state?.outputs.plan !== undefined;
  const changed = { ...args, triggers: ["changed"], ...(isPolicy ? { keepTagRevisions: 1 } : {}) };
  assert.equal((await engine.up(changed)).step, "update", name);
  assert.deepEqual(engine.state?.outputs.triggers, ["changed"], name);
  assert.equal((await engine.preview(changed)).step, "same", name);
}

describe("A state of an earlier version", () => {
  for (const name of recordedStates()) {
    it(`${name} is refreshed without a change, updated and destroyed`, async () => {
      const earlier = await startEarlierState(name);
      try {
        for (const resource of earlier.resources) await settles(resource);
        for (const resource of earlier.resources) await takesChange(resource);
        for (const { engine } of earlier.resources.toReversed()) await engine.destroy();
        assert.deepEqual(earlier.tags(), left[name]?.tags);
        assert.deepEqual(
          earlier.files().filter((file) => file !== "handed"),
          left[name]?.files ?? [],
        );
      } finally {
        await earlier.close();
      }
    });
  }
});
