import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Agent, request } from "undici";
import { openKubeApi } from "../../../test/support/clients/kubeApi.js";
import { shop, withSandbox } from "../client.js";

const secrets = "/api/v1/namespaces/shop/secrets";
const deployments = "/apis/apps/v1/namespaces/shop/deployments";

describe("the identity of a request", () => {
  const open = withSandbox(() => ({
    plainHttp: true,
    users: [{ name: "bob", rules: [{ verbs: ["get"], resources: ["secrets"], namespaces: ["shop"] }] }],
  }));

  it("a client certificate gives user and groups", async () => {
    const { sandbox } = open();
    const clientCertificate = await sandbox.issueClientCertificate("root", ["system:masters"]);
    const { url: server, certificateAuthority } = sandbox;
    const api = openKubeApi({ server, certificateAuthority, clientCertificate });
    assert.equal((await api.get(secrets)).status, 200);
    await api.close();
    const ordinary = openKubeApi({
      server,
      certificateAuthority,
      clientCertificate: await sandbox.issueClientCertificate("eve"),
    });
    assert.match(
      (await ordinary.get(secrets)).failure.message ?? "",
      /User "eve" cannot list resource "secrets"/,
    );
    await ordinary.close();
  });

  it("the admin may impersonate others", async () => {
    const answer = await open().admin.get(secrets, { "impersonate-user": "carol", "impersonate-group": "x" });
    assert.match(answer.failure.message ?? "", /User "carol" cannot list/);
  });

  it("rights come from rules given at start or later, and end when they are revoked", async () => {
    const { sandbox, admin } = open();
    await admin.post(secrets, { metadata: { name: "s" } });
    const bob = openKubeApi({ server: sandbox.httpUrl ?? "", token: sandbox.users[0]?.token });
    assert.equal((await bob.get(`${secrets}/s`)).status, 200);
    assert.equal((await bob.get(secrets)).status, 403);
    sandbox.grant("bob", { verbs: ["list"], resources: ["secrets"] });
    assert.equal((await bob.get(secrets)).status, 200);
    sandbox.revoke("bob");
    assert.equal((await bob.get(`${secrets}/s`)).status, 403);
    await bob.close();
  });

  it("a token works from addToken to removeToken", async () => {
    const { sandbox } = open();
    const token = sandbox.addToken("dave", undefined, ["system:masters"]);
    const dave = openKubeApi({ server: sandbox.httpUrl ?? "", token });
    assert.equal((await dave.get(secrets)).status, 200);
    sandbox.removeToken(token);
    assert.equal((await dave.get(secrets)).status, 401);
    await dave.close();
  });

  it("a request with Basic is answered with 401", async () => {
    const answer = await open().admin.get(secrets, {
      authorization: `Basic ${Buffer.from("a:b").toString("base64")}`,
    });
    assert.equal(answer.status, 401);
  });
});

describe("the kubeconfig of the sandbox", () => {
  const open = withSandbox(() => ({ plainHttp: true }));

  it("Kubernetes' own client reads the kubeconfig", async () => {
    const { KubeConfig } = await import("@kubernetes/client-node");
    const { sandbox } = open();
    const config = new KubeConfig();
    config.loadFromString(sandbox.kubeconfig({ namespace: "shop" }));
    assert.equal(config.getCurrentCluster()?.server, sandbox.url);
    assert.equal(config.getCurrentUser()?.token, sandbox.adminToken);
    assert.equal(config.getContextObject("sandbox")?.namespace, "shop");
    config.loadFromString(sandbox.kubeconfig({ user: "alice", plainHttp: true }));
    assert.equal(config.getCurrentCluster()?.server, sandbox.httpUrl);
    assert.equal(config.getCurrentUser()?.token, sandbox.users[0]?.token);
  });

  it("a written kubeconfig is readable for its owner only, and its folders are created", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sandbox-kubeconfig-"));
    const path = join(folder, "deep", "kubeconfig");
    await open().sandbox.writeKubeconfig(path);
    assert.equal(await readFile(path, "utf8"), open().sandbox.kubeconfig());
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    await rm(folder, { recursive: true });
  });
});

