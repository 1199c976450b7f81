import assert from "node:assert/strict";
import { type Image, type ImageStream, latestEvent } from "okd-image-sandbox";
import { importBody, shop, withSandbox } from "../client.js";

describe("tags whose source is another tag or image", () => {
  const open = withSandbox(() => ({ namespaces: ["shop", "other"] }));
  let digest: string;

  before(async () => {
    const { sandbox, admin } = open();
    const registry = sandbox.registry();
    digest = registry.publishImage("demo/app", "v1").digest;
    await admin.post(
      `${shop}/imagestreamimports`,
      importBody("source", { v1: `${registry.host}/demo/app:v1` }),
    );
  });

  const create = async (name: string, from: object, more: object = {}): Promise<ImageStream> => {
    const body = { metadata: { name }, spec: { tags: [{ name: "t", from, ...more }] } };
    const answer = await open().admin.post(`${shop}/imagestreams`, body);
    assert.equal(answer.status, 201, answer.text);
    return answer.stream;
  };

  it("a tag that names another stream's tag gets its image at once", async () => {
    const stream = await create("copied", { kind: "ImageStreamTag", name: "source:v1" });
    assert.equal(latestEvent(stream, "t")?.image, digest);
  });

  it("a tag finds another stream's image by digest or by a prefix of it", async () => {
    const short = digest.slice("sha256:".length, "sha256:".length + 12);
    for (const [name, id] of [
      ["whole", digest],
      ["short", short],
    ] as const) {
      const stream = await create(name, { kind: "ImageStreamImage", name: `source@${id}` });
      assert.equal(latestEvent(stream, "t")?.image, digest);
    }
  });

  it("a tag whose source stream is missing is invalid; one whose source tag is missing stays empty", async () => {
    const body = {
      metadata: { name: "broken" },
      spec: { tags: [{ name: "t", from: { kind: "ImageStreamTag", name: "none:v1" } }] },
    };
    assert.equal((await open().admin.post(`${shop}/imagestreams`, body)).status, 422);
    assert.equal(
      (await create("empty", { kind: "ImageStreamTag", name: "source:none" })).status.tags,
      undefined,
    );
  });

  it("a tag with `reference` gets an item without a digest, and no ImageStreamTag", async () => {
    const stream = await create(
      "reference",
      { kind: "DockerImage", name: "quay.io/a/b:c" },
      { reference: true },
    );
    assert.deepEqual(
      { ...latestEvent(stream, "t"), created: "" },
      { created: "", dockerImageReference: "quay.io/a/b:c", image: "", generation: 1 },
    );
    assert.equal((await open().admin.get(`${shop}/imagestreamtags/reference:t`)).status, 404);
    assert.equal((await open().admin.get(`${shop}/imagetags/reference:t`)).status, 200);
  });

  it("an import from another source leaves the newest item of a tag with `reference` in place", async () => {
    const { sandbox, admin } = open();
    const from = `${sandbox.registry().host}/demo/app:v1`;
    await create("covered", { kind: "DockerImage", name: "quay.io/a/b:c" }, { reference: true });
    const answer = await admin.post(`${shop}/imagestreamimports`, importBody("covered", { t: from }));
    const [history] = answer.imported.status.import.status.tags ?? [];
    assert.deepEqual(
      (history?.items ?? []).map((item) => [item.image, item.dockerImageReference.split("@")[0]]).slice(0, 2),
      [
        ["", from],
        [digest, from.replace(":v1", "")],
      ],
    );
  });

  it("an ImageStreamImage is found by digest and by a prefix of it, also a child of an index", async () => {
    const { sandbox, admin } = open();
    const registry = sandbox.registry();
    const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));
    const index = registry.publishIndex("demo/multi", "v1", platforms);
    const body = importBody(
      "multi",
      { all: `${registry.host}/demo/multi:v1` },
      { importMode: "PreserveOriginal" },
    );
    await admin.post(`${shop}/imagestreamimports`, body);
    for (const wanted of [index.digest, index.children[1]?.digest ?? ""]) {
      const answer = await admin.get(`${shop}/imagestreamimages/multi@${wanted.slice(0, 20)}`);
      assert.equal(answer.status, 200, answer.text);
      assert.equal((answer.object["image"] as Image).metadata.name, wanted);
    }
    assert.equal((await admin.get(`${shop}/imagestreamimages/multi@sha256:${"0".repeat(64)}`)).status, 404);
  });

  it("an annotation of the tag chooses the platform of a Legacy import", async () => {
    const { sandbox, admin } = open();
    const registry = sandbox.registry();
    const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));
    const index = registry.publishIndex("demo/prefer", "v1", platforms);
    const from = `${registry.host}/demo/prefer:v1`;
    const annotations = { "importer.image.openshift.io/prefer-arch": "arm64" };
    const tags = [{ name: "t", annotations, from: { kind: "DockerImage", name: from } }];
    await admin.post(`${shop}/imagestreams`, { metadata: { name: "prefer" }, spec: { tags } });
    const answer = await admin.post(`${shop}/imagestreamimports`, importBody("prefer", { t: from }));
    assert.equal(latestEvent(answer.imported.status.import, "t")?.image, index.children[1]?.digest);
  });
});

