import assert from "node:assert/strict";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";
import { type Tags, webStream } from "../../support/worlds/webStream.js";

describe("A preview warns", () => {
  let world: ImportWorld;

  beforeEach(async () => {
    world = await startImportWorld({
      users: [{ name: "ann", rules: [{ namespaces: ["shop"], verbs: ["*"] }] }],
    });
  });
  afterEach(() => world.sandbox.close());

  const image = "quay.io/acme/web:v1";
  const web = (tags: Tags = { v1: image }, more: object = {}) => webStream(world, tags, more);
  const warnings = (pulumi: ReturnType<ImportWorld["pulumi"]>) =>
    pulumi.lines.filter((line) => line.startsWith("warn"));

  function node(name: string, architecture: string): void {
    const labels = { "kubernetes.io/arch": architecture };
    world.sandbox.seed({ apiVersion: "v1", kind: "Node", metadata: { name, labels } });
  }
  const nodeLists = () =>
    world.sandbox.requests.matching({ server: "api" }).filter(({ path }) => path.endsWith("/nodes"));
  const lookups = () =>
    world.sandbox.requests
      .matching({ server: "api" })
      .filter(({ path }) => path.endsWith("/imagestreamimports"));

  describe("of the mode Legacy where an index has images for other nodes", () => {
    const multi = { v1: "quay.io/acme/multi:v1" };
    beforeEach(() => {
      world.sandbox.registry().publishIndex("acme/multi", "v1", [
        { os: "linux", architecture: "amd64" },
        { os: "linux", architecture: "arm64" },
      ]);
      node("a", "amd64");
      node("b", "arm64");
    });

    it("while the tag is to be imported, and not afterwards", async () => {
      const pulumi = world.pulumi();
      await pulumi.preview(web(multi));
      assert.match(
        warnings(pulumi).join("\n"),
        /v1: quay\.io\/acme\/multi:v1 has images for amd64, arm64, .*PreserveOriginal/,
      );

      await pulumi.up(web(multi));
      pulumi.lines.length = 0;
      await pulumi.preview(web(multi));
      assert.deepEqual(warnings(pulumi), []);
    });

    it("not where the whole index is imported, or a platform is chosen", async () => {
      const preferred = {
        image: multi.v1,
        annotations: { "importer.image.openshift.io/prefer-arch": "arm64" },
      };
      for (const tag of [{ image: multi.v1, importMode: "PreserveOriginal" }, preferred]) {
        const pulumi = world.pulumi();
        await pulumi.preview(web({ v1: tag }));
        assert.deepEqual(warnings(pulumi), []);
      }
    });

    it("not where nodes may not be listed", async () => {
      const pulumi = world.pulumi();
      const connection = { ...world.connection, token: world.sandbox.users[0]!.token };
      const { failures } = await pulumi.preview(web(multi, { connection }));
      assert.deepEqual([failures, warnings(pulumi)], [[], []]);
    });

    it("not where all nodes have one architecture, and then nothing more is looked up", async () => {
      world.sandbox.remove({ apiVersion: "v1", kind: "Node", metadata: { name: "b" } });
      const pulumi = world.pulumi();
      await pulumi.preview(web(multi));
      assert.deepEqual(warnings(pulumi), []);
      assert.equal(lookups().length, 1);
    });

    it("without asking for nodes where nothing is to be imported", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(web(multi));
      world.sandbox.requests.clear();
      await pulumi.preview(web(multi));
      assert.deepEqual(nodeLists(), []);
    });
  });

  describe("of an image that upstream has deleted", () => {
    const report = (more: object = {}) => web({ v1: image }, { trackUpstream: "report", ...more });
    let first: string;
    beforeEach(() => {
      first = world.publish("v1");
    });
    const gone = () => new RegExp(`v1: quay\\.io/acme/web@${first} is gone upstream`);

    it("after its tag has moved", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(report());
      world.publish("v1", "new content");
      await pulumi.preview(report());
      assert.doesNotMatch(warnings(pulumi).join("\n"), gone());

      world.sandbox.registry().store.deleteManifest("acme/web", first);
      await pulumi.preview(report());
      assert.match(warnings(pulumi).join("\n"), gone());
    });

    it("together with its tag", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(report());
      world.sandbox.registry().store.deleteManifest("acme/web", first);
      await pulumi.preview(report());
      assert.match(warnings(pulumi).join("\n"), gone());
    });

    it("not where workloads pull from the integrated registry", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(report({ referencePolicy: "Local" }));
      world.sandbox.registry().store.deleteManifest("acme/web", first);
      await pulumi.preview(report({ referencePolicy: "Local" }));
      assert.doesNotMatch(warnings(pulumi).join("\n"), /gone upstream/);
    });
  });

  describe("of another manager of its tags", () => {
    async function appliedByArgo(): Promise<void> {
      await fetch(`${world.sandbox.httpUrl}/apis/image.openshift.io/v1/namespaces/shop/imagestreams`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${world.sandbox.adminToken}`,
          "content-type": "application/json",
          "user-agent": "argocd-controller/v2.13",
        },
        body: JSON.stringify({
          apiVersion: "image.openshift.io/v1",
          kind: "ImageStream",
          metadata: { name: "web", namespace: "shop" },
          spec: { tags: [{ name: "v1", from: { kind: "DockerImage", name: image } }] },
        }),
      });
    }

    it("while there is something to do for them", async () => {
      world.publish("v1");
      await appliedByArgo();
      const pulumi = world.pulumi();
      await pulumi.preview(web({ v1: image }, { adopt: true }));
      assert.match(
        warnings(pulumi).join("\n"),
        /argocd-controller defines v1 of image stream shop\/web too, as metadata\.managedFields says/,
      );

      await pulumi.up(web({ v1: image }, { adopt: true }));
      pulumi.lines.length = 0;
      await pulumi.preview(web({ v1: image }, { adopt: true }));
      assert.deepEqual(warnings(pulumi), []);
    });

    it("not of itself", async () => {
      world.publish("v1");
      const pulumi = world.pulumi();
      await pulumi.up(web());
      world.publish("v2");
      await pulumi.preview(web({ v1: image, v2: "quay.io/acme/web:v2" }));
      assert.deepEqual(warnings(pulumi), []);
    });
  });
});
