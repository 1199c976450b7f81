import assert from "node:assert/strict";
import { latestEvent, specTag, tagHistory } from "okd-image-sandbox";
import { recording, structure } from "../../support/recordings/okdApi.js";
import { describeContract, dockerTag, imageApi } from "../../support/worlds/contract/scene.js";

describeContract("contract: removing tags", (scene) => {
  beforeEach(async () => {
    const { registry } = scene();
    await scene().push("demo/tags", "a", "tags a");
    await scene().imported("tags", [
      { from: `${registry}/demo/tags:a`, to: "a" },
      { from: `${registry}/demo/tags:a`, to: "b" },
    ]);
  });

  it("from the spec leaves the status, and the ImageStreamTag still resolves", async () => {
    const { target } = scene();
    const stream = await scene().stream("tags");
    const tags = (stream.spec.tags ?? []).filter((tag) => tag.name !== "a");
    const put = await target.admin.put(scene().path("imagestreams/tags"), {
      ...stream,
      spec: { ...stream.spec, tags },
    });
    assert.equal(put.status, 200, put.text);
    assert.equal(specTag(put.stream, "a"), undefined);
    assert.ok(latestEvent(put.stream, "a") !== undefined);
    assert.equal((await target.admin.get(scene().path("imagestreamtags/tags:a"))).status, 200);
    // A tag that is left in the status only can be deleted too.
    assert.equal((await target.admin.delete(scene().path("imagestreamtags/tags:a"))).status, 200);
  });

  it("as an ImageStreamTag removes spec and status; the second time it is not found", async () => {
    const { target } = scene();
    const deleted = await target.admin.delete(scene().path("imagestreamtags/tags:a"));
    assert.equal(deleted.status, 200, deleted.text);
    assert.equal(deleted.failure.status, "Success");
    const stream = await scene().stream("tags");
    assert.equal(specTag(stream, "a"), undefined);
    assert.equal(tagHistory(stream, "a"), undefined);
    const again = await target.admin.delete(scene().path("imagestreamtags/tags:a"));
    assert.equal(again.status, 404);
  });

  it("with another stream's uid as precondition is a conflict", async () => {
    const preconditions = { uid: "11111111-1111-1111-1111-111111111111" };
    const answer = await scene().target.admin.delete(scene().path("imagestreamtags/tags:b"), {
      preconditions,
    });
    assert.equal(answer.status, 409);
    assert.match(answer.failure.message ?? "", /the UID precondition was not met$/);
    const { uid } = (await scene().stream("tags")).metadata;
    const matching = await scene().target.admin.delete(scene().path("imagestreamtags/tags:b"), {
      preconditions: { uid },
    });
    assert.equal(matching.status, 200, matching.text);
  });

  it("as a dry run removes nothing", async () => {
    assert.equal(
      (await scene().target.admin.delete(`${scene().path("imagestreamtags/tags:b")}?dryRun=All`)).status,
      200,
    );
    assert.ok(specTag(await scene().stream("tags"), "b") !== undefined);
  });

  it("an unknown tag is not found, as recorded", async () => {
    await scene().createStream("repo");
    const answer = await scene().target.admin.get(scene().path("imagestreamtags/repo:v2"));
    assert.equal(answer.status, 404);
    assert.deepEqual(answer.json, recording("status-404-imagestreamtag"));
  });
});

