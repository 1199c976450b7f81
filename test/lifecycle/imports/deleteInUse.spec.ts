import assert from "node:assert/strict";
import { pullImage } from "okd-image-sandbox";
import { unknownValue } from "../../../provider/lifecycle/unknowns.js";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";

const registryHost = "image-registry.openshift-image-registry.svc:5000";

describe("deleteInUse", () => {
  let world: ImportWorld;
  let v1: string;
  let v2: string;

  beforeEach(async () => {
    world = await startImportWorld({ integratedRegistry: {} });
    v1 = world.publish("v1");
    v2 = world.publish("v2");
  });
  afterEach(() => world.sandbox.close());

  const sources = { v1: "quay.io/acme/web:v1", v2: "quay.io/acme/web:v2" };
  const web = (tags: Record<string, unknown>, more: object = {}) => ({
    connection: world.connection,
    namespace: "shop",
    name: "web",
    tags,
    ...more,
  });
  const both = (more: object = {}) => web(sources, more);
  const onlyV2 = (more: object = {}) => web({ v2: sources.v2 }, more);

  async function created(more: object = {}) {
    const pulumi = world.pulumi();
    await pulumi.up(both(more));
    return pulumi;
  }

  async function canPull(digest: string): Promise<boolean> {
    const { sandbox } = world;
    const { url } = sandbox.integratedRegistry;
    const { certificateAuthority, adminToken: token } = sandbox;
    return (await pullImage({ url, certificateAuthority, token }, "shop/web", digest)).ok;
  }

  function run(kind: "Pod" | "ReplicaSet", name: string, image: string, metadata: object = {}): void {
    const podSpec = { containers: [{ name: "main", image }] };
    world.sandbox.seed({
      apiVersion: kind === "Pod" ? "v1" : "apps/v1",
      kind,
      metadata: { name, namespace: "shop", ...metadata },
      ...(kind === "Pod"
        ? { spec: podSpec, status: { phase: "Running" } }
        : { spec: { template: { spec: podSpec } } }),
    });
  }

  const inRegistry = (digest: string) => `${registryHost}/shop/web@${digest}`;
  const listings = () =>
    world.sandbox.requests
      .matching({ server: "api", method: "GET" })
      .filter(({ path, query }) => /\/(pods|deployments|imagestreams)$/.test(path) && !/watch/.test(query));
  const output = (engine: { readonly lines: readonly string[] }) => engine.lines.join("\n");

  it("deletes a tag whose image workloads pull from its source", async () => {
    run("Pod", "web-1", `quay.io/acme/web@${v1}`);
    const pulumi = await created();

    assert.deepEqual((await pulumi.preview(onlyV2())).failures, []);
    await pulumi.up(onlyV2());
    assert.equal(await canPull(v1), false);
  });

  it("keeps a tag whose digest is named without its source", async () => {
    run("Pod", "web-1", `quay.io/acme/web@${v1}`, { annotations: { previous: v1 } });
    run("Pod", "web-2", `mirror.example/acme/web@${v1}`);
    const { failures } = await (await created()).preview(onlyV2());

    assert.match(failures.join(), /which pod\/web-2 namespace=shop uses/);
  });

  it("keeps an index while a pod uses one of its manifests", async () => {
    const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));
    const { digest, children } = world.sandbox.registry().publishIndex("acme/web", "multi", platforms);
    const arm64 = children[1]!.digest;
    const multi = { image: "quay.io/acme/web:multi", importMode: "PreserveOriginal" };
    const pulumi = world.pulumi();
    await pulumi.up(web({ multi, v2: sources.v2 }));
    run("Pod", "web-1", inRegistry(arm64));

    assert.match(
      (await pulumi.preview(onlyV2())).failures.join(),
      new RegExp(`removing multi makes shop/web@${digest} unpullable, which pod/web-1 .*STREAM_IN_USE`),
    );
    await assert.rejects(pulumi.up(onlyV2()), /STREAM_IN_USE/);
    assert.equal(await canPull(arm64), true);
  });

  describe("a tag that a pod uses", () => {
    beforeEach(() => {
      run("Pod", "web-1", inRegistry(v1));
    });

    it("is refused in the preview and in up, and can be pulled as before", async () => {
      const pulumi = await created();

      const { failures } = await pulumi.preview(onlyV2());

      assert.deepEqual(failures, [
        `tags: removing v1 makes shop/web@${v1} unpullable, which pod/web-1 namespace=shop uses. ` +
          "Keep the tag, or set deleteInUse: true [STREAM_IN_USE]",
      ]);
      await assert.rejects(pulumi.up(onlyV2()), /STREAM_IN_USE/);
      assert.equal(await canPull(v1), true);
      assert.equal((await pulumi.up(both())).step, "same");
    });

    const renamed = (more: object = {}) => web({ stable: sources.v1, v2: sources.v2 }, more);

    it("may get another name, because this very run imports its digest under that", async () => {
      const pulumi = await created();

      const { failures } = await pulumi.preview(renamed());
      await pulumi.up(renamed());

      assert.deepEqual(failures, []);
      assert.doesNotMatch(output(pulumi), /unpullable/);
      assert.deepEqual([world.served("stable"), world.served("v1")], [v1, undefined]);
      assert.equal(await canPull(v1), true);
    });

    it("is refused another name whose source has moved on, in the preview already", async () => {
      const pulumi = await created();
      world.sandbox.registry().moveTag("acme/web", "v1", v2);

      const { failures } = await pulumi.preview(renamed());

      assert.match(failures.join(), /removing v1 makes .* unpullable, which pod\/web-1 .*STREAM_IN_USE/);
      await assert.rejects(pulumi.up(renamed()), /STREAM_IN_USE/);
      assert.equal(await canPull(v1), true);
    });

    it("is refused another name while a pod names the tag", async () => {
      run("Pod", "web-2", `${registryHost}/shop/web:v1`);
      const pulumi = await created();

      const { failures } = await pulumi.preview(renamed());

      assert.match(
        failures.join(),
        /removing v1 makes shop\/web:v1 unpullable, which pod\/web-2 .*STREAM_IN_USE/,
      );
      assert.doesNotMatch(failures.join(), /web-1/);
    });

    it("is warned about in a preview that does not know the digest of the new name", async () => {
      const pulumi = await created();

      const { failures } = await pulumi.preview(web({ stable: unknownValue, v2: sources.v2 }));

      assert.deepEqual(failures, []);
      assert.match(output(pulumi), /^warning: pulumi up may stop here: tags: removing v1 .*STREAM_IN_USE/m);
    });

    it("is refused in a new stream, which serves nobody who pulls from the old one", async () => {
      const pulumi = await created();

      const { failures } = await pulumi.preview(renamed({ name: "site" }));

      assert.match(failures.join(), /^name: removing v1, v2 makes .*STREAM_IN_USE/);
    });

    it("is refused in destroy, and nothing is removed", async () => {
      const pulumi = await created();
      world.sandbox.requests.clear();

      await assert.rejects(
        pulumi.destroy(),
        /image stream shop\/web was left as it is: removing v1, v2 makes .* unpullable, which pod\/web-1 namespace=shop uses\. .*STREAM_IN_USE/s,
      );

      assert.deepEqual(world.writes(), []);
      assert.deepEqual([await canPull(v1), await canPull(v2)], [true, true]);
    });

    it("is deleted with deleteInUse, and the preview names the pod", async () => {
      const pulumi = await created();

      const { failures } = await pulumi.preview(onlyV2({ deleteInUse: true }));

      assert.deepEqual(failures, []);
      assert.match(output(pulumi), /^warning: removing v1 makes .*, which pod\/web-1 namespace=shop uses$/m);
      await pulumi.up(onlyV2({ deleteInUse: true }));
      assert.equal(await canPull(v1), false);
      assert.equal(pulumi.state?.outputs.deleteInUse, true);
      run("Pod", "web-2", inRegistry(v2));
      await pulumi.destroy();
      assert.equal(world.stream(), undefined);
    });

    it("is kept by destroy with onDestroy: keep, without a question to the cluster", async () => {
      const pulumi = await created({ onDestroy: "keep" });
      world.sandbox.requests.clear();

      await pulumi.destroy();

      assert.equal(await canPull(v1), true);
      assert.deepEqual(listings(), []);
    });

    it("is kept when its stream is replaced", async () => {
      const pulumi = await created();

      const { failures } = await pulumi.preview({ ...both(), name: "site" });

      assert.match(
        failures.join(),
        /^name: removing v1, v2 makes .* unpullable, which pod\/web-1 .* run pulumi up with the old name and deleteInUse: true first \[STREAM_IN_USE\]$/,
      );
      await assert.rejects(pulumi.up({ ...both(), name: "site" }), /STREAM_IN_USE/);
      assert.equal(await canPull(v1), true);
      assert.equal(world.stream("site"), undefined);
    });

    it("is deleted when its stream is replaced after an up with deleteInUse", async () => {
      const pulumi = await created();
      await pulumi.up(both({ deleteInUse: true }));

      assert.equal((await pulumi.up(both({ deleteInUse: true, name: "site" }))).step, "replace");

      assert.equal(world.stream("web"), undefined);
      assert.equal(world.served("v1", "site"), v1);
    });

    it("may be deleted when another tag of the stream lists the digest", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(web({ ...sources, same: "quay.io/acme/web:v1" }));

      await pulumi.up(web({ v2: sources.v2, same: "quay.io/acme/web:v1" }));

      assert.equal(world.served("v1"), undefined);
      assert.equal(await canPull(v1), true);
    });

    it("is kept when its resource has lost its claim, without a question to the cluster", async () => {
      const old = await created();
      await world.pulumi("renamed").up(both({ adopt: true }));
      world.sandbox.requests.clear();

      await old.destroy();

      assert.equal(await canPull(v1), true);
      assert.deepEqual(listings(), []);
    });
  });

  it("keeps the tag of a pod that begins while up imports, and the state still owns it", async () => {
    const pulumi = await created();
    world.sandbox.onRequest({ method: "PUT", path: "/imagestreams/web$" }, () => {
      run("Pod", "late", inRegistry(v1));
    });

    await assert.rejects(pulumi.up(onlyV2()), /removing v1 .*pod\/late.*STREAM_IN_USE/);

    assert.equal(await canPull(v1), true);
    assert.deepEqual(pulumi.state?.outputs.owned, ["v1", "v2"]);
    world.sandbox.remove({ apiVersion: "v1", kind: "Pod", metadata: { name: "late", namespace: "shop" } });
    await pulumi.up(onlyV2());
    assert.equal(world.served("v1"), undefined);
  });

  for (const { how, end } of [
    {
      how: "ends",
      end: () => world.sandbox.patch({ ...pod("web-1"), status: { phase: "Succeeded" } }),
    },
    {
      how: "is told to go",
      end: () => {
        const { metadata, ...rest } = pod("web-1");
        const deletionTimestamp = "2026-01-01T00:00:00Z";
        return world.sandbox.patch({ ...rest, metadata: { ...metadata, deletionTimestamp } });
      },
    },
  ]) {
    it(`learns from a watch, while destroy waits, of a pod that ${how}`, async () => {
      const pulumi = await created();
      run("Pod", "web-1", inRegistry(v1));
      world.sandbox.onRequest({ method: "GET", path: "/pods\\?watch" }, () => void end());

      await pulumi.destroy();

      assert.equal(world.stream(), undefined);
      assert.equal(listings().filter(({ path }) => path.endsWith("/pods")).length, 1);
    });
  }

  it("warns of an image that only a rollback needs", async () => {
    const pulumi = await created();
    run("ReplicaSet", "web-old", inRegistry(v1));

    const { failures } = await pulumi.preview(onlyV2());

    assert.deepEqual(failures, []);
    assert.match(
      output(pulumi),
      /^warning: removing v1 .* replicaset\/web-old namespace=shop could not be rolled back to or run again$/m,
    );
    assert.match(output(pulumi), new RegExp(`^info: removing v1 makes shop/web@${v1} unpullable$`, "m"));
    await pulumi.up(onlyV2());
    assert.equal(world.served("v1"), undefined);
  });

  it("refuses to delete a tag that an alias of another stream follows", async () => {
    const pulumi = await created();
    world.sandbox.seed({
      apiVersion: "image.openshift.io/v1",
      kind: "ImageStream",
      metadata: { name: "stable", namespace: "prod" },
      spec: { tags: [{ name: "live", from: { kind: "ImageStreamTag", name: "web:v1", namespace: "shop" } }] },
    });

    const { failures } = await pulumi.preview(onlyV2());

    assert.match(failures.join(), /which imagestream\/stable namespace=prod uses.*STREAM_IN_USE/);
  });

  describe("for a user who sees one namespace only", () => {
    const asAlice = (args: object) => {
      const [alice] = world.sandbox.users;
      return { ...args, connection: { ...world.connection, token: alice!.token } };
    };
    beforeEach(() => {
      world.sandbox.grant("alice", { verbs: ["*"], namespaces: ["shop"] });
    });

    it("warns of users that cannot be seen, and deletes the tag", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(asAlice(both()));

      await pulumi.up(asAlice(onlyV2()));

      assert.match(
        output(pulumi),
        /^warning: removing v1 .* not certain: you may not list .*deployments.* pods.* of other namespaces and nodes at all$/m,
      );
      assert.equal(world.served("v1"), undefined);
      await pulumi.destroy();
      assert.equal(world.stream(), undefined);
    });

    it("finds users in the visible namespace", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(asAlice(both()));
      run("Pod", "web-1", inRegistry(v1));

      const { failures } = await pulumi.preview(asAlice(onlyV2()));

      assert.match(failures.join(), /pod\/web-1 namespace=shop uses.*STREAM_IN_USE/);
    });
  });

  it("takes a failed list for no proof that an image is unused", async () => {
    const pulumi = await created();
    const unavailable = { kind: "answer", status: 503, body: "service unavailable" } as const;
    world.sandbox.faults.add({ method: "GET", path: "/deployments", times: 0, effect: unavailable });

    const { failures } = await pulumi.preview(onlyV2());

    assert.match(failures.join(), /list deployments.*API_/);
    await assert.rejects(pulumi.destroy(), /list deployments.*API_/);
    assert.deepEqual([await canPull(v1), await canPull(v2)], [true, true]);
  }).timeout(120_000);

  it("lists no users while no image vanishes", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(web({ v1: sources.v1 }));
    await pulumi.up(both());
    await pulumi.up(both({ labels: { app: "web" } }));
    await pulumi.refresh();

    assert.equal((await pulumi.up(both({ labels: { app: "web" } }))).step, "same");

    // Deployments are listed for what the new tag rolls out.
    assert.deepEqual(
      listings().filter(({ path }) => !path.endsWith("/deployments")),
      [],
    );
  });

  function pod(name: string) {
    return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "shop" } };
  }
});
