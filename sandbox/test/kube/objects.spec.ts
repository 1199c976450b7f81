import assert from "node:assert/strict";
import type { KubeObject } from "okd-image-sandbox";
import { request } from "undici";
import type { KubeApi } from "../../../test/support/clients/kubeApi.js";
import { withSandbox } from "../client.js";

describe("seeded objects", () => {
  const open = withSandbox(() => ({
    objects: [{ apiVersion: "v1", kind: "Pod", metadata: { name: "first", namespace: "made" } }],
  }));
  const name = { apiVersion: "v1", kind: "Pod", metadata: { name: "old", namespace: "shop" } };
  const stored = (): KubeObject | undefined => open().sandbox.stored("pods", "old", "shop");

  it("seeded objects exist at start, and their namespace is created", async () => {
    assert.equal((await open().admin.get("/api/v1/namespaces/made/pods/first")).status, 200);
    assert.equal((await open().admin.get("/api/v1/namespaces/made")).status, 200);
  });

  it("a seeded object can be older than all others, be replaced under its uid, be patched and be removed", () => {
    const { sandbox } = open();
    const first = sandbox.seed({ ...name, metadata: { ...name.metadata, creationTimestamp: null } });
    assert.equal(stored()?.metadata.creationTimestamp, null);
    const replaced = sandbox.seed({ ...name, spec: { containers: [] } });
    assert.equal(replaced.metadata.uid, first.metadata.uid);
    assert.equal(replaced.metadata.creationTimestamp, null);
    assert.notEqual(replaced.metadata.resourceVersion, first.metadata.resourceVersion);
    sandbox.patch({ ...name, status: { phase: "Running" } });
    assert.deepEqual(stored()?.["status"], { phase: "Running" });
    assert.deepEqual(stored()?.["spec"], { containers: [] });
    sandbox.remove(name);
    assert.equal(stored(), undefined);
    assert.throws(() => sandbox.remove(name), /has no Pod shop\/old/);
  });

  it("a seeded stream gets the fields that the server adds", async () => {
    const { sandbox, admin } = open();
    sandbox.seed({
      apiVersion: "image.openshift.io/v1",
      kind: "ImageStream",
      metadata: { name: "s", namespace: "shop" },
    });
    const { stream } = await admin.get("/apis/image.openshift.io/v1/namespaces/shop/imagestreams/s");
    assert.match(stream.status.dockerImageRepository, /^image-registry.*\/shop\/s$/);
  });

  it("another process seeds and removes objects", async () => {
    const { sandbox } = open();
    const url = `${sandbox.controlUrl}/sandbox/objects`;
    const put = await request(url, {
      method: "PUT",
      body: JSON.stringify([
        name,
        { kind: "List", items: [{ ...name, metadata: { ...name.metadata, name: "b" } }] },
      ]),
    });
    assert.equal(put.statusCode, 200);
    const { items } = (await put.body.json()) as { items: readonly KubeObject[] };
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ["old", "b"],
    );
    assert.notEqual(stored(), undefined);
    const removed = await request(url, { method: "DELETE", body: JSON.stringify(name) });
    assert.equal(removed.statusCode, 204);
    assert.equal(stored(), undefined);
    const wrong = await request(url, {
      method: "PUT",
      body: JSON.stringify({ kind: "Nothing", metadata: {} }),
    });
    assert.equal(wrong.statusCode, 400);
    assert.match(await wrong.body.text(), /an object: apiVersion is missing/);
  });
});

describe("long lists", () => {
  const open = withSandbox();

  it("20,000 pods are read in pages of 500, also those of one namespace", async () => {
    const { sandbox, admin } = open();
    for (let index = 0; index < 20_000; index += 1) {
      const namespace = index % 2 === 0 ? "even" : "odd-1";
      sandbox.seed({ apiVersion: "v1", kind: "Pod", metadata: { name: `p${index}`, namespace } });
    }
    assert.equal((await namesOf(admin, "/api/v1/pods")).size, 20_000);
    const odd = await namesOf(admin, "/api/v1/namespaces/odd-1/pods");
    assert.equal(odd.size, 10_000);
    assert.ok(odd.has("p1") && !odd.has("p2"));
  });
});

describe("leases", () => {
  const open = withSandbox();
  const path = "/apis/coordination.k8s.io/v1/namespaces/shop/leases";

  it("a lease is created once, and updated only from its current version", async () => {
    const { admin } = open();
    const created = await admin.post(path, { metadata: { name: "l" }, spec: { holderIdentity: "a" } });
    assert.equal(created.status, 201);
    const again = await admin.post(path, { metadata: { name: "l" }, spec: { holderIdentity: "b" } });
    assert.deepEqual([again.status, again.failure.reason], [409, "AlreadyExists"]);
    const renewed = await admin.put(`${path}/l`, { ...created.object, spec: { holderIdentity: "c" } });
    assert.equal(renewed.status, 200);
    const stale = await admin.put(`${path}/l`, { ...created.object, spec: { holderIdentity: "d" } });
    assert.deepEqual([stale.status, stale.failure.reason], [409, "Conflict"]);
    const blind = await admin.put(`${path}/l`, { metadata: { name: "l" }, spec: {} });
    assert.equal(blind.status, 422);
  });
});

async function namesOf(admin: KubeApi, path: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (let token: string | undefined = ""; token !== undefined;) {
    const query: string = token === "" ? "" : `&continue=${encodeURIComponent(token)}`;
    const { list } = await admin.get(`${path}?limit=500${query}`);
    for (const item of list.items) names.add(item.metadata.name);
    token = list.metadata.continue;
  }
  return names;
}
