import assert from "node:assert/strict";
import type { ResolvedImage, ResolvedTags } from "../../provider/imports/resolvedTag.js";
import { type ImportBench, startImportBench } from "../harness/importBench.js";
import type { ResourceState } from "../harness/miniEngine.js";

function resolved(bag: { readonly resolved?: unknown }, tag: string): ResolvedImage {
  return (bag.resolved as ResolvedTags)[tag] as ResolvedImage;
}

function digestIn(state: ResourceState | undefined, tag: string): string {
  return resolved(state!.outputs, tag).digest;
}

describe("ImportedImageStream", () => {
  let bench: ImportBench;
  let v1: string;
  let v2: string;

  beforeEach(async () => {
    bench = await startImportBench();
    v1 = bench.publish("v1");
    v2 = bench.publish("v2");
  });
  afterEach(() => bench.sandbox.close());

  const web = (tags: Record<string, unknown>, more: object = {}) => ({
    connection: bench.connection,
    namespace: "shop",
    name: "web",
    tags,
    ...more,
  });
  const one = (more: object = {}) => web({ v1: "quay.io/acme/web:v1" }, more);

  describe("created, unchanged, destroyed", () => {
    it("previews the digest without writing anything", async () => {
      const preview = await bench.engine().preview(one());

      assert.equal(preview.step, "create");
      assert.deepEqual(preview.failures, []);
      assert.equal(resolved(preview.inputs, "v1").digest, v1);
      assert.equal(resolved(preview.inputs, "v1").pullSpec, `quay.io/acme/web@${v1}`);
      assert.deepEqual(resolved(preview.inputs, "v1").platforms, ["linux/amd64"]);
      assert.equal(bench.stream(), undefined);
    });

    it("imports what was previewed, and is quiet afterwards with one GET of the stream", async () => {
      const engine = bench.engine();
      const preview = await engine.preview(one());

      await engine.up(one());

      assert.equal(bench.served("v1"), v1);
      assert.deepEqual(engine.state?.outputs.resolved, preview.inputs.resolved);
      assert.equal(engine.state?.id, "shop/web");

      bench.sandbox.requests.clear();
      assert.equal((await engine.up(one())).step, "same");
      assert.deepEqual(bench.writes(), []);
      assert.equal(bench.sandbox.requests.matching({ path: /imagestreams\/web$/ }).length, 1);
      assert.equal(await engine.refresh(), "same");
    });

    it("destroys its tag and the stream it created", async () => {
      const engine = bench.engine();
      await engine.up(one());

      await engine.destroy();

      assert.equal(bench.stream(), undefined);
    });
  });
});
