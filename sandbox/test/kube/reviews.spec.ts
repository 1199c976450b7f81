import assert from "node:assert/strict";
import { type KubeApi, openKubeApi } from "../../../test/support/clients/kubeApi.js";
import { withSandbox } from "../client.js";

describe("reviews that a user asks about their own account", () => {
  const open = withSandbox(() => ({
    plainHttp: true,
    users: [
      {
        name: "bob",
        rules: [{ verbs: ["update"], resources: ["imagestreams/status"], namespaces: ["shop"] }],
      },
    ],
    objects: [
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: "pruner" },
        roleRef: { kind: "ClusterRole", name: "system:image-pruner" },
        subjects: [{ kind: "ServiceAccount", name: "pruner", namespace: "shop" }],
      },
    ],
  }));
  const images = { group: "image.openshift.io", resource: "images" };
  const status = { group: "image.openshift.io", resource: "imagestreams", subresource: "status" };

  async function allowed(api: KubeApi, attributes: object): Promise<boolean> {
    const answer = await api.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
      spec: { resourceAttributes: attributes },
    });
    assert.equal(answer.status, 201, answer.text);
    return (answer.object["status"] as { allowed: boolean }).allowed;
  }

  it("a review answers from the sandbox's rules, for every user", async () => {
    const { sandbox, admin } = open();
    const server = sandbox.httpUrl ?? "";
    const bob = openKubeApi({ server, token: sandbox.users[0]?.token });
    const token = sandbox.addToken("system:serviceaccount:shop:pruner");
    const pruner = openKubeApi({ server, token });
    assert.equal(await allowed(admin, { ...images, verb: "delete" }), true);
    assert.equal(await allowed(bob, { ...images, verb: "delete" }), false);
    assert.equal(await allowed(bob, { ...status, verb: "update", namespace: "shop" }), true);
    assert.equal(await allowed(bob, { ...status, verb: "update" }), false);
    assert.equal(await allowed(pruner, { ...images, verb: "delete" }), true);
    assert.equal(await allowed(pruner, { ...status, verb: "update" }), true);
    assert.equal(await allowed(pruner, { verb: "list", resource: "secrets" }), false);
    const self = await bob.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {});
    const { userInfo } = self.object["status"] as {
      userInfo: { username: string; groups: readonly string[] };
    };
    assert.deepEqual([userInfo.username, userInfo.groups], ["bob", ["system:authenticated"]]);
    assert.equal((await admin.get("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")).status, 405);
    await bob.close();
    await pruner.close();
  });
});
