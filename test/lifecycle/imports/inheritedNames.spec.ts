import assert from "node:assert/strict";
import type { ResolvedTags } from "../../../provider/imports/outputs.js";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";

/** Every object answers these, whether it has them or not. */
const inherited = ["constructor", "hasOwnProperty", "isPrototypeOf", "toLocaleString", "toString", "valueOf"];

describe("Names that every JavaScript object inherits", () => {
  let world: ImportWorld;
  let digest: string;

  beforeEach(async () => {
    world = await startImportWorld();
    digest = world.publish("v1");
    world.publish("v2");
  });
  afterEach(() => world.sandbox.close());

  const web = (more: object) => ({ connection: world.connection, namespace: "shop", name: "web", ...more });
  const keyed = (value: unknown) => Object.fromEntries(inherited.map((name) => [name, value]));
  const digests = (bag: { readonly resolved?: unknown }) =>
    Object.entries(bag.resolved as ResolvedTags).map(([tag, image]) => [
      tag,
      "digest" in image ? image.digest : "error" in image ? image.error : image.pullSpec,
    ]);

  it("are tags, labels and annotations like others, through preview, up, refresh and destroy", async () => {
    const args = web({
      tags: keyed({ image: "quay.io/acme/web:v1", annotations: keyed("a") }),
      labels: keyed("l"),
      annotations: keyed("s"),
    });
    const pulumi = world.pulumi();

    const preview = await pulumi.preview(args);
    await pulumi.up(args);

    assert.deepEqual(preview.failures, []);
    const expected = inherited.map((name) => [name, digest]);
    assert.deepEqual(digests(preview.inputs), expected);
    assert.deepEqual(digests(pulumi.state!.outputs), expected);
    assert.equal((await pulumi.up(args)).step, "same");
    assert.equal(await pulumi.refresh(), "same");
    assert.equal(world.stream()!.metadata.labels!.constructor, "l");
    await pulumi.destroy();
    assert.equal(world.stream(), undefined);
  });

  it("are new and removed tags, labels and annotations like others", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(web({ tags: { v1: "quay.io/acme/web:v1" } }));
    const more = web({
      tags: {
        v1: { image: "quay.io/acme/web:v1", annotations: keyed("a") },
        ...keyed("quay.io/acme/web:v2"),
      },
      labels: keyed("l"),
    });

    assert.deepEqual((await pulumi.preview(more)).failures, []);
    await pulumi.up(more);
    assert.equal((await pulumi.up(more)).step, "same");
    await pulumi.up(web({ tags: { v1: "quay.io/acme/web:v1" } }));

    assert.deepEqual(
      world.stream()!.spec.tags!.map(({ name, annotations }) => [name, annotations]),
      [["v1", {}]],
    );
    assert.deepEqual(world.stream()!.metadata.labels ?? {}, {});
  });

  it("are accepted as the tag of a source", async () => {
    world.publish("constructor");

    const preview = await world.pulumi().preview(web({ source: "quay.io/acme/web:constructor", tags: {} }));

    assert.deepEqual(preview.failures, []);
    assert.equal(digests(preview.inputs)[0]![0], "constructor");
  });

  it("are accepted as names of streams and namespaces", async () => {
    world.sandbox.seed({ apiVersion: "v1", kind: "Namespace", metadata: { name: "constructor" } });
    const pulumi = world.pulumi();
    const args = web({
      namespace: "constructor",
      name: "constructor",
      tags: { constructor: "quay.io/acme/web:v1" },
    });

    await pulumi.up(args);

    assert.equal((await pulumi.up(args)).step, "same");
    await pulumi.destroy();
  });

  it("stay on the stream as tags of others, `__proto__` among them", async () => {
    await world.seedTag("__proto__", "quay.io/acme/web:v2");
    await world.seedTag("constructor", "quay.io/acme/web:v2");
    const pulumi = world.pulumi();
    const args = web({ tags: { v1: "quay.io/acme/web:v1" } });

    await pulumi.up(args);
    assert.equal((await pulumi.up(args)).step, "same");
    assert.equal(await pulumi.refresh(), "same");
    await pulumi.destroy();

    assert.deepEqual(
      world
        .stream()!
        .spec.tags!.map(({ name }) => name)
        .sort(),
      ["__proto__", "constructor"],
    );
  });

  it("are refused in the case of the tag `__proto__`, which no program can hand over", async () => {
    const tags = JSON.parse('{ "__proto__": "quay.io/acme/web:v1", "v1": "quay.io/acme/web:v1" }') as object;

    const { failures } = await world.pulumi().preview(web({ tags }));

    assert.deepEqual(failures, ["tags.__proto__: is a name that JavaScript keeps for itself"]);
  });
});
