import assert from "node:assert/strict";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createEmptyProject } from "../../support/cli/project.js";
import { scenario } from "../../support/cli/scenario.js";
import {
  destroyed,
  succeeded,
  type SurfaceScene,
  useSurfaceScene,
} from "../../support/cli/scenes/allResources.js";
import { archiveOf, each, nothing, things, threeKinds } from "../../support/cli/scenes/threeKinds.js";
import type { Stack } from "../../support/cli/stack.js";

/** No user of this machine. */
const strangerId = 54_321;
const deadProxy = "http://127.0.0.1:9";

describe("Surroundings of the Pulumi CLI", function () {
  this.timeout(300_000);
  const scene = useSurfaceScene();

  scenario(
    ["UID without passwd entry", "read-only HOME"],
    "previews, updates and destroys as in a container with an arbitrary user",
    async function () {
      if (process.getuid?.() !== 0) return this.skip();
      const project = createEmptyProject();
      // As containers have it for a user that they do not know.
      const pulumiHome = join(project.root, "home", ".pulumi");
      const environment = { HOME: "/", USER: "stranger", PULUMI_HOME: pulumiHome };
      for (const path of [project.root, project.folder, project.backendFolder, join(project.root, "home")]) {
        chownSync(path, strangerId, strangerId);
      }
      const stack = await scene.stack(threeKinds, { project, environment, user: strangerId });
      await livesOnce(scene, stack);
    },
  );

  scenario(
    [
      "no HOME",
      "TMPDIR on another file system",
      "proxy variable with NO_PROXY",
      "folder with spaces and non-ASCII letters",
    ],
    "previews, updates and destroys",
    async () => {
      const project = createEmptyProject({}, "Größe über alles (日本)");
      const elsewhere = existsSync("/dev/shm") ? "/dev/shm" : project.root;
      const temporary = mkdtempSync(join(elsewhere, "okd-tmp-"));
      try {
        const environment = {
          TMPDIR: temporary,
          HTTP_PROXY: deadProxy,
          HTTPS_PROXY: deadProxy,
          NO_PROXY: "127.0.0.1,localhost",
        };
        const stack = await scene.stack(threeKinds, { project, environment });
        delete stack.environment.HOME;
        if (elsewhere !== project.root)
          assert.notEqual(statSync(temporary).dev, statSync(project.folder).dev);
        await livesOnce(scene, stack);
        assert.deepEqual(
          readdirSync(temporary).filter((name) => name.startsWith("okd-")),
          [],
        );
      } finally {
        rmSync(temporary, { recursive: true, force: true });
      }
    },
  );

  scenario(["Node 20"], "names the Node version that is needed, in one sentence", async () => {
    const stack = await scene.stack(threeKinds);
    const { folder, name } = stack.project;
    // Pulumi's SDK itself still runs there.
    writeFileSync(
      join(folder, "older.cjs"),
      `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.19.5" } });`,
    );
    const options = "    typescript: false\n    nodeargs: --require ./older.cjs\n";
    writeFileSync(
      join(folder, "Pulumi.yaml"),
      `name: ${name}\nruntime:\n  name: nodejs\n  options:\n${options}`,
    );
    const refused = await stack.preview();
    assert.notEqual(refused.code, 0);
    assert.match(refused.text, /pulumi-okd-images needs Node 22\.19 or later; this is 20\.19\.5 /);
    assert.doesNotMatch(refused.text, /\n +at /);
  });

  scenario(
    ["proxy variable without NO_PROXY"],
    "names the proxy that does not answer, and what to do",
    async () => {
      const environment = { HTTPS_PROXY: deadProxy, HTTP_PROXY: deadProxy };
      const stack = await scene.stack(threeKinds, { environment });
      // Loopback is never asked through a proxy.
      const connection = { ...scene.connection, host: "https://api.okd.invalid:6443" };
      scene.set(stack, { only: ["stream"], more: { stream: { connection } } });
      const refused = await stack.preview();
      assert.notEqual(refused.code, 0);
      assert.match(refused.text, /proxy/i);
      assert.match(refused.text, /NO_PROXY/);
      assert.doesNotMatch(refused.text, /\n +at /);
    },
  );
});

/** Preview, update, an unchanged update and destroy of one resource of each kind. */
async function livesOnce(scene: SurfaceScene, stack: Stack): Promise<void> {
  const up = succeeded(await stack.up());
  assert.deepEqual(up.steps().toSorted(), each("create"));
  assert.doesNotMatch(up.text, /warning/i);
  assert.equal(scene.served("v1", "stream"), scene.v1);
  assert.ok(existsSync(archiveOf(stack)));
  succeeded(await stack.up("--skip-preview", "--expect-no-changes"));
  await destroyed(stack);
  assert.deepEqual(things(scene, stack), nothing);
}
