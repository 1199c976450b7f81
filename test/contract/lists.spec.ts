import assert from "node:assert/strict";
import type { ListBody } from "../support/clients/kubeApi.js";
import { recording, structure } from "../support/recordings/okdApi.js";
import { describeContract, imageApi } from "../support/worlds/contract/scene.js";

const partial = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

describeContract("contract: lists", (scene) => {
  before(async () => {
    const { registry } = scene();
    for (const name of ["a", "b", "c", "d", "e"]) {
      await scene().push("demo/list", name, `list ${name}`);
      await scene().imported(`list-${name}`, [{ from: `${registry}/demo/list:${name}`, to: "t" }]);
    }
  });

  it("of streams come in pages with the number of those that remain", async () => {
    const seen: string[] = [];
    const remaining: (number | undefined)[] = [];
    let token: string | undefined = "";
    while (token !== undefined) {
      const query: string = token === "" ? "?limit=2" : `?limit=2&continue=${encodeURIComponent(token)}`;
      const { list, status, text } = await scene().target.admin.get(
        `${scene().path("imagestreams")}${query}`,
      );
      assert.equal(status, 200, text);
      assert.match(list.metadata.resourceVersion ?? "", /^\d+$/);
      seen.push(...list.items.map((item) => item.metadata.name));
      remaining.push(list.metadata.remainingItemCount);
      token = list.metadata.continue === "" ? undefined : list.metadata.continue;
    }
    assert.deepEqual(seen, ["list-a", "list-b", "list-c", "list-d", "list-e"]);
    assert.deepEqual(remaining, [3, 1, undefined]);
  });

  it("of images come in pages, as metadata only too", async () => {
    const first = await scene().target.admin.get(`${imageApi}/images?limit=1`, { accept: partial });
    assert.equal(first.status, 200, first.text);
    const recorded = recording("images-partialobjectmetadata") as ListBody;
    assert.deepEqual(shapeOf(first.list), shapeOf(recorded));
    const token = encodeURIComponent(first.list.metadata.continue ?? "");
    const second = await scene().target.admin.get(`${imageApi}/images?limit=1&continue=${token}`, {
      accept: partial,
    });
    assert.equal(second.status, 200, second.text);
    assert.notEqual(second.list.items[0]?.metadata.name, first.list.items[0]?.metadata.name);
  });

  it("refuse a token that is garbage", async () => {
    const answer = await scene().target.admin.get(`${imageApi}/images?limit=2&continue=garbage`);
    assert.equal(answer.status, 400);
    assert.deepEqual(answer.json, recording("status-400-bad-continue"));
  });

  it("carry a Date, and can be had compressed", async () => {
    const answer = await scene().target.admin.get(`${imageApi}/images`, { "accept-encoding": "identity" });
    assert.ok(!Number.isNaN(Date.parse(String(answer.headers["date"]))));
    const compressed = await scene().target.admin.get(`${imageApi}/images`, { "accept-encoding": "gzip" });
    assert.equal(compressed.status, 200);
  });
});

describeContract("contract: what is not served", (scene) => {
  it("is 404 as text for a group, which is absent from /apis", async () => {
    const answer = await scene().target.admin.get("/apis/nobody.example.com/v1/things");
    assert.equal(answer.status, 404);
    assert.match(String(answer.headers["content-type"]), /^text\/plain/);
    assert.equal(answer.text.trim(), "404 page not found");
    const { groups } = (await scene().target.admin.get("/apis")).json as {
      groups: readonly { readonly name: string }[];
    };
    const names = groups.map((group) => group.name);
    assert.ok(names.includes("image.openshift.io"));
    assert.ok(!names.includes("nobody.example.com"));
  });

  it("is 404 as a Status for a resource of a served group", async () => {
    const answer = await scene().target.admin.get(`${imageApi}/things`);
    assert.equal(answer.status, 404);
    assert.equal(answer.failure.kind, "Status");
    assert.equal(answer.failure.message, "the server could not find the requested resource");
  });

  it("is absent from discovery, which names the resources of image.openshift.io/v1", async () => {
    const { resources } = (await scene().target.admin.get(imageApi)).json as {
      resources: readonly { readonly name: string }[];
    };
    const names = resources.map((resource) => resource.name);
    const expected = [
      "images",
      "imagestreamimages",
      "imagestreamimports",
      "imagestreams",
      "imagestreams/status",
      "imagestreamtags",
      "imagetags",
    ];
    assert.deepEqual(
      expected.filter((name) => !names.includes(name)),
      [],
    );
  });
});

/** Annotations and labels are those of whichever image comes first. */
function shapeOf({ kind, metadata, items }: ListBody): unknown {
  const identities = items.map((item) => {
    const { name, uid, resourceVersion, creationTimestamp } = item.metadata;
    return { ...item, metadata: { name, uid, resourceVersion, creationTimestamp } };
  });
  return { kind, metadata: Object.keys(metadata).sort(), items: structure(identities) };
}
