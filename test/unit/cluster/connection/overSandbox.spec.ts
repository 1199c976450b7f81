import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "okd-image-sandbox";
import { type ConnectedCluster, createConnector } from "../../../../provider/cluster/connection/open.js";
import type { ConnectionInputs } from "../../../../provider/cluster/connection/schema.js";
import type { ImageImportSpec } from "../../../../provider/okd/imageStream.js";
import { hasCode } from "../../../../provider/support/imageError.js";
import { never } from "../../../support/clients/cluster.js";
import { machine } from "../../../support/fakes/machine.js";

const options = { signal: never };
const key = { namespace: "shop", name: "web" };

describe("openshift adapter over the sandbox", () => {
  let sandbox: Sandbox;
  let image: ImageImportSpec;

  const connectWith = (inputs: ConnectionInputs): Promise<ConnectedCluster> =>
    createConnector(machine())({ inputs, config: () => undefined }, options);
  const asAdmin = () => connectWith({ kubeconfig: sandbox.kubeconfig({ namespace: "shop" }) });

  before(async () => {
    sandbox = await startSandbox({ plainHttp: true });
    sandbox.seed({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
    const registry = sandbox.registry();
    registry.publishImage("acme/web", "1");
    image = {
      from: { kind: "DockerImage", name: `${registry.host}/acme/web:1` },
      to: { name: "v1" },
      importPolicy: { insecure: true, importMode: "Legacy" },
    };
  });
  after(() => sandbox.close());

  it("connects by kubeconfig, by token and by plain HTTP, and finds one and the same cluster", async () => {
    const { url: host, adminToken: token, certificateAuthority: caCert } = sandbox;
    const clusters = await Promise.all([
      asAdmin(),
      connectWith({ host, token, caCert }),
      connectWith({ kubeconfig: sandbox.kubeconfig({ plainHttp: true }) }),
    ]);
    const uids = new Set(clusters.map(({ identity }) => identity.uid));
    assert.equal(uids.size, 1);
    assert.notEqual([...uids][0], undefined);
    assert.equal(clusters[0].defaultNamespace, "shop");
  });

  it("connects by client certificate", async () => {
    const clientCertificate = await sandbox.issueClientCertificate("admin", ["system:masters"]);
    const { streams } = await connectWith({ kubeconfig: sandbox.kubeconfig({ clientCertificate }) });
    assert.equal(await streams.getStream({ ...key, name: "none" }, options), undefined);
  });

  it("previews, creates, imports, replaces and deletes", async () => {
    const { streams } = await asAdmin();
    const preview = await streams.importImages(key, [image], { ...options, store: false });
    const digest = preview.images[0]?.image?.metadata.name ?? "";
    assert.match(digest, /^sha256:[0-9a-f]{64}$/);
    assert.equal(await streams.getStream(key, options), undefined);

    const created = await streams.createStream({ metadata: key, spec: {} }, options);
    const { stream } = await streams.importImages(key, [image], { ...options, store: true });
    assert.equal(stream?.status?.tags?.[0]?.items?.[0]?.image, digest);
    await assert.rejects(streams.replaceStream(created, options), (error) => hasCode(error, "API_CONFLICT"));
    const labelled = { ...stream, metadata: { ...stream.metadata, labels: { a: "b" } } };
    const replaced = await streams.replaceStream(labelled, options);

    const { uid = "", resourceVersion = "" } = replaced.metadata;
    const other = { uid: "11111111-1111-1111-1111-111111111111", resourceVersion };
    await assert.rejects(streams.deleteStream(key, other, options), (error) =>
      hasCode(error, "API_CONFLICT"),
    );
    assert.equal(await streams.deleteTag(key, "v1", { uid }, options), "deleted");
    assert.equal(await streams.deleteTag(key, "v1", { uid }, options), "absent");
    const latest = (await streams.getStream(key, options))?.metadata.resourceVersion ?? "";
    assert.equal(await streams.deleteStream(key, { uid, resourceVersion: latest }, options), "deleted");
    assert.equal(await streams.deleteStream(key, { uid, resourceVersion: latest }, options), "absent");
  });

  it("names a missing namespace and a missing right", async () => {
    const { streams } = await asAdmin();
    const nowhere = { namespace: "nowhere", name: "web" };
    for (const work of [
      () => streams.importImages(nowhere, [image], { ...options, store: false }),
      () => streams.createStream({ metadata: nowhere, spec: {} }, options),
    ]) {
      await assert.rejects(work(), (error) => hasCode(error, "NAMESPACE_NOT_FOUND"));
    }
    const alice = await connectWith({ kubeconfig: sandbox.kubeconfig({ user: "alice" }) });
    assert.equal(alice.identity.uid, undefined);
    await assert.rejects(
      alice.streams.importImages(key, [image], { ...options, store: true }),
      /alice may not create imagestreamimports in namespace shop\. Role edit has that right/,
    );
    assert.equal(await alice.diagnosis.pullSecretKeys("shop", options), undefined);
  });

  it("reports that a host with a wrong path is not the API server, and takes nothing for absent", async () => {
    const { url, adminToken: token, certificateAuthority: caCert } = sandbox;
    const { streams } = await connectWith({ host: `${url}/elsewhere`, token, caCert });
    await assert.rejects(streams.getStream({ ...key, name: "none" }, options), (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, /Cannot read image stream shop\/none/);
      return true;
    });
  });

  it("never goes on as the administrator of KUBECONFIG when the token of the arguments is refused", async () => {
    const token = sandbox.addToken("carol", undefined, ["system:masters"]);
    const { url: host, certificateAuthority: caCert } = sandbox;
    const connect = createConnector(machine({ KUBECONFIG: "/k" }, { "/k": sandbox.kubeconfig() }));
    const { streams } = await connect({ inputs: { host, token, caCert }, config: () => undefined }, options);
    sandbox.removeToken(token);
    await assert.rejects(streams.getStream({ ...key, name: "none" }, options), (error) => {
      assert.ok(hasCode(error, "API_UNAUTHORIZED"));
      assert.match(error.message, /Tried: token \(argument\)\. Not tried: .*\(variable KUBECONFIG\)/);
      return true;
    });
  });

  it("repeats a read after a cut connection and never a write that may have taken effect", async () => {
    const { streams } = await asAdmin();
    sandbox.faults.add({ method: "GET", path: "/imagestreams/", effect: { kind: "cut", when: "during" } });
    assert.equal(await streams.getStream({ ...key, name: "none" }, options), undefined);
    const cutName = { ...key, name: "cut" };
    sandbox.faults.add({ method: "POST", path: "/imagestreams$", effect: { kind: "cut", when: "after" } });
    await assert.rejects(streams.createStream({ metadata: cutName, spec: {} }, options), (error) =>
      hasCode(error, "API_UNREACHABLE"),
    );
    assert.notEqual(await streams.getStream(cutName, options), undefined);
  });
});
