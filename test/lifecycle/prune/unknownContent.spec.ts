import assert from "node:assert/strict";
import type { PushContent } from "okd-image-sandbox";
import { planIn, type PruneWorld, repositoryHost, startPruneWorld } from "../../support/worlds/prune.js";

const ociIndex = "application/vnd.oci.image.index.v1+json";

/** Images of old servers and of mappings, which do not say what they need: planned, executed, and really pulled. */
describe("pruning where an Image does not say what it needs", () => {
  let world: PruneWorld;
  /** Of shop/web:latest: the newer one, and one that is deleted. */
  let web: readonly [string, string];

  beforeEach(async () => {
    world = await startPruneWorld({ namespaces: ["shop"] });
    const [newer, old] = world.pushWeb(60, 50).map(({ digest }) => digest);
    web = [newer!, old!];
    world.runPod("other", "quay.io/acme/other:1");
  });
  afterEach(() => world.close());

  const policy = () => world.policy({ keepTagRevisions: 1 });
  const prune = () => world.prune(policy());

  /** An Image with nothing but what a project's editor claims. */
  async function map(stream: string, tag: string, image: { metadata: { name: string } }): Promise<void> {
    world.remove("image.openshift.io/v1", "Image", image.metadata.name, "");
    const url = `${world.sandbox.httpUrl}/apis/image.openshift.io/v1/namespaces/shop/imagestreammappings`;
    const answer = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${world.sandbox.adminToken}`, "content-type": "application/json" },
      body: JSON.stringify({
        apiVersion: "image.openshift.io/v1",
        kind: "ImageStreamMapping",
        metadata: { name: stream, namespace: "shop" },
        tag,
        image,
      }),
    });
    assert.equal(answer.status, 201, await answer.text());
  }

  /** Another image with the layers of the deleted web image. */
  const sharing: PushContent = { layers: ["base", "web 60"], config: { author: "another" } };

  const contentOf = (architecture: string): PushContent => ({
    layers: ["base", architecture],
    platform: { os: "linux", architecture },
  });

  /** An index of two images, which the Image of the index does not list; older revisions of other tags list them. */
  async function mapIndex(): Promise<{ index: string; children: readonly string[] }> {
    const children = ["amd64", "arm64"].map((architecture) => {
      const { digest } = world.push(`shop/multi:${architecture}`, contentOf(architecture), 90);
      world.push(`shop/multi:${architecture}`, { layers: ["base", `newer ${architecture}`] }, 80);
      return digest;
    });
    const { digest } = world.push("shop/multi:v1", { children: ["amd64", "arm64"].map(contentOf) }, 90);
    await map("multi", "v1", { metadata: { name: digest }, ...{ dockerImageManifestMediaType: ociIndex } });
    world.runPod("multi", `${repositoryHost}/shop/multi@${digest}`);
    return { index: digest, children };
  }

  async function assertPullable(references: readonly string[]): Promise<void> {
    for (const reference of references)
      assert.deepEqual(await world.pull(reference), { ok: true }, reference);
  }

  it("keeps the children of an index that a pod runs, as the registry tells them", async () => {
    const { index, children } = await mapIndex();
    const references = [index, ...children].map((digest) => `shop/multi@${digest}`);
    await assertPullable(references);
    const pulumi = await prune();

    await assertPullable(references);
    const left = await world.images();
    assert.ok([index, ...children].every((digest) => left.includes(digest)));
    assert.deepEqual([left.includes(web[0]), left.includes(web[1])], [true, false]);
    assert.deepEqual(
      planIn(pulumi.state!.inputs).warnings.filter((line) => line.includes("does not say")),
      [],
    );
  });

  it("keeps every Image and the whole stream where the registry does not tell the content, and goes on with other streams", async () => {
    const { index, children } = await mapIndex();
    world.sandbox.integratedRegistry.loseBlob(index);
    const before = await world.images();
    const pulumi = await prune();

    await assertPullable(children.map((digest) => `shop/multi@${digest}`));
    assert.deepEqual(await world.images(), before);
    assert.deepEqual(world.history("shop/web:latest"), [web[0]]);
    assert.equal(world.history("shop/multi:amd64").length, 2);
    const warnings = planIn(pulumi.state!.inputs).warnings.join("\n");
    assert.match(
      warnings,
      new RegExp(`${index} in shop/multi \\(does not list the manifests.*oc delete image ${index}`),
    );
  });

  it("deletes Images again once the unreadable index is deleted", async () => {
    const { index, children } = await mapIndex();
    world.sandbox.integratedRegistry.loseBlob(index);
    await prune();
    world.remove("v1", "Pod", "multi");
    world.remove("image.openshift.io/v1", "Image", index, "");
    await prune();

    const left = await world.images();
    assert.deepEqual(
      [web[1], ...children].filter((digest) => left.includes(digest)),
      [],
    );
  });

  it("goes on despite an imported Image that no stream lists, and names it", async () => {
    const digest = `sha256:${"f".repeat(64)}`;
    world.sandbox.seed({
      apiVersion: "image.openshift.io/v1",
      kind: "Image",
      metadata: { name: digest, creationTimestamp: "2024-01-01T00:00:00Z" },
      dockerImageReference: `quay.io/acme/tool@${digest}`,
    });
    const pulumi = await prune();

    assert.deepEqual(await world.images(), [web[0], digest].toSorted());
    const warnings = planIn(pulumi.state!.inputs).warnings.join("\n");
    assert.match(warnings, new RegExp(`only it stays: ${digest} of acme/tool .*oc delete image ${digest}`));
  });

  it("keeps layers that are shared with an Image whose metadata lists none", async () => {
    const { digest, layerDigests } = world.push("shop/shared:v1", sharing, 90);
    world.sandbox.patch({
      apiVersion: "image.openshift.io/v1",
      kind: "Image",
      metadata: { name: digest },
      dockerImageLayers: null,
    });
    await prune();

    await assertPullable([`shop/shared@${digest}`]);
    const blobs = world.sandbox.integratedRegistry.blobs();
    assert.ok(layerDigests.every((layer) => blobs.has(layer)));
    assert.equal((await world.images()).includes(web[1]), false);
  });

  for (const isTold of [true, false]) {
    it(`checks an Image that appears while it runs, and ${isTold ? "goes on as the registry tells" : "stops"}`, async () => {
      world.sandbox.onRequest(
        { server: "api", method: "PUT", path: "/imagestreams/web/status" },
        async () => {
          const { digest } = world.push("shop/late:v1", sharing, 0);
          await map("late", "v1", { metadata: { name: digest } });
          if (!isTold) world.sandbox.integratedRegistry.loseBlob(digest);
        },
      );
      const pulumi = world.pulumi();
      world.beginRun();
      await pulumi.preview(policy());
      const run = pulumi.up(policy());
      if (isTold) await run;
      else await assert.rejects(run, /does not say what it needs.*no further images were deleted/);

      assert.equal((await world.images()).includes(web[1]), !isTold);
      if (isTold) await assertPullable(["shop/late:v1"]);
    });
  }
});
