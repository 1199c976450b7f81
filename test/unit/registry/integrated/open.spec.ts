import assert from "node:assert/strict";
import { type ClusterAccess, openPrunedRegistry } from "../../../../provider/registry/integrated/open.js";
import { never } from "../../../support/clients/cluster.js";
import { machine } from "../../../support/fakes/machine.js";
import { type Authority, createAuthority } from "../../../support/servers/certificates.js";
import { startServer, type TestServer } from "../../../support/servers/scripted.js";
import { startProxy } from "../../../support/servers/proxy.js";
import { answerPing, failureOf, fixedToken } from "../../../support/servers/scriptedRegistry.js";

const hints = {
  externalHostnames: [],
  routes: [],
  internalHostname: undefined,
  serviceHost: undefined,
  publicRepositoryHost: undefined,
  repositoryHost: undefined,
  managedImageHost: undefined,
  unread: [],
};

describe("openPrunedRegistry", () => {
  let authority: Authority;
  let server: TestServer;
  before(async () => {
    authority = await createAuthority();
    server = await startServer(
      (request) => answerPing(request) ?? { body: "" },
      await authority.issue("registry", ["127.0.0.1", "0.0.0.0"]),
    );
  });
  after(() => server.close());

  const open = async (
    caCert: string | undefined,
    access: Partial<ClusterAccess> = {},
    files: Readonly<Record<string, string>> = {},
    variables: Readonly<Record<string, string>> = {},
    { host } = new URL(server.url),
  ) => {
    const found = await openPrunedRegistry(
      hints,
      { url: { host, scheme: "https" }, caCert, skipTlsVerify: false },
      { server: "https://api.example.com:6443", ca: undefined, credentials: fixedToken("t0ken"), ...access },
      { signal: never, machine: machine(variables, files) },
    );
    await found.close();
    return found.server;
  };

  it("trusts the CA that it is given, as text, by its path, or by a path in the home folder", async () => {
    assert.equal(await open(authority.cert), server.url);
    assert.equal(await open("/ca.pem", {}, { "/ca.pem": authority.cert }), server.url);
    assert.equal(await open("~/ca.pem", {}, { "/home/ann/ca.pem": authority.cert }), server.url);
    const failure = await failureOf(open("~/ca.pem"));
    assert.equal(failure.code, "CONNECTION_INVALID");
    assert.match(
      failure.message,
      /^registry\.caCert: \/home\/ann\/ca\.pem cannot be read: there is no such file/,
    );
  });

  it("trusts the connection's CA where it is given none, and nothing but a CA that it is given", async () => {
    assert.equal(await open(undefined, { ca: authority.cert }), server.url);
    const other = await createAuthority("Other CA");
    for (const failing of [open(undefined), open(other.cert, { ca: authority.cert })]) {
      assert.equal((await failureOf(failing)).code, "REGISTRY_TLS");
    }
  });

  it("is reached through the proxy of the variables, unless NO_PROXY lists it", async () => {
    const proxy = await startProxy();
    const host = `0.0.0.0:${server.port}`; // no loopback address by its text, for which no proxy counts
    const through = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    const openBy = (variables: Readonly<Record<string, string>>) =>
      open(authority.cert, {}, {}, variables, new URL(`https://${host}`));
    assert.equal(await openBy({ ...through, NO_PROXY: "0.0.0.0/8" }), `https://${host}`);
    assert.equal(proxy.seen.length, 0);
    assert.equal(await openBy(through), `https://${host}`);
    await proxy.close();
    assert.deepEqual(
      new Set(proxy.seen.map(({ method, url }) => `${method} ${url}`)),
      new Set([`CONNECT ${host}`]),
    );
  });
});
