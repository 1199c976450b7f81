import assert from "node:assert/strict";
import { unlinkSync } from "node:fs";
import { scenario } from "../../support/cli/scenario.js";
import { destroyed, succeeded, useSurfaceScene } from "../../support/cli/scenes/allResources.js";
import { archiveOf, each, nothing, things, threeKinds, urns } from "../../support/cli/scenes/threeKinds.js";

describe("Stacks and their state under the Pulumi CLI", function () {
  this.timeout(300_000);
  const scene = useSurfaceScene();

  scenario(
    ["state delete", "stack rename", "state move"],
    "keeps its own objects under other URNs, and takes over what the state has forgotten",
    async () => {
      const stack = await scene.stack(threeKinds);
      succeeded(await stack.up("--skip-preview"));
      const before = things(scene, stack);
      for (const urn of urns(stack)) await stack.succeed("state", "delete", "--yes", urn);
      const again = succeeded(await stack.up("--skip-preview"));
      assert.deepEqual(again.steps().toSorted(), each("create"));
      assert.deepEqual(things(scene, stack), before);

      await stack.succeed("stack", "rename", "production");
      const renamed = succeeded(
        await stack.run("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack=production"),
      );
      assert.deepEqual(renamed.steps().toSorted(), each("same"));

      await stack.succeed("stack", "init", "dev");
      const moved = urns(stack).map(
        (kind) => `urn:pulumi:production::${stack.project.name}::${typeOf(kind)}`,
      );
      await stack.succeed("state", "move", "--yes", "--source=production", "--dest=dev", ...moved);
      const unchanged = succeeded(await stack.up("--skip-preview", "--expect-no-changes", "--stack=dev"));
      assert.deepEqual(unchanged.steps().toSorted(), each("same"));
      assert.deepEqual(things(scene, stack), before);
      await destroyed(stack);
      assert.deepEqual(things(scene, stack), nothing);
    },
  );

  scenario(
    ["refresh", "up --json", "--exclude", "StackReference"],
    "finds deleted objects, reports them as JSON, and passes digests to other stacks",
    async () => {
      const stack = await scene.stack(`
        ${threeKinds}
        exports.digest = made.stream?.digest("v1");
        exports.pullSpec = made.stream?.pullSpec("v1");
        if (scene.reference) {
          const other = new pulumi.StackReference("organization/okd-images-test/dev");
          const archive = new okd.ImageArchive("copy", {
            path: "copy.tar",
            images: [other.requireOutput("pullSpec")],
          });
          exports.same = other.requireOutput("digest");
          exports.copied = archive.content.apply((content) => Object.keys(content.images).length);
        }
      `);
      succeeded(await stack.up("--skip-preview"));
      const before = things(scene, stack);

      await stack.succeed("stack", "init", "other");
      scene.set(stack, { only: [], reference: true });
      const other = succeeded(await stack.run("up", "--yes", "--skip-preview", "--stack=other"));
      assert.match(other.stdout, new RegExp(`same *: "${scene.v1}"`));
      assert.match(other.stdout, /copied *: 1/);
      succeeded(await stack.run("destroy", "--yes", "--skip-preview", "--stack=other"));
      await stack.succeed("stack", "select", "dev");

      scene.set(stack);
      unlinkSync(archiveOf(stack));
      const refresh = succeeded(await stack.refresh("--skip-preview"));
      assert.match(refresh.stdout, /[1-3] (deleted|updated)/);
      const json = succeeded(await stack.run("up", "--yes", "--skip-preview", "--json"));
      const lines = json.stdout.trim().split("\n");
      for (const line of lines) JSON.parse(line);
      assert.match(json.stdout, /ImageArchive::archive/);
      assert.deepEqual(things(scene, stack), before);

      scene.set(stack, { more: { archive: { fileMode: "0640" }, stream: { labels: { a: "b" } } } });
      const excluding = succeeded(
        await stack.up("--skip-preview", `--exclude=${stack.resource("stream")!.urn}`),
      );
      assert.ok(excluding.steps().includes("update archive"));
      assert.equal(scene.stream("stream")?.metadata.labels?.a, undefined);
      await destroyed(stack);
    },
  );

  scenario(
    ["provider"],
    "takes the connection of an explicit provider of dynamic resources, and refuses one of another package",
    async () => {
      const stack = await scene.stack(`
        class Provider extends pulumi.ProviderResource {
          constructor(type, name, settings) { super(type, name, settings); }
        }
        const { connection, ...withoutConnection } = scene.stream;
        if (scene.foreign) {
          // Not registered: that would need its plugin.
          const foreign = Object.assign(Object.create(pulumi.ProviderResource.prototype), { pkg: "kubernetes" });
          new okd.ImportedImageStream("stream", scene.stream, { provider: foreign });
        } else {
          const provider = new Provider("pulumi-nodejs", "cluster", {
            "okd:host": connection.host,
            "okd:token": pulumi.secret(connection.token),
            "okd:caCert": connection.caCert,
          });
          new okd.ImportedImageStream("stream", withoutConnection, { provider });
        }
      `);
      succeeded(await stack.up());
      assert.equal(scene.served("v1", "stream"), scene.v1);
      assert.ok(!JSON.stringify(stack.state()).includes(scene.sandbox.adminToken));
      succeeded(await stack.up("--skip-preview", "--expect-no-changes"));

      scene.set(stack, { foreign: true });
      const refused = await stack.preview();
      assert.notEqual(refused.code, 0);
      assert.match(
        refused.text,
        /ImportedImageStream "stream": the option provider is a provider of "kubernetes", .* connection: connectionFrom\(provider\) instead/,
      );
      assert.doesNotMatch(refused.text, /\n +at /);
      await destroyed(stack);
      assert.equal(scene.stream("stream"), undefined);
    },
  );

  scenario(["pulumi import"], "ends with an error and leaves the state as it was", async () => {
    const stack = await scene.stack(threeKinds);
    const type = "pulumi-nodejs:dynamic/okd:ImportedImageStream";
    const refused = await stack.run("import", "--yes", type, "stream", "shop/stream");
    assert.notEqual(refused.code, 0);
    assert.deepEqual(
      stack.state().resources.filter(({ urn }) => urn.endsWith("::stream")),
      [],
    );
    assert.equal(scene.stream("stream"), undefined);
  });
});

function typeOf(kind: string): string {
  const types: Readonly<Record<string, string>> = {
    stream: "ImportedImageStream",
    policy: "ImagePrunePolicy",
    archive: "ImageArchive",
  };
  const name = kind.split("::").at(-1) ?? "";
  return `pulumi-nodejs:dynamic/okd:${types[name] ?? ""}::${name}`;
}
