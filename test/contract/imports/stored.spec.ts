import assert from "node:assert/strict";
import { latestEvent, specTag, tagHistory } from "okd-image-sandbox";
import { recording, structure } from "../../support/recordings/okdApi.js";
import { describeContract, imageApi } from "../../support/worlds/contract/scene.js";

describeContract("contract: what an import stores", (scene) => {
  it("answers, stream, tag and image read as recorded", async () => {
    const { registry, namespace, target } = scene();
    await scene().push("demo/app", "v2", "v2", { layers: 2 });
    // The recorded image was known to the cluster before.
    await scene().imported("earlier", [{ from: `${registry}/demo/app:v2`, to: "v2" }]);
    const answer = await scene().import("ok", [{ from: `${registry}/demo/app:v2`, to: "v2" }]);
    assert.equal(answer.status, 201, answer.text);
    const here = { [namespace]: "<namespace>" };
    const there = { c1: "<namespace>" };
    assert.deepEqual(structure(answer.json, here), structure(recording("isi-success.response"), there));
    const stream = await scene().stream("ok");
    assert.deepEqual(structure(stream, here), structure(recording("imagestream-after-import"), there));
    const tag = await target.admin.get(scene().path("imagestreamtags/ok:v2"));
    assert.deepEqual(structure(tag.json, here), structure(recording("imagestreamtag"), there));
    const image = await target.admin.get(`${imageApi}/images/${tag.streamTag.image.metadata.name}`);
    assert.deepEqual(structure(image.json), structure(recording("image")));
  });

  it("import: false shows the digest and stores nothing", async () => {
    const { registry, target, namespace } = scene();
    const { digest } = await scene().push("demo/unseen", "v3", "unseen", { layers: 3 });
    const answer = await scene().import("preview", [{ from: `${registry}/demo/unseen:v3`, to: "v3" }], {
      storing: false,
    });
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.imported.status.images[0]?.image?.metadata.name, digest);
    assert.deepEqual(
      structure(answer.json, { [namespace]: "<namespace>", preview: "ok", "demo/unseen": "demo/app" }),
      structure(recording("isi-import-false.response"), { c1: "<namespace>" }),
    );
    assert.equal((await target.admin.get(scene().path("imagestreams/preview"))).status, 404);
    assert.equal((await target.admin.get(`${imageApi}/images/${digest}`)).status, 404);
  });

  it("import: false leaves an existing stream at its revision", async () => {
    const { registry } = scene();
    await scene().push("demo/kept", "a", "kept a");
    await scene().push("demo/kept", "b", "kept b");
    const before = await scene().imported("kept", [{ from: `${registry}/demo/kept:a`, to: "t" }]);
    await scene().import("kept", [{ from: `${registry}/demo/kept:b`, to: "t" }], { storing: false });
    assert.equal((await scene().stream("kept")).metadata.resourceVersion, before.metadata.resourceVersion);
  });

  it("dryRun=All is ignored: the import is stored, into a new stream and into an old one", async () => {
    const { registry, target } = scene();
    const { digest } = await scene().push("demo/dry", "a", "dry a");
    for (const to of ["first", "second"]) {
      const answer = await scene().import("dry", [{ from: `${registry}/demo/dry:a`, to }], {
        query: "?dryRun=All",
      });
      assert.equal(answer.status, 201, answer.text);
    }
    const stream = await scene().stream("dry");
    assert.deepEqual(
      (stream.spec.tags ?? []).map((tag) => tag.name),
      ["first", "second"],
    );
    assert.equal((await target.admin.get(`${imageApi}/images/${digest}`)).status, 200);
  });

  it("includeManifest fills manifest and config only when nothing is stored", async () => {
    const { registry } = scene();
    await scene().push("demo/raw", "a", "raw");
    const images = [{ from: `${registry}/demo/raw:a`, to: "a", includeManifest: true }];
    const shown = (await scene().import("raw", images, { storing: false })).imported.status.images[0]?.image;
    assert.equal(
      (JSON.parse(shown?.dockerImageManifest ?? "") as { schemaVersion: number }).schemaVersion,
      2,
    );
    assert.ok((shown?.dockerImageConfig ?? "").includes("rootfs"));
    const stored = (await scene().import("raw", images)).imported.status.images[0]?.image;
    assert.equal(stored?.dockerImageManifest ?? "", "");
    assert.equal(stored?.dockerImageConfig ?? "", "");
  });

  it("without `to` the tag of the source is used", async () => {
    const { registry } = scene();
    await scene().push("demo/noto", "v7", "noto");
    const stream = await scene().imported("noto", [{ from: `${registry}/demo/noto:v7` }]);
    assert.deepEqual(
      (stream.spec.tags ?? []).map((tag) => tag.name),
      ["v7"],
    );
  });

  it("without `to` a digest is imported but not tagged: the stream is created without tags", async () => {
    const { registry } = scene();
    const { digest } = await scene().push("demo/noto", "v8", "noto digest");
    const stream = await scene().imported("untagged", [{ from: `${registry}/demo/noto@${digest}` }]);
    assert.equal(stream.spec.tags, undefined);
  });

  it("names of tags are not validated", async () => {
    const { registry } = scene();
    await scene().push("demo/odd", "a", "odd");
    const stream = await scene().imported("odd", [{ from: `${registry}/demo/odd:a`, to: "a/b c" }]);
    assert.deepEqual(
      (stream.spec.tags ?? []).map((tag) => tag.name),
      ["a/b c"],
    );
  });

  it("of tag and digest together the digest counts, and the text is kept", async () => {
    const { registry } = scene();
    const { digest } = await scene().push("demo/both", "old", "both old");
    await scene().push("demo/both", "new", "both new");
    const from = `${registry}/demo/both:new@${digest}`;
    const stream = await scene().imported("both", [{ from, to: "t" }]);
    assert.equal(latestEvent(stream, "t")?.image, digest);
    assert.equal(specTag(stream, "t")?.from?.name, from);
  });

  it("the same `to` twice: both succeed, the last one wins, both are in the history", async () => {
    const { registry } = scene();
    const first = await scene().push("demo/twice", "a", "twice a");
    const second = await scene().push("demo/twice", "b", "twice b");
    const images = [
      { from: `${registry}/demo/twice:a`, to: "t" },
      { from: `${registry}/demo/twice:b`, to: "t" },
    ];
    const stream = await scene().imported("twice", images);
    assert.deepEqual(
      (tagHistory(stream, "t")?.items ?? []).map((item) => item.image),
      [second.digest, first.digest],
    );
    assert.equal(specTag(stream, "t")?.from?.name, `${registry}/demo/twice:b`);
  });

  it("a tag that is already as imported is not written again", async () => {
    const { registry } = scene();
    await scene().push("demo/again", "a", "again");
    const images = [{ from: `${registry}/demo/again:a`, to: "a" }];
    const first = await scene().imported("again", images);
    const second = await scene().imported("again", images);
    assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
  });

  it("a deleted Image is created again without touching the stream", async () => {
    const { registry, target } = scene();
    const { digest } = await scene().push("demo/lost", "a", "lost");
    const images = [{ from: `${registry}/demo/lost:a`, to: "a" }];
    const first = await scene().imported("lost", images);
    assert.equal((await target.admin.delete(`${imageApi}/images/${digest}`)).status, 200);
    const second = await scene().imported("lost", images);
    assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
    assert.equal((await target.admin.get(`${imageApi}/images/${digest}`)).status, 200);
  });

  it("a moved tag gets a new item on top of its history, as recorded", async () => {
    const { registry, namespace } = scene();
    await scene().push("move/app", "stable", "move 1");
    await scene().imported("mv", [{ from: `${registry}/move/app:stable`, to: "s" }]);
    await scene().push("move/app", "stable", "move 2");
    await scene().imported("mv", [{ from: `${registry}/move/app:stable`, to: "s" }]);
    assert.deepEqual(
      structure(await scene().stream("mv"), { [namespace]: "<namespace>" }),
      structure(recording("imagestream-moved-tag-history"), { c2: "<namespace>" }),
    );
  });

  it("several imports at once into one new stream: each is stored or refused with 409, never half of it", async () => {
    const { registry } = scene();
    await scene().push("demo/race", "a", "race");
    const images = [{ from: `${registry}/demo/race:a`, to: "a" }];
    const answers = await Promise.all(Array.from({ length: 6 }, () => scene().import("race", images)));
    const statuses = new Set(answers.map((answer) => answer.status));
    assert.ok(statuses.has(201));
    assert.deepEqual(
      [...statuses].filter((status) => status !== 201 && status !== 409),
      [],
    );
    assert.deepEqual(
      ((await scene().stream("race")).spec.tags ?? []).map((tag) => tag.name),
      ["a"],
    );
  });

  it("an unknown namespace is not found", async () => {
    const { target, registry } = scene();
    const body = {
      metadata: { name: "s1" },
      spec: { import: true, images: [{ from: { kind: "DockerImage", name: `${registry}/demo/app:v2` } }] },
    };
    const answer = await target.admin.post(`${imageApi}/namespaces/nonamespace/imagestreamimports`, body);
    assert.equal(answer.status, 404);
    assert.deepEqual(answer.json, recording("status-404-isi-namespace"));
  });

  it("a resourceVersion is a precondition: 409 when stale, 404 when there is no stream", async () => {
    const { registry } = scene();
    await scene().push("demo/rv", "a", "rv");
    const images = [{ from: `${registry}/demo/rv:a`, to: "a" }];
    const missing = await scene().import("nonex", images, { resourceVersion: "1" });
    assert.equal(missing.status, 404);
    assert.deepEqual(missing.json, recording("status-404-isi-rv-no-stream"));
    const stream = await scene().imported("rv", images);
    const stale = await scene().import("rv", images, { resourceVersion: "1" });
    assert.equal(stale.status, 409);
    assert.deepEqual(
      structure(stale.json, { [`"${stream.metadata.resourceVersion ?? ""}"`]: "<revision>", rv: "<name>" }),
      structure(recording("status-409-isi-stale-rv"), { [`"419"`]: "<revision>", mv: "<name>" }),
    );
    assert.equal(
      (await scene().import("rv", images, { resourceVersion: stream.metadata.resourceVersion ?? "" })).status,
      201,
    );
  });
});
