import assert from "node:assert/strict";
import { createImportHandler } from "../../../provider/imports/handler.js";
import { FakePulumi } from "../../support/fakes/pulumi.js";
import { type ImportWorld, importClusters, startImportWorld } from "../../support/worlds/imports.js";

const imageConfig = "/apis/config.openshift.io/v1/images/cluster";

/** What a check asks the API server, counted; several resources of one provider process. */
describe("requests of checks", () => {
  let world: ImportWorld;

  beforeEach(async () => {
    world = await startImportWorld();
    world.publish("v1");
    world.publish("v2");
    world.sandbox.grant("alice", { verbs: ["*"], namespaces: ["shop"] });
  });
  afterEach(() => world.sandbox.close());

  const args = (name: string, more: object = {}) => ({
    connection: world.connection,
    namespace: "shop",
    name,
    tags: { v1: "quay.io/acme/web:v1", v2: "quay.io/acme/web:v2" },
    ...more,
  });
  const names = ["a", "b", "c", "d", "e", "f"];

  /** Engines whose hooks run in one process. */
  function oneProcess() {
    const handler = createImportHandler({ newClaim: () => Math.random().toString(16).slice(2) });
    const connector = importClusters();
    return (name: string) =>
      new FakePulumi(
        () => handler,
        () => connector,
        name,
      );
  }

  async function createdStreams() {
    const engines = names.map((name) => world.pulumi(name));
    for (const [at, pulumi] of engines.entries()) await pulumi.up(args(names[at]!));
    const next = oneProcess();
    const states = engines.map(({ state }) => state);
    world.sandbox.requests.clear();
    return names.map((name, at) => {
      const pulumi = next(name);
      pulumi.state = states[at];
      return pulumi;
    });
  }

  function asked(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { method, path, query } of world.sandbox.requests.matching({ server: "api" })) {
      const dryRun = query.includes("dryRun=All") ? " dry run" : "";
      const what = `${method} ${path.replace(/\/imagestreams\/[a-z]+$/, "/imagestreams/NAME").replace(/^.*\//, "")}${dryRun}`;
      counts[what] = (counts[what] ?? 0) + 1;
    }
    return counts;
  }

  it("of a first preview are a dry run and a lookup for each stream, and one list for all streams and nodes", async () => {
    const engineOf = oneProcess();
    for (const name of names) assert.equal((await engineOf(name).preview(args(name))).step, "create");

    assert.deepEqual(asked(), {
      "GET kube-system": 1,
      "GET cluster": 1,
      "GET NAME": 1,
      "GET imagestreams": 1,
      "GET nodes": 1,
      "POST imagestreams dry run": names.length,
      "POST imagestreamimports": names.length,
    });
  });

  it("of a preview without changes are one list for all streams, and one request for each stream's images", async () => {
    for (const [at, pulumi] of (await createdStreams()).entries()) {
      assert.equal((await pulumi.preview(args(names[at]!))).step, "same");
    }

    assert.deepEqual(asked(), {
      "GET kube-system": 1,
      "GET NAME": 1,
      "GET imagestreams": 1,
      "GET layers": names.length,
    });
  });

  it("are not repeated by the second check of a replacement, and by diff", async () => {
    const [pulumi] = await createdStreams();

    assert.equal((await pulumi!.preview(args("moved"))).step, "replace");

    const counts = asked();
    assert.deepEqual(
      [counts["POST imagestreams dry run"], counts["POST imagestreamimports"], counts["GET cluster"]],
      [1, 1, 1],
    );
  });

  it("are repeated after a write of ours", async () => {
    const pulumi = oneProcess()("a");
    await pulumi.up(args("a"));
    world.sandbox.requests.clear();

    await pulumi.up(args("a", { tags: { v1: "quay.io/acme/web:v1" } }));

    assert.equal(world.served("v2", "a"), undefined);
    const lists = world.sandbox.requests.matching({ method: "GET", path: /namespaces\/shop\/imagestreams$/ });
    assert.deepEqual(lists, [], "what was written is read by itself");
  });

  it("show in a second process what others have changed", async () => {
    const [pulumi, other] = await createdStreams();
    await world.deleteTag("v1", "b");

    assert.equal((await pulumi!.preview(args("a"))).step, "same");
    assert.notEqual((await other!.preview(args("b"))).step, "same");
  });

  it("are GETs for a user who may not list the streams", async () => {
    const verbs = ["get", "create", "update", "delete"];
    world.sandbox.revoke("alice");
    world.sandbox.grant("alice", { verbs, namespaces: ["shop"] });
    const connection = { ...world.connection, token: world.sandbox.users[0]!.token };
    const engineOf = oneProcess();
    for (const name of names) await engineOf(name).preview(args(name, { connection }));

    const counts = asked();
    assert.deepEqual([counts["GET imagestreams"], counts["GET NAME"]], [1, names.length]);
  });

  /** Holds the dry run back until the lookup has been asked for, if it ever is before. */
  async function isOverlapped(connection: object): Promise<boolean> {
    let lookUpSeen: () => void = () => undefined;
    const lookedUp = new Promise<boolean>((resolve) => (lookUpSeen = () => resolve(true)));
    world.sandbox.onRequest({ method: "POST", path: "imagestreamimports" }, () => lookUpSeen());
    let overlapped = false;
    world.sandbox.onRequest({ method: "POST", path: "imagestreams\\?dryRun" }, async () => {
      const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 1_000));
      overlapped = await Promise.race([lookedUp, late]);
    });
    assert.deepEqual((await world.pulumi().preview(args("web", { connection }))).failures, []);
    return overlapped;
  }

  const allow = (...domainNames: readonly string[]) =>
    world.sandbox.seed({
      apiVersion: "config.openshift.io/v1",
      kind: "Image",
      metadata: { name: "cluster" },
      spec: { allowedRegistriesForImport: domainNames.map((domainName) => ({ domainName })) },
    });

  it("run at the same time where the cluster allows every registry, or this one", async () => {
    assert.equal(await isOverlapped(world.connection), true);
    allow("*.io");
    assert.equal(await isOverlapped(world.connection), true);
  });

  it("wait for the dry run where the list of registries may not be read", async () => {
    const connection = { ...world.connection, token: world.sandbox.users[0]!.token };

    assert.equal(await isOverlapped(connection), false);
    assert.equal(world.sandbox.requests.matching({ path: new RegExp(imageConfig) })[0]?.status, 403);
  });

  it("contact no registry that the list forbids, not even for an administrator", async () => {
    allow("registry.example.com");

    const { failures } = await world.pulumi().preview(args("web"));

    assert.match(failures.join(), /is not in allowedRegistriesForImport/);
    assert.equal(asked()["POST imagestreamimports"], undefined);
    assert.deepEqual(world.sandbox.requests.matching({ server: "open" }), []);
  });

  it("list the namespace's pull secrets once for all tags that were refused", async () => {
    const denied = { kind: "answer", status: 401, body: { errors: [{ code: "UNAUTHORIZED" }] } } as const;
    world.sandbox.faults.add({ server: "open", times: 0, effect: denied });
    const engineOf = oneProcess();
    for (const name of names.slice(0, 3)) await engineOf(name).preview(args(name));

    assert.equal(asked()["GET secrets"], 2, "one for each type of pull secret");
  });
});