describeContract("contract: ImageStreamTags", (scene) => {
  it("of a deleted Image: GET is 404 and names the digest, the list still has the tag", async () => {
    const { registry, target } = scene();
    const { digest } = await scene().push("demo/gone", "a", "gone");
    await scene().imported("gone", [{ from: `${registry}/demo/gone:a`, to: "a" }]);
    assert.equal((await target.admin.delete(`${imageApi}/images/${digest}`)).status, 200);
    const tag = await target.admin.get(scene().path("imagestreamtags/gone:a"));
    assert.equal(tag.status, 404);
    assert.ok((tag.failure.message ?? "").includes(digest), tag.text);
    const { items } = (await target.admin.get(scene().path("imagestreamtags"))).list;
    assert.ok(items.some((item) => item.metadata.name === "gone:a"));
  });

  it("with reference policy Local point to the internal registry", async () => {
    const { registry, target, namespace } = scene();
    const { digest } = await scene().push("demo/local", "a", "local");
    await scene().imported("local", [
      { from: `${registry}/demo/local:a`, to: "a", referencePolicy: "Local" },
    ]);
    const tag = await target.admin.get(scene().path("imagestreamtags/local:a"));
    const { dockerImageRepository } = (await scene().stream("local")).status;
    assert.ok(dockerImageRepository.endsWith(`/${namespace}/local`));
    assert.equal(tag.streamTag.image.dockerImageReference, `${dockerImageRepository}@${digest}`);
  });

  it("PUT without annotations and policies resets them; the generation stays", async () => {
    const { registry, target } = scene();
    await scene().push("demo/wipe", "a", "wipe");
    const from = `${registry}/demo/wipe:a`;
    const full = { ...dockerTag("a", from), annotations: { note: "x" }, referencePolicy: { type: "Local" } };
    await scene().createStream("wipe", [full]);
    const body = {
      kind: "ImageStreamTag",
      apiVersion: "image.openshift.io/v1",
      metadata: { name: "wipe:a" },
      tag: { name: "a", from: { kind: "DockerImage", name: from } },
    };
    const put = await target.admin.put(scene().path("imagestreamtags/wipe:a"), body);
    assert.equal(put.status, 200, put.text);
    const tag = specTag(await scene().stream("wipe"), "a");
    assert.deepEqual(tag?.annotations ?? {}, {});
    assert.equal(tag?.referencePolicy.type, "Source");
    assert.equal(tag.importPolicy.insecure ?? false, false);
    assert.equal(tag.generation, 1);
  });

  it("PUT takes the annotations of the object, and without a tag changes only these", async () => {
    const { registry, target } = scene();
    const definition = dockerTag("a", `${registry}/demo/annotated:a`);
    await scene().createStream("annotated", [definition]);
    const put = (annotations: object, tag?: object) =>
      target.admin.put(scene().path("imagestreamtags/annotated:a"), {
        kind: "ImageStreamTag",
        apiVersion: "image.openshift.io/v1",
        metadata: { name: "annotated:a", annotations },
        ...(tag === undefined ? {} : { tag }),
      });
    await put({ of: "object" }, { ...definition, annotations: { of: "tag" } });
    assert.deepEqual(specTag(await scene().stream("annotated"), "a")?.annotations, { of: "object" });
    const alone = await put({ of: "nothing else" });
    assert.equal(alone.status, 200, alone.text);
    const tag = specTag(await scene().stream("annotated"), "a");
    assert.deepEqual(tag?.annotations, { of: "nothing else" });
    assert.equal(tag.importPolicy.insecure, true);
  });

  it("PUT for a missing stream creates it", async () => {
    const { registry, target } = scene();
    const body = {
      kind: "ImageStreamTag",
      apiVersion: "image.openshift.io/v1",
      metadata: { name: "fresh:a" },
      tag: { name: "a", from: { kind: "DockerImage", name: `${registry}/demo/fresh:a` } },
    };
    const put = await target.admin.put(scene().path("imagestreamtags/fresh:a"), body);
    assert.equal(put.status, 201, put.text);
    assert.equal(specTag(await scene().stream("fresh"), "a")?.from?.name, `${registry}/demo/fresh:a`);
  });

  it("`limit` counts streams and there is no continue token, nor a revision in the list", async () => {
    const { registry, target } = scene();
    await scene().push("demo/limit", "a", "limit");
    const from = `${registry}/demo/limit:a`;
    await scene().imported("zlimit", [
      { from, to: "a" },
      { from, to: "b" },
      { from, to: "c" },
    ]);
    const all = (await target.admin.get(scene().path("imagestreamtags"))).list;
    const { list } = await target.admin.get(`${scene().path("imagestreamtags")}?limit=1`);
    assert.ok(list.items.length < all.items.length);
    assert.equal(list.metadata.continue, undefined);
    assert.equal(list.metadata.resourceVersion, undefined);
  });
});

describeContract("contract: the status of a stream", (scene) => {
  beforeEach(async () => {
    const { registry } = scene();
    await scene().push("demo/status", "a", "status 1");
    await scene().imported("status", [{ from: `${registry}/demo/status:a`, to: "a" }]);
    await scene().push("demo/status", "a", "status 2");
    await scene().imported("status", [{ from: `${registry}/demo/status:a`, to: "a" }]);
  });

  it("PUT can cut a history, and empty it; the spec stays", async () => {
    const { target } = scene();
    const stream = await scene().stream("status");
    const [history] = stream.status.tags ?? [];
    const shorter = [{ ...history, items: (history?.items ?? []).slice(0, 1) }];
    const cut = await target.admin.put(scene().path("imagestreams/status/status"), {
      ...stream,
      status: { ...stream.status, tags: shorter },
    });
    assert.equal(cut.status, 200, cut.text);
    assert.equal(tagHistory(cut.stream, "a")?.items?.length, 1);
    const emptied = await target.admin.put(scene().path("imagestreams/status/status"), {
      ...cut.stream,
      status: { ...cut.stream.status, tags: [] },
    });
    assert.equal(emptied.status, 200, emptied.text);
    assert.equal(emptied.stream.status.tags, undefined);
    assert.ok(specTag(emptied.stream, "a") !== undefined);
  });

  it("PUT with a stale revision is a conflict as recorded, without one it is invalid", async () => {
    const { target } = scene();
    const stream = await scene().stream("status");
    const withRevision = (resourceVersion: string | undefined): unknown => ({
      ...stream,
      metadata: { ...stream.metadata, resourceVersion },
    });
    const stale = await target.admin.put(scene().path("imagestreams/status/status"), withRevision("1"));
    assert.equal(stale.status, 409);
    assert.deepEqual(
      structure(stale.json, { '"status"': "<name>" }),
      structure(recording("status-409-imagestream-status"), { '"mv"': "<name>", mv: "status" }),
    );
    const without = await target.admin.put(
      scene().path("imagestreams/status/status"),
      withRevision(undefined),
    );
    assert.equal(without.status, 422);
    assert.match(without.failure.message ?? "", /must be specified for an update/);
  });

  it("can be changed by a merge patch", async () => {
    const { target } = scene();
    const patched = await target.admin.patch(scene().path("imagestreams/status/status"), "merge", {
      status: { tags: null },
    });
    assert.equal(patched.status, 200, patched.text);
    assert.equal(patched.stream.status.tags, undefined);
  });

  it("is not changed by an ordinary PUT", async () => {
    const stream = await scene().stream("status");
    const put = await scene().target.admin.put(scene().path("imagestreams/status"), {
      ...stream,
      status: {},
    });
    assert.equal(put.status, 200, put.text);
    assert.deepEqual(put.stream.status.tags, stream.status.tags);
  });
});
