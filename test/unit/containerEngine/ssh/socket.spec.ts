import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type SandboxEngine, startEngine } from "okd-image-sandbox";
import { connectEngine } from "../../../../provider/containerEngine/imageEngine.js";
import { sshArguments } from "../../../../provider/containerEngine/ssh/socket.js";
import { engineArgs, machine, options } from "../../../support/fakes/engineMachine.js";
import { bytesOf } from "../../../support/tarMembers.js";

const route = {
  kind: "ssh",
  host: "build",
  user: undefined,
  port: undefined,
  socketPath: undefined,
} as const;

describe("ssh", () => {
  let folder: string;
  let sandbox: SandboxEngine;
  const path = process.env.PATH ?? "";

  const program = (name: string, ...lines: readonly string[]) => {
    const file = join(folder, name);
    writeFileSync(file, lines.join("\n"));
    chmodSync(file, 0o755);
  };
  /** Runs the last argument here, as the other machine would. */
  const sshThatConnects = () =>
    program("ssh", "#!/bin/sh", `echo "$@" >> ${folder}/calls`, 'for last; do :; done; exec sh -c "$last"');
  /** Docker's bridge: input and output of the process are the engine's socket. */
  const bridge = (name: string) =>
    program(
      name,
      `#!${process.execPath}`,
      'const at = process.argv.find((word) => word.startsWith("unix://"))?.slice(7);',
      `const socket = require("node:net").connect(at ?? ${JSON.stringify(sandbox.host.slice(7))});`,
      "process.stdin.pipe(socket).pipe(process.stdout);",
    );

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "ssh-"));
    process.env.PATH = `${folder}${delimiter}${path}`;
    sandbox = await startEngine({ version: "docker-28" });
  });
  afterEach(async () => {
    process.env.PATH = path;
    await sandbox.close();
    rmSync(folder, { recursive: true });
  });
  const connect = (host: string) => connectEngine(engineArgs({ host }), machine(), options);

  it("carries requests and a large export, and ends with the connection", async () => {
    sshThatConnects();
    bridge("docker");
    sandbox.images.add(["acme/web:v1"], { layerBytes: 3_000_000 });

    const engine = await connect(`ssh://me@build:2222${sandbox.host.slice(7)}`);
    const [first, second] = await Promise.all([
      bytesOf(engine.export(["acme/web:v1"], [], options)),
      bytesOf(engine.export(["acme/web:v1"], [], options)),
    ]);
    await engine.close();

    assert.ok(first.length > 3_000_000);
    assert.deepEqual(first, second);
    assert.match(readFileSync(join(folder, "calls"), "utf8"), /^-o BatchMode=yes .* -l me -p 2222 -- build /);
  });

  it("uses podman where there is no Docker", async () => {
    program("ssh", "#!/bin/sh", 'for last; do :; done; PATH="$(dirname "$0")"; eval "$last"');
    bridge("podman");
    const engine = await connect("ssh://build");
    assert.match(engine.description, /^ssh:\/\/build \(Docker 28/);
    await engine.close();
  });

  it("quotes ssh when there is no connection", async () => {
    program("ssh", "#!/bin/sh", "echo 'me@build: Permission denied (publickey).' >&2; exit 255");
    await assert.rejects(
      connect("ssh://me@build"),
      /Permission denied \(publickey\).*in its agent.*ENGINE_UNREACHABLE/,
    );
  });

  it("reports that there is no program ssh", async () => {
    process.env.PATH = folder;
    await assert.rejects(
      connect("ssh://build"),
      /no program ssh on the PATH; install OpenSSH's client.*ENGINE_UNREACHABLE/,
    );
  });

  it("quotes the path of a socket for the other machine's shell", () => {
    const bridging = sshArguments({ ...route, socketPath: "/it's/here; rm -rf" }).at(-1)!;
    assert.match(bridging, /exec docker --host 'unix:\/\/\/it'\\''s\/here; rm -rf' system dial-stdio;/);
  });
});
