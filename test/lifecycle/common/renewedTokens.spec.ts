import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type HookProcess, startHookProcess } from "../../support/programs/hookProcess.js";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";

interface Checked {
  readonly inputs: object;
  readonly failures?: readonly unknown[];
}

describe("A token that expires in the middle of a run of several hooks", () => {
  let world: ImportWorld;
  let folder: string;
  let hooks: HookProcess;
  let sent: string[];
  beforeEach(async () => {
    world = await startImportWorld();
    folder = mkdtempSync(join(tmpdir(), "renewed-"));
    world.publish("v1");
    sent = [];
    for (const token of ["token-1", "token-2"]) {
      const headers = { authorization: `^Bearer sha256~${token}$` };
      world.sandbox.onRequest({ headers, times: 0 }, () => {
        if (sent.at(-1) !== token) sent.push(token);
      });
    }
  });
  afterEach(async () => {
    await hooks.end();
    await world.sandbox.close();
    rmSync(folder, { recursive: true });
  });

  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const newToken = (number: number) =>
    world.sandbox.addToken("robot", `sha256~token-${number}`, ["system:masters"]);

  /** Hooks whose second kubeconfig of KUBECONFIG has this user; the first is missing. */
  function start(user: object): void {
    const config = JSON.parse(world.sandbox.kubeconfig()) as { users: { user: object }[] };
    for (const entry of config.users) entry.user = user;
    const paths = [join(folder, "missing"), write("config", JSON.stringify(config))];
    hooks = startHookProcess({ environment: { KUBECONFIG: paths.join(delimiter) } });
  }

  async function declare(name: string): Promise<void> {
    const news = {
      __urn: `urn:pulumi:dev::shop::pulumi-nodejs:dynamic/okd:ImportedImageStream::${name}`,
      ...{ name, namespace: "shop", source: "quay.io/acme/web:v1" },
    };
    const { inputs, failures } = (await hooks.call("importedImageStream", "check", {}, news)) as Checked;
    assert.equal(failures, undefined);
    await hooks.call("importedImageStream", "create", inputs);
    assert.notEqual(world.served("v1", name), undefined);
  }

  /** Refuses the token while the second stream of three is imported, and `renew` gives another one. */
  async function run(first: string, renew: () => void): Promise<void> {
    await declare("one");
    world.sandbox.onRequest({ method: "POST", path: "/imagestreamimports" }, () => {
      world.sandbox.removeToken(first);
      renew();
    });
    await declare("two");
    await declare("three");
  }

  it("is asked of the exec plugin once more", async () => {
    const credential = (token: string) =>
      write("status", JSON.stringify({ kind: "ExecCredential", status: { token } }));
    const first = newToken(1);
    credential(first);
    chmodSync(write("plugin", `#!/bin/sh\necho run >> '${folder}/runs'\ncat '${folder}/status'\n`), 0o755);
    start({ exec: { apiVersion: "client.authentication.k8s.io/v1", command: "./plugin" } });

    await run(first, () => credential(newToken(2)));

    assert.deepEqual(sent, ["token-1", "token-2"]);
    assert.equal(readFileSync(join(folder, "runs"), "utf8"), "run\nrun\n");
  });

  it("is asked of the exec plugin before it is refused, where the plugin says when it expires", async () => {
    const first = newToken(1);
    const expirationTimestamp = new Date(Date.now() + 3_000).toISOString();
    const answer = (status: object) => write("status", JSON.stringify({ kind: "ExecCredential", status }));
    answer({ token: first, expirationTimestamp });
    chmodSync(write("plugin", `#!/bin/sh\ncat '${folder}/status'\n`), 0o755);
    start({ exec: { apiVersion: "client.authentication.k8s.io/v1", command: "./plugin" } });

    await declare("one");
    answer({ token: newToken(2) });
    await new Promise((resolve) => setTimeout(resolve, Date.parse(expirationTimestamp) - Date.now() + 10));
    sent = [];
    await declare("two");

    assert.deepEqual(sent, ["token-2"]);
  });

  it("is read again from its file", async () => {
    const first = newToken(1);
    write("token", `${first}\n`);
    start({ tokenFile: "token" });

    await run(first, () => write("token", newToken(2)));

    assert.deepEqual(sent, ["token-1", "token-2"]);
  });
});