for (const aliasChains of ["firstHop", "allHops"] as const) {
  describe(`a stream with a tag and a chain of aliases of it in one write, filled by ${aliasChains}`, () => {
    const open = withSandbox(() => ({ aliasChains }));

    it("the import of the tag fills its alias, and the alias of that only where all hops are filled", async () => {
      const { sandbox, admin } = open();
      const registry = sandbox.registry();
      const { digest } = registry.publishImage("demo/app", "v1");
      const from = `${registry.host}/demo/app:v1`;
      const tags = [
        { name: "v1", from: { kind: "DockerImage", name: from } },
        { name: "a", from: { kind: "ImageStreamTag", name: "v1" } },
        { name: "b", from: { kind: "ImageStreamTag", name: "chain:a" } },
      ];
      const created = await admin.post(`${shop}/imagestreams`, {
        metadata: { name: "chain" },
        spec: { tags },
      });
      assert.equal(created.stream.status.tags, undefined);
      const answer = await admin.post(`${shop}/imagestreamimports`, importBody("chain", { v1: from }));
      const stream = answer.imported.status.import;
      assert.equal(latestEvent(stream, "a")?.image, digest);
      assert.equal(latestEvent(stream, "b")?.image, aliasChains === "allHops" ? digest : undefined);
    });

    it("an alias of a tag that a write of the spec moves is not moved, until its own `from` changes", async () => {
      const { sandbox, admin } = open();
      const registry = sandbox.registry();
      const old = registry.publishImage("demo/live", "v1").digest;
      const { digest } = registry.publishImage("demo/live", "v2");
      const sources = { v1: `${registry.host}/demo/live:v1`, v2: `${registry.host}/demo/live:v2` };
      await admin.post(`${shop}/imagestreamimports`, importBody("dev", sources));
      const live = (image: string) => ({
        name: "live",
        from: { kind: "ImageStreamImage", name: `dev@${image}` },
      });
      const stable = (name: string) => ({ name: "stable", from: { kind: "ImageStreamTag", name } });
      const created = await admin.post(`${shop}/imagestreams`, {
        metadata: { name: "prod" },
        spec: { tags: [live(old), stable("live")] },
      });
      assert.equal(latestEvent(created.stream, "stable")?.image, old);
      const path = `${shop}/imagestreams/prod`;
      const moved = await admin.patch(path, "strategic", { spec: { tags: [live(digest)] } });
      assert.equal(latestEvent(moved.stream, "live")?.image, digest);
      assert.equal(latestEvent(moved.stream, "stable")?.image, old);
      const renamed = await admin.patch(path, "strategic", { spec: { tags: [stable("prod:live")] } });
      assert.equal(latestEvent(renamed.stream, "stable")?.image, digest);
    });
  });
}

describe("the background import of the sandbox", () => {
  const open = withSandbox(() => ({ controller: true }));

  it("imports once what a write of the spec asks for", async () => {
    const { sandbox, admin } = open();
    const registry = sandbox.registry();
    const { digest } = registry.publishImage("demo/app", "v1");
    const tag = (name: string, reference: string): object => ({
      name,
      from: { kind: "DockerImage", name: `${registry.host}/demo/app:${reference}` },
      importPolicy: { insecure: true },
    });
    await admin.post(`${shop}/imagestreams`, {
      metadata: { name: "spec" },
      spec: { tags: [tag("good", "v1"), tag("bad", "nope")] },
    });
    await sandbox.settled();
    const { stream } = await admin.get(`${shop}/imagestreams/spec`);
    assert.equal(latestEvent(stream, "good")?.image, digest);
    const [bad] = stream.status.tags ?? [];
    assert.equal(bad?.conditions?.[0]?.reason, "NotFound");
    await admin.patch(`${shop}/imagestreams/spec`, "merge", { metadata: { annotations: { a: "b" } } });
    sandbox.requests.clear();
    await sandbox.settled();
    assert.deepEqual(sandbox.requests.matching({ server: registry.name }), []);
  });
});
