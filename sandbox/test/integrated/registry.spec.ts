import assert from "node:assert/strict";
import {
  type Image,
  type ImagePush,
  type ImageStream,
  pullAll,
  pullImage,
  type PullResult,
  type Sandbox,
} from "okd-image-sandbox";
import { Agent, request } from "undici";
import {
  openRequester,
  recordedAnswer,
  type RegistryRequester,
} from "../../../test/support/recordings/registryExchanges.js";
import { importBody, shop, withSandbox } from "../client.js";

const old = "2024-05-05T05:05:05Z";
const arm64 = { os: "linux", architecture: "arm64" };
const ok: PullResult = { ok: true };

function sourceOf({ integratedRegistry, certificateAuthority, adminToken }: Sandbox) {
  return { url: integratedRegistry.url, certificateAuthority, token: adminToken };
}

function app(tag: string, layers: readonly string[], more: Partial<ImagePush> = {}): ImagePush {
  return { namespace: "shop", name: "app", tag, image: { layers }, ...more };
}

describe("sandbox: images pushed into the integrated registry", () => {
  const open = withSandbox(() => ({ integratedRegistry: {} }));
  const streamOf = (name: string): ImageStream =>
    open().sandbox.stored("imagestreams.image.openshift.io", name, "shop") as ImageStream;
  const imageOf = (digest: string): Image =>
    open().sandbox.stored("images.image.openshift.io", digest) as Image;
  const pull = (name: string, reference: string): Promise<PullResult> =>
    pullImage(sourceOf(open().sandbox), `shop/${name}`, reference);

  it("make stream, item and Image as old as they should be, and can be pulled by tag and digest", async () => {
    const { integratedRegistry } = open().sandbox;
    const { digest, layerDigests, configDigest, reference } = integratedRegistry.push(
      app("v1", ["base", "one"], { createdAt: old }),
    );
    const image = imageOf(digest);
    assert.equal(image.metadata.creationTimestamp, old);
    assert.equal(image.metadata.annotations?.["openshift.io/image.managed"], "true");
    assert.deepEqual(
      image.dockerImageLayers?.map(({ name }) => name),
      layerDigests,
    );
    const { Id: id, Size: size } = image.dockerImageMetadata as { Id: string; Size: number };
    const [base] = image.dockerImageLayers ?? [];
    assert.equal(id, configDigest);
    assert.ok(base !== undefined && size > base.size);
    const { metadata, status } = streamOf("app");
    assert.equal(metadata.creationTimestamp, old);
    const item = { created: old, dockerImageReference: reference, image: digest, generation: 1 };
    assert.deepEqual(status.tags, [{ tag: "v1", items: [item] }]);
    assert.equal(status.publicDockerImageRepository, `${integratedRegistry.address}/shop/app`);
    assert.deepEqual(await pull("app", "v1"), ok);
    assert.deepEqual(await pull("app", digest), ok);
  });

  it("share layers and configs with the same content", () => {
    const { integratedRegistry } = open().sandbox;
    const config = { created: "2020-01-01T00:00:00Z", rootfs: {} };
    const push = (name: string, layers: readonly string[]) =>
      integratedRegistry.push({ namespace: "shop", name, tag: "t", image: { layers, config } });
    const left = push("left", ["shared", "left"]);
    const right = push("right", ["shared", "right"]);
    assert.equal(left.layerDigests[0], right.layerDigests[0]);
    assert.notEqual(left.layerDigests[1], right.layerDigests[1]);
    assert.equal(left.configDigest, right.configDigest);
    assert.notEqual(left.digest, right.digest);
  });

  it("pushed again keep the Image's age, and come to the front of the history anew", () => {
    const { integratedRegistry } = open().sandbox;
    const first = integratedRegistry.push(app("again", ["again 1"], { createdAt: old }));
    const second = integratedRegistry.push(app("again", ["again 2"], { createdAt: "2024-06-06T06:06:06Z" }));
    const later = "2025-07-07T07:07:07Z";
    const repeated = integratedRegistry.push(app("again", ["again 1"], { createdAt: later }));
    assert.equal(repeated.digest, first.digest);
    assert.equal(imageOf(first.digest).metadata.creationTimestamp, old);
    const items = streamOf("app").status.tags?.find(({ tag }) => tag === "again")?.items ?? [];
    assert.deepEqual(
      items.map(({ image, created }) => [image, created]),
      [
        [first.digest, later],
        [second.digest, "2024-06-06T06:06:06Z"],
        [first.digest, old],
      ],
    );
  });

  it("are indexes with children of their own, also nested ones", async () => {
    const { integratedRegistry } = open().sandbox;
    const inner = { children: [{ layers: ["deep"] }, { layers: ["deep arm"], platform: arm64 }] };
    const index = integratedRegistry.push({
      namespace: "shop",
      name: "multi",
      tag: "v1",
      image: { children: [inner, { layers: ["flat"], platform: arm64 }] },
    });
    const image = imageOf(index.digest);
    assert.deepEqual(
      image.dockerImageManifests?.map(({ digest }) => digest),
      index.children.map(({ digest }) => digest),
    );
    const deepest = index.children[0]?.children[1];
    assert.ok(deepest !== undefined && imageOf(deepest.digest).dockerImageLayers?.length === 1);
    assert.deepEqual(await pull("multi", "v1"), ok);
    assert.deepEqual(await pull("multi", deepest.digest), ok);
    const source = sourceOf(open().sandbox);
    assert.deepEqual(await pullAll(source, "shop/multi", "v1"), ok);
    integratedRegistry.loseBlob(deepest.layerDigests[0] ?? "");
    const lost = `/v2/shop/multi/blobs/${deepest.layerDigests[0] ?? ""}`;
    assert.deepEqual(await pullAll(source, "shop/multi", "v1"), { ok: false, at: lost, status: 404 });
    assert.deepEqual(await pull("multi", "v1"), ok);
  });

  it("without a tag are in no stream", async () => {
    const { digest } = open().sandbox.integratedRegistry.push({
      namespace: "shop",
      name: "untagged",
      image: { layers: ["untagged"] },
    });
    assert.equal(imageOf(digest).metadata.name, digest);
    assert.equal(streamOf("untagged"), undefined);
    assert.deepEqual(await pull("untagged", digest), {
      ok: false,
      at: `/v2/shop/untagged/manifests/${digest}`,
      status: 404,
    });
  });

  it("carry signatures, and what else the manifest should say", async () => {
    const { sandbox } = open();
    const signatures = [{ metadata: { name: "x@y" }, type: "atomic", content: "YQ==" }];
    const { digest } = sandbox.integratedRegistry.push({
      ...app("signed", []),
      image: { layers: ["signed"], manifest: { artifactType: "application/example" } },
      signatures,
    });
    assert.deepEqual(imageOf(digest)["signatures"], signatures);
    const requester = openRequester(targetOf(sandbox), "shop");
    const path = `/extensions/v2/shop/app/signatures/${digest}`;
    const { body } = await requester.send(sandbox.adminToken, "GET", path);
    assert.deepEqual(body, {
      signatures: [{ schemaVersion: 2, name: "x@y", type: "atomic", content: "YQ==" }],
    });
    await requester.close();
  });

  it("can be pulled through another stream that was tagged from the first", async () => {
    const { sandbox, admin } = open();
    const { digest } = sandbox.integratedRegistry.push(app("origin", ["origin"]));
    const tags = [{ name: "copy", from: { kind: "ImageStreamTag", name: "app:origin" } }];
    const created = await admin.post(`${shop}/imagestreams`, { metadata: { name: "copy" }, spec: { tags } });
    assert.equal(created.status, 201, created.text);
    assert.deepEqual(await pull("copy", digest), ok);
    assert.deepEqual(await pull("copy", "copy"), ok);
  });

  it("are gone when their Image is gone, whatever the history says", async () => {
    const { sandbox, admin } = open();
    const { digest } = sandbox.integratedRegistry.push(app("dangling", ["dangling"]));
    assert.equal((await admin.delete(`/apis/image.openshift.io/v1/images/${digest}`)).status, 200);
    const result = await pull("app", "dangling");
    assert.deepEqual(result, { ok: false, at: "/v2/shop/app/manifests/dangling", status: 404 });
  });

  it("are told by their layers too: GET imagestreams/layers", async () => {
    const { sandbox, admin } = open();
    const { digest, layerDigests, configDigest } = sandbox.integratedRegistry.push({
      namespace: "shop",
      name: "layers",
      tag: "v1",
      image: { layers: ["l1", "l2"] },
    });
    sandbox.integratedRegistry.push({
      namespace: "shop",
      name: "layers",
      tag: "v1",
      image: { layers: ["l3"] },
    });
    const newest = streamOf("layers").status.tags?.[0]?.items?.[0]?.image ?? "";
    sandbox.remove({ apiVersion: "image.openshift.io/v1", kind: "Image", metadata: { name: newest } });
    const { object } = await admin.get(`${shop}/imagestreams/layers/layers`);
    const images = object["images"] as Readonly<Record<string, unknown>>;
    assert.deepEqual(images[digest], { layers: layerDigests, config: configDigest });
    assert.deepEqual(images[newest], { layers: null, imageMissing: true });
    const blobs = object["blobs"] as Readonly<Record<string, { readonly size: number }>>;
    assert.ok((blobs[layerDigests[0] ?? ""]?.size ?? 0) > 0);
  });
});

