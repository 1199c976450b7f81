import assert from "node:assert/strict";
import { type PrivateWorld, robot, startPrivateWorld } from "../../../support/worlds/privateStream.js";
import { digestIn } from "../../../support/worlds/webStream.js";

const everywhereBut = (namespace: string) => [
  { verbs: ["*"], apiGroups: ["image.openshift.io", "apps", "batch"], resources: ["*"] },
  { verbs: ["*"], apiGroups: [""], resources: ["secrets"], namespaces: [namespace] },
  { verbs: ["list", "get"], apiGroups: [""], resources: ["pods", "namespaces"] },
];

describe("A pull secret that is copied from another namespace", () => {
  let world: PrivateWorld;
  beforeEach(async () => {
    const users = [{ name: "ci", token: "sha256~ci-token", rules: everywhereBut("shop") }];
    world = await startPrivateWorld({ users });
  });
  afterEach(() => world.sandbox.close());

  const copy = (more: object = {}) =>
    world.web({ pullSecret: undefined, pullSecretFrom: { namespace: "build", name: "acme" }, ...more });
  const source = (password = robot.password) =>
    world.seedSecret("acme", "build", { "r.acme.com": { ...robot, password } });

  it("is written before the import, and leaves with the resource", async () => {
    source();
    const pulumi = world.pulumi();
    await pulumi.up(copy());
    assert.equal(digestIn(pulumi.state, "v1"), world.v1);
    assert.equal(world.login("acme")?.password, robot.password);
    assert.equal((await pulumi.preview(copy())).step, "same");
    assert.equal(await pulumi.refresh(), "same");

    await pulumi.destroy();
    assert.equal(world.secret("acme"), undefined);
    assert.notEqual(world.secret("acme", "build"), undefined);
  });

  it("follows its source, which the preview shows by fingerprints", async () => {
    source();
    const pulumi = world.pulumi();
    await pulumi.up(copy());
    source("p4ss/word-two");

    assert.equal((await pulumi.preview(copy())).step, "update");
    assert.match(pulumi.lines.join("\n"), /pull secret shop\/acme for r\.acme\.com will change: fingerprint/);
    assert.doesNotMatch(pulumi.lines.join("\n"), /p4ss\/word/);
    await pulumi.up(copy());
    assert.equal(world.login("acme")?.password, "p4ss/word-two");
  });

  it("takes another name", async () => {
    source();
    const pulumi = world.pulumi();
    await pulumi.up(copy({ pullSecretFrom: { namespace: "build", name: "acme", as: "mine" } }));
    assert.equal(world.login("mine")?.password, robot.password);
    assert.equal(world.secret("acme"), undefined);
  });

  it("may come with the same program, and is asked for in up", async () => {
    const pulumi = world.pulumi();
    assert.deepEqual((await pulumi.preview(copy())).failures, []);
    assert.match(
      pulumi.lines.join("\n"),
      /not known yet: pullSecretFrom: there is no secret build\/acme to copy/,
    );
    await assert.rejects(
      pulumi.up(copy()),
      /no secret build\/acme to copy\. Name what creates it in dependsOn\./,
    );
    assert.equal(world.stream(), undefined);
  });

  it("needs the right to read its source, which the message grants", async () => {
    source();
    const connection = { ...world.connection, token: "sha256~ci-token" };
    const { failures } = await world.pulumi().preview(copy({ connection }));
    assert.match(
      failures.join("\n"),
      /^pullSecretFrom: Cannot read secret build\/acme: ci may not get secrets in namespace build\..*oc create role read-acme --verb=get --resource=secrets --resource-name=acme -n build.*\[API_FORBIDDEN\]$/s,
    );
  });

  it("is no stranger to pullSecret: one takes the place of the other", async () => {
    source();
    const pulumi = world.pulumi();
    await pulumi.up(world.web());
    await pulumi.up(copy());
    assert.equal(world.secret("web-pull"), undefined);
    assert.equal(world.login("acme")?.password, robot.password);
  });
});

describe("A pull secret without the right to write secrets", () => {
  it("stops the preview with the role that has it", async () => {
    const rules = [{ verbs: ["get"], apiGroups: [""], resources: ["secrets"] }, ...everywhereBut("none")];
    const world = await startPrivateWorld({ users: [{ name: "ci", token: "sha256~ci-token", rules }] });
    try {
      const connection = { ...world.connection, token: "sha256~ci-token" };
      const { failures } = await world.pulumi().preview(world.web({ connection }));
      assert.match(
        failures.join("\n"),
        /^pullSecret: Cannot create secret shop\/web-pull: ci may not create secrets in namespace shop\. Role edit has that right: oc policy add-role-to-user edit 'ci' -n shop \[API_FORBIDDEN\]$/,
      );
    } finally {
      await world.sandbox.close();
    }
  });
});
