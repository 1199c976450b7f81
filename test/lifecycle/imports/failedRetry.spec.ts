import assert from "node:assert/strict";
import type { ResolvedTags } from "../../../provider/imports/outputs.js";
import type { ResourceState } from "../../support/fakes/pulumi.js";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";

describe("An imported tag that somebody else could not import again", () => {
  let world: ImportWorld;
  let v1: string;
  let v2: string;

  beforeEach(async () => {
    world = await startImportWorld();
    v1 = world.publish("v1");
    v2 = world.publish("v2");
  });
  afterEach(() => world.sandbox.close());

  const one = (more: object = {}) => ({
    connection: world.connection,
    namespace: "shop",
    name: "web",
    tags: { v1: "quay.io/acme/web:v1" },
    ...more,
  });
  const digestOf = (bag: { readonly resolved?: unknown } | undefined) => {
    const tag = (bag?.resolved as ResolvedTags | undefined)?.v1;
    return tag === undefined
      ? undefined
      : "digest" in tag
        ? tag.digest
        : "error" in tag
          ? tag.error
          : tag.pullSpec;
  };
  const stateDigest = (state: ResourceState | undefined) => digestOf(state?.outputs);
  const refused = { code: 401, reason: "Unauthorized", message: "you may not have access" };

  /** As the cluster's controller, or a colleague with `oc import-image`, while the registry refuses. */
  async function failAgain(): Promise<void> {
    world.sandbox.faults.add({ effect: { kind: "importRow", tag: "v1", row: refused }, times: 0 });
    await world.seedTag("v1", "quay.io/acme/web:v1");
    const status = world.stream()!.status!.tags![0]!;
    assert.equal(status.conditions?.[0]?.status, "False");
    assert.equal(status.items?.[0]?.image, v1);
  }

  async function failed(more: object = {}) {
    const pulumi = world.pulumi();
    await pulumi.up(one(more));
    await failAgain();
    world.sandbox.requests.clear();
    return pulumi;
  }

  const imports = () => world.writes().filter(({ path }) => path.endsWith("/imagestreamimports"));
  const warned = /^warning: v1 keeps sha256:\w+, although it could not be imported again: you may not have/m;

  it("keeps its digest in preview, up and refresh, with a warning and without a write", async () => {
    const pulumi = await failed();

    const preview = await pulumi.preview(one());

    assert.deepEqual([preview.failures, preview.step, digestOf(preview.inputs)], [[], "same", v1]);
    assert.match(pulumi.lines.join("\n"), warned);
    assert.equal((await pulumi.up(one())).step, "same");
    assert.equal(await pulumi.refresh(), "same");
    assert.equal(stateDigest(pulumi.state), v1);
    assert.equal((await pulumi.up(one())).step, "same", "after the refresh too");
    assert.deepEqual(world.writes(), []);
  });

  it("does not stop an update of another argument, which imports nothing", async () => {
    const pulumi = await failed();

    assert.equal((await pulumi.up(one({ labels: { app: "web" } }))).step, "update");

    assert.equal(world.stream()!.metadata.labels?.app, "web");
    assert.deepEqual(imports(), []);
    assert.deepEqual([stateDigest(pulumi.state), pulumi.state?.initErrors], [v1, []]);
  });

  it("does not stop another tag of the stream", async () => {
    const pulumi = await failed();

    await pulumi.up(one({ tags: { v1: "quay.io/acme/web:v1", v2: "quay.io/acme/web:v2" } }));

    assert.deepEqual([world.served("v1"), world.served("v2")], [v1, v2]);
    assert.equal(stateDigest(pulumi.state), v1);
  });

  for (const trackUpstream of ["report", "follow"]) {
    it(`keeps its digest with ${trackUpstream}, whose lookup fails too`, async () => {
      const pulumi = await failed({ trackUpstream });

      const preview = await pulumi.preview(one({ trackUpstream }));

      assert.deepEqual([preview.failures, preview.step, digestOf(preview.inputs)], [[], "same", v1]);
      assert.match(pulumi.lines.join("\n"), /^warning: upstream could not be asked: .*IMPORT_UNAUTHORIZED/m);
      assert.equal((await pulumi.up(one({ trackUpstream, labels: { a: "1" } }))).step, "update");
      assert.equal(stateDigest(pulumi.state), v1);
      assert.equal(await pulumi.refresh(), "same");
    });
  }

  it("is followed to a new digest when the registry answers again", async () => {
    const pulumi = await failed({ trackUpstream: "follow" });
    world.sandbox.faults.clear();
    world.sandbox.registry().moveTag("acme/web", "v1", v2);

    assert.equal((await pulumi.up(one({ trackUpstream: "follow" }))).step, "update");

    assert.deepEqual([world.served("v1"), stateDigest(pulumi.state)], [v2, v2]);
  });

  it("keeps its digest when it is scheduled", async () => {
    const scheduled = { scheduled: true };
    const pulumi = world.pulumi();
    await pulumi.up(one(scheduled));
    world.sandbox.faults.add({ effect: { kind: "importRow", tag: "v1", row: refused }, times: 0 });
    await world.edit((stream) => {
      stream.spec.tags[0]!.generation = 0;
    });

    const preview = await pulumi.preview(one(scheduled));

    assert.deepEqual([preview.failures, preview.step, digestOf(preview.inputs)], [[], "same", v1]);
  });

  it("keeps its digest while an import that somebody asked for is running", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(one());
    await world.edit((stream) => {
      stream.spec.tags[0]!.generation = 0;
    });

    const preview = await pulumi.preview(one());

    assert.deepEqual([preview.failures, preview.step, digestOf(preview.inputs)], [[], "same", v1]);
    assert.match(pulumi.lines.join("\n"), /info: v1 keeps .*: an import that was asked for has not ended/);
    assert.equal(await pulumi.refresh(), "same");
  });

  it("fails when it is new to the program", async () => {
    const pulumi = await failed();
    pulumi.state = undefined;

    await assert.rejects(pulumi.up(one({ adopt: true })), /IMPORT_UNAUTHORIZED/);
  });

  it("fails when its source changes", async () => {
    const pulumi = await failed();

    await assert.rejects(pulumi.up(one({ tags: { v1: "quay.io/acme/web:v2" } })), /IMPORT_UNAUTHORIZED/);
  });

  it("is imported again where its source was changed by hand", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(one());
    await world.seedTag("v1", "quay.io/acme/web:v2");

    await pulumi.up(one());

    assert.equal(world.served("v1"), v1);
    assert.equal((await pulumi.up(one())).step, "same");
  });
});
