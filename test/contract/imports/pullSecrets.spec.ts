import assert from "node:assert/strict";
import { describeContract, eventually, type Scene } from "../../support/worlds/contract/scene.js";
import type { TlsRegistry } from "../../support/worlds/contract/target.js";

describeContract("contract: pull secrets", (scene) => {
  let registry: TlsRegistry;

  before(async function () {
    const { tlsRegistry, run } = scene().target;
    if (tlsRegistry === undefined) this.skip();
    registry = tlsRegistry;
    await registry.push.image("demo/secret", "v1", { content: `${run} secret` });
  });

  it("no secret gives 401 in the row", async () => {
    const answer = await scene().import("none", [
      { from: `${registry.host}/demo/secret:v1`, to: "t", insecure: false },
    ]);
    const status = answer.imported.status.images[0]?.status;
    assert.equal(status?.code, 401);
    assert.equal(
      status.message,
      `you may not have access to the container image "${registry.host}/demo/secret:v1"`,
    );
  });

  it("a wrong password gives 401 in the row", async () => {
    await createSecret(scene(), "wrong", "dockerconfigjson", registry.host, `${registry.username}:wrong`);
    const image = { from: `${registry.host}/demo/secret:v1`, to: "t", insecure: false };
    const answer = await scene().import("wrong", [image], { storing: false });
    assert.equal(answer.imported.status.images[0]?.status.code, 401);
    assert.equal(
      (await scene().target.admin.delete(`/api/v1/namespaces/${scene().namespace}/secrets/wrong`)).status,
      200,
    );
  });

  for (const kind of ["dockerconfigjson", "dockercfg"] as const) {
    it(`a ${kind} secret for host:port is used without being linked to anything`, async () => {
      const credentials = `${registry.username}:${registry.password}`;
      await createSecret(scene(), kind, kind, registry.host, credentials);
      const images = [{ from: `${registry.host}/demo/secret:v1`, to: "t", insecure: false }];
      const answer = await eventually(
        () => scene().import("secured", images, { storing: false }),
        (seen) => seen.imported.status.images[0]?.status.status === "Success",
      );
      assert.equal(answer.imported.status.images[0]?.status.status, "Success", answer.text);
      assert.equal(
        (await scene().target.admin.delete(`/api/v1/namespaces/${scene().namespace}/secrets/${kind}`)).status,
        200,
      );
    });
  }
});

async function createSecret(
  scene: Scene,
  name: string,
  kind: "dockerconfigjson" | "dockercfg",
  host: string,
  credentials: string,
): Promise<void> {
  const auths = { [host]: { auth: Buffer.from(credentials).toString("base64") } };
  const content = kind === "dockercfg" ? auths : { auths };
  const answer = await scene.target.admin.post(`/api/v1/namespaces/${scene.namespace}/secrets`, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name },
    type: `kubernetes.io/${kind}`,
    data: { [`.${kind}`]: Buffer.from(JSON.stringify(content)).toString("base64") },
  });
  assert.equal(answer.status, 201, answer.text);
}
