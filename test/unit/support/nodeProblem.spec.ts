import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { nodeProblem } from "../../../provider/support/nodeProblem.js";
import { repositoryRoot } from "../../support/repositoryRoot.js";

const entries = ["index.js", "hooks.js"].map((name) => join(repositoryRoot, "dist", "provider", name));

interface Finished {
  readonly failed: boolean;
  readonly stderr: string;
}

function run(node: string, script: string): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(node, ["-e", script], { cwd: repositoryRoot }, (error, stdout, stderr) =>
      resolve({ failed: error !== null, stderr: `${stdout}${stderr}` }),
    );
  });
}

/** An old Node among those on PATH and in the usual places, and its version. */
async function findOldNode(): Promise<{ readonly path: string; readonly version: string } | undefined> {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin", "/usr/local/bin"];
  for (const path of new Set(folders.map((folder) => join(folder, "node")))) {
    if (!existsSync(path)) continue;
    const { stderr } = await run(path, "process.stdout.write(process.versions.node)");
    if (nodeProblem(stderr, path) !== undefined) return { path, version: stderr };
  }
  return undefined;
}

describe("A Node that is too old", () => {
  const rows: readonly (readonly [version: string, isOld: boolean])[] = [
    ["18.20.8", true],
    ["20.20.2", true],
    ["22.12.0", true],
    ["22.18.9", true],
    ["22.19.0", false],
    ["22.23.3", false],
    ["23.0.0", false],
    ["24.21.0", false],
  ];
  for (const [version, isOld] of rows) {
    it(`is ${isOld ? "" : "not "}${version}`, () => {
      const problem = nodeProblem(version, "/usr/bin/node");
      assert.equal(problem !== undefined, isOld);
      if (isOld)
        assert.ok(problem?.includes(`needs Node 22.19 or later; this is ${version} (/usr/bin/node).`));
    });
  }

  for (const entry of entries) {
    it(`is refused in one sentence, before anything else is loaded, by ${entry.split("/").at(-1) ?? ""}`, async () => {
      const script = `
        Object.defineProperty(process.versions, "node", { value: "20.20.2" });
        const loaded = () => Object.keys(require.cache).filter((file) => file.includes("node_modules"));
        try {
          require(${JSON.stringify(entry)});
        } catch (error) {
          console.error(JSON.stringify([error.message, error.stack === error.message, error.__pulumiRunError, loaded()]));
          process.exit(1);
        }`;
      const { failed, stderr } = await run(process.execPath, script);

      assert.ok(failed);
      const [message, isBare, isRunError, loaded] = JSON.parse(stderr) as [
        string,
        boolean,
        boolean,
        string[],
      ];
      assert.match(
        message,
        /^pulumi-okd-images needs Node 22\.19 or later; this is 20\.20\.2 \(.+\)\. Install a newer one/,
      );
      assert.deepEqual([isBare, isRunError, loaded], [true, true, []]);
    });

    it(`is refused when it really runs ${entry.split("/").at(-1) ?? ""}`, async function () {
      const old = await findOldNode();
      if (old === undefined) return this.skip();
      const { failed, stderr } = await run(old.path, `require(${JSON.stringify(entry)})`);

      assert.ok(failed);
      assert.ok(stderr.includes(`needs Node 22.19 or later; this is ${old.version}`), stderr);
      assert.doesNotMatch(stderr, /SyntaxError|Cannot find/);
    });
  }
});
