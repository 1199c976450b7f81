import assert from "node:assert/strict";
import { scenario } from "../../support/cli/scenario.js";
import { destroyed, succeeded, useSurfaceScene } from "../../support/cli/scenes/allResources.js";
import { each, kinds, nothing, things, threeKinds, urns } from "../../support/cli/scenes/threeKinds.js";

describe("Resource options under the Pulumi CLI", function () {
  this.timeout(300_000);
  const scene = useSurfaceScene();

  scenario(
    ["protect", "version", "additionalSecretOutputs", "customTimeouts", "aliases", "retainOnDelete"],
    "protects, renames and retains all three kinds, and says that customTimeouts has no effect",
    async () => {
      const stack = await scene.stack(threeKinds);
      const options = {
        protect: true,
        version: "1.2.3",
        customTimeouts: { create: "1m" },
        additionalSecretOutputs: ["resolved", "plan", "content"],
      };
      scene.set(stack, { options });
      const preview = succeeded(await stack.preview());
      for (const kind of kinds) {
        const sentence =
          'warning: the option customTimeouts has no effect here; use the argument timeouts: { create: "1m" } instead';
        assert.equal(preview.lines(kind).filter((line) => line === sentence).length, 1, preview.text);
      }
      const up = succeeded(await stack.up("--skip-preview"));
      assert.deepEqual(up.steps().toSorted(), each("create"));
      const outputs = stack.resource("stream")?.outputs;
      assert.ok(Object.keys(outputs?.resolved as object).includes("ciphertext"));

      const before = things(scene, stack);
      const refused = await stack.destroy("--skip-preview");
      assert.notEqual(refused.code, 0);
      assert.match(refused.text, /because it is protected/);
      assert.deepEqual(things(scene, stack), before);

      scene.set(stack, { options: { retainOnDelete: true }, suffix: "-new", aliased: true });
      const renamed = succeeded(await stack.up("--skip-preview"));
      assert.deepEqual(renamed.steps().toSorted(), each("same", "-new"));
      assert.deepEqual(things(scene, stack), before);

      scene.set(stack, { only: [] });
      const retained = succeeded(await stack.up("--skip-preview"));
      assert.deepEqual(retained.steps().toSorted(), each("delete", "-new"), retained.text);
      assert.deepEqual(things(scene, stack), before);

      // Under the URN of its claim.
      scene.set(stack);
      succeeded(await stack.up("--skip-preview"));
      await destroyed(stack);
      assert.deepEqual(things(scene, stack), nothing, "all is its own again after the next up");
    },
  );

  scenario(
    ["ignoreChanges of an argument", 'ignoreChanges: ["resolved"]', 'ignoreChanges: ["*"]', "hideDiffs"],
    "keeps the values of the last up, and hides what the program hides",
    async () => {
      const stack = await scene.stack(threeKinds);
      succeeded(await stack.up("--skip-preview"));
      const more = {
        stream: { labels: { app: "web" } },
        policy: { keepYoungerThan: "30d" },
        archive: { onMissing: "ignore" },
      };
      scene.moveTag("v1", scene.v2);
      scene.push(5);
      const computed = ["resolved", "plan", "content"];
      for (const ignoreChanges of [["labels", "keepYoungerThan", "onMissing", ...computed], ["*"]]) {
        scene.set(stack, {
          more: { ...more, stream: { ...more.stream, trackUpstream: "follow" } },
          options: { ignoreChanges: [...ignoreChanges, "trackUpstream"] },
        });
        const quiet = succeeded(await stack.up("--skip-preview", "--expect-no-changes"));
        assert.deepEqual(quiet.steps().toSorted(), each("same"));
      }
      assert.equal(scene.stream("stream")?.metadata.labels?.app, undefined);

      scene.set(stack, { more, options: { hideDiffs: ["labels", "keepYoungerThan", "onMissing"] } });
      const hidden = succeeded(await stack.up("--skip-preview", "--diff"));
      assert.deepEqual(hidden.steps().toSorted(), each("update"));
      for (const property of ["labels", "keepYoungerThan", "onMissing"]) {
        assert.match(hidden.stdout, new RegExp(`${property}\\b.*\\(hidden\\)|${property}.*\\[hidden\\]`));
      }
      assert.doesNotMatch(hidden.stdout, /"ignore"|__provider/);
      assert.equal(scene.stream("stream")?.metadata.labels?.app, "web");
      await destroyed(stack);
    },
  );

  scenario(
    ["replaceOnChanges", "deleteBeforeReplace", "--replace", "state taint"],
    "replaces all three kinds, and loses nothing where the replacement comes first",
    async () => {
      const stack = await scene.stack(threeKinds);
      succeeded(await stack.up("--skip-preview"));
      const before = things(scene, stack);
      const replaced = ["create-replacement", "replace", "delete-replaced"].flatMap((verb) => each(verb));

      const more = {
        stream: { labels: { app: "web" } },
        policy: { keepYoungerThan: "30d" },
        archive: { onMissing: "ignore" },
      };
      const replaceOnChanges = ["labels", "keepYoungerThan", "onMissing"];
      scene.set(stack, { more, options: { replaceOnChanges } });
      const changed = succeeded(await stack.up("--skip-preview"));
      assert.deepEqual(changed.steps().toSorted(), replaced.toSorted());
      assert.deepEqual(things(scene, stack), before);

      const asked = succeeded(
        await stack.up("--skip-preview", ...urns(stack).map((urn) => `--replace=${urn}`)),
      );
      assert.deepEqual(asked.steps().toSorted(), replaced.toSorted());
      assert.deepEqual(things(scene, stack), before);

      await stack.succeed("state", "taint", "--yes", ...urns(stack));
      scene.set(stack, { more, options: { deleteBeforeReplace: true } });
      const tainted = succeeded(await stack.up("--skip-preview"));
      assert.deepEqual(tainted.steps().toSorted(), replaced.toSorted());
      assert.ok(
        tainted.steps().indexOf("delete-replaced stream") <
          tainted.steps().indexOf("create-replacement stream"),
      );
      assert.equal(scene.served("v1", "stream"), scene.v1);
      succeeded(await stack.up("--skip-preview", "--expect-no-changes"));
      await destroyed(stack);
      assert.deepEqual(things(scene, stack), nothing);
    },
  );

  scenario(
    ["dependsOn", "deletedWith", "transformations", "hooks", "--target"],
    "keeps the order, runs the program's hooks beside its own, and changes targets alone",
    async () => {
      const stack = await scene.stack(`
        pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
          type.endsWith(":ImportedImageStream") ? { props: { ...props, labels: { from: "stack" } }, opts } : undefined);
        const seen = (when) => new pulumi.ResourceHook("seen-" + when, () => console.log("own hook " + when));
        const stream = new okd.ImportedImageStream("stream", scene.stream, {
          hooks: { beforeCreate: [seen("before")], afterCreate: [seen("after")] },
          transformations: [({ props, opts }) => ({ props: { ...props, annotations: { team: "a" } }, opts })],
        });
        const policy = new okd.ImagePrunePolicy("policy", scene.policy, { dependsOn: stream, deletedWith: stream });
        new okd.ImageArchive("archive", { ...scene.archive, ...scene.more }, { dependsOn: [stream, policy] });
      `);
      const preview = succeeded(await stack.preview());
      assert.match(preview.lines("stream").join(), /1 tag: v1/);
      const up = succeeded(await stack.up("--skip-preview"));
      assert.deepEqual(up.steps(), ["create stream", "create policy", "create archive"]);
      assert.match(up.stdout, /own hook before/);
      assert.match(up.stdout, /own hook after/);
      const { labels, annotations } = scene.stream("stream")!.metadata;
      assert.equal(labels?.from, "stack");
      assert.equal(annotations?.team, "a");

      scene.sandbox.requests.clear();
      scene.set(stack, { more: { fileMode: "0640" } });
      const targeted = succeeded(
        await stack.up("--skip-preview", `--target=${stack.resource("archive")!.urn}`),
      );
      assert.ok(targeted.steps().includes("update archive"), targeted.text);
      assert.deepEqual(scene.writes(), []);

      scene.set(stack, { more: { fileMode: "0640" } });
      const destroy = succeeded(await stack.destroy("--skip-preview"));
      assert.deepEqual(destroy.steps(), ["delete archive", "delete policy", "delete stream"]);
      assert.deepEqual(things(scene, stack), nothing);
    },
  );

  scenario(["import", "id"], "is refused with the way out, before anything happens", async () => {
    const stack = await scene.stack(threeKinds);
    const sentences = {
      stream:
        /ImportedImageStream "stream": the option import does not work .* use adopt: true.* npx pulumi-okd-images generate web -n shop/,
      policy: /ImagePrunePolicy "policy": the option import does not work .* leave it out/,
      archive: /ImageArchive "archive": the option import does not work .* leave it out/,
    };
    for (const kind of kinds) {
      scene.set(stack, { only: [kind], options: { import: "shop/web" } });
      const refused = await stack.preview();
      assert.notEqual(refused.code, 0);
      assert.match(refused.text, sentences[kind]);
      assert.doesNotMatch(refused.text, /code must be a string|\n +at /);
    }
    scene.set(stack, { only: ["stream"], options: { id: "shop/web" } });
    const read = await stack.preview();
    assert.match(read.text, /ImportedImageStream "stream": the option id does not work .* use adopt: true/);
    assert.doesNotMatch(read.text, /\n +at /);
  });
});
