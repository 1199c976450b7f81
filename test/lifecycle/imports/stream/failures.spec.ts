import assert from "node:assert/strict";
import { type ImportWorld, startImportWorld } from "../../../support/worlds/imports.js";
import { digestIn, startWebWorld, webStream, type Tags } from "../../../support/worlds/webStream.js";

describe("ImportedImageStream", () => {
  let world: ImportWorld;
  let v1: string;
  let v2: string;

  beforeEach(async () => {
    ({ world, v1, v2 } = await startWebWorld());
  });
  afterEach(() => world.sandbox.close());

  const web = (tags: Tags, more: object = {}) => webStream(world, tags, more);
  const one = (more: object = {}) => webStream(world, { v1: "quay.io/acme/web:v1" }, more);

  describe("trouble", () => {
    const three = () =>
      web({ v1: "quay.io/acme/web:v1", v2: "quay.io/acme/web:v2", v3: "quay.io/acme/web:v3" });

    it("a tag that does not exist stops the preview, before anything is written", async () => {
      const preview = await world.pulumi().preview(three());

      assert.equal(preview.failures.length, 1);
      assert.match(
        preview.failures[0]!,
        /^tags\.v3: quay\.io\/acme\/web:v3 was not imported: .*\[IMPORT_NOT_FOUND\]$/,
      );
      assert.equal(world.stream(), undefined);
    });

    it("keeps the other tags when one of three fails in up, and the next up repairs it", async () => {
      const pulumi = world.pulumi();

      await assert.rejects(pulumi.up(three()), /tags\.v3: .*IMPORT_NOT_FOUND/);

      assert.equal(world.served("v1"), v1);
      assert.equal(world.served("v2"), v2);
      assert.equal(pulumi.state?.outputs.__provider, "code");
      assert.deepEqual(pulumi.state.outputs.owned, ["v1", "v2", "v3"]);
      const v3 = world.publish("v3");
      await pulumi.refresh();
      await pulumi.up(three());
      assert.equal(world.served("v3"), v3);
      assert.equal((await pulumi.up(three())).step, "same");
    });

    it("destroys a stream of which one of three tags has failed", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(three()).catch(() => undefined);

      await pulumi.destroy();

      assert.equal(world.stream(), undefined);
    });

    it("a server's words about a failing tag enter the state without the token", async () => {
      const token = world.sandbox.adminToken;
      const row = { code: 500, reason: "Forbidden", message: `refused: Bearer ${token}` };
      world.sandbox.faults.add({ effect: { kind: "importRow", tag: "v1", row }, times: 0 });
      const pulumi = world.pulumi();

      await assert.rejects(pulumi.up(one()), (error: Error) => !error.message.includes(token));

      const { connection, ...state } = pulumi.state!.outputs;
      const { connection: given, ...inputs } = pulumi.state!.inputs;
      assert.deepEqual([connection, given], [world.connection, world.connection]);
      assert.match(JSON.stringify(state), /refused: Bearer \[secret\]/);
      assert.doesNotMatch(JSON.stringify([state, inputs]), new RegExp(token));
    });

    it("never reports success for an import that stays without an image", async () => {
      const effect = { kind: "importRow", tag: "v1", row: "successWithoutImage", storingOnly: true } as const;
      world.sandbox.faults.add({ effect, times: 0 });
      const pulumi = world.pulumi();

      await assert.rejects(pulumi.up(one()), /reported success but gave no image.*IMPORT_FAILED/);

      assert.match(JSON.stringify(pulumi.state?.outputs.resolved), /"error"/);
      world.sandbox.faults.clear();
      await pulumi.up(one());
      assert.equal(digestIn(pulumi.state, "v1"), v1);
    });

    it("asks again for an import that succeeds without an image", async () => {
      world.sandbox.faults.add({
        effect: { kind: "importRow", tag: "v1", row: "successWithoutImage", storingOnly: true },
        times: 2,
      });
      const pulumi = world.pulumi();

      await pulumi.up(one());

      assert.equal(digestIn(pulumi.state, "v1"), v1);
    });

    it("shows unknown digests in a preview, and fails in up, where the namespace does not exist yet", async () => {
      const pulumi = world.pulumi();
      const elsewhere = { ...one(), namespace: "later" };

      const preview = await pulumi.preview(elsewhere);

      assert.deepEqual(preview.failures, []);
      assert.match(JSON.stringify(preview.inputs.resolved), /04da6b54/);
      assert.match(pulumi.lines.join("\n"), /namespace: "later" does not exist yet/);
      await assert.rejects(pulumi.up(elsewhere), /"later" does not exist yet.*dependsOn/);
    });

    it("refuses another cluster in read, update and delete, and replaces the stream when the program names one", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());
      const other = await startImportWorld();
      try {
        other.publish("v1");
        const there = { ...pulumi.state!.outputs, connection: other.connection };
        const here = pulumi.state!;
        pulumi.state = { ...here, outputs: there as typeof here.outputs };

        await assert.rejects(pulumi.refresh(), /OTHER_CLUSTER/);
        await assert.rejects(pulumi.destroy(), /OTHER_CLUSTER/);
        pulumi.state = here;
        const plan = await pulumi.preview({ ...one(), connection: other.connection });
        assert.equal(plan.step, "replace");
        assert.equal(world.served("v1"), v1);
      } finally {
        await other.sandbox.close();
      }
    });

    it("reports every problem of the arguments at once, before any request", async () => {
      const preview = await world.pulumi().preview({
        connection: { ...world.connection, colour: "red" },
        namespace: "Shop",
        name: "web",
        tags: {
          "1.27": "docker.io/Nope",
          ok: { image: "quay.io/a/b:1", schedule: true },
          "bad tag": "quay.io/a/b:1",
        },
        onDestroy: "sometimes",
      });

      const text = preview.failures.join("\n");
      assert.match(text, /^namespace: "Shop" is not a valid namespace name/m);
      assert.match(text, /^tags\.ok\.schedule: /m);
      assert.match(text, /^onDestroy: /m);
      assert.match(text, /^connection\.colour: /m);
      assert.deepEqual(world.sandbox.requests.matching(), []);
    });

    it("names problems of tags by the path that the program wrote", async () => {
      const preview = await world.pulumi().preview(
        web({
          "1.27": "docker.io/Nope",
          "bad tag": "quay.io/a/b:1",
          d: { image: `quay.io/a/b@${v1}`, scheduled: true },
        }),
      );

      const text = preview.failures.join("\n");
      assert.match(text, /^tags\["1\.27"\]: /m);
      assert.match(text, /^tags\["bad tag"\]: is not a valid tag name/m);
      assert.match(text, /^tags\.d\.scheduled: /m);
    });
  });
});
