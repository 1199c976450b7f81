import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type CliRun, findCliRun } from "../../../../provider/lifecycle/cli/run.js";
import { repositoryRoot } from "../../../support/repositoryRoot.js";

const cliRunModule = join(repositoryRoot, "dist/provider/lifecycle/cli/run.js");
/** As a provider process: a grandchild of the CLI. */
const provider = `require(${JSON.stringify(cliRunModule)}).findCliRun().then((found) => console.log(JSON.stringify(found ?? null)))`;
const shell = `
  const { spawnSync } = require("node:child_process");
  const quoted = (text) => "'" + text.replaceAll("'", "'\\\\''") + "'";
  const env = { ...process.env };
  delete env.NODE_OPTIONS;
  const line = quoted(process.execPath) + " -e " + quoted(${JSON.stringify(provider)}) + "; true";
  process.stdout.write(spawnSync("/bin/sh", ["-c", line], { encoding: "utf8", env }).stdout);
  process.exit(0);
`;

describe("the run of the CLI that a provider works for", function () {
  this.timeout(30_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "cli-run-"));
    writeFileSync(join(folder, "cli.js"), shell);
    symlinkSync(process.execPath, join(folder, "pulumi"));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** A process with the name and the words of the CLI; what it runs is loaded before Node looks at the words. */
  async function found(
    words: readonly string[],
    { file = join(folder, "pulumi"), argv0 }: { readonly file?: string; readonly argv0?: string } = {},
    environment: Readonly<Record<string, string>> = {},
  ): Promise<CliRun | null> {
    const { stdout } = spawn(file, words, {
      cwd: folder,
      env: { PATH: process.env.PATH, NODE_OPTIONS: `--require ${join(folder, "cli.js")}`, ...environment },
      ...(argv0 === undefined ? {} : { argv0 }),
    });
    return JSON.parse(await text(stdout)) as CliRun | null;
  }

  it("is named by number and start of its process, and knows its arguments word by word", async () => {
    const shown = await found(["up", "--yes", "--message", "--skip-preview"]);
    assert.match(shown?.name ?? "", /^\d+-\d+-\d+$/);
    assert.equal(shown?.preview, "shown");
    assert.equal((await found(["up", "-yf"]))?.preview, "skipped");
    assert.equal((await found(["watch"]))?.preview, "unknown");
    assert.notEqual((await found(["up"]))?.name, shown.name);
  });

  it("is found by the name that its process gives itself", async () => {
    const asWrapper = { file: process.execPath, argv0: "/opt/pulumi/bin/pulumi" };
    assert.equal((await found(["up", "--skip-preview"], asWrapper))?.preview, "skipped");
    assert.equal(await found(["up", "--skip-preview"], { file: process.execPath }), null);
  });

  it("knows the variable that skips previews as the CLI had it", async () => {
    const variable = { PULUMI_OPTION_SKIP_PREVIEW: "true" };
    assert.equal((await found(["up"], {}, variable))?.preview, "skipped");
    assert.equal((await found(["up", "--skip-preview=false"], {}, variable))?.preview, "shown");
  });

  it("is found where the CLI is process 1, as in a container, and not where the parents end before it", async () => {
    const table = (processes: Readonly<Record<number, readonly [parent: number, ...words: string[]]>>) => ({
      find: (pid: number) => {
        const [parent, command = ""] = processes[pid] ?? [];
        return Promise.resolve(parent === undefined ? undefined : { parent, command, startedAt: "5" });
      },
      commandLine: (pid: number) => {
        const [, program = "", ...words] = processes[pid] ?? [];
        return Promise.resolve({ program, words, isExact: true });
      },
    });
    const container = table({ 9: [1, "sh"], 1: [0, "pulumi", "up", "--skip-preview"] });
    assert.deepEqual(await findCliRun(9, {}, container), { name: "1-5", preview: "skipped" });
    assert.equal(await findCliRun(9, {}, table({ 9: [0, "sh"], 1: [0, "pulumi", "up"] })), undefined);
    assert.equal(await findCliRun(9, {}, table({ 9: [7, "sh"] })), undefined);
    const nested = table({ 9: [7, "pulumi", "up"], 7: [0, "pulumi", "up", "--skip-preview"] });
    assert.equal((await findCliRun(9, {}, nested))?.preview, "shown", "the nearest");
  });
});
