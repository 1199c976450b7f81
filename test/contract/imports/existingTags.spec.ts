import assert from "node:assert/strict";
import { latestEvent, specTag, tagHistory } from "okd-image-sandbox";
import { recording, structure } from "../../support/recordings/okdApi.js";
import { describeContract, dockerTag } from "../../support/worlds/contract/scene.js";

describeContract("contract: an import over a tag that exists", (scene) => {
  it("never changes the reference policy and always overwrites the import policy", async () => {
    const { registry } = scene();
    await scene().push("demo/policy", "a", "policy a");
    await scene().push("demo/policy", "b", "policy b");
    await scene().imported("policy", [{ from: `${registry}/demo/policy:a`, to: "t", scheduled: true }]);
    for (const source of ["a", "b"]) {
      const from = `${registry}/demo/policy:${source}`;
      const tag = specTag(
        await scene().imported("policy", [{ from, to: "t", referencePolicy: "Local" }]),
        "t",
      );
      assert.equal(tag?.referencePolicy.type, "Source");
      assert.deepEqual(tag.importPolicy, { insecure: true, importMode: "Legacy" });
    }
  });

  it("keeps `from` when another tag of the same repository has the same digest", async () => {
    const { registry } = scene();
    await scene().push("demo/same", "v3", "same");
    await scene().push("demo/same", "latest", "same");
    await scene().imported("same", [{ from: `${registry}/demo/same:v3`, to: "t" }]);
    const stream = await scene().imported("same", [{ from: `${registry}/demo/same:latest`, to: "t" }]);
    assert.equal(specTag(stream, "t")?.from?.name, `${registry}/demo/same:v3`);
    assert.equal(specTag(stream, "t")?.generation, 1);
  });

  it("takes over `from` of another repository with the same digest and rewrites the history item in place", async () => {
    const { registry } = scene();
    const { digest } = await scene().push("demo/here", "a", "elsewhere");
    await scene().push("demo/there", "a", "elsewhere");
    await scene().imported("moved", [{ from: `${registry}/demo/here:a`, to: "t" }]);
    const stream = await scene().imported("moved", [{ from: `${registry}/demo/there:a`, to: "t" }]);
    assert.equal(specTag(stream, "t")?.from?.name, `${registry}/demo/there:a`);
    assert.equal(specTag(stream, "t")?.generation, 2);
    const items = tagHistory(stream, "t")?.items ?? [];
    assert.deepEqual(
      items.map((item) => item.dockerImageReference),
      [`${registry}/demo/there@${digest}`],
    );
  });

  it("keeps the good item and notes the failure when it fails, as recorded; the next good one clears it", async () => {
    const { registry, namespace, target } = scene();
    await scene().push("move/app", "stable", "failing 1");
    await scene().imported("mv", [{ from: `${registry}/move/app:stable`, to: "s" }]);
    const second = await scene().push("move/app", "stable", "failing 2");
    await scene().imported("mv", [{ from: `${registry}/move/app:stable`, to: "s" }]);
    await target.registry.deleteManifest("move/app", second.digest);
    const failed = await scene().import("mv", [{ from: `${registry}/move/app:stable`, to: "s" }]);
    assert.equal(failed.status, 201, failed.text);
    assert.deepEqual(
      structure(await scene().stream("mv"), { [namespace]: "<namespace>" }),
      structure(recording("imagestream-failed-over-good"), { c2: "<namespace>" }),
    );
    await scene().push("move/app", "stable", "failing 2");
    const stream = await scene().imported("mv", [{ from: `${registry}/move/app:stable`, to: "s" }]);
    assert.equal(tagHistory(stream, "s")?.conditions, undefined);
    assert.equal(tagHistory(stream, "s")?.items?.length, 2);
    assert.equal(latestEvent(stream, "s")?.generation, specTag(stream, "s")?.generation);
  });

  it("writes nothing when it fails in the same way again", async () => {
    const { registry } = scene();
    const images = [{ from: `${registry}/demo/never:there`, to: "t" }];
    await scene().import("failing", images);
    const before = await scene().stream("failing");
    await scene().import("failing", images);
    assert.equal((await scene().stream("failing")).metadata.resourceVersion, before.metadata.resourceVersion);
  });

  it("turns an alias into a tag of its own", async () => {
    const { registry, target } = scene();
    await scene().push("demo/alias", "a", "alias a");
    await scene().push("demo/alias", "b", "alias b");
    await scene().imported("alias", [{ from: `${registry}/demo/alias:a`, to: "a" }]);
    const alias = { name: "b", from: { kind: "ImageStreamTag", name: "a" } };
    const patched = await target.admin.patch(scene().path("imagestreams/alias"), "strategic", {
      spec: { tags: [alias] },
    });
    assert.equal(patched.status, 200, patched.text);
    const stream = await scene().imported("alias", [{ from: `${registry}/demo/alias:b`, to: "b" }]);
    assert.deepEqual(specTag(stream, "b")?.from, { kind: "DockerImage", name: `${registry}/demo/alias:b` });
  });

  it("updates the aliases of the tag in the same write", async () => {
    const { registry, target } = scene();
    await scene().push("demo/follow", "a", "follow 1");
    await scene().imported("follow", [{ from: `${registry}/demo/follow:a`, to: "a" }]);
    const alias = { name: "latest", from: { kind: "ImageStreamTag", name: "a" } };
    const patched = await target.admin.patch(scene().path("imagestreams/follow"), "strategic", {
      spec: { tags: [alias] },
    });
    assert.equal(latestEvent(patched.stream, "latest")?.image, latestEvent(patched.stream, "a")?.image);
    const { digest } = await scene().push("demo/follow", "a", "follow 2");
    const stream = await scene().imported("follow", [{ from: `${registry}/demo/follow:a`, to: "a" }]);
    assert.equal(latestEvent(stream, "latest")?.image, digest);
  });

  it("imports a reference tag and keeps the flag", async () => {
    const { registry } = scene();
    const { digest } = await scene().push("demo/reference", "a", "reference");
    const from = `${registry}/demo/reference:a`;
    await scene().createStream("reference", [{ ...dockerTag("t", from), reference: true }]);
    const stream = await scene().imported("reference", [{ from, to: "t" }]);
    assert.equal(specTag(stream, "t")?.reference, true);
    assert.equal(latestEvent(stream, "t")?.image, digest);
  });
});
