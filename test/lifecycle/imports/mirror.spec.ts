import assert from "node:assert/strict";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";
import { type Tags, webStream } from "../../support/worlds/webStream.js";

describe("A mirrored tag", () => {
  let world: ImportWorld;
  let published: { readonly digest: string; readonly layerDigests: readonly string[] };

  beforeEach(async () => {
    world = await startImportWorld({ integratedRegistry: {} });
    published = world.sandbox.registry().publishImage("acme/web", "v1", { content: "v1" });
  });
  afterEach(() => world.sandbox.close());

  const image = "quay.io/acme/web:v1";
  const local = { image, referencePolicy: "Local" };
  const web = (tags: Tags = { v1: { ...local, mirror: true } }, more: object = {}) =>
    webStream(world, tags, more);
  const held = () => world.sandbox.integratedRegistry.blobs();
  const asked = () => world.sandbox.requests.matching({ server: "integrated" });

  it("is in the integrated registry after up, and a second up asks it nothing", async () => {
    const pulumi = world.pulumi();
    await pulumi.preview(web());
    assert.equal(held().size, 0);

    await pulumi.up(web());

    assert.deepEqual(pulumi.state?.initErrors, []);
    for (const blob of [published.digest, ...published.layerDigests]) assert.ok(held().has(blob), blob);
    world.sandbox.requests.clear();
    assert.equal((await pulumi.up(web())).step, "same");
    assert.equal(await pulumi.refresh(), "same");
    assert.deepEqual(asked(), []);
  });

  it("is copied when mirror is set later, and by the resource's default", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(web({ v1: local, source: image }));
    assert.equal(held().size, 0);

    await pulumi.up(web({ v1: local, source: image }, { mirror: true }));

    assert.ok(held().has(published.digest));
  });

  it("is copied with all platforms of an index", async () => {
    const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));
    const { digest, children } = world.sandbox.registry().publishIndex("acme/multi", "v1", platforms);
    const tag = { image: "quay.io/acme/multi:v1", referencePolicy: "Local", mirror: true };
    await world.pulumi().up(web({ v1: { ...tag, importMode: "PreserveOriginal" } }));
    for (const each of [digest, ...children.map((child) => child.digest)]) assert.ok(held().has(each), each);
  });

  it("that cannot be copied is a failure, and the import is kept in the state", async () => {
    const pulumi = world.pulumi();
    world.sandbox.faults.add({
      server: "integrated",
      path: "/blobs/",
      effect: { kind: "answer", status: 404 },
      times: 0,
    });

    await assert.rejects(pulumi.up(web()), /tags\.v1: Cannot .*\[REGISTRY_/);

    assert.notEqual(pulumi.state, undefined);
    assert.equal(world.served("v1"), published.digest);
  });

  it("needs the policy Local, which says that it copies nothing by itself", async () => {
    const pulumi = world.pulumi();
    const { failures } = await pulumi.preview(web({ v1: { image, mirror: true } }));
    assert.match(failures.join("\n"), /tags\.v1\.mirror.*needs referencePolicy: "Local"/);

    await pulumi.preview(web({ v1: local }));
    assert.match(pulumi.lines.join("\n"), /v1: referencePolicy "Local" copies nothing until somebody pulls/);
    pulumi.lines.length = 0;
    await pulumi.preview(web());
    assert.doesNotMatch(pulumi.lines.join("\n"), /copies nothing/);
  });
});
