import assert from "node:assert/strict";
import type { ResolvedImage } from "../../../provider/imports/outputs.js";
import type { ResourceState } from "../../support/fakes/pulumi.js";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";

describe("A source without a registry", () => {
  let world: ImportWorld;
  let digest: string;

  beforeEach(async () => {
    world = await startImportWorld();
    digest = world.publish("1.27", "nginx", "library/nginx");
  });
  afterEach(() => world.sandbox.close());

  const web = (image: string, more: object = {}) => ({
    connection: world.connection,
    namespace: "shop",
    name: "web",
    tags: { v1: image },
    ...more,
  });
  const pullSpec = (bag: { readonly resolved?: unknown }) =>
    (bag.resolved as { v1: ResolvedImage }).v1.pullSpec;
  const full = () => `docker.io/library/nginx@${digest}`;

  for (const image of [
    "nginx:1.27",
    "library/nginx:1.27",
    "docker.io/nginx:1.27",
    "index.docker.io/nginx:1.27",
  ]) {
    it(`has a pull spec with its registry, in preview, up and refresh: ${image}`, async () => {
      const pulumi = world.pulumi();

      const preview = await pulumi.preview(web(image));
      await pulumi.up(web(image));

      assert.equal(pullSpec(preview.inputs), full());
      assert.equal(pullSpec(pulumi.state!.outputs), full());
      assert.equal((await pulumi.up(web(image))).step, "same");
      assert.equal(await pulumi.refresh(), "same");
      assert.equal(pullSpec(pulumi.state!.outputs), full());
    });
  }

  it("is reported to mean Docker Hub when it is imported, and not again", async () => {
    const pulumi = world.pulumi();
    const says = /v1: "nginx:1\.27" names no registry, so this is docker\.io\/library\/nginx/;
    await pulumi.up(web("nginx:1.27"));
    assert.match(pulumi.lines.join("\n"), says);
    pulumi.lines.length = 0;

    await pulumi.up(web("nginx:1.27"));

    assert.doesNotMatch(pulumi.lines.join("\n"), says);
  });

  it("is no change where the state of an older version has the short pull spec", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(web("nginx:1.27"));
    const older = JSON.parse(
      JSON.stringify(pulumi.state).replaceAll("docker.io/library/nginx@", "nginx@"),
    ) as ResourceState;
    pulumi.state = older;

    assert.equal((await pulumi.preview(web("nginx:1.27"))).step, "same");
    assert.equal((await pulumi.up(web("nginx:1.27"))).step, "same");
    assert.equal(await pulumi.refresh(), "same");
    pulumi.state = older;
    await pulumi.up(web("nginx:1.27", { labels: { app: "web" } }));
    assert.equal(pullSpec(pulumi.state.outputs), full());
  });

  it("follows upstream with its registry", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(web("nginx:1.27", { trackUpstream: "follow" }));

    assert.equal((await pulumi.up(web("nginx:1.27", { trackUpstream: "follow" }))).step, "same");
    assert.equal(pullSpec(pulumi.state!.outputs), full());
  });
});
