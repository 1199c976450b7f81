import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { SandboxOptions } from "okd-image-sandbox";
import { createAuthority } from "../support/servers/certificates.js";
import type { TestServer } from "../support/servers/scripted.js";
import { apiVersion, takesEverything } from "../support/servers/twoHosts.js";
import {
  HostileScene,
  hostOf,
  mapForeignImage,
  nowhere,
  routeTo,
  upstream,
} from "../support/worlds/hostileCluster.js";

describe("the connection's token in a hostile cluster", () => {
  let scene: HostileScene;
  let foreign: TestServer;
  beforeEach(async () => {
    scene = new HostileScene();
    foreign = await scene.serve(takesEverything);
  });
  afterEach(() => scene.close());

  it("is not sent where the newest managed Image names another host, which is told as not believed", async () => {
    const cluster = await scene.openPrune({ integratedRegistry: { publicHost: nowhere } });
    await mapForeignImage(cluster, hostOf(foreign));
    const said = await scene.prunes();
    assert.match(said, /REGISTRY_UNREACHABLE/);
    assert.ok(
      said.includes(`The newest managed Image names "${hostOf(foreign)}", which is not believed`),
      said,
    );
    assert.equal(foreign.seen.length, 0);
    scene.assertUntold(foreign);
  });

  it("is sent to the registry all the same, where an administrator's address answers", async () => {
    const cluster = await scene.openPrune({});
    await mapForeignImage(cluster, hostOf(foreign));
    assert.match(await scene.prunes(), /external hostname in images\.config\.openshift\.io/);
    assert.equal(foreign.seen.length, 0);
  });

  it("is not sent to the upstream of a stream, which its status names where the registry is removed", async () => {
    const cluster = await scene.openPrune({ registryRemoved: true, namespaces: ["shop"] });
    cluster.seed(upstream(hostOf(foreign)));
    const said = await scene.prunes();
    assert.match(said, /Cannot find the integrated registry.*managementState: Removed.*registry\.url/);
    assert.ok(said.includes(`Image streams name "${hostOf(foreign)}", which is not believed`), said);
    assert.equal(foreign.seen.length, 0);
  });

  it("is not sent to the source of an archive, which is asked anonymously", async () => {
    const cluster = await scene.openArchive({ registryRemoved: true, namespaces: ["shop"] });
    cluster.seed(upstream(hostOf(foreign)));
    const said = await scene.archives();
    assert.match(
      said,
      /shop\/web:v1 is pulled from its source, because: Cannot find the integrated registry/,
    );
    assert.match(said, /integratedRegistry\.url/);
    assert.ok(foreign.seen.some(({ url }) => url.startsWith("/v2/acme/web/manifests/")));
    assert.ok(said.includes(`Image streams name "${hostOf(foreign)}", which is not believed`), said);
    scene.assertUntold(foreign);
  });

  it("is sent nowhere after a certificate that is not trusted, by an archive neither", async () => {
    const issued = await (await createAuthority("Stranger")).issue("registry", ["127.0.0.1"]);
    const untrusted = await scene.serve(takesEverything, issued);
    const routes = { corp: hostOf(foreign) };
    const sandbox: SandboxOptions = { integratedRegistry: { publicHost: hostOf(untrusted), routes } };
    await scene.openPrune(sandbox);
    const said = await scene.prunes();
    assert.match(said, /not trusted here.*no token was sent.*\[REGISTRY_TLS\]/s);
    scene.assertUntold(untrusted, foreign);
    await scene.openArchive(sandbox);
    assert.match(await scene.archives(), /not trusted here.*integratedRegistry\.caCert.*\[REGISTRY_TLS\]/s);
    assert.equal(untrusted.seen.length + foreign.seen.length, 0);
  });

  it("is sent to no registry whose API server's certificate alone goes unchecked (connection.skipTlsVerify)", async () => {
    const sandbox: SandboxOptions = {};
    const cluster = await scene.openPrune(sandbox);
    const connection = { host: cluster.url, token: cluster.adminToken, skipTlsVerify: true };
    const asked = () => cluster.requests.matching({ server: "integrated" });
    assert.match(await scene.prunes({ connection }), /\[REGISTRY_TLS\]/);
    assert.equal(asked().length, 0);
    assert.doesNotMatch(
      await scene.prunes({ connection, registry: { skipTlsVerify: true } }),
      /REGISTRY_TLS/,
    );
    assert.ok(asked().length > 0);
    const other = await scene.openArchive(sandbox);
    const loose = { host: other.url, token: other.adminToken, skipTlsVerify: true };
    assert.match(await scene.archives({ connection: loose }), /\[REGISTRY_TLS\]/);
    assert.equal(other.requests.matching({ server: "integrated" }).length, 0);
    const integratedRegistry = { skipTlsVerify: true };
    assert.doesNotMatch(await scene.archives({ connection: loose, integratedRegistry }), /REGISTRY_TLS/);
  });

  it("does not follow a hostile redirect from /v2/", async () => {
    const luring = await scene.serve(({ url }) => ({
      status: 307,
      headers: { ...apiVersion, location: `${foreign.url}${url}` },
      body: "",
    }));
    await scene.openPrune({
      integratedRegistry: { publicHost: hostOf(luring), routes: { corp: hostOf(foreign) } },
    });
    assert.match(await scene.prunes(), /HTTP 307, a redirect.*no token was sent/s);
    scene.assertUntold(luring, foreign);
    assert.equal(foreign.seen.length, 0);
    assert.ok(luring.seen.every(({ url }) => url === "/v2/"));
  });

  it("is not sent to the token server that a registry names in its challenge", async () => {
    const luring = await scene.serve(({ headers }) => ({
      status: headers.authorization === undefined ? 401 : 404,
      headers: { ...apiVersion, "www-authenticate": `Bearer realm="${foreign.url}/token",service="x"` },
      body: { errors: [{ code: "MANIFEST_UNKNOWN", message: "unknown" }] },
    }));
    await scene.openPrune({ integratedRegistry: { publicHost: hostOf(luring) } });
    await scene.prunes();
    assert.ok(luring.seen.some(({ headers }) => headers.authorization !== undefined));
    assert.equal(foreign.seen.length, 0);
    await scene.openArchive({ integratedRegistry: { publicHost: hostOf(luring) } });
    await scene.archives();
    assert.equal(foreign.seen.length, 0);
  });

  it("is not sent where a user may not read the registry's address, and the missing right is named", async () => {
    const cluster = await scene.openArchive({ integratedRegistry: { publicHost: nowhere } });
    const token = cluster.addToken("dora");
    const rule = {
      verbs: ["get", "list"],
      apiGroups: ["image.openshift.io"],
      resources: ["imagestreams", "imagestreams/layers"],
    };
    cluster.grant("dora", { ...rule, namespaces: ["shop"] });
    const said = await scene.archives({ connection: { ...scene.archive.connection, token } });
    assert.match(said, /this user may not get images\.config\.openshift\.io\/cluster/);
    assert.match(
      said,
      /this user may not list routes\.route\.openshift\.io in namespace openshift-image-registry/,
    );
    assert.match(
      said,
      /Image streams name "registry\.invalid", which is not believed.*Set integratedRegistry\.url/s,
    );
  });

  it("is in no file on disk", async () => {
    await scene.openArchive({});
    await scene.archives();
    const { archive } = scene;
    assert.ok(!readFileSync(archive.file()).includes(archive.sandbox.adminToken));
  });

  it("is sent to another route to the registry that administrators made", async () => {
    const cluster = await scene.openPrune({ integratedRegistry: { publicHost: nowhere } });
    cluster.seed(routeTo(cluster.integratedRegistry.address));
    assert.match(await scene.prunes(), /\(route corp\), writable/);
  });

  it("is sent to a host name that administrators ask for in the image configuration", async () => {
    const cluster = await scene.openPrune({ integratedRegistry: { publicHost: nowhere } });
    cluster.patch({
      apiVersion: "config.openshift.io/v1",
      kind: "Image",
      metadata: { name: "cluster" },
      spec: { externalRegistryHostnames: [cluster.integratedRegistry.address] },
    });
    assert.match(
      await scene.prunes(),
      /\(external hostname in images\.config\.openshift\.io\/cluster\), writable/,
    );
  });

  it("is not sent to a route that the router refuses, because somebody else has its host", async () => {
    const cluster = await scene.openPrune({ integratedRegistry: { publicHost: nowhere } });
    const conditions = [{ type: "Admitted", status: "False", reason: "HostAlreadyClaimed" }];
    const host = hostOf(foreign);
    cluster.seed({ ...routeTo(host), status: { ingress: [{ host, conditions }] } });
    assert.match(await scene.prunes(), /REGISTRY_UNREACHABLE/);
    assert.equal(foreign.seen.length, 0);
  });
});
