import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { mock } from "node:test";
import { selectContext } from "../../../../../provider/cluster/connection/kubeConfig/selectContext.js";
import type { CredentialSource } from "../../../../../provider/http/credentials.js";
import { clientFor, never } from "../../../../support/clients/cluster.js";
import { kubeconfig } from "../../../../support/fakes/machine.js";
import { oidcClient, startIdentityProvider } from "../../../../support/servers/identityProvider.js";
import { failure, startServer, type TestServer } from "../../../../support/servers/scripted.js";

describe("credentials of a kubeconfig in a long run", () => {
  let folder: string;
  let begun: number;
  const laterBy = (seconds: number) => mock.timers.setTime(begun + seconds * 1000);
  beforeEach(() => {
    begun = Date.now();
    mock.timers.enable({ apis: ["Date"], now: begun });
    folder = mkdtempSync(path.join(tmpdir(), "renewal-"));
  });
  afterEach(() => {
    mock.timers.reset();
    rmSync(folder, { recursive: true });
  });

  function credentialsOf(user: object): CredentialSource {
    const load = () => [{ content: kubeconfig({ prod: { user } }), folder, origin: "test" }];
    const wanted = { context: undefined, cluster: undefined, origin: "test" };
    return selectContext(load, wanted, { readFile: (file) => readFileSync(file, "utf8") }).credentials;
  }
  const authorization = async (source: CredentialSource) => (await source.read(never)).headers.Authorization;
  const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);

  /** Prints what the file `status` says, and counts its runs. */
  function plugin(): { readonly exec: object; readonly runs: () => number } {
    write("plugin", `#!/bin/sh\necho run >> '${folder}/runs'\ncat '${folder}/status'\n`);
    chmodSync(path.join(folder, "plugin"), 0o755);
    return {
      exec: { apiVersion: "client.authentication.k8s.io/v1", command: "./plugin" },
      runs: () =>
        existsSync(path.join(folder, "runs"))
          ? readFileSync(path.join(folder, "runs"), "utf8").trim().split("\n").length
          : 0,
    };
  }
  const answer = (status: object) =>
    write(
      "status",
      JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status }),
    );
  const inSeconds = (seconds: number) => new Date(begun + seconds * 1000).toISOString();

  it("an exec plugin is run again when what it answered has expired, whatever its token looks like", async () => {
    const { exec, runs } = plugin();
    const source = credentialsOf({ exec });
    answer({ token: "sha256~first", expirationTimestamp: inSeconds(20) });
    assert.equal(await authorization(source), "Bearer sha256~first");
    answer({ token: "sha256~second", expirationTimestamp: inSeconds(40) });
    laterBy(19);
    assert.equal(await authorization(source), "Bearer sha256~first");
    laterBy(21);
    assert.equal(await authorization(source), "Bearer sha256~second");
    assert.equal(runs(), 2);
  });

  it("an exec plugin is not run again before what it answered expires, however long that is", async () => {
    const { exec, runs } = plugin();
    const source = credentialsOf({ exec });
    answer({ token: "sha256~first", expirationTimestamp: inSeconds(3600) });
    await authorization(source);
    for (const seconds of [61, 1800, 3599]) {
      laterBy(seconds);
      await authorization(source);
    }
    assert.equal(runs(), 1);
  });

  it("an exec plugin without an expiry is run again after a refusal only", async () => {
    const { exec, runs } = plugin();
    const source = credentialsOf({ exec });
    answer({ token: "sha256~first" });
    await authorization(source);
    laterBy(7200);
    await authorization(source);
    assert.equal(runs(), 1);
    source.forget?.();
    await authorization(source);
    assert.equal(runs(), 2);
  });

  it("a token file counts before the token beside it, as for kubectl, and is read again every minute", async () => {
    write("token", "first\n");
    const source = credentialsOf({ tokenFile: "token", token: "old" });
    assert.equal(await authorization(source), "Bearer first");
    write("token", "second\n");
    laterBy(62);
    assert.equal(await authorization(source), "Bearer second");
  });

  describe("at a server", () => {
    let server: TestServer;
    let accepted: string;
    beforeEach(async () => {
      server = await startServer(({ headers }) =>
        headers.authorization === `Bearer ${accepted}`
          ? { body: {} }
          : failure(401, "Unauthorized", "Unauthorized"),
      );
    });
    afterEach(() => server.close());
    const get = { method: "GET", path: "/version", attempted: "ask", signal: never } as const;

    it("a token file that is rotated again and again is read after each refusal", async () => {
      write("token", "t0");
      accepted = "t0";
      const client = clientFor(server.url, {}, [credentialsOf({ tokenFile: "token" })], undefined, {
        barredBy: "nobody else",
      });
      for (const token of ["t0", "t1", "t2", "t3"]) {
        write("token", token);
        accepted = token;
        await client.request(get);
      }
      await client.close();
      assert.equal(server.seen.length, 7);
    });

    it("an exec plugin is run once more for a refusal, and not again when that is refused too", async () => {
      const { exec, runs } = plugin();
      const client = clientFor(server.url, {}, [credentialsOf({ exec })], undefined, {
        barredBy: "nobody else",
      });
      accepted = "t1";
      answer({ token: "t1" });
      await client.request(get);
      accepted = "none";
      answer({ token: "t2" });
      await assert.rejects(client.request(get), /API_UNAUTHORIZED/);
      assert.equal(runs(), 2);
      answer({ token: "t3" });
      await assert.rejects(client.request(get), /API_UNAUTHORIZED/);
      assert.equal(runs(), 2);
      await client.close();
    });
  });

  it("an OIDC token is renewed when it expires, at the provider whose CA the kubeconfig names, and kept until then", async () => {
    const { server, authority, idToken, redeemed } = await startIdentityProvider();
    write("ca.pem", authority.cert);
    const config = {
      "idp-issuer-url": server.url,
      "idp-certificate-authority-data": Buffer.from(authority.cert).toString("base64"),
      "client-id": oidcClient,
      "client-secret": "hush",
      "refresh-token": "refresh-1",
      "id-token": idToken(30),
    };
    const source = credentialsOf({ "auth-provider": { name: "oidc", config } });
    try {
      assert.equal(await authorization(source), `Bearer ${config["id-token"]}`);
      laterBy(31);
      const renewed = await authorization(source);
      assert.match(String(renewed), /^Bearer ey/);
      assert.notEqual(renewed, `Bearer ${config["id-token"]}`);
      assert.equal(await authorization(source), renewed);
      assert.deepEqual(redeemed(), ["refresh-1 of okd with hush"]);
      laterBy(31 + 3601);
      assert.notEqual(await authorization(source), renewed);
      assert.deepEqual(redeemed().slice(1), ["refresh-2 of okd with hush"]);
    } finally {
      await server.close();
    }
  });
});
