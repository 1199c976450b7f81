import assert from "node:assert/strict";
import { pullImage } from "okd-image-sandbox";
import { Agent, request } from "undici";
import {
  openRequester,
  recordedAnswer,
  type RegistryRequester,
} from "../../../test/support/recordings/registryExchanges.js";
import { importBody, shop, withSandbox } from "../client.js";
import { app, sourceOf, targetOf } from "./pushed.js";

describe("the integrated registry's answers", () => {
  const open = withSandbox(() => ({
    integratedRegistry: { protocol: "http" },
    users: [{ name: "alice" }, { name: "puller", rules: [layersOf("shop")] }],
  }));
  let requester: RegistryRequester;

  before(() => {
    requester = openRequester(targetOf(open().sandbox), "shop");
  });
  after(() => requester.close());

  for (const mode of ["readOnly", "deleteDisabled"] as const) {
    it(`a registry in mode ${mode} refuses to delete links and manifests but deletes blobs, as recorded`, async () => {
      const { integratedRegistry, adminToken } = open().sandbox;
      const name = mode.toLowerCase();
      const { digest, layerDigests } = integratedRegistry.push({ ...app(mode, [mode]), name });
      const layer = layerDigests[0] ?? "";
      const recordedMode =
        mode === "readOnly" ? "storage.maintenance.readonly" : "storage.delete.enabled=false";
      integratedRegistry.mode = mode;
      for (const [path, recorded] of [
        [`/v2/shop/${name}/blobs/${layer}`, "/v2/ir/app/blobs/{layer}"],
        [`/v2/shop/${name}/manifests/${digest}`, "/v2/ir/app/manifests/{digest}"],
        [`/admin/blobs/${layer}`, "/admin/blobs/{digest}"],
      ] as const) {
        const answer = await requester.send(adminToken, "DELETE", path);
        assert.deepEqual(answer, recordedAnswer("admin", `DELETE ${recorded}`, recordedMode));
      }
      const upload = await request(`${integratedRegistry.url}/v2/shop/app/blobs/uploads/`, {
        method: "POST",
        headers: { authorization: `Bearer ${adminToken}` },
      });
      assert.equal(upload.statusCode, mode === "readOnly" ? 405 : 202);
      await upload.body.dump();
      integratedRegistry.mode = "normal";
      const at = `/v2/shop/${name}/blobs/${layer}`;
      const pulled = await pullImage(sourceOf(open().sandbox), `shop/${name}`, mode);
      assert.deepEqual(pulled, { ok: false, at, status: 404 });
    });
  }

  it("/ and /healthz are answered to everybody", async () => {
    for (const path of ["/", "/healthz"])
      assert.equal((await requester.send(undefined, "GET", path)).status, 200, path);
  });

  it("the registry gives tokens for a valid password, and permits pulls by the cluster's rights", async () => {
    const { sandbox } = open();
    const { digest } = sandbox.integratedRegistry.push(app("who", ["who"]));
    const [alice, puller] = sandbox.users;
    const { body } = await requester.sendBasic(puller?.token ?? "", "GET", "/openshift/token");
    const { token, access_token: accessToken } = body as { token: string; access_token: string };
    assert.equal(token, accessToken);
    const path = `/v2/shop/app/manifests/${digest}`;
    assert.equal((await requester.send(token, "GET", path)).status, 200);
    assert.equal((await requester.send(token, "DELETE", path)).status, 401);
    assert.equal((await requester.send(alice?.token, "GET", path)).status, 401);
    assert.equal((await requester.sendBasic("wrong", "GET", "/openshift/token")).status, 401);
    const nobody = (await requester.send(undefined, "GET", "/openshift/token")).body as { token: string };
    assert.equal((await requester.send(nobody.token, "GET", path)).status, 401);
  });

  it("the cluster's objects lead clients to the registry", async () => {
    const { sandbox, admin } = open();
    const { address } = sandbox.integratedRegistry;
    const config = await admin.get("/apis/config.openshift.io/v1/images/cluster");
    assert.deepEqual(config.object["status"], {
      internalRegistryHostname: "image-registry.openshift-image-registry.svc:5000",
      externalRegistryHostnames: [address],
    });
    const namespace = "namespaces/openshift-image-registry";
    const route = await admin.get(`/apis/route.openshift.io/v1/${namespace}/routes/default-route`);
    assert.equal((route.object["spec"] as { host: string }).host, address);
    const operator = "/apis/imageregistry.operator.openshift.io/v1";
    for (const path of [`${operator}/configs/cluster`, `${operator}/imagepruners/cluster`])
      assert.equal((await admin.get(path)).status, 200, path);
    assert.equal((await admin.get(`/api/v1/${namespace}/services/image-registry`)).status, 200);
  });

  it("the registry follows faults and logs requests as `integrated`", async () => {
    const { sandbox } = open();
    sandbox.requests.clear();
    sandbox.faults.add({ server: "integrated", path: "^/healthz$", effect: { kind: "answer", status: 503 } });
    assert.equal((await requester.send(undefined, "GET", "/healthz")).status, 503);
    const [entry] = sandbox.requests.matching({ server: "integrated" });
    assert.deepEqual([entry?.path, entry?.status], ["/healthz", 503]);
  });
});

