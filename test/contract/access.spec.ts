import assert from "node:assert/strict";
import { recording, structure } from "../support/recordings/okdApi.js";
import { describeContract, eventually, imageApi, type Scene } from "../support/worlds/contract/scene.js";
import type { ContractTarget } from "../support/worlds/contract/target.js";

describeContract("contract: who may do what", (scene) => {
  let user: NonNullable<ContractTarget["user"]>;

  before(function () {
    if (scene().target.user === undefined) this.skip();
    user = scene().target.user as NonNullable<ContractTarget["user"]>;
  });

  it("a wrong token is unauthorized, as recorded", async () => {
    const answer = await scene().target.stranger.get(`${imageApi}/images`);
    assert.equal(answer.status, 401);
    assert.deepEqual(answer.json, recording("status-401"));
  });

  it("an anonymous user may not list images, as recorded", async () => {
    const answer = await scene().target.anonymous.get(`${imageApi}/images`);
    assert.equal(answer.status, 403);
    assert.deepEqual(answer.json, recording("status-403-anonymous"));
  });

  it("an ordinary user may neither list streams nor import, as recorded", async () => {
    const { namespace, registry } = scene();
    const here = { [namespace]: "<namespace>", [user.name]: "<user>" };
    const there = { c2: "<namespace>", alice: "<user>" };
    const listed = await user.api.get(scene().path("imagestreams"));
    assert.equal(listed.status, 403);
    assert.deepEqual(
      structure(listed.json, here),
      structure(recording("status-403-imagestreams-list"), there),
    );
    const imported = await scene().import("al", [{ from: `${registry}/demo/a:1`, to: "a" }], {
      api: user.api,
    });
    assert.equal(imported.status, 403);
    assert.deepEqual(structure(imported.json, here), structure(recording("status-403-isi"), there));
  });

  it("a user with the role edit may import, but not write the status, as recorded", async () => {
    const { namespace, registry } = scene();
    await bindEdit(scene(), user.name);
    await scene().push("demo/edit", "a", "edit");
    const images = [{ from: `${registry}/demo/edit:a`, to: "a" }];
    const imported = await eventually(
      () => scene().import("al", images, { api: user.api }),
      (answer) => answer.status !== 403,
    );
    assert.equal(imported.status, 201, imported.text);
    const stream = await user.api.get(scene().path("imagestreams/al"));
    assert.equal(stream.status, 200, stream.text);
    const refused = await user.api.put(scene().path("imagestreams/al/status"), stream.json);
    assert.equal(refused.status, 403);
    assert.deepEqual(
      structure(refused.json, { [namespace]: "<namespace>", [user.name]: "<user>" }),
      structure(recording("status-403-imagestreams-status"), { c2: "<namespace>", alice: "<user>" }),
    );
  });
});

async function bindEdit(scene: Scene, user: string): Promise<void> {
  const group = "rbac.authorization.k8s.io";
  const answer = await scene.target.admin.post(
    `/apis/${group}/v1/namespaces/${scene.namespace}/rolebindings`,
    {
      apiVersion: `${group}/v1`,
      kind: "RoleBinding",
      metadata: { name: "contract-edit" },
      roleRef: { apiGroup: group, kind: "ClusterRole", name: "edit" },
      subjects: [{ apiGroup: group, kind: "User", name: user }],
    },
  );
  assert.equal(answer.status, 201, answer.text);
}
