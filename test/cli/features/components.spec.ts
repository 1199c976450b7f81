import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { scenario } from "../../support/cli/scenario.js";
import { destroyed, succeeded, useSurfaceScene, versionOf } from "../../support/cli/scenes/allResources.js";

/** Components with one, two and three resources, one in another, a sibling that uses an output, and transforms. */
const program = `
class Web extends pulumi.ComponentResource {
  constructor(name, options) {
    super("shop:index:Web", name, {}, options);
    this.stream = new okd.ImportedImageStream(name, scene.stream, { parent: this });
    this.registerOutputs({});
  }
}
class Pair extends pulumi.ComponentResource {
  constructor(name, options) {
    super("shop:index:Pair", name, {}, options);
    this.web = new Web(name + "-web", { parent: this });
    this.site = new okd.ImportedImageStream(name + "-site", scene.stream, { parent: this });
    this.archive = new okd.ImageArchive(
      name + "-archive",
      { path: "pair.tar", images: [{ stream: this.site.tag("v1") }], connection: scene.stream.connection },
      { parent: this.site },
    );
    this.registerOutputs({ digest: this.site.digest("v1") });
  }
}
class Shop extends pulumi.ComponentResource {
  constructor(name, options) {
    super("shop:index:Shop", name, {}, options);
    const stream = new okd.ImportedImageStream("trio-stream", scene.stream, { parent: this });
    const policy = new okd.ImagePrunePolicy("trio-policy", scene.policy, { parent: this, dependsOn: stream });
    const archive = new okd.ImageArchive("trio-archive", scene.archive, { parent: this, dependsOn: [policy] });
    this.digest = stream.digest("v1");
    this.registerOutputs({ digest: this.digest, sha256: archive.sha256 });
  }
}
const labelled = ({ type, props, opts }) =>
  type.endsWith(":ImportedImageStream") ? { props: { ...props, labels: { app: "shop" } }, opts } : undefined;
pulumi.runtime.registerResourceTransform(labelled);
const annotated = ({ type, props, opts }) =>
  type.endsWith(":ImportedImageStream") ? { props: { ...props, annotations: { team: "a" } }, opts } : undefined;

const one = new Web("one", {});
const pair = new Pair("pair", { dependsOn: one });
const trio = new Shop("trio", { dependsOn: pair, transforms: [annotated] });
exports.digest = trio.digest;
`;

const resources = [
  "one",
  "pair-web",
  "pair-site",
  "pair-archive",
  "trio-stream",
  "trio-policy",
  "trio-archive",
].toSorted();

describe("Components under the Pulumi CLI", function () {
  this.timeout(300_000);
  const scene = useSurfaceScene();

  const sdks = [
    { sdk: "minimum", version: "3.230.0" },
    { sdk: "locked", version: "3.270.0" },
    { sdk: "newest", version: "3.276.0" },
  ] as const;
  for (const { sdk, version } of sdks) {
    scenario(
      [
        `@pulumi/pulumi ${version}`,
        "ComponentResource with one resource",
        "ComponentResource with two resources",
        "ComponentResource with three resources",
        "nested ComponentResource",
        "parent",
        "transforms",
      ],
      "goes through preview, up, an unchanged preview, refresh and destroy",
      async () => {
        const stack = await scene.stack(program, { sdk });
        assert.equal(versionOf(stack), version);
        const of = (verb: string) => resources.map((name) => `${verb} ${name}`);

        const preview = succeeded(await stack.preview());
        assert.deepEqual(preview.steps("preview").toSorted(), of("create"));
        assert.match(preview.stdout, new RegExp(`digest: "${scene.v1}"`));
        succeeded(await stack.up("--skip-preview"));
        for (const name of ["one", "pair-web", "pair-site", "trio-stream"]) {
          assert.equal(scene.served("v1", name), scene.v1, name);
          assert.equal(scene.stream(name)?.metadata.labels?.app, "shop", name);
        }
        assert.equal(scene.stream("trio-stream")?.metadata.annotations?.team, "a");
        assert.equal(scene.stream("one")?.metadata.annotations?.team, undefined);
        for (const file of ["web.tar", "pair.tar"]) assert.ok(existsSync(join(stack.project.folder, file)));

        const unchanged = succeeded(await stack.preview("--expect-no-changes"));
        assert.deepEqual(unchanged.steps("preview").toSorted(), of("same"));
        succeeded(await stack.refresh("--skip-preview", "--expect-no-changes"));
        await destroyed(stack);
        for (const name of ["one", "pair-web", "pair-site", "trio-stream"]) {
          assert.equal(scene.stream(name), undefined, name);
        }
        assert.ok(!existsSync(join(stack.project.folder, "pair.tar")));
      },
    );
  }
});
