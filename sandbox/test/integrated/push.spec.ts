import assert from "node:assert/strict";
import { type Image, type ImageStream, pullAll, pullImage, type PullResult } from "okd-image-sandbox";
import { openRequester } from "../../../test/support/recordings/registryExchanges.js";
import { shop, withSandbox } from "../client.js";
import { app, sourceOf, targetOf } from "./pushed.js";

const old = "2024-05-05T05:05:05Z";
const arm64 = { os: "linux", architecture: "arm64" };
const ok: PullResult = { ok: true };

describe("images pushed into the integrated registry", () => {
  const open = withSandbox(() => ({ integratedRegistry: {} }));
  const streamOf = (name: string): ImageStream =>
    open().sandbox.stored("imagestreams.image.openshift.io", name, "shop") as ImageStream;
  const imageOf = (digest: string): Image =>
    open().sandbox.stored("images.image.openshift.io", digest) as Image;
  const pull = (name: string, reference: string): Promise<PullResult> =>
    pullImage(sourceOf(open().sandbox), `shop/${name}`, reference);

  it("a push makes stream, item and Image of the given age, which can be pulled by tag and digest", async () => {
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

  it("pushed images share layers and configs of the same content", () => {
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

  it("an image that is pushed again keeps its Image's age and becomes the newest of the history", () => {
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

  it("a pushed index has children, also nested ones", async () => {
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

  it("a push without a tag adds the image to no stream", async () => {
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

  it("a pushed image carries signatures and extra fields of the manifest", async () => {
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

  it("a pushed image can be pulled through another stream that was tagged from the first", async () => {
    const { sandbox, admin } = open();
    const { digest } = sandbox.integratedRegistry.push(app("origin", ["origin"]));
    const tags = [{ name: "copy", from: { kind: "ImageStreamTag", name: "app:origin" } }];
    const created = await admin.post(`${shop}/imagestreams`, { metadata: { name: "copy" }, spec: { tags } });
    assert.equal(created.status, 201, created.text);
    assert.deepEqual(await pull("copy", digest), ok);
    assert.deepEqual(await pull("copy", "copy"), ok);
  });

  it("a pushed image cannot be pulled after its Image was deleted, whatever the history says", async () => {
    const { sandbox, admin } = open();
    const { digest } = sandbox.integratedRegistry.push(app("dangling", ["dangling"]));
    assert.equal((await admin.delete(`/apis/image.openshift.io/v1/images/${digest}`)).status, 200);
    const result = await pull("app", "dangling");
    assert.deepEqual(result, { ok: false, at: "/v2/shop/app/manifests/dangling", status: 404 });
  });

  it("imagestreams/layers lists the blobs of pushed images", async () => {
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
    const listed = { layers: layerDigests, config: configDigest, imageMissing: false };
    assert.deepEqual(images[digest], listed);
    assert.deepEqual(images[newest], { layers: null, imageMissing: true });
    const blobs = object["blobs"] as Readonly<Record<string, { readonly size: number }>>;
    assert.ok((blobs[layerDigests[0] ?? ""]?.size ?? 0) > 0);
  });
});
