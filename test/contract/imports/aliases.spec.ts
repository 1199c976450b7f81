import assert from "node:assert/strict";
import { type ImageStream, latestEvent, specTag, tagHistory } from "okd-image-sandbox";
import { describeContract, streamBody } from "../../support/worlds/contract/scene.js";

const alias = (name: string, target: string, more: object = {}) => ({
  name,
  from: { kind: "ImageStreamTag", name: target },
  ...more,
});
const imageOf = (stream: ImageStream, tag: string) => latestEvent(stream, tag)?.image;

describeContract("contract: an alias of a tag of its own stream", (scene) => {
  let v1: string;
  let v2: string;

  beforeEach(async () => {
    v1 = (await scene().push("demo/alias", "v1", "alias 1")).digest;
    v2 = (await scene().push("demo/alias", "v2", "alias 2")).digest;
  });

  const source = (tag: string): string => `${scene().registry}/demo/alias:${tag}`;
  const patch = async (stream: string, tags: readonly object[]): Promise<ImageStream> => {
    const path = scene().path(`imagestreams/${stream}`);
    const answer = await scene().target.admin.patch(path, "strategic", { spec: { tags } });
    assert.equal(answer.status, 200, answer.text);
    return answer.stream;
  };
  const importV1 = (stream: string, tag: string) =>
    scene().imported(stream, [{ from: source(tag), to: "v1" }]);

  it("takes the current item however the target is named, and its generation is noted in that item", async () => {
    await importV1("names", "v1");
    const stream = await patch("names", [
      alias("bare", "v1"),
      alias("full", "names:v1"),
      { name: "own", from: { kind: "ImageStreamTag", namespace: scene().namespace, name: "names:v1" } },
    ]);
    for (const tag of ["bare", "full", "own"]) {
      assert.equal(imageOf(stream, tag), v1, tag);
      assert.equal(specTag(stream, tag)?.generation, 2, tag);
      assert.equal(latestEvent(stream, tag)?.generation, 2, tag);
    }
    assert.equal(specTag(stream, "v1")?.generation, 1);
    assert.equal(latestEvent(stream, "v1")?.generation, 2);
    const moved = await importV1("names", "v2");
    for (const tag of ["bare", "full", "own"]) {
      assert.deepEqual(
        tagHistory(moved, tag)?.items?.map((item) => item.image),
        [v2, v1],
        tag,
      );
    }
  });

  it("that comes with a changed target takes the old item, which then looks imported", async () => {
    await importV1("both", "v1");
    const stream = await patch("both", [
      { name: "v1", from: { kind: "DockerImage", name: source("v2") } },
      alias("stable", "v1"),
    ]);
    assert.equal(imageOf(stream, "stable"), v1);
    assert.equal(imageOf(stream, "v1"), v1);
    assert.equal(latestEvent(stream, "v1")?.generation, specTag(stream, "v1")?.generation);
    const imported = await importV1("both", "v2");
    assert.equal(imageOf(imported, "stable"), v2);
    assert.equal(imageOf(imported, "v1"), v2);
  });

  it("of a tag that is not imported yet has no item until the import", async () => {
    const target = { name: "v1", from: { kind: "DockerImage", name: source("v1") } };
    const created = await scene().createStream("early", [target, alias("a", "v1"), alias("b", "a")]);
    assert.equal(created.status.tags, undefined);
    const stream = await importV1("early", "v1");
    assert.equal(imageOf(stream, "a"), v1);
    // The second hop is filled by chance.
    assert.ok([undefined, v1].includes(imageOf(stream, "b")));
  });

  it("of another alias: the first hop is certain, the others are chance, and written otherwise they are filled", async () => {
    await importV1("chain", "v1");
    const written = await patch("chain", [alias("a", "b"), alias("b", "v1")]);
    assert.equal(imageOf(written, "b"), v1);
    const again = await patch("chain", [alias("a", "b", { generation: 0 })]);
    assert.equal(imageOf(again, "a"), imageOf(written, "a"));
    const moved = await importV1("chain", "v2");
    assert.equal(imageOf(moved, "b"), v2);
    assert.ok([imageOf(written, "a"), v2].includes(imageOf(moved, "a")));
    const renamed = await patch("chain", [alias("a", "chain:b")]);
    assert.equal(imageOf(renamed, "a"), v2);
  });

  it("is not moved by a write that moves its target, but by its own", async () => {
    await scene().imported("dev", [
      { from: source("v1"), to: "v1" },
      { from: source("v2"), to: "v2" },
    ]);
    const live = (digest: string) => ({
      name: "live",
      from: { kind: "ImageStreamImage", name: `dev@${digest}` },
    });
    const created = await scene().createStream("prod", [live(v1), alias("stable", "live")]);
    assert.deepEqual([imageOf(created, "live"), imageOf(created, "stable")], [v1, v1]);
    const moved = await patch("prod", [live(v2)]);
    assert.deepEqual([imageOf(moved, "live"), imageOf(moved, "stable")], [v2, v1]);
    const unchanged = await patch("prod", [alias("stable", "live", { generation: 0 })]);
    assert.equal(imageOf(unchanged, "stable"), v1);
    const renamed = await patch("prod", [alias("stable", "prod:live")]);
    assert.equal(imageOf(renamed, "stable"), v2);
  });

  it("outlives its target", async () => {
    await importV1("gone", "v1");
    await patch("gone", [alias("stable", "v1")]);
    const deleted = await scene().target.admin.delete(scene().path("imagestreamtags/gone:v1"));
    assert.equal(deleted.status, 200, deleted.text);
    const stream = await scene().stream("gone");
    assert.equal(imageOf(stream, "stable"), v1);
    assert.equal(specTag(stream, "v1"), undefined);
  });

  it("may be of itself, of a cycle and of nothing: accepted, without items", async () => {
    const tags = [alias("self", "self"), alias("a", "b"), alias("b", "a"), alias("lost", "nothing")];
    const stream = await scene().createStream("odd", tags);
    assert.equal(stream.spec.tags?.length, 4);
    assert.equal(stream.status.tags, undefined);
  });

  it("cannot be scheduled", async () => {
    const tags = [alias("a", "v1", { importPolicy: { scheduled: true } })];
    const answer = await scene().target.admin.post(scene().path("imagestreams"), streamBody("timed", tags));
    assert.equal(answer.status, 422);
    assert.match(answer.failure.message ?? "", /spec\.tags\[a\]\.importPolicy\.scheduled/);
  });
});