describe("an imported image in the integrated registry", () => {
  const open = withSandbox(() => ({ integratedRegistry: { protocol: "http" } }));
  let requester: RegistryRequester;

  before(() => {
    requester = openRequester(targetOf(open().sandbox), "shop");
  });
  after(() => requester.close());

  /** Imports `acme/NAME:v1` as the stream `shop/NAME`. */
  async function imported(name: string) {
    const { sandbox, admin } = open();
    const { host, store } = sandbox.registry("open");
    const { digest, layerDigests } = sandbox
      .registry("open")
      .publishImage(`acme/${name}`, "v1", { content: name });
    const body = importBody(name, { v1: `${host}/acme/${name}:v1` });
    assert.equal((await admin.post(`${shop}/imagestreamimports`, body)).status, 201);
    const layer = layerDigests[0] ?? "";
    const [manifestPath, layerPath] = [`manifests/${digest}`, `blobs/${layer}`].map(
      (end) => `/v2/shop/${name}/${end}`,
    );
    return {
      layer,
      deleteUpstream: () => {
        store.deleteManifest(`acme/${name}`, digest);
        store.deleteBlob(`acme/${name}`, layer);
      },
      manifest: async () => (await requester.send(sandbox.adminToken, "GET", manifestPath ?? "")).status,
      blob: async (method: "GET" | "HEAD") => {
        const headers = { authorization: `Bearer ${sandbox.adminToken}` };
        const answer = await request(`${sandbox.integratedRegistry.url}${layerPath}`, { method, headers });
        await answer.body.dump();
        return answer;
      },
    };
  }

  async function stored(digest: string): Promise<boolean> {
    for (let tries = 0; tries < 100; tries += 1) {
      if (open().sandbox.integratedRegistry.blobs().has(digest)) return true;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return false;
  }

  it("is gone with its source while nobody has pulled it", async () => {
    const { deleteUpstream, manifest, blob } = await imported("gone");
    deleteUpstream();
    assert.equal(await manifest(), 404);
    assert.equal((await blob("GET")).statusCode, 404);
  });

  for (const method of ["GET", "HEAD"] as const) {
    it(`outlives its source once manifest and blobs were asked for by ${method}, and answers from then on differ`, async () => {
      const { layer, deleteUpstream, manifest, blob } = await imported(`kept-${method.toLowerCase()}`);
      assert.equal(await manifest(), 200);
      const first = await blob(method);
      assert.deepEqual(
        [first.statusCode, first.headers.etag, first.headers["cache-control"]],
        [200, layer, undefined],
      );
      assert.equal(await stored(layer), true);
      deleteUpstream();
      assert.equal(await manifest(), 200);
      const second = await blob(method);
      assert.deepEqual(
        [second.statusCode, second.headers.etag, second.headers["cache-control"]],
        [200, `"${layer}"`, "max-age=31536000"],
      );
    });
  }

  it("is passed on by a registry that is read-only, which stores nothing", async () => {
    const { integratedRegistry } = open().sandbox;
    const { layer, deleteUpstream, manifest, blob } = await imported("read-only");
    integratedRegistry.mode = "readOnly";
    assert.equal(await manifest(), 200);
    assert.equal((await blob("GET")).statusCode, 200);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(integratedRegistry.blobs().has(layer), false);
    deleteUpstream();
    assert.equal(await manifest(), 404);
    integratedRegistry.mode = "normal";
  });
});

describe("an integrated registry behind a named route", () => {
  const publicHost = "registry.apps.okd.test";
  const open = withSandbox(() => ({
    integratedRegistry: { publicHost, routes: { corp: "registry.corp.example" } },
  }));

  it("route, configuration and streams name the public host, and the certificate is valid for it", async () => {
    const { sandbox, admin } = open();
    const { digest } = sandbox.integratedRegistry.push(app("v1", ["named"]));
    const { stream } = await admin.get(`${shop}/imagestreams/app`);
    assert.equal(stream.status.publicDockerImageRepository, `${publicHost}/shop/app`);
    const routes = await admin.get("/apis/route.openshift.io/v1/routes");
    assert.deepEqual(
      routes.list.items.map(({ spec }) => (spec as { host: string }).host),
      ["registry.corp.example", publicHost],
    );
    const dispatcher = new Agent({ connect: { ca: sandbox.certificateAuthority, servername: publicHost } });
    const path = `/v2/shop/app/manifests/${digest}`;
    const answer = await request(`${sandbox.integratedRegistry.url}${path}`, {
      dispatcher,
      headers: { authorization: `Bearer ${sandbox.adminToken}`, host: publicHost },
    });
    assert.equal(answer.statusCode, 200);
    await answer.body.dump();
    await dispatcher.close();
  });
});

describe("a cluster without an integrated registry", () => {
  const open = withSandbox();

  it("no object names a registry, and asking the sandbox for it throws", async () => {
    const { sandbox, admin } = open();
    assert.throws(() => sandbox.integratedRegistry, /without integratedRegistry/);
    const operator = "/apis/imageregistry.operator.openshift.io/v1/configs";
    assert.deepEqual((await admin.get(operator)).list.items, []);
  });
});

function layersOf(namespace: string) {
  return { verbs: ["get"], resources: ["imagestreams/layers"], namespaces: [namespace] };
}
