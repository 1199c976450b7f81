import assert from "node:assert/strict";
import type { KubeObject, Status } from "okd-image-sandbox";
import type { ApiAnswer } from "../support/clients/kubeApi.js";
import { describeContract, imageApi, type Scene, streamBody } from "../support/worlds/contract/scene.js";

interface Event {
  readonly type: string;
  readonly object: KubeObject;
}

const kinds = [
  {
    what: "image streams",
    kind: "ImageStream",
    resource: "imagestreams",
    named: (name: string) => streamBody(name),
  },
  {
    what: "secrets",
    kind: "Secret",
    resource: "secrets",
    named: (name: string) => ({ apiVersion: "v1", kind: "Secret", metadata: { name } }),
  },
];

describeContract("contract: watches", (scene) => {
  for (const { what, kind, resource, named } of kinds) {
    it(`of ${what} answer the changes after a list's version, in their order`, async () => {
      const { admin } = scene().target;
      const path = pathOf(scene(), resource);
      const before = await admin.get(path);
      created(await admin.post(path, named("watched")));
      await admin.patch(`${path}/watched`, "merge", { metadata: { labels: { a: "b" } } });
      await admin.delete(`${path}/watched`);

      const events = eventsOf(await watch(scene(), path, before.list.metadata.resourceVersion ?? ""));

      const mine = events.filter(({ object }) => object.metadata.name === "watched");
      assert.deepEqual(
        mine.map(({ type }) => type),
        ["ADDED", "MODIFIED", "DELETED"],
      );
      assert.deepEqual(mine[1]?.object.metadata.labels, { a: "b" });
      const versions = mine.map(({ object }) => Number(object.metadata.resourceVersion));
      assert.deepEqual(
        versions,
        [...versions].sort((a, b) => a - b),
      );
      assert.equal(mine[0]?.object.kind, kind);
    });
  }

  it("may end before the version of a list of one object, which has everything that was written before", async () => {
    const path = pathOf(scene(), "secrets");
    const { admin } = scene().target;
    const written = await admin.post(path, { apiVersion: "v1", kind: "Secret", metadata: { name: "told" } });
    created(written);
    const accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
    const one = (await admin.get(`${path}?limit=1`, { accept })).list.metadata.resourceVersion ?? "";
    await admin.delete(`${path}/told`);

    assert.match(one, /^[1-9]\d*$/);
    assert.ok(Number(one) >= Number(written.object.metadata.resourceVersion), one);
  });

  it("repeat nothing from the last version that was seen", async () => {
    const path = pathOf(scene(), "secrets");
    const { list } = await scene().target.admin.get(path);

    const events = eventsOf(await watch(scene(), path, list.metadata.resourceVersion ?? ""));

    assert.deepEqual(
      events.filter(({ type }) => type !== "BOOKMARK"),
      [],
    );
  });

  it("are HTTP 200 with an event ERROR, 410 Expired, from a compacted version", async () => {
    for (const path of [pathOf(scene(), "secrets"), `${imageApi}/imagestreams`]) {
      const [event] = eventsOf(await watch(scene(), path, "1"));

      assert.equal(event?.type, "ERROR");
      const status = event.object as unknown as Status;
      assert.deepEqual([status.kind, status.code, status.reason], ["Status", 410, "Expired"]);
    }
  });

  it("need their own right", async function () {
    const { user } = scene().target;
    if (user === undefined) return this.skip();

    const answer = await user.api.get(`${pathOf(scene(), "secrets")}?watch=true&timeoutSeconds=1`);

    assert.equal(answer.status, 403);
    assert.match(answer.failure.message ?? "", /cannot watch resource "secrets"/);
  });
});

function pathOf(scene: Scene, resource: string): string {
  return resource === "secrets" ? `/api/v1/namespaces/${scene.namespace}/secrets` : scene.path(resource);
}

async function watch({ target }: Scene, path: string, version: string): Promise<ApiAnswer> {
  const query = `watch=true&resourceVersion=${version}&allowWatchBookmarks=true&timeoutSeconds=2`;
  const answer = await target.admin.get(`${path}?${query}`);
  assert.equal(answer.status, 200, answer.text);
  return answer;
}

function eventsOf({ text }: ApiAnswer): readonly Event[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Event);
}

function created(answer: ApiAnswer): void {
  assert.equal(answer.status, 201, answer.text);
}
