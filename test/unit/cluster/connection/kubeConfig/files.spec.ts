import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { processMachine } from "../../../../../provider/http/machine.js";
import { never } from "../../../../support/clients/cluster.js";
import { resolve } from "../../../../support/fakes/connections.js";
import { type ContextSketch, kubeconfig } from "../../../../support/fakes/machine.js";
import { type Authority, createAuthority } from "../../../../support/servers/certificates.js";

describe("several files of KUBECONFIG", () => {
  let folder: string;
  let authority: Authority;
  before(async () => {
    authority = await createAuthority();
  });
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "files-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(name: string, text: string): string {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }
  const config = (name: string, sketches: Readonly<Record<string, ContextSketch>>, change: object = {}) =>
    write(name, JSON.stringify({ ...(JSON.parse(kubeconfig(sketches)) as object), ...change }));
  const connectionOf = (files: readonly string[], args = {}) =>
    resolve({
      args,
      machine: {
        ...processMachine,
        variable: (name) => (name === "KUBECONFIG" ? files.join(path.delimiter) : undefined),
      },
    });
  const read = async (files: readonly string[], args = {}) => {
    const connection = connectionOf(files, args);
    const { headers, certificate } = await connection.credentials.read(never);
    const { server, ca } = connection.endpoint;
    return { server, ca, authorization: headers["Authorization"], certificate };
  };

  it("give the current-context of the first file that has one", async () => {
    const files = [
      config("a/config", { one: {} }, { "current-context": "" }),
      config("b/config", { two: {}, three: {} }),
      config("c/config", { three: {} }),
    ];
    assert.equal((await read(files)).server, "https://api.two:6443");
  });

  it("give a cluster, a user and a context of the first file that has one of that name, and nothing else of a later one", async () => {
    const token = { user: { token: "first" } };
    const files = [
      config("a/config", { prod: { server: "https://api.first:6443", ...token } }),
      config("b/config", {
        prod: {
          server: "https://api.second:6443",
          cluster: { "tls-server-name": "second" },
          namespace: "second",
        },
        stage: {},
      }),
    ];
    const { endpoint, namespace } = connectionOf(files);
    assert.deepEqual(
      [endpoint.server, endpoint.tlsServerName, namespace],
      ["https://api.first:6443", undefined, undefined],
    );
    assert.equal((await read(files)).authorization, "Bearer first");
    assert.equal((await read(files, { context: "stage" })).server, "https://api.stage:6443");
  });

  it("may have a context in one file, its cluster in another and its user in a third", async () => {
    const parts = JSON.parse(kubeconfig({ prod: {} })) as Record<string, unknown>;
    const only = (key: string) =>
      write(`${key}/config`, JSON.stringify({ clusters: [], contexts: [], users: [], [key]: parts[key] }));
    const { server, authorization } = await read([
      ...["contexts", "clusters", "users"].map(only),
      write("current/config", "contexts: []\ncurrent-context: prod\n"),
    ]);
    assert.deepEqual([server, authorization], ["https://api.prod:6443", "Bearer prod-token"]);
  });

  it("have paths that are relative to their own file", async () => {
    const pair = await authority.issue("ann", []);
    write("a/ca.pem", authority.cert);
    write("b/pki/ann.crt", pair.cert);
    write("b/pki/ann.key", pair.key);
    write("b/token", "of-b");
    const user = { "client-certificate": "pki/ann.crt", "client-key": "pki/ann.key", tokenFile: "token" };
    const { clusters } = JSON.parse(
      kubeconfig({ prod: { cluster: { "certificate-authority": "ca.pem" } } }),
    ) as { clusters: object[] };
    const files = [
      write("a/config", JSON.stringify({ clusters, contexts: [] })),
      config("b/config", { prod: { user, cluster: { "certificate-authority": "none.pem" } } }),
    ];
    const { ca, certificate, authorization } = await read(files);
    assert.equal(ca?.trim(), authority.cert.trim());
    assert.deepEqual(certificate, pair);
    assert.equal(authorization, "Bearer of-b");
  });

  it("may be missing, unless all are", async () => {
    const missing = path.join(folder, "missing");
    assert.equal(
      (await read([missing, config("a/config", { prod: {} }), `${missing}2`])).server,
      "https://api.prod:6443",
    );
    assert.throws(() => connectionOf([missing, `${missing}2`]), /none of these files is there: /);
  });
});
