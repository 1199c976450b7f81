import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findLeaks } from "../../support/cli/leaks.js";
import { scenario } from "../../support/cli/scenario.js";
import { destroyed, succeeded, useSurfaceScene } from "../../support/cli/scenes/allResources.js";
import { each, nothing, things } from "../../support/cli/scenes/threeKinds.js";

describe("Outputs, secrets and the Automation API with the Pulumi CLI", function () {
  this.timeout(300_000);
  const scene = useSurfaceScene();

  scenario(
    ["apply", "up twice"],
    "makes resources inside apply, with digests that the preview knows, and changes nothing the second time",
    async () => {
      const stack = await scene.stack(`
        const stream = pulumi.output("stream").apply((name) => new okd.ImportedImageStream(name, scene.stream));
        exports.digest = stream.apply((made) => made.digest("v1"));
        pulumi.output(scene.policy).apply((args) => new okd.ImagePrunePolicy("policy", args));
        stream.apply((made) => new okd.ImageArchive("archive", {
          path: "web.tar",
          images: [{ stream: made.tag("v1") }],
          connection: scene.stream.connection,
        }));
      `);
      const preview = succeeded(await stack.preview());
      assert.deepEqual(preview.steps("preview").toSorted(), each("create"));
      assert.match(preview.stdout, new RegExp(`digest: "${scene.v1}"`));
      succeeded(await stack.up("--skip-preview"));
      const second = succeeded(await stack.up("--expect-no-changes"));
      assert.deepEqual(second.steps().toSorted(), each("same"));
      await destroyed(stack);
      assert.deepEqual(things(scene, stack), nothing);
    },
  );

  scenario(
    ["secrets in arguments"],
    "accepts every argument as a secret but those of an ID, without a warning, and shows none of them",
    async () => {
      const stack = await scene.stack(`
        const secretly = (args) =>
          Object.fromEntries(Object.entries(args).map(([key, value]) => [key, pulumi.secret(value)]));
        const { namespace } = scene.stream;
        const inId = scene.secretId ? {} : { namespace };
        new okd.ImportedImageStream("stream", { ...secretly({ ...scene.stream, ...scene.more.stream }), ...inId });
        new okd.ImagePrunePolicy("policy", secretly({ ...scene.policy, ...scene.more.policy }));
        new okd.ImageArchive("archive", secretly({ ...scene.archive, ...scene.more.archive }));
      `);
      const hidden = ["hidden-label-value", "hidden-annotation-value", "hidden-trigger-value"];
      const [label, annotation, trigger] = hidden;
      const more = {
        stream: { labels: { a: label }, annotations: { b: annotation }, triggers: [trigger] },
        policy: { triggers: [trigger] },
        archive: { triggers: [trigger] },
      };
      scene.set(stack, { more, secretId: true });
      const refused = await stack.preview();
      assert.notEqual(refused.code, 0);
      assert.match(
        refused.text,
        /ImportedImageStream "stream": namespace is secret, .* pulumi\.unsecret\(namespace\)/,
      );

      scene.set(stack, { more });
      succeeded(await stack.up("--diff"));
      assert.equal(scene.stream("stream")?.metadata.labels?.a, label);
      succeeded(await stack.up("--expect-no-changes"));
      succeeded(await stack.refresh("--skip-preview", "--expect-no-changes"));
      await destroyed(stack);
      assert.deepEqual(findLeaks(stack, [scene.sandbox.adminToken, ...hidden]), []);
    },
  );

  scenario(
    ["Automation API"],
    "runs an inline program twice in one process, and destroys its resources",
    async () => {
      const stack = await scene.stack("");
      const { folder } = stack.project;
      writeFileSync(join(folder, "automation.js"), automation);
      const { execFile } = await import("node:child_process");
      const { promisify } = await import("node:util");
      const { stdout } = await promisify(execFile)(process.execPath, ["automation.js"], {
        cwd: folder,
        env: stack.environment,
      });
      assert.deepEqual(
        JSON.parse(
          stdout
            .split("\n")
            .filter((line) => line.startsWith("{"))
            .at(-1) ?? "",
        ),
        {
          previewed: { create: 4 },
          lines: true,
          digest: scene.v1,
          second: { same: 4 },
          destroyed: { delete: 4 },
        },
      );
      assert.deepEqual(things(scene, stack), nothing);
    },
  );
});

const automation = `
const { LocalWorkspace } = require("@pulumi/pulumi/automation");
const okd = require("pulumi-okd-images");
const scene = JSON.parse(require("node:fs").readFileSync("scene.json", "utf8"));
async function program() {
  const stream = new okd.ImportedImageStream("stream", scene.stream);
  new okd.ImagePrunePolicy("policy", scene.policy);
  new okd.ImageArchive("archive", scene.archive);
  return { digest: stream.digest("v1") };
}
async function main() {
  const stack = await LocalWorkspace.createOrSelectStack({ projectName: "inline", stackName: "dev", program });
  let shown = "";
  const preview = await stack.preview({ onOutput: (text) => (shown += text) });
  const up = await stack.up();
  const second = await stack.up();
  const destroy = await stack.destroy();
  console.log(JSON.stringify({
    previewed: preview.changeSummary,
    lines: /1 tag: v1/.test(shown),
    digest: up.outputs.digest.value,
    second: second.summary.resourceChanges,
    destroyed: destroy.summary.resourceChanges,
  }));
}
main().catch((error) => { console.error(error); process.exit(1); });
`;
