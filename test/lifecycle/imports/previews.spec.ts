import assert from "node:assert/strict";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";

describe("A preview of image streams", () => {
  let world: ImportWorld;

  beforeEach(async () => {
    world = await startImportWorld();
    world.publish("v1");
    world.publish("v2");
  });
  afterEach(() => world.sandbox.close());

  const sources = { v1: "quay.io/acme/web:v1", v2: "quay.io/acme/web:v2" };
  const web = (tags: Record<string, unknown>, more: object = {}) => ({
    connection: world.connection,
    namespace: "shop",
    name: "web",
    tags,
    ...more,
  });

  it("refuses two resources that declare one tag, and names both", async () => {
    const [first, second] = world.program("first", "second");

    assert.deepEqual((await first!.preview(web({ v1: sources.v1 }))).failures, []);
    const { failures } = await second!.preview(web(sources));

    assert.deepEqual(failures, [
      `tags.v1: both ${first!.urn} and ${second!.urn} declare the tag v1 of image stream shop/web. ` +
        "Leave it to one of them [STREAM_CLAIMED]",
    ]);
    await assert.rejects(second!.up(web(sources, { adopt: true })), /both .* declare the tag v1/);
    assert.equal(world.stream(), undefined);
  });

  it("takes two resources with different tags, streams or namespaces", async () => {
    const [first, second, third, fourth] = world.program("first", "second", "third", "fourth");
    world.sandbox.seed({ apiVersion: "v1", kind: "Namespace", metadata: { name: "other" } });
    const { v1, v2 } = sources;

    const previews = [
      await first!.preview(web({ v1 })),
      await second!.preview(web({ v2 })),
      await third!.preview(web({ v1 }, { name: "site" })),
      await fourth!.preview(web({ v1 }, { namespace: "other" })),
    ];

    assert.deepEqual(
      previews.map(({ failures }) => failures),
      [[], [], [], []],
    );
  });

  it("takes the two checks of a replacement, and of a resource whose tags were moved in the program", async () => {
    const [first, second] = world.program("first", "second");
    await first!.up(web(sources));

    const replaced = await first!.preview(web({ v1: sources.v1 }), { replace: true });
    const moved = await second!.preview(web({ v2: sources.v2 }, { adopt: true }));

    assert.deepEqual([replaced.step, replaced.failures, moved.failures], ["replace", [], []]);
  });

  it("warns of no tags that a new stream does not have yet", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(web(sources));
    pulumi.lines.length = 0;

    assert.equal((await pulumi.preview(web(sources, { name: "site" }))).step, "replace");

    assert.doesNotMatch(pulumi.lines.join("\n"), /not on the cluster/);
  });

  it("reports once that a stream is missing", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(web(sources));
    await world.deleteStream();
    pulumi.lines.length = 0;

    await pulumi.preview(web(sources));

    assert.deepEqual(pulumi.lines, ["info: image stream shop/web is not on the cluster"]);
  });

  it("is followed by an up that counts only imported tags", async () => {
    const row = { code: 404, reason: "NotFound", message: "gone" };
    world.sandbox.faults.add({ effect: { kind: "importRow", tag: "v2", row, storingOnly: true }, times: 0 });
    const pulumi = world.pulumi();

    await assert.rejects(pulumi.up(web(sources)), /tags\.v2: .*IMPORT_NOT_FOUND/);

    assert.deepEqual(pulumi.progress, [], "nothing about work that takes no time");
    assert.deepEqual(
      pulumi.lines.filter((line) => line.startsWith("info: imported")),
      ["info: imported v1"],
    );
  });
});
