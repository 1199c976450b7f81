import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createEmptyProject, openProject, type TestProject } from "../support/cli/project.js";
import { digestIn, useScene } from "../support/cli/scenes/imports.js";
import { repositoryRoot } from "../support/repositoryRoot.js";

const run = promisify(execFile);

const commonJs = `
const fs = require("node:fs");
const okd = require("pulumi-okd-images");
const web = new okd.ImportedImageStream("web", JSON.parse(fs.readFileSync("args.json", "utf8")));
exports.digest = web.digest("v1");
`;
const esm = `
import { readFile } from "node:fs/promises";
import { ImportedImageStream } from "pulumi-okd-images";
const web = new ImportedImageStream("web", JSON.parse(await readFile("args.json", "utf8")));
export const digest = web.digest("v1");
`;

describe("Installed as users install it, under the Pulumi CLI", function () {
  this.timeout(300_000);
  const scene = useScene("test/cli/installed", ["pulumi", "npm"], { integratedRegistry: {} });
  let packed = "";
  let v1: string;

  before(async () => {
    v1 = scene.world.publish("v1");
    packed = mkdtempSync(join(tmpdir(), "okd-packed-"));
    // Without the build, which would change dist/ under the other suites.
    await run("npm", ["pack", "--ignore-scripts", `--pack-destination=${packed}`], { cwd: repositoryRoot });
  });
  after(() => {
    if (packed !== "") rmSync(packed, { recursive: true, force: true });
  });

  /** The newest SDK that was tried: the one that this repository develops with. */
  const manifest = readFileSync(join(repositoryRoot, "package.json"), "utf8");
  const sdk = (JSON.parse(manifest) as { devDependencies: Record<string, string> }).devDependencies[
    "@pulumi/pulumi"
  ];

  async function install(project: TestProject): Promise<void> {
    const [tarball = "none"] = readdirSync(packed);
    const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    await run("npm", ["install", ...quiet, join(packed, tarball), `@pulumi/pulumi@${sdk}`], {
      cwd: project.folder,
    });
    assert.ok(existsSync(join(project.folder, "node_modules", "pulumi-okd-images", "README.md")));
  }

  const layouts = [
    { name: "a CommonJS project", manifest: {}, program: commonJs },
    { name: "an ESM project with top-level await", manifest: { type: "module" }, program: esm },
  ];
  for (const { name, manifest, program } of layouts) {
    it(`works in ${name}, and is destroyed without its program`, async () => {
      const project = createEmptyProject(manifest);
      const stack = await scene.stack({ project });
      await install(project);
      writeFileSync(join(project.folder, "index.js"), program);
      writeFileSync(join(project.folder, "args.json"), JSON.stringify(scene.web().args));

      const preview = await stack.preview();
      assert.equal(preview.code, 0, preview.text);
      assert.match(preview.stdout, new RegExp(`digest: "${v1}"`));
      assert.doesNotMatch(preview.text, /warning|deprecat/i);
      const up = await stack.up("--skip-preview");
      assert.equal(up.code, 0, up.text);
      assert.equal(scene.world.served("v1"), v1);
      assert.equal((await stack.up("--skip-preview", "--expect-no-changes")).code, 0);

      for (const file of ["index.js", "args.json"]) rmSync(join(project.folder, file));
      const destroy = await stack.destroy("--skip-preview");
      assert.equal(destroy.code, 0, destroy.text);
      assert.equal(scene.world.stream(), undefined);
    });
  }

  it("works from the root of this repository and from its example's folder", async () => {
    const edge = scene.world.publish("edge");
    scene.world.publish("1.27", "nginx", "library/nginx");
    const kubeconfig = join(packed, "kubeconfig");
    await scene.world.sandbox.writeKubeconfig(kubeconfig);
    const name = `engine-test-${process.pid}`;
    const example = join(repositoryRoot, "examples", "quickstart");
    const archive = join(packed, "web.tar");
    const stack = await scene.stack({ project: openProject("okd-images-quickstart", repositoryRoot), name });
    // The settings of a stack lie beside its Pulumi.yaml; git ignores them.
    const settings = [repositoryRoot, example].map((folder) => join(folder, `Pulumi.${name}.yaml`));
    try {
      await stack.configure("kubeconfig", kubeconfig);
      await stack.configure("archive", archive);
      const preview = await stack.preview();
      assert.equal(preview.code, 0, preview.text);
      assert.deepEqual(preview.steps("preview").toSorted(), [
        "create bundle",
        "create cleanup",
        "create web",
      ]);
      assert.equal(digestIn(preview.step("web", "preview").new?.inputs, "edge"), edge);
      const up = await stack.up("--skip-preview");
      assert.equal(up.code, 0, up.text);
      assert.equal(scene.world.served("edge"), edge);
      assert.ok(existsSync(archive));

      const inExample = (...words: string[]) => stack.start([...words, `--stack=${name}`], example).finished;
      await inExample("config", "set", "kubeconfig", kubeconfig);
      await inExample("config", "set", "archive", archive);
      const again = await inExample("up", "--yes", "--skip-preview", "--expect-no-changes");
      assert.equal(again.code, 0, again.text);
      const destroy = await inExample("destroy", "--yes", "--skip-preview");
      assert.equal(destroy.code, 0, destroy.text);
      assert.equal(scene.world.stream(), undefined);
      assert.ok(!existsSync(archive));
    } finally {
      for (const file of settings) rmSync(file, { force: true });
    }
  });
});
