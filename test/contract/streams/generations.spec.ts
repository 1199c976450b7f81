import assert from "node:assert/strict";
import { type ImageStream, latestEvent, specTag } from "okd-image-sandbox";
import { recording, structure } from "../../support/recordings/okdApi.js";
import { describeContract, dockerTag, type Scene, streamBody } from "../../support/worlds/contract/scene.js";

type TagChange = Readonly<Record<string, unknown>>;

interface Step {
  readonly action: string;
  readonly change: (scene: Scene) => TagChange;
  /** Generation of the stream and of tag a afterwards. */
  readonly stream: number;
  readonly tag: number;
}

// One stream, step by step (facts/image-streams.md 13).
const steps: readonly Step[] = [
  { action: "only annotations of the tag", change: () => ({ annotations: { a: "b" } }), stream: 2, tag: 1 },
  {
    action: "importPolicy.scheduled",
    change: () => ({ importPolicy: { insecure: true, scheduled: true } }),
    stream: 3,
    tag: 1,
  },
  {
    action: "from",
    change: ({ registry }) => ({ from: { kind: "DockerImage", name: `${registry}/demo/gen:b` } }),
    stream: 4,
    tag: 4,
  },
  { action: "generation 0", change: () => ({ generation: 0 }), stream: 5, tag: 5 },
  { action: "referencePolicy", change: () => ({ referencePolicy: { type: "Local" } }), stream: 6, tag: 5 },
  { action: "generation left out", change: () => ({ generation: null }), stream: 6, tag: 5 },
  { action: "generation 99", change: () => ({ generation: 99 }), stream: 6, tag: 5 },
  { action: "generation 1", change: () => ({ generation: 1 }), stream: 6, tag: 5 },
];

describeContract("contract: generations, step by step on one stream", (scene) => {
  before(async () => {
    await scene().push("demo/gen", "a", "generation a");
    await scene().push("demo/gen", "b", "generation b");
  });

  it("create without a generation: 1 and 1", async () => {
    const stream = await scene().createStream("gen", [dockerTag("a", `${scene().registry}/demo/gen:a`)]);
    assertGenerations(stream, 1, 1);
  });

  for (const { action, change, stream, tag } of steps) {
    it(`PUT that changes ${action}: ${stream} and ${tag}`, async () => {
      assertGenerations(await putTag(scene(), change(scene())), stream, tag);
    });
  }

  it("PATCH that adds a tag: 7, the new tag 7, the old one stays", async () => {
    const body = { spec: { tags: [dockerTag("b", `${scene().registry}/demo/gen:a`)] } };
    const { stream } = await scene().target.admin.patch(scene().path("imagestreams/gen"), "strategic", body);
    assertGenerations(stream, 7, 5);
    assert.equal(specTag(stream, "b")?.generation, 7);
  });

  it("import of tag a: 8 and 8, with 8 in its history; the other tag stays", async () => {
    const stream = await scene().imported("gen", [{ from: `${scene().registry}/demo/gen:b`, to: "a" }]);
    assertGenerations(stream, 8, 8);
    assert.equal(latestEvent(stream, "a")?.generation, 8);
    assert.equal(specTag(stream, "b")?.generation, 7);
  });

  it("an annotation of the stream: 8 and 8", async () => {
    const body = { metadata: { annotations: { c: "d" } } };
    const { stream } = await scene().target.admin.patch(scene().path("imagestreams/gen"), "merge", body);
    assertGenerations(stream, 8, 8);
  });
});

function assertGenerations(stream: ImageStream, ofStream: number, ofTag: number): void {
  assert.deepEqual([stream.metadata.generation, specTag(stream, "a")?.generation], [ofStream, ofTag]);
}

async function putTag(scene: Scene, change: TagChange): Promise<ImageStream> {
  const stream = await scene.stream("gen");
  const tags = (stream.spec.tags ?? []).map((tag) => ({ ...tag, ...change }));
  const answer = await scene.target.admin.put(scene.path("imagestreams/gen"), {
    ...stream,
    spec: { ...stream.spec, tags },
  });
  assert.equal(answer.status, 200, answer.text);
  return answer.stream;
}

describeContract("contract: a stream whose tags are only written", (scene) => {
  it("is not imported: no status, ImageStreamTag 404, ImageTag 200, generation 1", async () => {
    const { registry, target, namespace } = scene();
    await scene().push("demo/speconly", "v1", "speconly");
    const stream = await scene().createStream("speconly", [dockerTag("a", `${registry}/demo/speconly:v1`)]);
    assert.equal(specTag(stream, "a")?.generation, 1);
    assert.equal(stream.status.tags, undefined);
    assert.deepEqual(
      structure(stream, { [namespace]: "<namespace>", "demo/speconly": "demo/app" }),
      structure(recording("imagestream-spec-only"), { c1: "<namespace>" }),
    );
    assert.equal((await target.admin.get(scene().path("imagestreamtags/speconly:a"))).status, 404);
    assert.equal((await target.admin.get(scene().path("imagetags/speconly:a"))).status, 200);
  });

  it("without a resourceVersion a PUT is invalid", async () => {
    const answer = await scene().target.admin.put(
      scene().path("imagestreams/speconly"),
      streamBody("speconly"),
    );
    assert.equal(answer.status, 422);
    assert.match(answer.failure.message ?? "", /must be specified for an update/);
  });
});
