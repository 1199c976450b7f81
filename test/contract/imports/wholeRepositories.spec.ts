import assert from "node:assert/strict";
import { latestEvent, specTag, tagHistory } from "okd-image-sandbox";
import { describeContract } from "../../support/worlds/contract/scene.js";

/** In the order in which the server takes them. */
const ordered = [
  "latest",
  ...Array.from({ length: 44 }, (_, index) => `1.${43 - index}`),
  "1.0-rc1",
  "2.0.0",
  "v2.0.0",
  "2.0.0-rc.10",
  "2.0.0-rc.2",
  "1.10.0",
  "1.9.5",
  "01.2.3",
  "1",
  "main",
  "nightly-2",
];

describeContract("contract: a repository of more than 50 tags", (scene) => {
  let repository: string;

  before(async function () {
    this.timeout(60_000);
    // Nobody else has put tags into this repository.
    repository = `demo/whole-${scene().target.run}`;
    for (const tag of ordered) await scene().push(repository, tag, "whole");
  });

  it("is read up to the limit, latest and versions first, and the others are named, in a preview too", async function () {
    // A real server reads two tags a second.
    this.timeout(90_000);
    const { registry, target } = scene();
    const answer = await scene().importRepository("whole", `${registry}/${repository}`, { storing: false });
    assert.equal(answer.status, 201, answer.text);
    const { repository: rows } = answer.imported.status;
    assert.equal(rows.status.status, "Success");
    assert.deepEqual(
      (rows.images ?? []).map((row) => row.tag),
      ordered.slice(0, 50),
    );
    assert.deepEqual(rows.additionalTags, ordered.slice(50));
    assert.equal((await target.admin.get(scene().path("imagestreams/whole"))).status, 404);
  });

  it("is stored up to the limit: the others are in no stream", async function () {
    this.timeout(90_000);
    const { registry } = scene();
    const answer = await scene().importRepository("stored", `${registry}/${repository}`);
    const { import: stream, repository: rows } = answer.imported.status;
    assert.equal(rows.additionalTags?.length, ordered.length - 50);
    const taken = ordered.slice(0, 50).toSorted();
    assert.deepEqual(
      (stream.spec.tags ?? []).map((tag) => tag.name),
      taken,
    );
    assert.deepEqual(
      (stream.status.tags ?? []).map((history) => history.tag),
      taken,
    );
  });
});

describeContract("contract: what a repository import is asked for", (scene) => {
  let repository: string;
  let digest: string;

  before(async () => {
    const { target } = scene();
    repository = `demo/policies-${target.run}`;
    digest = (await scene().push(repository, "good", "policies")).digest;
  });

  it("policies are those of every tag, whose source is the tag in the repository", async () => {
    const { registry } = scene();
    const from = `${registry}/${repository}`;
    const answer = await scene().importRepository("policies", from, {
      referencePolicy: "Local",
      importMode: "PreserveOriginal",
    });
    const tag = specTag(answer.imported.status.import, "good");
    assert.deepEqual(tag?.from, { kind: "DockerImage", name: `${from}:good` });
    assert.deepEqual(tag.importPolicy, { insecure: true, importMode: "PreserveOriginal" });
    assert.deepEqual(tag.referencePolicy, { type: "Local" });
  });

  it("manifests come with includeManifest in a preview, and not when something is stored", async () => {
    const from = `${scene().registry}/${repository}`;
    for (const storing of [false, true]) {
      const options = { storing, includeManifest: true };
      const answer = await scene().importRepository("raw", from, options);
      const [row] = answer.imported.status.repository.images ?? [];
      assert.equal(row?.image?.metadata.name, digest);
      assert.equal((row.image.dockerImageManifest ?? "") === "", storing);
      assert.equal((row.image.dockerImageConfig ?? "") === "", storing);
    }
  });

  it("without insecure a registry of plain HTTP is refused: no tag has a row", async () => {
    const from = `${scene().registry}/${repository}`;
    const answer = await scene().importRepository("secure", from, { insecure: false });
    assert.equal(answer.status, 201, answer.text);
    const { status, images } = answer.imported.status.repository;
    assert.equal(status.reason, "InternalError");
    assert.match(status.message ?? "", /server gave HTTP response to HTTPS client/);
    assert.equal(images, undefined);
  });

  it("tags that cannot be imported fail the repository, have a condition and no definition; the others are stored", async () => {
    const { registry, target } = scene();
    const name = `demo/partly-${target.run}`;
    await scene().push(name, "good", "partly");
    const from = `${registry}/${name}`;
    for (const [broken, message] of [
      ["bad1", "one of the images from this repository failed to import"],
      ["bad2", "2 of the images from this repository failed to import"],
    ] as const) {
      // An index of nothing has no image to choose.
      await target.registry.index(name, broken, [], {});
      const answer = await scene().importRepository("partly", from);
      assert.equal(answer.status, 201, answer.text);
      const { repository: rows, import: stream } = answer.imported.status;
      assert.deepEqual([rows.status.status, rows.status.reason], ["Failure", "ImportFailed"]);
      assert.equal(rows.status.message, message);
      const row = rows.images?.find(({ tag }) => tag === broken);
      assert.equal(row?.status.status, "Failure");
      assert.equal(row.image, undefined);
      assert.equal(specTag(stream, broken), undefined);
      assert.equal(tagHistory(stream, broken)?.conditions?.[0]?.status, "False");
      assert.ok(latestEvent(stream, "good") !== undefined);
    }
  });
});

describeContract("contract: the annotation insecureRepository of a stream", (scene) => {
  it("is not for imports that do not ask for it themselves, one by one", async () => {
    const { registry, target } = scene();
    await scene().push("demo/annotated", "v1", "annotated");
    const metadata = { name: "annotated", annotations: { "openshift.io/image.insecureRepository": "true" } };
    const created = await target.admin.post(scene().path("imagestreams"), { metadata, spec: {} });
    assert.equal(created.status, 201, created.text);
    const from = `${registry}/demo/annotated:v1`;
    const answer = await scene().import("annotated", [{ from, to: "v1", insecure: false }]);
    const [row] = answer.imported.status.images;
    assert.match(row?.status.message ?? "", /server gave HTTP response to HTTPS client/);
    const { annotations } = answer.imported.status.import.metadata;
    assert.equal(annotations?.["openshift.io/image.insecureRepository"], "true");
  });
});
