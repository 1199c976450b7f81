import assert from "node:assert/strict";
import { type Image, type ImageStream, latestEvent, specTag } from "okd-image-sandbox";
import { describeContract, streamBody } from "../../support/worlds/contract/scene.js";

const fixed = (name: string, image: string, more: object = {}) => ({
  name,
  from: { kind: "ImageStreamImage", name: image },
  ...more,
});

describeContract("contract: a tag that is an image of a stream", (scene) => {
  let digest: string;
  let hex: string;

  before(async () => {
    digest = (await scene().push("demo/fixed", "v1", "fixed 1")).digest;
    hex = digest.slice("sha256:".length);
    await scene().push("demo/fixed", "v2", "fixed 2");
    await scene().imported("source", [
      { from: `${scene().registry}/demo/fixed:v1`, to: "v1" },
      { from: `${scene().registry}/demo/fixed:v2`, to: "v2" },
    ]);
  });

  it("is found by its digest and by the beginning of it, and stored as it was written", async () => {
    const names = [digest, hex.slice(0, 12), `sha256:${hex.slice(0, 12)}`].map((id) => `source@${id}`);
    const tags = names.map((name, index) => fixed(`t${index}`, name));
    const stream = await scene().createStream("found", tags);
    for (const [index, name] of names.entries()) {
      assert.equal(latestEvent(stream, `t${index}`)?.image, digest, name);
      assert.equal(specTag(stream, `t${index}`)?.from?.name, name);
    }
  });

  it("that is unknown, unclear or no image at all is refused, and nothing is stored", async () => {
    const path = scene().path("imagestreams");
    const refused = [
      [`source@sha256:${"0".repeat(64)}`, /imagestreamimage\.image\.openshift\.io "sha256:0+" not found/],
      ["source:v1", /imagestreamimage\.image\.openshift\.io "source:v1" not found/],
      ["source@sha256:", /multiple images match the prefix "sha256:"/],
    ] as const;
    for (const [name, message] of refused) {
      const answer = await scene().target.admin.post(path, streamBody("refused", [fixed("t", name)]));
      assert.equal(answer.status, 422, answer.text);
      assert.match(answer.failure.message ?? "", /spec\.tags\[t\]\.from\.name: Invalid value/);
      assert.match(answer.failure.message ?? "", message);
    }
    assert.equal((await scene().target.admin.get(`${path}/refused`)).status, 404);
  });

  it("is answered by the dry run of its write, which stores nothing", async () => {
    const { target } = scene();
    const path = scene().path("imagestreams");
    const tags = [fixed("t", `source@${hex.slice(0, 12)}`)];
    const created = await target.admin.post(`${path}?dryRun=All`, streamBody("dry", tags));
    assert.equal(created.status, 201, created.text);
    assert.equal(latestEvent(created.stream, "t")?.image, digest);
    assert.equal((await target.admin.get(`${path}/dry`)).status, 404);
    await scene().createStream("dry");
    const query = `${path}/dry?dryRun=All`;
    const patched = await target.admin.patch(query, "strategic", { spec: { tags } });
    assert.equal(latestEvent(patched.stream, "t")?.image, digest);
    assert.equal((await scene().stream("dry")).status.tags, undefined);
  });

  it("with policy Local is pulled through the cluster's registry", async () => {
    const policy = { referencePolicy: { type: "Local" } };
    const { status } = await scene().createStream("local", [fixed("t", `source@${digest}`, policy)]);
    const tag = await scene().target.admin.get(scene().path("imagestreamtags/local:t"));
    assert.equal(tag.streamTag.image.dockerImageReference, `${status.dockerImageRepository}@${digest}`);
  });

  it("is read by its digest and by the beginning of it, under the name that was asked for", async () => {
    for (const id of [digest, hex.slice(0, 12), `sha256:${hex.slice(0, 12)}`]) {
      const answer = await scene().target.admin.get(scene().path(`imagestreamimages/source@${id}`));
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.object.metadata.name, `source@${id}`);
      assert.equal((answer.object["image"] as Image).metadata.name, digest);
    }
    const unclear = await scene().target.admin.get(scene().path("imagestreamimages/source@sha256:"));
    assert.equal(unclear.status, 200, unclear.text);
    const unknown = await scene().target.admin.get(scene().path("imagestreamimages/source@sha256:0000"));
    assert.equal(unknown.status, 404);
  });
});

describeContract("contract: a reference tag", (scene) => {
  it("of an image outside has an item without a digest, and no ImageStreamTag", async () => {
    const { target, registry } = scene();
    const from = { kind: "DockerImage", name: `${registry}/demo/never:there` };
    const stream = await scene().createStream("doc", [{ name: "t", from, reference: true }]);
    const { image, dockerImageReference } = latestEvent(stream, "t") ?? {};
    assert.deepEqual([image, dockerImageReference], ["", from.name]);
    assert.equal((await target.admin.get(scene().path("imagestreamtags/doc:t"))).status, 404);
    const tag = await target.admin.get(scene().path("imagetags/doc:t"));
    assert.equal(tag.status, 200, tag.text);
  });

  it("of a tag of a stream has its image; the flag alone makes it one, and takes it back", async () => {
    const { target, registry } = scene();
    const { digest } = await scene().push("demo/doc", "v1", "doc");
    const from = `${registry}/demo/doc:v1`;
    await scene().imported("source", [{ from, to: "v1" }]);
    const tag = { name: "t", from: { kind: "ImageStreamTag", name: "source:v1" }, reference: true };
    assert.equal(latestEvent(await scene().createStream("copy", [tag]), "t")?.image, digest);
    const patch = async (reference: boolean): Promise<ImageStream> => {
      const tags = [{ name: "v1", from: { kind: "DockerImage", name: from }, reference }];
      const path = scene().path("imagestreams/source");
      const answer = await target.admin.patch(path, "strategic", { spec: { tags } });
      assert.equal(answer.status, 200, answer.text);
      return answer.stream;
    };
    const referred = await patch(true);
    assert.equal(latestEvent(referred, "v1")?.image, "");
    assert.equal(specTag(referred, "v1")?.generation, 2);
    const back = await patch(false);
    assert.equal(specTag(back, "v1")?.reference, undefined);
    assert.equal(specTag(back, "v1")?.generation, 3);
  });
});
