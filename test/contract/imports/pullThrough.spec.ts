import assert from "node:assert/strict";
import { openRequester, type RegistryRequester } from "../../support/recordings/registryExchanges.js";
import { describeContract } from "../../support/worlds/contract/scene.js";

describeContract("contract: the cluster's registry", (scene) => {
  describe("pulls imported images through", () => {
    let registry: RegistryRequester;
    let token: string;

    before(function () {
      const { integrated } = scene().target;
      if (integrated === undefined) return this.skip();
      token = integrated.adminToken;
      registry = openRequester(integrated, scene().namespace);
    });

    after(async () => {
      await (registry as RegistryRequester | undefined)?.close();
    });

    const pull = async (stream: string, rest: string): Promise<number> =>
      (await registry.send(token, "GET", `/v2/${scene().namespace}/${stream}/${rest}`)).status;

    it("whatever the reference policy, by digest and by tag, with their layers", async () => {
      for (const referencePolicy of ["Source", "Local"]) {
        const { digest, layerDigests, configDigest } = await scene().push(
          "demo/through",
          referencePolicy,
          referencePolicy,
        );
        const from = `${scene().registry}/demo/through:${referencePolicy}`;
        await scene().imported("imported", [{ from, to: referencePolicy, referencePolicy }]);
        assert.equal(await pull("imported", `manifests/${digest}`), 200);
        assert.equal(await pull("imported", `manifests/${referencePolicy}`), 200);
        for (const blob of [...layerDigests, configDigest ?? ""])
          assert.equal(await pull("imported", `blobs/${blob}`), 200, blob);
      }
    });

    it("also under their copies: an alias, and an image of another stream", async () => {
      const { digest, layerDigests } = await scene().push("demo/through", "copied", "copied");
      await scene().imported("origin", [{ from: `${scene().registry}/demo/through:copied`, to: "v1" }]);
      const image = { kind: "ImageStreamImage", name: `origin@${digest}` };
      const referencePolicy = { type: "Local" };
      const tags = [
        { name: "fixed", from: image, referencePolicy },
        { name: "alias", from: { kind: "ImageStreamTag", name: "fixed" } },
      ];
      // A copy does not take over `insecure`; the stream says it for all its tags.
      const annotations = { "openshift.io/image.insecureRepository": "true" };
      const body = { metadata: { name: "copy", annotations }, spec: { tags } };
      const created = await scene().target.admin.post(scene().path("imagestreams"), body);
      assert.equal(created.status, 201, created.text);
      for (const reference of [digest, "fixed", "alias"])
        assert.equal(await pull("copy", `manifests/${reference}`), 200, reference);
      assert.equal(await pull("copy", `blobs/${layerDigests[0] ?? ""}`), 200);
    });

    it("but not what upstream no longer has", async () => {
      const { digest } = await scene().push("demo/through", "gone", "gone");
      await scene().imported("gone", [
        { from: `${scene().registry}/demo/through:gone`, to: "v1", referencePolicy: "Local" },
      ]);
      await scene().target.registry.deleteManifest("demo/through", digest);
      assert.equal(await pull("gone", `manifests/${digest}`), 404);
    });

    it("not a reference tag, which has no image", async () => {
      const from = { kind: "DockerImage", name: `${scene().registry}/demo/through:Local` };
      await scene().createStream("reference", [{ name: "t", from, reference: true }]);
      assert.equal(await pull("reference", "manifests/t"), 404);
    });
  });
});