describe("the API in general", () => {
  const open = withSandbox(() => ({
    clusterUid: "11111111-2222-4333-8444-555555555555",
    missingGroups: ["apps"],
    unavailableGroups: ["gone.example.com"],
  }));

  it("kube-system has the uid that identifies the cluster", async () => {
    const { object } = await open().admin.get("/api/v1/namespaces/kube-system");
    assert.equal(object.metadata.uid, "11111111-2222-4333-8444-555555555555");
  });

  it("a missing group answers 404 as text, one without a backend 503 as text", async () => {
    const missing = await open().admin.get(deployments);
    assert.deepEqual([missing.status, missing.text.trim()], [404, "404 page not found"]);
    const gone = await open().admin.get("/apis/gone.example.com/v1/things");
    assert.deepEqual([gone.status, gone.text.trim()], [503, "service unavailable"]);
  });

  it("a big answer is compressed for clients that accept gzip", async () => {
    const { sandbox, admin } = open();
    const data = { text: "x".repeat(5000) };
    await admin.post("/api/v1/namespaces/shop/configmaps", { metadata: { name: "big" }, data });
    const dispatcher = new Agent({ connect: { ca: sandbox.certificateAuthority } });
    const answer = await request(`${sandbox.url}/api/v1/namespaces/shop/configmaps/big`, {
      dispatcher,
      headers: { authorization: `Bearer ${sandbox.adminToken}`, "accept-encoding": "gzip" },
    });
    assert.equal(answer.headers["content-encoding"], "gzip");
    const body = gunzipSync(Buffer.from(await answer.body.arrayBuffer())).toString();
    assert.deepEqual((JSON.parse(body) as { readonly data: object }).data, data);
    await dispatcher.close();
  });

  it("a secret's stringData becomes data, and a broken pull secret is refused", async () => {
    const { admin } = open();
    const made = await admin.post(secrets, { metadata: { generateName: "s-" }, stringData: { a: "b" } });
    assert.match(made.object.metadata.name, /^s-.{5}$/);
    assert.deepEqual(made.object["data"], { a: Buffer.from("b").toString("base64") });
    const broken = await admin.post(secrets, {
      metadata: { name: "broken" },
      type: "kubernetes.io/dockerconfigjson",
    });
    assert.equal(broken.status, 422);
  });

  it("labels and fields select objects of a list", async () => {
    const { admin } = open();
    for (const [name, tier] of [
      ["l1", "a"],
      ["l2", "b"],
      ["l3", "c"],
    ] as const) {
      await admin.post("/api/v1/namespaces/shop/configmaps", { metadata: { name, labels: { tier } } });
    }
    const names = async (query: string): Promise<readonly string[]> =>
      (await admin.get(`/api/v1/namespaces/shop/configmaps?${query}`)).list.items.map(
        (item) => item.metadata.name,
      );
    assert.deepEqual(await names("labelSelector=tier%3Db"), ["l2"]);
    assert.deepEqual(await names("labelSelector=tier,tier%21%3Db"), ["l1", "l3"]);
    assert.deepEqual(await names("labelSelector=tier+in+(a,c)"), ["l1", "l3"]);
    assert.deepEqual(await names("fieldSelector=metadata.name%3Dl3"), ["l3"]);
  });

  it("deleting a namespace deletes its content", async () => {
    const { admin } = open();
    await admin.post("/api/v1/namespaces", { metadata: { name: "brief" } });
    await admin.post("/apis/image.openshift.io/v1/namespaces/brief/imagestreams", {
      metadata: { name: "s" },
    });
    assert.equal((await admin.delete("/api/v1/namespaces/brief")).status, 200);
    assert.equal((await admin.get("/api/v1/namespaces/brief")).status, 404);
    await admin.post("/api/v1/namespaces", { metadata: { name: "brief" } });
    assert.equal(
      (await admin.get("/apis/image.openshift.io/v1/namespaces/brief/imagestreams/s")).status,
      404,
    );
  });

  it("a seeded object keeps the time that it brings", async () => {
    const { sandbox, admin } = open();
    const metadata = { name: "old", namespace: "shop", creationTimestamp: "2020-01-01T00:00:00Z" };
    sandbox.seed({ kind: "ConfigMap", apiVersion: "v1", metadata });
    const { object } = await admin.get("/api/v1/namespaces/shop/configmaps/old");
    assert.equal(object.metadata.creationTimestamp, "2020-01-01T00:00:00Z");
    assert.equal(sandbox.stored("configmaps", "old", "shop")?.metadata.uid, object.metadata.uid);
  });

  it("an unknown patch type is answered with 415, a body that is not JSON with 400", async () => {
    const { sandbox } = open();
    const dispatcher = new Agent({ connect: { ca: sandbox.certificateAuthority } });
    const authorization = `Bearer ${sandbox.adminToken}`;
    const send = async (method: "PATCH" | "POST", path: string, type: string): Promise<number> => {
      const headers = { authorization, "content-type": type };
      const answer = await request(`${sandbox.url}${path}`, {
        method,
        dispatcher,
        headers,
        body: "nonsense",
      });
      await answer.body.dump();
      return answer.statusCode;
    };
    assert.equal(await send("PATCH", `${shop}/imagestreams/x`, "text/plain"), 415);
    assert.equal(await send("POST", `${shop}/imagestreams`, "application/json"), 400);
    await dispatcher.close();
  });
});

describe("workloads", () => {
  const open = withSandbox();
  const container = (name: string, image: string): object => ({ name, image });

  it("a strategic patch merges containers by name, and a changed spec raises the generation", async () => {
    const { admin } = open();
    const template = { spec: { containers: [container("web", "a"), container("side", "b")] } };
    const made = await admin.post(deployments, { metadata: { name: "web" }, spec: { template } });
    assert.equal(made.object.metadata.generation, 1);
    const patch = { spec: { template: { spec: { containers: [container("side", "c")] } } } };
    const { object } = await admin.patch(`${deployments}/web`, "strategic", patch);
    assert.deepEqual((object["spec"] as { readonly template: object }).template, {
      spec: { containers: [container("web", "a"), container("side", "c")] },
    });
    assert.equal(object.metadata.generation, 2);
  });
});
