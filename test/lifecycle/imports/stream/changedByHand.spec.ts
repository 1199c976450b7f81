import assert from "node:assert/strict";
import type { ImportWorld } from "../../../support/worlds/imports.js";
import { startWebWorld, webStream, type Tags } from "../../../support/worlds/webStream.js";

describe("ImportedImageStream", () => {
  let world: ImportWorld;
  let v1: string;

  beforeEach(async () => {
    ({ world, v1 } = await startWebWorld());
  });
  afterEach(() => world.sandbox.close());

  const web = (tags: Tags, more: object = {}) => webStream(world, tags, more);
  const one = (more: object = {}) => webStream(world, { v1: "quay.io/acme/web:v1" }, more);

  describe("changed by hand", () => {
    const drifts: readonly {
      readonly name: string;
      readonly drift: () => Promise<void>;
      readonly line?: RegExp;
    }[] = [
      { name: "a tag was deleted", drift: () => world.deleteTag("v1"), line: /v1 is not on the cluster/ },
      {
        name: "scheduled was set",
        drift: () =>
          world.edit((s) => {
            s.spec.tags[0]!.importPolicy = { scheduled: true };
          }),
        line: /scheduled is true/,
      },
      {
        name: "the reference policy was changed",
        drift: () =>
          world.edit((s) => {
            s.spec.tags[0]!.referencePolicy = { type: "Local" };
          }),
        line: /referencePolicy is Local/,
      },
      {
        name: "the source was changed",
        drift: () =>
          world.edit((s) => {
            s.spec.tags[0]!.from = { kind: "DockerImage", name: "quay.io/acme/web:v2" };
          }),
        line: /another source/,
      },
      {
        name: "the tag became an alias",
        drift: () =>
          world.edit((s) => {
            s.spec.tags[0]!.from = { kind: "ImageStreamTag", name: "v2" };
          }),
        line: /ImageStreamTag v2/,
      },
      {
        name: "a tag annotation was changed",
        drift: () =>
          world.edit((s) => {
            s.spec.tags[0]!.annotations = { team: "theirs" };
          }),
        line: /annotation team/,
      },
      {
        name: "a label of the stream was removed",
        drift: () =>
          world.edit((s) => {
            s.metadata.labels = {};
          }),
      },
      {
        name: "local lookup was switched off",
        drift: () =>
          world.edit((s) => {
            s.spec.lookupPolicy.local = false;
          }),
      },
    ];
    const args = () =>
      web(
        { v1: { image: "quay.io/acme/web:v1", annotations: { team: "ours" } } },
        { labels: { app: "web" }, lookupLocal: true },
      );

    for (const { name, drift, line } of drifts) {
      it(`${name}: preview and refresh show it, up repairs it`, async () => {
        const pulumi = world.pulumi();
        await pulumi.up(args());
        await drift();

        assert.equal((await pulumi.preview(args())).step, "update");
        if (line !== undefined) assert.match(pulumi.lines.join("\n"), line);
        const before = pulumi.state;
        assert.equal(await pulumi.refresh(), "update");
        assert.equal((await pulumi.preview(args())).step, "update", "after the refresh");
        pulumi.state = before;
        await pulumi.up(args());

        assert.equal((await pulumi.up(args())).step, "same");
        assert.equal(world.served("v1"), v1);
        const tag = world.stream()!.spec.tags![0]!;
        assert.deepEqual(tag.from, { kind: "DockerImage", name: "quay.io/acme/web:v1" });
        assert.deepEqual(tag.annotations, { team: "ours" });
        assert.equal(tag.importPolicy?.scheduled ?? false, false);
        assert.equal(tag.referencePolicy?.type, "Source");
        assert.equal(world.stream()!.metadata.labels?.app, "web");
        assert.equal(world.stream()!.spec.lookupPolicy?.local, true);
      });

      it(`${name}: up repairs it after a refresh too`, async () => {
        const pulumi = world.pulumi();
        await pulumi.up(args());
        await drift();

        await pulumi.refresh();
        await pulumi.up(args());

        assert.equal((await pulumi.up(args())).step, "same");
        assert.equal(await pulumi.refresh(), "same");
        assert.equal(world.served("v1"), v1);
        assert.deepEqual(world.stream()!.spec.tags![0]!.annotations, { team: "ours" });
      });
    }

    it("a stream that was deleted is forgotten by a refresh, and imported again by up", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());
      await world.deleteTag("v1");
      await world.deleteStream();

      assert.equal(await pulumi.refresh(), "delete");
      await pulumi.up(one());

      assert.equal(world.served("v1"), v1);
    });

    it("a stream that was deleted is imported again by up without a refresh", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());
      await world.deleteStream();

      assert.equal((await pulumi.up(one())).step, "update");

      assert.equal(world.served("v1"), v1);
      await pulumi.destroy();
      assert.equal(world.stream(), undefined);
    });
  });
});
