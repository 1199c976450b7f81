import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createEmptyProject, type TestProject } from "../../support/cli/project.js";
import { scenario } from "../../support/cli/scenario.js";
import { destroyed, succeeded, useSurfaceScene } from "../../support/cli/scenes/allResources.js";
import { each, nothing, things } from "../../support/cli/scenes/threeKinds.js";
import { repositoryRoot } from "../../support/repositoryRoot.js";

const run = promisify(execFile);

/** As `pulumi new typescript` writes it. */
const templateSettings = {
  compilerOptions: {
    strict: true,
    outDir: "bin",
    target: "es2020",
    module: "nodenext",
    moduleResolution: "nodenext",
    sourceMap: true,
    experimentalDecorators: true,
    pretty: true,
    noFallthroughCasesInSwitch: true,
    noImplicitReturns: true,
    forceConsistentCasingInFileNames: true,
  },
  files: ["index.ts"],
};
const templatePackages = { "@types/node": "^18", typescript: "^5.0.0" };

const resources = `
const stream = new okd.ImportedImageStream("stream", scene.stream);
new okd.ImagePrunePolicy("policy", scene.policy);
new okd.ImageArchive("archive", scene.archive);
`;
const typescript = `
import { readFileSync } from "fs";
import * as pulumi from "@pulumi/pulumi";
import * as okd from "pulumi-okd-images";

interface Scene {
  stream: okd.ImportedImageStreamArgs;
  policy: okd.ImagePrunePolicyArgs;
  archive: okd.ImageArchiveArgs;
}
const scene: Scene = JSON.parse(readFileSync("scene.json", "utf8"));
${resources}
export const digest: pulumi.Output<string> = stream.digest("v1");
`;
const esm = `
import { readFile } from "node:fs/promises";
import * as okd from "pulumi-okd-images";
const scene = JSON.parse(await readFile("scene.json", "utf8"));
${resources}
export const digest = stream.digest("v1");
`;
const commonJs = `
const okd = require("pulumi-okd-images");
const scene = JSON.parse(require("node:fs").readFileSync("scene.json", "utf8"));
${resources}
exports.digest = stream.digest("v1");
`;

interface Layout {
  readonly features: readonly [string, ...string[]];
  readonly title: string;
  readonly installer: "npm" | "pnpm";
  readonly manifest: object;
  /** Files by name. */
  readonly files: Readonly<Record<string, string>>;
  /** What must type-check by itself, beyond what Pulumi looks at. */
  readonly isChecked: boolean;
}

const template = {
  manifest: { main: "index.ts", devDependencies: templatePackages },
  files: {
    "Pulumi.yaml": "name: okd-images-test\nruntime: nodejs\n",
    "tsconfig.json": JSON.stringify(templateSettings),
    "index.ts": typescript,
  },
  isChecked: true,
};
const layouts: readonly Layout[] = [
  {
    features: ["TypeScript, settings of pulumi new typescript", "npm"],
    title: "runs and type-checks as the template makes it, installed by npm",
    installer: "npm",
    ...template,
  },
  {
    features: ["TypeScript, settings of pulumi new typescript", "pnpm"],
    title: "runs and type-checks as the template makes it, installed by pnpm",
    installer: "pnpm",
    ...template,
  },
  {
    features: ["ESM, JavaScript", "npm"],
    title: "runs with top-level await, installed by npm",
    installer: "npm",
    manifest: { type: "module" },
    files: { "index.js": esm },
    isChecked: false,
  },
  {
    features: ["CommonJS, JavaScript", "pnpm"],
    title: "runs with require, installed by pnpm",
    installer: "pnpm",
    manifest: {},
    files: { "index.js": commonJs },
    isChecked: false,
  },
];

describe("Programs under the Pulumi CLI", function () {
  this.timeout(300_000);
  const scene = useSurfaceScene(["pulumi", "npm"]);
  let packed = "";

  before(async () => {
    packed = realpathSync(mkdtempSync(join(tmpdir(), "okd-packed-")));
    // Without the build, which would change dist/ under the other suites.
    await run("npm", ["pack", "--ignore-scripts", `--pack-destination=${packed}`], { cwd: repositoryRoot });
  });
  after(() => {
    if (packed !== "") rmSync(packed, { recursive: true, force: true });
  });

  const manifest = readFileSync(join(repositoryRoot, "package.json"), "utf8");
  const { devDependencies: locked } = JSON.parse(manifest) as { devDependencies: Record<string, string> };

  async function install({ installer, manifest }: Layout, { name, folder }: TestProject): Promise<void> {
    const tarball = readdirSync(packed).find((file) => file.endsWith(".tgz")) ?? "none";
    const dependencies = {
      "@pulumi/pulumi": locked["@pulumi/pulumi"],
      "pulumi-okd-images": `file:${join(packed, tarball)}`,
    };
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ name, private: true, ...manifest, dependencies }),
    );
    const pnpm = join(repositoryRoot, "node_modules", "pnpm", "bin", "pnpm.cjs");
    const command: readonly [string, readonly string[]] =
      installer === "npm"
        ? ["npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"]]
        : [process.execPath, [pnpm, "install", `--store-dir=${join(packed, "store")}`, "--reporter=silent"]];
    await run(command[0], [...command[1], "--prefer-offline", "--ignore-scripts"], { cwd: folder });
  }

  for (const layout of layouts) {
    scenario(layout.features, layout.title, async () => {
      const project = createEmptyProject();
      for (const [name, text] of Object.entries(layout.files)) {
        writeFileSync(join(project.folder, name), text);
      }
      await install(layout, project);
      const stack = await scene.stackOf(project);

      if (layout.isChecked) {
        const compiler = join(project.folder, "node_modules", "typescript", "bin", "tsc");
        await run(process.execPath, [compiler, "--noEmit"], { cwd: project.folder });
      }
      const up = succeeded(await stack.up());
      assert.deepEqual(up.steps().toSorted(), each("create"));
      assert.match(up.stdout, new RegExp(`digest: "${scene.v1}"`));
      assert.doesNotMatch(up.text, /deprecat/i);
      succeeded(await stack.preview("--expect-no-changes"));
      await destroyed(stack);
      assert.deepEqual(things(scene, stack), nothing);
    });
  }
});
