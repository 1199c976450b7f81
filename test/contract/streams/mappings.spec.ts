import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Image } from "okd-image-sandbox";
import { describeContract, imageApi } from "../../support/worlds/contract/scene.js";

const ociIndex = "application/vnd.oci.image.index.v1+json";

describeContract("contract: mappings of an image to a tag", (scene) => {
  const digestOf = (text: string) =>
    `sha256:${createHash("sha256").update(`${scene().target.run} ${text}`).digest("hex")}`;
  const map = (stream: string, tag: string, image: object) =>
    scene().target.admin.post(scene().path("imagestreammappings"), {
      apiVersion: "image.openshift.io/v1",
      kind: "ImageStreamMapping",
      metadata: { name: stream, namespace: scene().namespace },
      tag,
      image,
    });
  const imageNamed = async (digest: string): Promise<Image> => {
    const answer = await scene().target.admin.get(`${imageApi}/images/${digest}`);
    assert.equal(answer.status, 200, answer.text);
    return answer.object as unknown as Image;
  };
  const told = (digest: string, more: object = {}) => ({
    metadata: { name: digest },
    dockerImageReference: `registry.example/acme/multi@${digest}`,
    dockerImageManifestMediaType: ociIndex,
    ...more,
  });

  afterEach(async () => {
    for (const text of ["index", "again"]) {
      await scene().target.admin.delete(`${imageApi}/images/${digestOf(text)}`);
    }
  });

  it("make an Image with the given metadata, and an item on top of the history", async () => {
    const digest = digestOf("index");
    await scene().createStream("mapped");
    const answer = await map("mapped", "v1", told(digest));
    assert.deepEqual(
      [answer.status, answer.object.kind, answer.object["status"]],
      [201, "Status", "Success"],
    );
    const image = await imageNamed(digest);
    assert.equal(image.dockerImageManifestMediaType, ociIndex);
    assert.deepEqual([image.dockerImageManifests ?? [], image.dockerImageLayers ?? []], [[], []]);
    const [history] = (await scene().stream("mapped")).status.tags ?? [];
    assert.equal(history?.tag, "v1");
    const [item] = history.items ?? [];
    assert.deepEqual(
      [item?.image, item?.dockerImageReference],
      [digest, `registry.example/acme/multi@${digest}`],
    );
  });

  it("keep an existing Image as it is", async () => {
    const digest = digestOf("again");
    await scene().createStream("twice");
    assert.equal((await map("twice", "v1", told(digest))).status, 201);
    const before = await imageNamed(digest);
    const children = [
      { digest: digestOf("child"), mediaType: "x", manifestSize: 1, architecture: "amd64", os: "linux" },
    ];
    assert.equal((await map("twice", "v2", told(digest, { dockerImageManifests: children }))).status, 201);
    assert.deepEqual(await imageNamed(digest), before);
    const tags = (await scene().stream("twice")).status.tags ?? [];
    assert.deepEqual(
      tags.map(({ tag, items }) => [tag, items?.[0]?.image]),
      [
        ["v1", digest],
        ["v2", digest],
      ],
    );
  });

  it("need a stream", async () => {
    const answer = await map("no-such-stream", "v1", told(digestOf("index")));
    assert.deepEqual([answer.status, answer.object["reason"]], [404, "NotFound"]);
  });
});
