import assert from "node:assert/strict";
import type { ImportWorld } from "../../../support/worlds/imports.js";
import { resolved, startWebWorld, webStream, type Tags } from "../../../support/worlds/webStream.js";

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

  describe("rules of the cluster", () => {
    const limitTo = (limits: Record<string, string>) =>
      world.sandbox.seed({
        apiVersion: "v1",
        kind: "LimitRange",
        metadata: { namespace: "shop", name: "images" },
        spec: { limits: [{ type: "openshift.io/ImageStream", max: limits }] },
      });
    const allow = (domainName: string) =>
      world.sandbox.seed({
        apiVersion: "config.openshift.io/v1",
        kind: "Image",
        metadata: { name: "cluster" },
        spec: { allowedRegistriesForImport: [{ domainName }] },
      });

    it("a registry that is not allowed stops the preview before it is contacted", async () => {
      allow("docker.io");
      world.sandbox.requests.clear();

      const preview = await world.pulumi().preview(one());

      assert.match(
        preview.failures.join(),
        /registry "quay\.io.*not in allowedRegistriesForImport.*IMPORT_REGISTRY_NOT_ALLOWED/,
      );
      assert.deepEqual(world.sandbox.requests.matching({ server: "open" }), []);
    });

    it("a limit of tags stops the preview", async () => {
      limitTo({ "openshift.io/image-tags": "1" });

      const preview = await world
        .pulumi()
        .preview(web({ v1: "quay.io/acme/web:v1", v2: "quay.io/acme/web:v2" }));

      assert.match(preview.failures.join(), /openshift\.io\/image-tags.*API_INVALID/);
    });

    it("a limit of images fails in up, and the next up repairs it", async () => {
      limitTo({ "openshift.io/images": "1" });
      const pulumi = world.pulumi();
      const two = web({ v1: "quay.io/acme/web:v1", v2: "quay.io/acme/web:v2" });

      await assert.rejects(pulumi.up(two), /tags\.v1: .*openshift\.io\/images/);
      assert.notEqual(pulumi.state, undefined, "the stream was created, so the state is kept");
      limitTo({ "openshift.io/images": "5" });
      await pulumi.up(two);

      assert.equal(world.served("v1"), v1);
      assert.equal(world.served("v2"), v2);
    });

    it("a namespace that is being deleted is named", async () => {
      world.sandbox.seed({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "going", deletionTimestamp: "2026-01-01T00:00:00Z" },
        status: { phase: "Terminating" },
      });

      const preview = await world.pulumi().preview({ ...one(), namespace: "going" });

      assert.match(preview.failures.join(), /namespace going is being deleted.*API_FORBIDDEN/);
    });

    it("a user without rights is told which role grants them", async () => {
      const [alice] = world.sandbox.users;
      const connection = { ...world.connection, token: alice!.token };

      const preview = await world.pulumi().preview({ ...one(), connection });

      assert.match(
        preview.failures.join(),
        /alice may not get imagestreams in namespace shop.*oc policy add-role-to-user/,
      );
    });

    it("policy Local names the integrated registry in the first preview already", async () => {
      const preview = await world.pulumi().preview(one({ referencePolicy: "Local" }));

      assert.match(
        resolved(preview.inputs, "v1").pullSpec,
        new RegExp(`^image-registry\\..*:5000/shop/web@${v1}$`),
      );
    });

    it("a pushed tag of the same stream is kept", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());
      world.push("pushed", v2);

      await pulumi.up(web({ v2: "quay.io/acme/web:v2" }));
      await pulumi.destroy();

      assert.equal(world.served("pushed"), v2);
    });
  });
});
