import assert from "node:assert/strict";
import { specTag } from "okd-image-sandbox";
import { recording, structure } from "../../support/recordings/okdApi.js";
import {
  describeContract,
  dockerTag,
  eventually,
  type ImageImport,
  type Scene,
  streamBody,
} from "../../support/worlds/contract/scene.js";

const versions = ["v1", "v2", "v3"];

describeContract("contract: a limit range for image streams", (scene) => {
  before(async () => {
    for (const version of versions) await scene().push("demo/app", version, `limit ${version}`);
    await scene().imported("lim2", images(scene(), ["v1", "v2"]));
    await createLimitRange(scene(), 2);
    // Three tags are refused as soon as the server knows the limit range.
    const tags = versions.map((version) => dockerTag(version, `${scene().registry}/demo/app:${version}`));
    const dryRun = `${scene().path("imagestreams")}?dryRun=All`;
    await eventually(
      () => scene().target.admin.post(dryRun, streamBody("probe", tags)),
      (answer) => answer.status === 422,
    );
  });

  it("refuses an import that makes a new stream too big, as recorded, and stores nothing", async () => {
    const answer = await scene().import("lim", images(scene(), versions));
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(structure(answer.json), structure(recording("status-422-limitrange-new-stream")));
    assert.equal((await scene().target.admin.get(scene().path("imagestreams/lim"))).status, 404);
  });

  it("allows a preview", async () => {
    const answer = await scene().import("lim", images(scene(), versions), { storing: false });
    assert.equal(answer.status, 201, answer.text);
  });

  it("refuses one tag too many of an existing stream, as recorded, and notes it in the status only", async () => {
    const { namespace } = scene();
    const answer = await scene().import("lim2", images(scene(), ["v3"]));
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(structure(answer.json), structure(recording("status-422-limitrange-existing-stream")));
    const stream = await scene().stream("lim2");
    assert.equal(specTag(stream, "v3"), undefined);
    assert.deepEqual(
      structure(stream, { [namespace]: "<namespace>" }),
      structure(recording("imagestream-limitrange-condition"), { c5: "<namespace>" }),
    );
  });
});

describeContract("contract: a limit of one tag", (scene) => {
  it("refuses the dry run of a stream with two tags, as recorded", async () => {
    await createLimitRange(scene(), 1);
    const tags = ["a", "b"].map((tag) => dockerTag(tag, `${scene().registry}/demo/app:${tag}`));
    const answer = await eventually(
      () => scene().target.admin.post(`${scene().path("imagestreams")}?dryRun=All`, streamBody("two", tags)),
      (seen) => seen.status === 422,
    );
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(answer.json, recording("status-422-imagestream-dryrun-limitrange"));
  });
});

describeContract("contract: a quota of image streams", (scene) => {
  it("refuses a new stream, by a dry run and by an import, as recorded; previews and existing streams pass", async () => {
    const { registry, target } = scene();
    await scene().push("demo/quota", "a", "quota");
    const image = [{ from: `${registry}/demo/quota:a`, to: "a" }];
    await scene().imported("quota", image);
    await createQuota(scene(), "rq", { hard: 1, used: 1 });
    const dryRun = await eventually(
      () => target.admin.post(`${scene().path("imagestreams")}?dryRun=All`, streamBody("q1")),
      (seen) => seen.text.includes("exceeded quota"),
    );
    assert.equal(dryRun.status, 403, dryRun.text);
    assert.deepEqual(
      structure(dryRun.json),
      structure(recording("status-403-imagestream-dryrun-quota"), {
        "quota: q,": "quota: rq,",
        "used: openshift.io/imagestreams=0": "used: openshift.io/imagestreams=1",
        "limited: openshift.io/imagestreams=0": "limited: openshift.io/imagestreams=1",
      }),
    );
    const imported = await scene().import("quo", image);
    assert.equal(imported.status, 403, imported.text);
    assert.deepEqual(imported.json, recording("status-403-quota"));
    assert.equal((await scene().import("quo", image, { storing: false })).status, 201);
    assert.equal((await scene().import("quota", image)).status, 201);
  });
});

function images({ registry }: Scene, tags: readonly string[]): readonly ImageImport[] {
  return tags.map((tag) => ({ from: `${registry}/demo/app:${tag}`, to: tag }));
}

async function createLimitRange(scene: Scene, max: number): Promise<void> {
  const limits = [
    {
      type: "openshift.io/ImageStream",
      max: { "openshift.io/images": String(max), "openshift.io/image-tags": String(max) },
    },
  ];
  const body = { apiVersion: "v1", kind: "LimitRange", metadata: { name: "contract" }, spec: { limits } };
  const answer = await scene.target.admin.post(`/api/v1/namespaces/${scene.namespace}/limitranges`, body);
  assert.equal(answer.status, 201, answer.text);
}

/** Where no controller counts, the status must be set by hand before a quota is enforced. */
async function createQuota(
  scene: Scene,
  name: string,
  amounts: { readonly hard: number; readonly used: number },
): Promise<void> {
  const quantity = (amount: number): object => ({ "openshift.io/imagestreams": String(amount) });
  const body = {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name },
    spec: { hard: quantity(amounts.hard) },
  };
  const path = `/api/v1/namespaces/${scene.namespace}/resourcequotas`;
  const created = await scene.target.admin.post(path, body);
  assert.equal(created.status, 201, created.text);
  const status = { hard: quantity(amounts.hard), used: quantity(amounts.used) };
  const updated = await scene.target.admin.patch(`${path}/${name}/status`, "merge", { status });
  assert.equal(updated.status, 200, updated.text);
}
