import assert from "node:assert/strict";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";

describe("A tag whose Image object was deleted", () => {
  let world: ImportWorld;
  let v1: string;

  beforeEach(async () => {
    world = await startImportWorld();
    v1 = world.publish("v1");
  });
  afterEach(() => world.sandbox.close());

  const one = (more: object = {}) => ({
    connection: world.connection,
    namespace: "shop",
    name: "web",
    tags: { v1: "quay.io/acme/web:v1" },
    ...more,
  });
  const image = () => world.sandbox.stored("images.image.openshift.io", v1);
  const loseImage = () =>
    world.sandbox.remove({ apiVersion: "image.openshift.io/v1", kind: "Image", metadata: { name: v1 } });

  it("is shown by preview and refresh, and imported again by up", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(one());
    loseImage();

    assert.equal((await pulumi.preview(one())).step, "update");
    assert.match(pulumi.lines.join("\n"), /info: v1 has lost its image on the cluster/);
    const before = pulumi.state;
    assert.equal(await pulumi.refresh(), "update");
    pulumi.state = before;
    await pulumi.up(one());

    assert.notEqual(image(), undefined);
    assert.equal(world.served("v1"), v1);
    assert.equal((await pulumi.up(one())).step, "same");
  });

  it("is imported again after a refresh too", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(one());
    loseImage();

    await pulumi.refresh();
    await pulumi.up(one());

    assert.notEqual(image(), undefined);
    assert.equal(await pulumi.refresh(), "same");
  });

  it("is imported again when it is adopted", async () => {
    await world.seedTag("v1", "quay.io/acme/web:v1");
    loseImage();

    await world.pulumi().up(one({ adopt: true }));

    assert.notEqual(image(), undefined);
  });

  it("is looked for with one request in a run without changes, and never in a first preview", async () => {
    const pulumi = world.pulumi();
    const looks = () => world.sandbox.requests.matching({ path: /imagestreams\/web\/layers$/ }).length;

    await pulumi.up(one());
    assert.equal(looks(), 0);
    assert.equal((await pulumi.up(one())).step, "same");

    assert.equal(looks(), 1);
  });

  for (const status of [403, 404, 500]) {
    it(`is not suspected where the server answers ${status} to the question`, async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());
      loseImage();
      const body = { kind: "Status", status: "Failure", message: "no", code: status };
      world.sandbox.faults.add({ path: "/layers$", times: 0, effect: { kind: "answer", status, body } });

      const preview = await pulumi.preview(one());

      assert.deepEqual([preview.failures, preview.step], [[], "same"]);
    }).timeout(60_000);
  }
});