describeContract("contract: a tag of another stream", (scene) => {
  it("is copied once: not moved with its source, not written unchanged, not with generation 0", async () => {
    const { target, registry } = scene();
    const old = await scene().push("demo/source", "v1", "source 1");
    const from = `${registry}/demo/source:v1`;
    await scene().imported("source", [{ from, to: "v1" }]);
    const copy = { name: "t", from: { kind: "ImageStreamTag", name: "source:v1" } };
    assert.equal(imageOf(await scene().createStream("copy", [copy]), "t"), old.digest);
    const { digest } = await scene().push("demo/source", "v1", "source 2");
    await scene().imported("source", [{ from, to: "v1" }]);
    const path = scene().path("imagestreams/copy");
    for (const generation of [undefined, 0]) {
      const tags = [{ ...copy, ...(generation === undefined ? {} : { generation }) }];
      const { stream, status, text } = await target.admin.patch(path, "strategic", { spec: { tags } });
      assert.equal(status, 200, text);
      assert.equal(imageOf(stream, "t"), old.digest);
    }
    const image = { name: "t", from: { kind: "ImageStreamImage", name: `source@${digest}` } };
    const { stream } = await target.admin.patch(path, "strategic", { spec: { tags: [image] } });
    assert.equal(imageOf(stream, "t"), digest);
  });

  it("of a stream that does not exist is refused, and a missing tag accepted without an item", async () => {
    const { target } = scene();
    const tag = (name: string) => ({ name: "t", from: { kind: "ImageStreamTag", name } });
    const path = scene().path("imagestreams");
    const answer = await target.admin.post(path, streamBody("lost", [tag("nothing:v1")]));
    assert.equal(answer.status, 422);
    assert.match(answer.failure.message ?? "", /spec\.tags\[t\]\.from\.name: Not found: "nothing:v1"/);
    await scene().createStream("empty");
    const stream = await scene().createStream("waiting", [tag("empty:v1")]);
    assert.equal(stream.status.tags, undefined);
  });
});
