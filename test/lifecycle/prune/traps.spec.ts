import assert from "node:assert/strict";
import type { KubeObject, SandboxOptions } from "okd-image-sandbox";
import { planIn, type PruneWorld, repositoryHost, startPruneWorld } from "../../support/worlds/prune.js";

/** Situations from production clusters in which a pruner deletes what is in use: planned, executed, and really pulled. */
describe("traps for a pruner", () => {
  let world: PruneWorld;
  /** Of shop/web:latest, newest first. */
  let digests: readonly string[];
  /** The oldest revision: it is deleted unless something uses it. */
  let oldest: string;
  let configOfOldest: string;

  async function open(options: SandboxOptions = {}): Promise<void> {
    world = await startPruneWorld({ namespaces: ["shop", "apps"], ...options });
    const pushed = world.pushWeb(60, 50, 40, 30);
    digests = pushed.map(({ digest }) => digest);
    oldest = digests[3] ?? "";
    configOfOldest = pushed[3]?.configDigest ?? "";
    world.runPod("other", "quay.io/acme/other:1");
  }
  afterEach(() => world.close());

  const policy = (more: object = {}) => world.policy({ keepTagRevisions: 1, ...more });

  const prune = (more: object = {}) => world.prune(policy(more));

  /** It is served where it was before, and what nothing uses is gone. */
  async function assertOnlyOldestSpared(): Promise<void> {
    assert.deepEqual(await world.pull(`shop/web@${oldest}`), { ok: true });
    assert.deepEqual(world.history("shop/web:latest"), [digests[0], oldest]);
    assert.deepEqual(await world.images(), [digests[0], oldest].toSorted());
  }

  describe("what is in use", () => {
    beforeEach(() => open());

    const references: readonly { readonly name: string; readonly seed: () => void }[] = [
      {
        name: "a path on a mirror",
        seed: () => world.runPod("web", `mirror.example:8443/ocp/copies/shop/web@${oldest}`),
      },
      {
        name: "reference: true in a stream of another namespace",
        seed: () =>
          seed({
            apiVersion: "image.openshift.io/v1",
            kind: "ImageStream",
            metadata: { name: "released", namespace: "apps" },
            spec: {
              tags: [
                {
                  name: "stable",
                  reference: true,
                  from: { kind: "DockerImage", name: `${repositoryHost}/shop/web@${oldest}` },
                },
              ],
            },
          }),
      },
      {
        name: "a bare config ID as imageID",
        seed: () =>
          world.runPod("web", "quay.io/acme/renamed:1", {
            status: {
              phase: "Running",
              containerStatuses: [{ name: "main", imageID: configOfOldest.replace("sha256:", "") }],
            },
          }),
      },
      {
        name: "a digest that only a ControllerRevision has",
        seed: () =>
          seed({
            apiVersion: "apps/v1",
            kind: "ControllerRevision",
            metadata: { name: "web-1", namespace: "shop" },
            data: {
              spec: { template: { spec: { containers: [{ name: "web", image: `shop/web@${oldest}` }] } } },
            },
          }),
      },
      {
        name: "an OS image in a node's annotation",
        seed: () =>
          seed({
            apiVersion: "v1",
            kind: "Node",
            metadata: {
              name: "worker-1",
              annotations: {
                "machineconfiguration.openshift.io/currentImage": `${repositoryHost}/shop/web@${oldest}`,
              },
            },
          }),
      },
      {
        name: "a digest in an environment variable",
        seed: () =>
          world.runPod("operator", "quay.io/acme/operator:1", {
            spec: {
              containers: [
                {
                  name: "main",
                  image: "quay.io/acme/operator:1",
                  env: [{ name: "RELATED_IMAGE_WEB", value: `registry/whatever@${oldest}` }],
                },
              ],
            },
          }),
      },
      {
        name: "an ephemeral container",
        seed: () =>
          world.runPod("web", "quay.io/acme/other:1", {
            spec: {
              containers: [{ name: "main", image: "quay.io/acme/other:1" }],
              ephemeralContainers: [{ name: "debug", image: `${repositoryHost}/shop/web@${oldest}` }],
            },
          }),
      },
      {
        name: "a source image of a BuildConfig",
        seed: () =>
          seed({
            apiVersion: "build.openshift.io/v1",
            kind: "BuildConfig",
            metadata: { name: "site", namespace: "apps" },
            spec: {
              source: {
                images: [{ from: { kind: "ImageStreamImage", namespace: "shop", name: `web@${oldest}` } }],
              },
              strategy: {
                type: "Source",
                sourceStrategy: { from: { kind: "DockerImage", name: "quay.io/acme/s2i:1" } },
              },
            },
          }),
      },
    ];
    for (const { name, seed: refer } of references) {
      it(`spares ${name}`, async () => {
        refer();
        await prune();
        await assertOnlyOldestSpared();
      });
    }

    it("spares what extraReferences find, and does not look there when they are not named", async () => {
      world.runPod("other", "quay.io/acme/other:1");
      await world.close();
      await open({
        customKinds: [
          { group: "example.io", version: "v1", resource: "widgets", kind: "Widget", namespaced: true },
        ],
      });
      seed({
        apiVersion: "example.io/v1",
        kind: "Widget",
        metadata: { name: "w", namespace: "apps" },
        spec: { engine: { image: `${repositoryHost}/shop/web@${oldest}` } },
      });
      await prune({
        extraReferences: [{ apiVersion: "example.io/v1", kind: "Widget", jsonPath: "$.spec.engine.image" }],
      });
      await assertOnlyOldestSpared();
    });

    it("keeps a signature while its image stays, and deletes it with its image", async () => {
      world.runPod("web", `${repositoryHost}/shop/web@${oldest}`);
      const signatureTag = (digest: string | undefined) => `${(digest ?? "").replace(":", "-")}.sig`;
      world.push(`shop/web:${signatureTag(oldest)}`, "signature of the oldest", 60);
      world.push(`shop/web:${signatureTag(digests[2])}`, "signature of another", 50);
      const pulumi = await prune();

      assert.deepEqual(await world.pull(`shop/web:${signatureTag(oldest)}`), { ok: true });
      assert.deepEqual(world.history(`shop/web:${signatureTag(digests[2])}`), []);
      assert.deepEqual(pulumi.state?.initErrors, []);
    });

    it("keeps every platform of an index that a pod runs one of", async () => {
      const platform = (architecture: string, layer: string) => ({
        layers: ["base", layer],
        platform: { os: "linux", architecture },
      });
      const index = world.push(
        "shop/multi:latest",
        { children: [platform("amd64", "amd"), platform("arm64", "arm")] },
        60,
      );
      world.push("shop/multi:latest", "newer", 30);
      world.runPod("multi", `${repositoryHost}/shop/multi@${index.children[1]?.digest ?? ""}`);
      await prune();

      for (const { digest } of [index, ...index.children]) {
        assert.deepEqual(await world.pull(`shop/multi@${digest}`), { ok: true });
      }
    });
  });

  describe("while it prunes", () => {
    beforeEach(() => open());

    const onBlobDelete = (skip: number, change: () => void) =>
      world.sandbox.onRequest(
        { server: "integrated", method: "DELETE", path: "/admin/blobs/", skip },
        change,
      );

    it("notices an old digest that is pushed again before its turn comes", async () => {
      for (let number = 0; number < 40; number += 1)
        world.push("shop/many:latest", `many ${number}`, 100 - number);
      const last = world.history("shop/many:latest").toSorted().at(-1) ?? "";
      const content = Array.from({ length: 40 }, (_, number) => `many ${number}`).find(
        (text) => world.push("apps/probe:latest", text, 200).digest === last,
      );
      world.remove("image.openshift.io/v1", "ImageStream", "probe", "apps");
      onBlobDelete(0, () => void world.push("apps/again:latest", content ?? "", 0));
      await prune();

      assert.equal(world.history("apps/again:latest")[0], last);
      assert.deepEqual(await world.pull("apps/again:latest"), { ok: true });
    });

    it("reports an image that is pushed again at the very moment when its layers are deleted", async () => {
      onBlobDelete(0, () => void world.push("apps/again:latest", "web 60", 0));
      const pulumi = await prune();

      const pulled = await world.pull("apps/again:latest");
      const isTold = pulumi.lines.some((line) =>
        line.includes(`apps/again@${oldest} was pushed, tagged or imported while`),
      );
      assert.ok(pulled.ok || isTold, pulumi.lines.join("\n"));
    });

    it("stops resumably when the token expires in the middle, and goes on with a new one", async () => {
      const all = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
      const first = world.sandbox.addToken("pruner");
      world.sandbox.grant("pruner", all);
      world.sandbox.onRequest({ server: "api", method: "DELETE", path: "/images/", skip: 1 }, () => {
        world.sandbox.removeToken(first);
      });
      const pulumi = world.pulumi();
      const withToken = (token: string) => policy({ connection: { ...world.connection, token } });
      await assert.rejects(pulumi.up(withToken(first)));
      assert.notDeepEqual(pulumi.state?.initErrors, []);

      world.beginRun();
      world.sandbox.shiftClock(120);
      await pulumi.up(withToken(world.sandbox.addToken("pruner")));
      assert.deepEqual(await world.images(), [digests[0]]);
      assert.deepEqual(await world.pull("shop/web:latest"), { ok: true });
    });

    it("lists through an expired continue token, and misses no user", async () => {
      for (let number = 0; number < 1200; number += 1) {
        const image = number === 700 ? `${repositoryHost}/shop/web@${oldest}` : "quay.io/acme/other:1";
        world.runPod(`pod-${String(number).padStart(4, "0")}`, image);
      }
      world.sandbox.faults.add({
        method: "GET",
        path: "/api/v1/pods\\?.*continue=",
        effect: { kind: "expireContinueToken" },
      });
      const preview = await world.pulumi().preview(policy());

      assert.deepEqual(preview.failures, []);
      assert.equal(planIn(preview.inputs).coverage.pods, 1201);
      await prune();
      await assertOnlyOldestSpared();
    });
  });

  describe("clusters that are different", () => {
    it("prunes where the Build and DeploymentConfig APIs are not served, and reports it", async () => {
      await open({ missingGroups: ["build.openshift.io", "apps.openshift.io"] });
      const pulumi = await prune();

      assert.equal(planIn(pulumi.state!.inputs).coverage.builds, "its API is not served");
      assert.deepEqual(await world.images(), [digests[0]]);
    });

    it("deletes nothing while an API is served and down", async () => {
      await open({ unavailableGroups: ["build.openshift.io"] });
      const preview = await world.pulumi().preview(policy());

      assert.match(preview.failures.join(), /build/);
      assert.deepEqual(world.history("shop/web:latest"), digests);
    });

    it("asks the registry for the content of an Image that does not tell it, and prunes the others", async () => {
      await open();
      const spoil = (digest: string | undefined) =>
        world.sandbox.patch({
          apiVersion: "image.openshift.io/v1",
          kind: "Image",
          metadata: { name: digest ?? "" },
          dockerImageMetadata: null,
          dockerImageLayers: null,
        });
      spoil(digests[0]);
      const pulumi = await prune();

      assert.deepEqual(planIn(pulumi.state!.inputs).images, 3);
      assert.deepEqual(await world.images(), [digests[0]]);
      assert.deepEqual(await world.pull("shop/web:latest"), { ok: true });
    });

    it("deletes no Image as long as neither an Image nor the registry tells its content", async () => {
      await open();
      const { digest } = world.push("shop/lost:latest", "lost", 90);
      world.sandbox.patch({
        apiVersion: "image.openshift.io/v1",
        kind: "Image",
        metadata: { name: digest },
        dockerImageMetadata: null,
      });
      world.sandbox.integratedRegistry.loseBlob(digest);
      const pulumi = await prune();

      assert.equal(planIn(pulumi.state!.inputs).images, 0);
      assert.equal((await world.images()).length, 5);
      assert.match(
        planIn(pulumi.state!.inputs).warnings.join(),
        new RegExp(`No Image and no blob goes.*${digest} in shop/lost .*oc delete image ${digest}`),
      );
    });

    it("deletes nothing when a list may not be read, unless allowUnreadable names it", async () => {
      await open();
      const token = world.sandbox.addToken("half");
      for (const rule of [
        {
          apiGroups: ["image.openshift.io", "apps", "batch", "coordination.k8s.io", "authorization.k8s.io"],
          resources: ["*"],
          verbs: ["*"],
        },
        {
          apiGroups: [""],
          resources: ["pods", "podtemplates", "nodes", "replicationcontrollers", "limitranges", "namespaces"],
          verbs: ["*"],
        },
        {
          apiGroups: [
            "apps.openshift.io",
            "config.openshift.io",
            "imageregistry.operator.openshift.io",
            "operator.openshift.io",
            "route.openshift.io",
            "template.openshift.io",
          ],
          resources: ["*"],
          verbs: ["*"],
        },
      ]) {
        world.sandbox.grant("half", rule);
      }
      const connection = { ...world.connection, token };
      const preview = await world.pulumi().preview(policy({ connection }));
      assert.match(preview.failures.join(), /buildconfigs|builds/);

      await world.pulumi().up(policy({ connection, allowUnreadable: ["builds", "buildconfigs"] }));
      assert.deepEqual(await world.images(), [digests[0]]);
    });

    it("measures ages by the server's clock, and reports that this machine's differs", async () => {
      await open({ clockOffsetSeconds: 3 * 3600 });
      // By the server's clock 2.5, 1 and 0.5 hours old; by this machine's none of them is there yet.
      world.push("shop/web:latest", "old enough", -0.5 / 24);
      const young = world.push("shop/web:latest", "young", -2 / 24).digest;
      const newest = world.push("shop/web:latest", "newest", -2.5 / 24).digest;
      const pulumi = await prune({ keepYoungerThan: "2h" });

      assert.match(
        planIn(pulumi.state!.inputs).warnings.join(),
        /The server's clock is 10[78]\d\d seconds ahead/,
      );
      assert.deepEqual(world.history("shop/web:latest"), [newest, young]);
    });
  });

  function seed(object: KubeObject): void {
    world.sandbox.seed(object);
  }
});