describe("sandbox: the integrated registry as a server", () => {
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
    it(`${mode}: refuses to delete links and manifests but removes blobs, as recorded`, async () => {
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

  it("answers / and /healthz to everybody", async () => {
    for (const path of ["/", "/healthz"])
      assert.equal((await requester.send(undefined, "GET", path)).status, 200, path);
  });

  it("hands out tokens for a password that is one, and lets those pull who may", async () => {
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

  it("is found by clients in the objects of the cluster", async () => {
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

  it("knows faults and keeps a log", async () => {
    const { sandbox } = open();
    sandbox.requests.clear();
    sandbox.faults.add({ server: "integrated", path: "^/healthz$", effect: { kind: "answer", status: 503 } });
    assert.equal((await requester.send(undefined, "GET", "/healthz")).status, 503);
    const [entry] = sandbox.requests.matching({ server: "integrated" });
    assert.deepEqual([entry?.path, entry?.status], ["/healthz", 503]);
  });

  it("gives no manifest of an import whose source is gone", async () => {
    const { sandbox, admin } = open();
    const { host } = sandbox.registry("open");
    const { digest } = sandbox.registry("open").publishImage("acme/gone", "v1");
    const body = importBody("gone", { v1: `${host}/acme/gone:v1` });
    assert.equal((await admin.post(`${shop}/imagestreamimports`, body)).status, 201);
    const path = `/v2/shop/gone/manifests/${digest}`;
    assert.equal((await requester.send(sandbox.adminToken, "GET", path)).status, 200);
    sandbox.registry("open").store.deleteManifest("acme/gone", digest);
    assert.equal((await requester.send(sandbox.adminToken, "GET", path)).status, 404);
  });
});

describe("sandbox: an integrated registry behind a route with a name", () => {
  const publicHost = "registry.apps.okd.test";
  const open = withSandbox(() => ({
    integratedRegistry: { publicHost, routes: { corp: "registry.corp.example" } },
  }));

  it("is named so by route, configuration and streams, and its certificate is for that name", async () => {
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

describe("sandbox: without an integrated registry", () => {
  const open = withSandbox();

  it("there is none to ask for, and no object names one", async () => {
    const { sandbox, admin } = open();
    assert.throws(() => sandbox.integratedRegistry, /without integratedRegistry/);
    const operator = "/apis/imageregistry.operator.openshift.io/v1/configs";
    assert.deepEqual((await admin.get(operator)).list.items, []);
  });
});

function layersOf(namespace: string) {
  return { verbs: ["get"], resources: ["imagestreams/layers"], namespaces: [namespace] };
}

function targetOf({ integratedRegistry, certificateAuthority, adminToken }: Sandbox) {
  const { url } = integratedRegistry;
  return { url, certificateAuthority, adminToken, userToken: undefined };
}
