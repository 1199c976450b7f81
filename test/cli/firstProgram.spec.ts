import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireReal } from "../support/programs/requireReal.js";
import { repositoryRoot } from "../support/repositoryRoot.js";
import { createEmptyProject, installPackages } from "../support/cli/project.js";
import { Stack } from "../support/cli/stack.js";

const main = require.resolve("okd-image-sandbox/internal/main");
const guide = "docs/start/first-program.md";

/** The first block of this language in a page. */
function block(page: string, language: string): string {
  const text = readFileSync(join(repositoryRoot, page), "utf8");
  const [, code] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(text) ?? [];
  assert.ok(code !== undefined, `${page} has no block of ${language}`);
  return code;
}

/** Names with what a page's preview shows for each, under "Diagnostics:". */
function shownLines(page: string): ReadonlyMap<string, string> {
  const lines = block(page, "text").matchAll(/^ +pulumi-nodejs:dynamic\S+ \((\w+)\):\n +(.+)/gm);
  return new Map([...lines].map(([, name = "", line = ""]) => [name, line]));
}

interface RunningSandbox {
  readonly process: ChildProcess;
  /** What it prints as `export NAME="VALUE"`. */
  readonly environment: Readonly<Record<string, string>>;
}

/** As `npm run sandbox`, on free ports. */
async function runSandbox(folder: string): Promise<RunningSandbox> {
  const listeners = ["port", "registry-port", "private-port", "integrated-port", "control-port"];
  const ports = listeners.flatMap((name) => [`--${name}`, "0"]);
  const child = spawn(process.execPath, [main, ...ports, "--kubeconfig", join(folder, "kubeconfig")]);
  let output = "";
  while (!output.includes("Ctrl-C")) output += String((await once(child.stdout, "data"))[0]);
  const exports = output.matchAll(/^ *export (\w+)="(.*)"$/gm);
  const environment = Object.fromEntries([...exports].map(([, name = "", value = ""]) => [name, value]));
  return { process: child, environment };
}

describe("The documented first programs, under the Pulumi CLI and against `npm run sandbox`", function () {
  this.timeout(300_000);
  let folder: string;
  let sandbox: RunningSandbox;

  before(function () {
    requireReal(this, "test/cli/firstProgram", ["pulumi"]);
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "okd-first-"));
    sandbox = await runSandbox(folder);
  });
  afterEach(async () => {
    sandbox.process.kill("SIGTERM");
    await once(sandbox.process, "exit");
    rmSync(folder, { recursive: true, force: true });
  });

  for (const { page, names, files } of [
    { page: "README.md", names: ["bundle", "cleanup", "web"], files: ["web.tar"] },
    { page: guide, names: ["web"], files: [] },
  ]) {
    it(`runs the program of ${page} unchanged, which does what its preview shows`, async () => {
      const project = createEmptyProject();
      installPackages(project);
      for (const [file, text] of [
        ["Pulumi.yaml", block(guide, "yaml")],
        ["tsconfig.json", block(guide, "json")],
        ["index.ts", block(page, "ts")],
      ] as const)
        writeFileSync(join(project.folder, file), text);
      const stack = await Stack.create({ project, environment: sandbox.environment });
      try {
        const preview = await stack.preview();
        assert.equal(preview.code, 0, preview.text);
        assert.deepEqual(
          preview.steps("preview").toSorted(),
          names.map((name) => `create ${name}`),
        );
        for (const [name, line] of shownLines(page)) assert.deepEqual(preview.lines(name), [`info: ${line}`]);

        const up = await stack.up();
        assert.equal(up.code, 0, up.text);
        for (const file of files) assert.ok(existsSync(join(project.folder, file)));
        const again = await stack.up("--expect-no-changes");
        assert.equal(again.code, 0, again.text);
        const destroy = await stack.destroy();
        assert.equal(destroy.code, 0, destroy.text);
        for (const file of files) assert.ok(!existsSync(join(project.folder, file)));
      } finally {
        stack.close();
      }
    });
  }
});
