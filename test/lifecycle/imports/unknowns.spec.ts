import assert from "node:assert/strict";
import type { ResolvedTags } from "../../../provider/imports/outputs.js";
import { unknownValue } from "../../../provider/lifecycle/unknowns.js";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";

describe("An image stream of which something is not known yet", () => {
  let world: ImportWorld;
  let v1: string;
  let v2: string;

  beforeEach(async () => {
    world = await startImportWorld();
    v1 = world.publish("v1");
    v2 = world.publish("v2");
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
  const digests = ({ inputs }: { readonly inputs: { readonly resolved?: unknown } }) =>
    Object.fromEntries(
      Object.entries(inputs.resolved as ResolvedTags).map(([tag, image]) => [
        tag,
        typeof image === "string"
          ? image
          : "digest" in image
            ? image.digest
            : "error" in image
              ? image.error
              : image.pullSpec,
      ]),
    );

  for (const [what, more, path] of [
    ["a label", { labels: { commit: unknownValue } }, "labels.commit"],
    ["an annotation", { annotations: { "acme.io/commit": unknownValue } }, 'annotations["acme.io/commit"]'],
    ["a trigger", { triggers: [unknownValue] }, "triggers[0]"],
    ["a timeout", { timeouts: { create: unknownValue } }, "timeouts.create"],
    ["whether tags are adopted", { adopt: unknownValue }, "adopt"],
  ] as const) {
    it(`shows every digest where ${what} is missing, and names it`, async () => {
      const pulumi = world.pulumi();

      const created = await pulumi.preview(web(sources, more));
      await pulumi.up(web(sources));
      const changed = await pulumi.preview(web(sources, more));

      assert.deepEqual(created.failures, []);
      assert.deepEqual(
        [digests(created), digests(changed)],
        [
          { v1, v2 },
          { v1, v2 },
        ],
      );
      assert.ok(pulumi.lines.includes(`info: not known yet: ${path}`), pulumi.lines.join("\n"));
    });
  }

  it("shows the digests of the tags that are known", async () => {
    const pulumi = world.pulumi();
    const args = web({ v1: sources.v1, v2: { image: unknownValue, scheduled: true } });

    const created = await pulumi.preview(args);
    await pulumi.up(web(sources));
    const changed = await pulumi.preview(args);

    assert.deepEqual([created.failures, changed.failures], [[], []]);
    assert.deepEqual(
      [digests(created), digests(changed)],
      [
        { v1, v2: unknownValue },
        { v1, v2: unknownValue },
      ],
    );
    assert.ok(pulumi.lines.includes("info: not known yet: tags.v2.image"));
    assert.doesNotMatch(pulumi.lines.join("\n"), /unpullable/);
  });

  it("is unknown as a whole where the source is unknown, whose tag has no name then", async () => {
    const preview = await world.pulumi().preview(web({ v1: sources.v1 }, { source: unknownValue }));

    assert.equal(preview.inputs.resolved, unknownValue);
  });

  it("keeps a digest that triggers would not move, and shows others as unknown", async () => {
    const pulumi = world.pulumi();
    const pinned = { ...sources, pinned: `quay.io/acme/web@${v1}` };
    await pulumi.up(web(pinned));
    world.sandbox.registry().moveTag("acme/web", "v1", v2);

    const preview = await pulumi.preview(web(pinned, { triggers: [unknownValue] }));

    assert.deepEqual(digests(preview), { pinned: v1, v1: unknownValue, v2 });
    assert.match(pulumi.lines.join("\n"), new RegExp(`not known yet: v1 moves to ${v2} if triggers`));
    await pulumi.up(web(pinned, { triggers: ["commit"] }));
    assert.equal(world.served("v1"), v2);
  });

  it("fails no preview because of a registry that only triggers would ask", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(web(sources));
    const row = { code: 404, reason: "NotFound", message: "gone" };
    world.sandbox.faults.add({ effect: { kind: "importRow", tag: "v1", row }, times: 0 });

    const preview = await pulumi.preview(web(sources, { triggers: [unknownValue] }));

    assert.deepEqual(preview.failures, []);
    assert.deepEqual(digests(preview), { v1: unknownValue, v2 });
  });
});
