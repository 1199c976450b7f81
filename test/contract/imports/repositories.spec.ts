import assert from "node:assert/strict";
import { recording, structure } from "../../support/recordings/okdApi.js";
import { describeContract } from "../../support/worlds/contract/scene.js";

const platforms = ["amd64", "arm64", "s390x"].map((architecture) => ({ os: "linux", architecture }));

describeContract("contract: several images behind one reference", (scene) => {
  it("PreserveOriginal takes the index with its children, Legacy the amd64 child, as recorded", async () => {
    const { registry, namespace, target } = scene();
    const index = await target.registry.index("demo/multi", "v1", platforms, {
      content: `${target.run} multi`,
    });
    // In the recording the amd64 child was known before.
    const [amd64] = index.children;
    await scene().imported("earlier", [
      { from: `${registry}/demo/multi@${amd64?.digest ?? ""}`, to: "amd64" },
    ]);
    const from = `${registry}/demo/multi:v1`;
    const answer = await scene().import("multi", [
      { from, to: "all", importMode: "PreserveOriginal" },
      { from, to: "one", importMode: "Legacy" },
    ]);
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(
      structure(answer.json, { [namespace]: "<namespace>" }),
      structure(recording("isi-multiarch-preserve-and-legacy.response"), { c6: "<namespace>" }),
    );
    const [all, one] = answer.imported.status.images;
    assert.equal(all?.image?.metadata.name, index.digest);
    assert.equal(one?.image?.metadata.name, amd64?.digest);
  });

  it("a repository import takes every tag, as recorded", async () => {
    const { registry, namespace, target } = scene();
    // Nobody else has put tags into this repository.
    const repository = `demo/app-${target.run}`;
    const layers = { v1: 1, v2: 2, v3: 3, latest: 3 };
    for (const [tag, count] of Object.entries(layers)) {
      await scene().push(repository, tag, `repository ${count}`, { layers: count });
      // In the recording all images were known before.
      await scene().imported("known", [{ from: `${registry}/${repository}:${tag}`, to: tag }]);
    }
    const answer = await scene().importRepository("repo", `${registry}/${repository}`);
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(
      structure(answer.json, { [namespace]: "<namespace>", [repository]: "demo/app" }),
      structure(recording("isi-repository.response"), { c1: "<namespace>" }),
    );
  });

  it("an unknown repository makes an empty stream, as recorded", async () => {
    const { registry, namespace } = scene();
    const answer = await scene().importRepository("repo2", `${registry}/demo/none`);
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(
      structure(answer.json, { [namespace]: "<namespace>" }),
      structure(recording("isi-repository-failure.response"), { c1: "<namespace>" }),
    );
  });
});

describeContract("contract: an import that is not accepted", (scene) => {
  const rejected = [
    {
      name: "a bad reference",
      spec: {
        import: true,
        images: [{ from: { kind: "DockerImage", name: "BAD UPPER" }, to: { name: "x" } }],
      },
      recorded: "status-422-isi-bad-reference",
    },
    { name: "nothing to import", spec: { import: true }, recorded: "status-422-isi-empty" },
    {
      name: "a repository with a tag",
      spec: {
        import: true,
        repository: { from: { kind: "DockerImage", name: "127.0.0.1:5600/demo/app:v1" } },
      },
      recorded: "status-422-isi-repository-with-tag",
    },
  ];

  for (const { name, spec, recorded } of rejected) {
    it(`${name}: 422 as recorded`, async () => {
      const body = {
        kind: "ImageStreamImport",
        apiVersion: "image.openshift.io/v1",
        metadata: { name: "app" },
        spec,
      };
      const answer = await scene().target.admin.post(scene().path("imagestreamimports"), body);
      assert.equal(answer.status, 422);
      assert.deepEqual(answer.json, recording(recorded));
    });
  }
});
