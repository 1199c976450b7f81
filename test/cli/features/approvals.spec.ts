import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Operation } from "../../support/cli/operation.js";
import { createEmptyProject } from "../../support/cli/project.js";
import { scenario } from "../../support/cli/scenario.js";
import { destroyed, succeeded, useSurfaceScene } from "../../support/cli/scenes/allResources.js";

/** A policy, made inside the `apply` of something that only `up` makes, unless `scene.direct`. */
const program = `
class Value extends pulumi.dynamic.Resource {
  constructor(name, options) {
    super({ create: async () => ({ id: name, outs: { done: name } }) }, name, { done: undefined }, options);
  }
}
const policy = () => new okd.ImagePrunePolicy("policy", { ...scene.policy, ...scene.more });
if (scene.direct) policy();
else new Value("first").done.apply(policy);
`;

/** Something that removes what the preview has left for the policy's update. */
const cleaner = `
class Cleaner extends pulumi.dynamic.Resource {
  constructor(name, folder) {
    super({
      create: async () => {
        require("node:fs").rmSync(folder, { recursive: true });
        return { id: name, outs: {} };
      },
    }, name, {});
  }
}
const before = scene.folder === undefined ? [] : [new Cleaner("cleaner", scene.folder)];
new okd.ImagePrunePolicy("policy", scene.policy, { dependsOn: before });
`;

describe("What an up may prune, with the Pulumi CLI", function () {
  this.timeout(300_000);
  const scene = useSurfaceScene();

  const revisions = () => {
    const stream = scene.sandbox.stored("imagestreams.image.openshift.io", "app", "ci") as
      { readonly status: { readonly tags: readonly { readonly items: readonly unknown[] }[] } } | undefined;
    return stream?.status.tags[0]?.items.length;
  };
  const warning = (operation: Operation) =>
    operation.lines("policy").filter((line) => line.includes("[PRUNE_NOT_PREVIEWED]"));

  /** What the terminal has shown before the update. */
  const previewIn = ({ stdout }: Operation) => {
    const [before = "", ...updates] = stdout.split(/^Updating \(.*$/m);
    assert.equal(updates.length, 1, stdout);
    return before.trim();
  };

  scenario(
    ["apply of something new"],
    "prunes nothing of a policy that the confirmed preview did not show, and says so; the next up prunes",
    async () => {
      const stack = await scene.stack(program);
      const first = succeeded(await stack.up());
      assert.match(previewIn(first), /first +create/);
      assert.doesNotMatch(previewIn(first), /policy/);
      assert.ok(first.steps().includes("create policy"));
      assert.equal(revisions(), 4, first.text);
      assert.equal(warning(first).length, 1, first.text);
      assert.match(
        warning(first).join(),
        /2 images and 2 revisions would go, but this policy was not in the preview of this run/,
      );

      const second = succeeded(await stack.up());
      assert.match(second.lines("policy").join("\n"), /pruned 2 images and 2 revisions/);
      assert.equal(revisions(), 2);
      succeeded(await stack.up("--expect-no-changes"));
      await destroyed(stack);
    },
  );

  scenario(
    ["--skip-preview", "apply of something new"],
    "prunes at once the plan of approvedFingerprint, and the plan that is found where the preview is skipped",
    async () => {
      const approved = await scene.stack(program);
      scene.set(approved, { direct: true });
      const shown = succeeded(await approved.preview()).step("policy", "preview").new?.inputs.plan as {
        readonly fingerprint: string;
      };
      scene.set(approved, { more: { approvedFingerprint: shown.fingerprint } });
      const up = succeeded(await approved.up());
      assert.equal(revisions(), 2, up.text);
      assert.deepEqual(warning(up), []);
      await destroyed(approved);

      const skipping: readonly (readonly [
        flags: readonly string[],
        environment: Readonly<Record<string, string>>,
      ])[] = [
        [["-rf"], {}],
        [[], { PULUMI_OPTION_SKIP_PREVIEW: "true" }],
      ];
      for (const [flags, environment] of skipping) {
        scene.push(5);
        const stack = await scene.stack(program, { environment });
        const skipped = succeeded(await stack.up("--message", "a message", ...flags));
        assert.equal(previewIn(skipped), "");
        assert.equal(revisions(), 2, skipped.text);
        await destroyed(stack);
      }
    },
  );

  scenario(
    ["temporary folder that is cleaned during up"],
    "prunes nothing when the preview's record is missing in the update, and says so",
    async () => {
      const project = createEmptyProject();
      const temporary = join(project.root, "temporary");
      mkdirSync(temporary);
      const stack = await scene.stack(cleaner, { project, environment: { TMPDIR: temporary } });
      const folder = join(temporary, `pulumi-okd-images-${process.getuid?.() ?? "own"}`);
      scene.set(stack, { folder });
      const lost = succeeded(await stack.up());
      assert.match(previewIn(lost), /would prune 2 images, 2 revisions/);
      assert.equal(revisions(), 4, lost.text);
      assert.match(warning(lost).join(), /or what that has left in the temporary folder is gone/);

      scene.set(stack);
      succeeded(await stack.up());
      assert.equal(revisions(), 2);
      assert.deepEqual(readdirSync(temporary).filter((name) => name.startsWith("pulumi-okd")).length, 1);
      await destroyed(stack);
    },
  );
});
