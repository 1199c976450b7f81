import assert from "node:assert/strict";
import { latestEvent } from "okd-image-sandbox";
import { describeContract, eventually, Scene, streamBody } from "../../support/worlds/contract/scene.js";
import type { ContractTarget } from "../../support/worlds/contract/target.js";

/** Rows follow one another: the ordinary user is given one right after the other. */
describeContract("contract: tags of other streams", (scene) => {
  describe("of another project", () => {
    let user: NonNullable<ContractTarget["user"]>;
    let elsewhere: Scene;
    let digest: string;

    before(async function () {
      if (scene().target.user === undefined) return this.skip();
      user = scene().target.user as NonNullable<ContractTarget["user"]>;
      elsewhere = new Scene(scene().target);
      const { admin, registryHost } = scene().target;
      const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: elsewhere.namespace } };
      assert.equal((await admin.post("/api/v1/namespaces", namespace)).status, 201);
      digest = (await scene().push("demo/cross", "v1", "cross")).digest;
      await elsewhere.imported("source", [{ from: `${registryHost}/demo/cross:v1`, to: "v1" }]);
      await bind(scene().namespace, "edit");
      const allowed = await eventually(
        () => user.api.post(`${scene().path("imagestreams")}?dryRun=All`, streamBody("probe")),
        (answer) => answer.status === 201,
      );
      assert.equal(allowed.status, 201, allowed.text);
    });

    after(async () => {
      if ((elsewhere as Scene | undefined) === undefined) return;
      await scene().target.admin.delete(`/api/v1/namespaces/${elsewhere.namespace}`);
    });

    async function bind(namespace: string, role: string): Promise<void> {
      const group = "rbac.authorization.k8s.io";
      const binding = {
        apiVersion: `${group}/v1`,
        kind: "RoleBinding",
        metadata: { name: role.replace(":", "-") },
        roleRef: { apiGroup: group, kind: "ClusterRole", name: role },
        subjects: [{ apiGroup: group, kind: "User", name: user.name }],
      };
      const answer = await scene().target.admin.post(
        `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`,
        binding,
      );
      assert.equal(answer.status, 201, answer.text);
    }

    const tagged = (kind: string, name: string) => [
      { name: "x", from: { kind, namespace: elsewhere.namespace, name } },
    ];

    it("is refused without the right to pull there, by tag and by digest, in a dry run too", async () => {
      const tags = [tagged("ImageStreamTag", "source:v1"), tagged("ImageStreamImage", `source@${digest}`)];
      for (const query of ["", "?dryRun=All"]) {
        for (const each of tags) {
          const answer = await user.api.post(
            `${scene().path("imagestreams")}${query}`,
            streamBody("refused", each),
          );
          assert.equal(answer.status, 422, answer.text);
          const message = `spec.tags[x].from: Forbidden: ${elsewhere.namespace}/source: `;
          assert.ok(answer.failure.message?.includes(message), answer.text);
        }
      }
      assert.equal((await user.api.get(scene().path("imagestreams/refused"))).status, 404);
    });

    it("of a missing stream has both complaints", async () => {
      const path = scene().path("imagestreams");
      const answer = await user.api.post(path, streamBody("refused", tagged("ImageStreamTag", "none:v1")));
      assert.equal(answer.status, 422, answer.text);
      assert.ok(answer.failure.message?.includes(`Forbidden: ${elsewhere.namespace}/none: `), answer.text);
      assert.match(answer.failure.message ?? "", /spec\.tags\[x\]\.from\.name: Not found: "none:v1"/);
    });

    it("is accepted with system:image-puller there, though the stream itself may not be read", async () => {
      await bind(elsewhere.namespace, "system:image-puller");
      const path = scene().path("imagestreams");
      const answer = await eventually(
        () => user.api.post(path, streamBody("allowed", tagged("ImageStreamTag", "source:v1"))),
        ({ status }) => status === 201,
      );
      assert.equal(answer.status, 201, answer.text);
      assert.equal(latestEvent(answer.stream, "x")?.image, digest);
      const source = await user.api.get(elsewhere.path("imagestreams/source"));
      assert.equal(source.status, 403);
    });
  });
});
