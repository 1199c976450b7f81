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
    const engine = world.engine();
    await engine.up(one());
    loseImage();

    assert.equal((await engine.preview(one())).step, "update");
    assert.match(engine.lines.join("\n"), /info: v1 has lost its image on the cluster/);
    const before = engine.state;
    assert.equal(await engine.refresh(), "update");
    engine.state = before;
    await engine.up(one());

    assert.notEqual(image(), undefined);
    assert.equal(world.served("v1"), v1);
    assert.equal((await engine.up(one())).step, "same");
  });

  it("is imported again after a refresh too", async () => {
    const engine = world.engine();
    await engine.up(one());
    loseImage();

    await engine.refresh();
    await engine.up(one());

    assert.notEqual(image(), undefined);
    assert.equal(await engine.refresh(), "same");
  });

  it("is imported again when it is adopted", async () => {
    await world.seedTag("v1", "quay.io/acme/web:v1");
    loseImage();

    await world.engine().up(one({ adopt: true }));

    assert.notEqual(image(), undefined);
  });

  it("is looked for beside the stream, once in a quiet run, and never in a first preview", async () => {
    const engine = world.engine();
    const looks = () => world.sandbox.requests.matching({ path: /imagestreams\/web\/layers$/ }).length;

    await engine.up(one());
    assert.equal(looks(), 0);
    assert.equal((await engine.up(one())).step, "same");

    assert.equal(looks(), 1);
  });

  for (const status of [403, 404, 500]) {
    it(`is not suspected where the server answers ${status} to the question`, async () => {
      const engine = world.engine();
      await engine.up(one());
      loseImage();
      const body = { kind: "Status", status: "Failure", message: "no", code: status };
      world.sandbox.faults.add({ path: "/layers$", times: 0, effect: { kind: "answer", status, body } });

      const preview = await engine.preview(one());

      assert.deepEqual([preview.failures, preview.step], [[], "same"]);
    }).timeout(60_000);
  }
});
