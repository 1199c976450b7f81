import assert from "node:assert/strict";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";

describe("An import that a registry refuses", () => {
  let world: ImportWorld;
  let v1: string;

  beforeEach(async () => {
    world = await startImportWorld({ registryHosts: { "quay.io": "open", "r.acme.com": "open" } });
    v1 = world.publish("v1");
    const row = { code: 401, reason: "Unauthorized", message: "you may not have access" };
    world.sandbox.faults.add({ effect: { kind: "importRow", tag: "private", row }, times: 0 });
  });
  afterEach(() => world.sandbox.close());

  const web = (tags: Record<string, string>) => ({
    connection: world.connection,
    namespace: "shop",
    name: "web",
    tags,
  });
  const secret = (name: string, key: string) => {
    const auths = { [key]: { username: "me", password: "hunter2" } };
    world.sandbox.seed({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { namespace: "shop", name },
      type: "kubernetes.io/dockerconfigjson",
      data: { ".dockerconfigjson": Buffer.from(JSON.stringify({ auths })).toString("base64") },
    });
  };
  const both = { v1: "quay.io/acme/web:v1", private: "r.acme.com/acme/web:v1" };

  it("is not known yet in a preview where the only secret is for another path", async () => {
    secret("team-b", "r.acme.com/team-b");
    const pulumi = world.pulumi();

    const { failures, inputs } = await pulumi.preview(web({ private: both.private }));

    assert.deepEqual(failures, []);
    assert.match(JSON.stringify(inputs.resolved), /04da6b54/);
    assert.match(
      pulumi.lines.join("\n"),
      /^info: .*not known yet: tags\.private: .*is for r\.acme\.com\/acme\/web \(found: r\.acme\.com\/team-b of secret team-b is for another path\)/m,
    );
    assert.doesNotMatch(pulumi.lines.join("\n"), /hunter2|aHVudGVyMg/);
    await assert.rejects(pulumi.up(web({ private: both.private })), /IMPORT_UNAUTHORIZED/);
  });

  it("keeps the digests of the other tags known", async () => {
    const { failures, inputs } = await world.pulumi().preview(web(both));

    assert.deepEqual(failures, []);
    const resolved = inputs.resolved as Record<string, { digest?: string } | string>;
    assert.equal(typeof resolved.private, "string", "not known yet");
    assert.deepEqual((resolved.v1 as { digest?: string }).digest, v1);
  });

  it("is warned about where a secret applies, which the same program may be about to replace", async () => {
    secret("acme", "r.acme.com/acme");
    const pulumi = world.pulumi();

    const { failures } = await pulumi.preview(web({ private: both.private }));

    assert.deepEqual(failures, []);
    assert.match(
      pulumi.lines.join("\n"),
      /^warning: pulumi up would stop here, unless the same program replaces the pull secret: tags\.private: .*\(r\.acme\.com\/acme of secret acme\), which the registry did not accept/m,
    );
    await assert.rejects(pulumi.up(web({ private: both.private })), /which the registry did not accept/);
  });

  it("does not hide that another tag is wrong", async () => {
    const { failures } = await world.pulumi().preview(web({ ...both, gone: "quay.io/acme/web:nope" }));

    assert.equal(failures.length, 1);
    assert.match(failures[0]!, /^tags\.gone: .*IMPORT_NOT_FOUND/);
  });
});
