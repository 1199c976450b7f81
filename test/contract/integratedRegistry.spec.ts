import assert from "node:assert/strict";
import type { ImageStream, KubeObject, PublishedImage } from "okd-image-sandbox";
import { openRegistryPush, type RegistryPush } from "../support/clients/registryPush.js";
import { recording } from "../support/recordings/okdApi.js";
import {
  type ComparedAnswer,
  openRequester,
  recordedAnswer,
  type RegistryRequester,
} from "../support/recordings/registryExchanges.js";
import { describeContract, imageApi, type Scene } from "../support/worlds/contract/scene.js";
import type { IntegratedTarget } from "../support/worlds/contract/target.js";

const zeros = `sha256:${"0".repeat(64)}`;
const elsewhere = {
  unlisted: "{digest that only stream ir/multi has}",
  cut: "{digest cut from the history; the Image object exists, link and blobs too}",
};

/** Rows follow one another: each finds what the ones before it left, as in the recording. */
describeContract("contract: the integrated registry", (scene) => {
  let target: IntegratedTarget;
  let push: RegistryPush;
  let registry: RegistryRequester;
  let older: PublishedImage;
  let newer: PublishedImage;
  let multi: PublishedImage;

  before(async function () {
    const { integrated, admin } = scene().target;
    if (integrated === undefined) return this.skip();
    target = integrated;
    const { url, certificateAuthority, adminToken: password } = target;
    push = openRegistryPush({
      host: new URL(url).host,
      url,
      certificateAuthority,
      username: "any",
      password,
    });
    registry = openRequester(target, scene().namespace);
    const stream = await admin.post(scene().path("imagestreams"), { metadata: { name: "ext" } });
    assert.equal(stream.status, 201, stream.text);
    older = await push.image(`${scene().namespace}/app`, "v1", content("older"));
    newer = await push.image(`${scene().namespace}/app`, "v1", content("newer"));
    const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));
    multi = await push.index(`${scene().namespace}/multi`, "v1", platforms, content("multi"));
  });

  after(async () => {
    await (registry as RegistryRequester | undefined)?.close();
    await (push as RegistryPush | undefined)?.close();
  });

  const content = (text: string) => ({ content: `${scene().target.run} ${text}`, layers: 2 });
  const app = (rest: string): string => `/v2/${scene().namespace}/app/${rest}`;
  const multiPath = (digest = ""): string => `/v2/${scene().namespace}/multi/manifests/${digest}`;
  const asAdmin = (method: "GET" | "DELETE", path: string): Promise<ComparedAnswer> =>
    registry.send(target.adminToken, method, path);

  it("asks for authentication, and takes the token in both ways", async () => {
    const anonymous = await registry.send(undefined, "GET", "/v2/");
    assert.deepEqual(anonymous, recordedAnswer("anonymous", "GET /v2/"));
    const bearer = await asAdmin("GET", "/v2/");
    assert.deepEqual(bearer, recordedAnswer("bearer token of a cluster admin", "GET /v2/"));
    const basic = await registry.sendBasic(target.adminToken, "GET", "/v2/");
    assert.deepEqual(basic, recordedAnswer("basic, any user name, token as password", "GET /v2/"));
  });

  it("authenticates an ordinary user, who may neither pull nor delete, as recorded", async function () {
    const { userToken } = target;
    if (userToken === undefined) return this.skip();
    const login = await registry.send(userToken, "GET", "/v2/");
    assert.deepEqual(login, recordedAnswer("bearer token of an ordinary user", "GET /v2/"));
    const pulled = await registry.send(userToken, "GET", app(`manifests/${newer.digest}`));
    const stranger = "ordinary user without rights in ir";
    assert.deepEqual(pulled, recordedAnswer(stranger, "GET /v2/ir/app/manifests/{digest}"));
    const link = await registry.send(userToken, "DELETE", app(`blobs/${newer.layerDigests[0] ?? ""}`));
    assert.deepEqual(link, recordedAnswer("ordinary user", "DELETE /v2/ir/app/blobs/{digest}"));
    const blob = await registry.send(userToken, "DELETE", `/admin/blobs/${newer.layerDigests[0] ?? ""}`);
    assert.deepEqual(blob, recordedAnswer("ordinary user", "DELETE /admin/blobs/{digest}"));
    const nobody = await registry.send(undefined, "DELETE", `/admin/blobs/${newer.digest}`);
    assert.deepEqual(nobody, recordedAnswer("anonymous", "DELETE /admin/blobs/{digest}"));
  });

  it("a push leaves items newest first, and managed Images, as recorded", async () => {
    const stream = await scene().stream("app");
    const recorded = recordedObject("imagestream-after-two-pushes") as ImageStream;
    assert.deepEqual(itemsOf(stream), [newer.digest, older.digest]);
    assert.deepEqual(
      stream.status.tags?.[0]?.items?.map((item) => item.generation),
      recorded.status.tags?.[0]?.items?.map((item) => item.generation),
    );
    assert.deepEqual(Object.keys(stream.spec), Object.keys(recorded.spec));
    const image = (await scene().target.admin.get(`${imageApi}/images/${multi.digest}`)).object;
    const index = recordedObject("image-index");
    assert.deepEqual(Object.keys(image).sort(), Object.keys(index).sort());
    assert.deepEqual(image.metadata.annotations, index.metadata.annotations);
    assert.equal(image["dockerImageManifestMediaType"], index["dockerImageManifestMediaType"]);
    assert.deepEqual(shapeOf(image["dockerImageMetadata"]), shapeOf(index["dockerImageMetadata"]));
    assert.deepEqual(shapeOf(image["dockerImageManifests"]), shapeOf(index["dockerImageManifests"]));
  });

  it("serves what the history of the stream lists, children of an index too, and nothing else, as recorded", async () => {
    const second = await asAdmin("GET", app(`manifests/${older.digest}`));
    const path = "GET /v2/ir/app/manifests/";
    assert.deepEqual(second, recordedAnswer("admin", `${path}{digest of the second history item}`));
    const child = await asAdmin("GET", multiPath(multi.children[0]?.digest));
    const listed = "GET /v2/ir/multi/manifests/{child digest; only the index is in the history}";
    assert.deepEqual(child, recordedAnswer("admin", listed));
    const foreign = await asAdmin("GET", app(`manifests/${multi.digest}`));
    assert.deepEqual(foreign, recordedAnswer("admin", `${path}${elsewhere.unlisted}`));
    const nowhere = await asAdmin("GET", `/v2/no-such-${scene().namespace}/app/manifests/${newer.digest}`);
    assert.deepEqual(nowhere, recordedAnswer("admin", "GET /v2/nosuch/app/manifests/{digest}"));
    const signatures = `/extensions/v2/${scene().namespace}/app/signatures/${newer.digest}`;
    const signed = recordedAnswer("admin", "GET /extensions/v2/ir/app/signatures/{digest}");
    assert.deepEqual(await asAdmin("GET", signatures), signed);
  });

  it("does not delete a manifest that the stream still lists", async () => {
    for (const path of [app(`manifests/${newer.digest}`), multiPath(multi.children[1]?.digest)])
      assert.equal((await asAdmin("DELETE", path)).status, 405, path);
  });

  it("answers for a digest of zeros that it can be written, as recorded", async () => {
    const probe = `/v2/${scene().namespace}/app`;
    for (const [path, recorded] of [
      [`${probe}/blobs/${zeros}`, "DELETE /v2/ir/ro/blobs/sha256:{64 zeros}"],
      [`${probe}/manifests/${zeros}`, "DELETE /v2/ir/ro/manifests/sha256:{64 zeros}"],
      [`/v2/${scene().namespace}/none/blobs/${zeros}`, "DELETE /v2/ir/nosuchrepo/blobs/sha256:{64 zeros}"],
    ] as const) {
      const { status, body } = await asAdmin("DELETE", path);
      const expected = recordedAnswer("admin", recorded);
      assert.deepEqual({ status, body }, { status: expected.status, body: expected.body }, path);
    }
  });

  it("serves no manifest that was cut from the history, and still serves its layers, as recorded", async () => {
    await cut(scene(), "app", 1);
    const gone = await asAdmin("GET", app(`manifests/${older.digest}`));
    assert.deepEqual(gone, recordedAnswer("admin", `GET /v2/ir/app/manifests/${elsewhere.cut}`));
    const layer = await asAdmin("GET", app(`blobs/${older.layerDigests[0] ?? ""}`));
    assert.equal(layer.status, 200);
    await cut(scene(), "multi", 0);
    const child = await asAdmin("GET", multiPath(multi.children[0]?.digest));
    const unlisted = "GET /v2/ir/multi/manifests/{child digest; the index was cut from the history}";
    assert.deepEqual(child, recordedAnswer("admin", unlisted));
  });

  it("deletes links and blobs, once and again, as recorded", async () => {
    const layer = older.layerDigests[0] ?? "";
    const steps = [
      [app(`blobs/${layer}`), "/v2/ir/app/blobs/{layer}"],
      [app(`blobs/${layer}`), "/v2/ir/app/blobs/{the same layer again: link gone, blob still there}"],
      [app(`manifests/${older.digest}`), "/v2/ir/app/manifests/{digest}"],
      [app(`manifests/${older.digest}`), "/v2/ir/app/manifests/{the same again}"],
      [`/admin/blobs/${layer}`, "/admin/blobs/{digest}"],
      [`/admin/blobs/${layer}`, "/admin/blobs/{the same again}"],
      ["/admin/blobs/sha256:zz", "/admin/blobs/sha256:zz"],
    ] as const;
    for (const [path, recorded] of steps)
      assert.deepEqual(
        await asAdmin("DELETE", path),
        recordedAnswer("admin", `DELETE ${recorded}`),
        recorded,
      );
    assert.equal((await asAdmin("GET", app(`blobs/${layer}`))).status, 404);
  });

  it("serves an image again that is pushed again, with the Image's first creation time", async () => {
    const path = `${imageApi}/images/${older.digest}`;
    const before = (await scene().target.admin.get(path)).object.metadata.creationTimestamp;
    await push.image(`${scene().namespace}/app`, "v1", content("older"));
    assert.equal((await asAdmin("GET", app(`manifests/${older.digest}`))).status, 200);
    assert.equal((await asAdmin("GET", app(`blobs/${older.layerDigests[0] ?? ""}`))).status, 200);
    assert.deepEqual(itemsOf(await scene().stream("app")), [older.digest, newer.digest]);
    assert.equal((await scene().target.admin.get(path)).object.metadata.creationTimestamp, before);
  });

  it("pulls an imported image through, as recorded", async () => {
    const { digest, layerDigests } = await scene().push("demo/through", "v1", "through");
    const from = `${scene().registry}/demo/through:v1`;
    await scene().imported("ext", [{ from, to: "v1", referencePolicy: "Local" }]);
    const path = `/v2/${scene().namespace}/ext`;
    const pulled = await asAdmin("GET", `${path}/manifests/${digest}`);
    const recorded = "GET /v2/ir/ext/manifests/{digest of an imported image, referencePolicy Local}";
    assert.deepEqual(pulled, recordedAnswer("admin", recorded));
    assert.equal((await asAdmin("GET", `${path}/manifests/v1`)).status, 200);
    assert.equal((await asAdmin("GET", `${path}/blobs/${layerDigests[0] ?? ""}`)).status, 200);
  });
});

function recordedObject(name: string): KubeObject {
  return recording(`../image-registry/${name}`) as KubeObject;
}

/** Keys of an object, and of the elements of a list. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  return typeof value === "object" && value !== null ? Object.keys(value).sort() : value;
}

function itemsOf(stream: ImageStream): readonly string[] {
  return (stream.status.tags?.[0]?.items ?? []).map((item) => item.image);
}

/** Keeps the newest items of the first tag. */
async function cut(scene: Scene, name: string, kept: number): Promise<void> {
  const stream = await scene.stream(name);
  const [first] = stream.status.tags ?? [];
  const tags = kept === 0 ? [] : [{ ...first, items: first?.items?.slice(0, kept) }];
  const answer = await scene.target.admin.put(scene.path(`imagestreams/${name}/status`), {
    ...stream,
    status: { ...stream.status, tags },
  });
  assert.equal(answer.status, 200, answer.text);
}
