import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { requireReal } from "../../test/support/programs/requireReal.js";

const run = promisify(execFile);
const folderOfPackage = dirname(require.resolve("okd-image-sandbox/package.json"));

describe("the packed package okd-image-sandbox in an empty folder", function () {
  this.timeout(120_000);
  let folder = "";

  before(async function () {
    requireReal(this, "sandbox/test/packed", ["npm"]);
    folder = mkdtempSync(join(tmpdir(), "sandbox-packed-"));
    // Without the build, which would change dist/ under the other suites.
    await run("npm", ["pack", "--ignore-scripts", `--pack-destination=${folder}`], { cwd: folderOfPackage });
    const [tarball = "none"] = readdirSync(folder);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "shop", private: true }));
    const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    await run("npm", ["install", ...quiet, join(folder, tarball)], { cwd: folder });
  });
  after(() => {
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });

  it("runs the README's test of a user's program", async () => {
    const readme = readFileSync(join(folder, "node_modules/okd-image-sandbox/README.md"), "utf8");
    const [, example = ""] = /```js\n([^]*?)```/.exec(readme) ?? [];
    writeFileSync(join(folder, "web.test.mjs"), example);
    const ran = run(process.execPath, ["--test", "--test-reporter=tap", "web.test.mjs"], {
      cwd: folder,
      // A runner inside a runner reports in another way.
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    });
    const { stdout } = await ran.catch((error: unknown) => error as { readonly stdout: string });
    assert.match(stdout, /^ok 1 - imports the image that was published$[^]*^# pass 1$/m);
  });

  it("type-checks in a strict program", async () => {
    const program = `import { type Sandbox, startSandbox } from "okd-image-sandbox";
const sandbox: Sandbox = await startSandbox({ namespaces: ["shop"], integratedRegistry: {} });
const digest: string = sandbox.registry().publishImage("acme/web", "v1").digest;
sandbox.integratedRegistry.push({ namespace: "shop", name: "app", image: { layers: [digest] } });
sandbox.faults.add({ path: "/v2/", effect: { kind: "cut", when: "before" } });
await sandbox.close();
`;
    writeFileSync(join(folder, "program.mts"), program);
    const strict = ["--strict", "--module", "nodenext", "--target", "es2023", "--noEmit", "--types", "node"];
    const roots = join(dirname(require.resolve("@types/node/package.json")), "..");
    const compiler = require.resolve("typescript/bin/tsc");
    await run(process.execPath, [compiler, ...strict, "--typeRoots", roots, "program.mts"], { cwd: folder });
  });

  it("starts from the command line, and stops on SIGTERM", async () => {
    const ports = ["port", "registry-port", "private-port", "integrated-port", "control-port"];
    const free = ports.flatMap((name) => [`--${name}`, "0"]);
    const child = spawn(join(folder, "node_modules/.bin/okd-image-sandbox"), free, { cwd: folder });
    let output = "";
    while (!output.includes("Ctrl-C")) output += String((await once(child.stdout, "data"))[0]);
    const kubeconfig = readFileSync(join(folder, ".demo/kubeconfig"), "utf8");
    child.kill("SIGTERM");
    const [code] = (await once(child, "exit")) as [number | null];

    assert.equal(code, 0);
    const [server = ""] = /https:\/\/127\.0\.0\.1:\d+/.exec(output) ?? [];
    assert.ok(server !== "" && kubeconfig.includes(server), output);
    assert.match(readFileSync(join(folder, ".demo/registries.conf"), "utf8"), /^prefix = "quay\.io"$/m);
  });
});
