import assert from "node:assert/strict";
import { createImportHandler } from "../../../provider/imports/handler.js";
import { FakePulumi } from "../../support/fakes/pulumi.js";
import { type ImportWorld, importClusters, startImportWorld } from "../../support/worlds/imports.js";

const registryHost = "image-registry.openshift-image-registry.svc:5000";
const kinds = 16;

/** Removals of one process, as `destroy` runs them: how often they list the cluster. */
describe("one search for the users of images", () => {
  let world: ImportWorld;

  beforeEach(async () => {
    world = await startImportWorld({ users: [{ name: "lister", rules: [everythingBut("watch")] }] });
  });
  afterEach(() => world.sandbox.close());

  interface Created {
    readonly name: string;
    readonly pulumi: ReturnType<typeof sharedEngine>;
    readonly digest: string;
  }

  function everythingBut(verb: string) {
    return { verbs: ["get", "list", "create", "update", "patch", "delete"].filter((each) => each !== verb) };
  }

  function sharedEngine(name: string, process: ReturnType<typeof sharedProcess>) {
    return new FakePulumi(
      () => process.handler,
      () => process.connector,
      name,
    );
  }

  function sharedProcess() {
    const useWait = { forMs: 1_000, everyMs: 20 };
    return {
      handler: createImportHandler({ newClaim: () => Math.random().toString(16).slice(2), useWait }),
      connector: importClusters(),
    };
  }

  const argsOf = (name: string, connection: object) => ({
    connection,
    namespace: "shop",
    name,
    tags: { v1: `quay.io/acme/${name}:v1` },
  });

  /** Streams whose resources live in one process from now on. */
  async function created(count: number, connection: object = world.connection): Promise<readonly Created[]> {
    const process = sharedProcess();
    const streams: Created[] = [];
    for (let at = 0; at < count; at += 1) {
      const name = `app-${at}`;
      const digest = world.publish("v1", `content of ${name}`, `acme/${name}`);
      const pulumi = sharedEngine(name, process);
      await pulumi.up(argsOf(name, connection));
      streams.push({ name, pulumi, digest });
    }
    world.sandbox.requests.clear();
    return streams;
  }

  const reads = (pattern: RegExp) =>
    world.sandbox.requests
      .matching({ server: "api", method: "GET" })
      .filter(({ path, query }) => pattern.test(`${path}?${query}`));
  const podLists = () => reads(/\/pods\?(?!.*watch)/);
  const podWatches = () => reads(/\/pods\?.*watch=true/);
  const remaining = (streams: readonly Created[]) =>
    streams.filter(({ name }) => world.stream(name) !== undefined).map(({ name }) => name);

  function runPod(name: string, { name: stream, digest }: Created): void {
    world.sandbox.seed({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "shop" },
      spec: { containers: [{ name: "main", image: `${registryHost}/shop/${stream}@${digest}` }] },
      status: { phase: "Running" },
    });
  }

  it("serves all streams that are destroyed side by side", async () => {
    const streams = await created(12);

    await Promise.all(streams.map(({ pulumi }) => pulumi.destroy()));

    assert.deepEqual(remaining(streams), []);
    assert.equal(podLists().length, 1);
    assert.ok(podWatches().length <= 1);
    assert.equal(reads(/limit=/).length, kinds, "each kind once");
  });

  it("serves all streams that are destroyed one after another", async () => {
    const streams = await created(6);

    for (const { pulumi } of streams) await pulumi.destroy();

    assert.deepEqual(remaining(streams), []);
    assert.deepEqual([podLists().length, podWatches().length], [1, 1]);
  });

  it("finds a pod that was created after it", async () => {
    const streams = await created(3);
    const [first, second, third] = streams as readonly [Created, Created, Created];
    await first.pulumi.destroy();
    runPod("late", second);

    await assert.rejects(second.pulumi.destroy(), /pod\/late namespace=shop uses.*STREAM_IN_USE/);
    runPod("later", third);
    await assert.rejects(third.pulumi.destroy(), /pod\/later namespace=shop uses.*STREAM_IN_USE/);

    assert.deepEqual(remaining(streams), ["app-1", "app-2"]);
    assert.equal(podLists().length, 1);
  });

  it("forgets users that were deleted since", async () => {
    const streams = await created(2);
    const [first, second] = streams as readonly [Created, Created];
    runPod("ending", second);
    await first.pulumi.destroy();
    world.sandbox.remove({ apiVersion: "v1", kind: "Pod", metadata: { name: "ending", namespace: "shop" } });

    await second.pulumi.destroy();

    assert.deepEqual(remaining(streams), []);
    assert.equal(podLists().length, 1);
  });

  it("starts again when the cluster has forgotten what happened since", async () => {
    const streams = await created(2);
    const [first, second] = streams as readonly [Created, Created];
    await first.pulumi.destroy();
    runPod("late", second);
    world.sandbox.expireContinueTokens();

    await assert.rejects(second.pulumi.destroy(), /pod\/late namespace=shop uses/);

    assert.equal(podLists().length, 2);
  });

  it("goes on after a connection was lost", async () => {
    const streams = await created(3);
    const [first, second, third] = streams as readonly [Created, Created, Created];
    await first.pulumi.destroy();
    const cut = { kind: "cut", when: "during" } as const;
    world.sandbox.faults.add({ path: "/pods\\?watch", effect: cut });
    await second.pulumi.destroy();
    runPod("late", third);

    await assert.rejects(third.pulumi.destroy(), /pod\/late namespace=shop uses/);
  });

  it("serves previews of deleted tags, without a watch", async () => {
    const streams = await created(5);
    world.publish("v2", "other content", "acme/app-0");
    const without = ({ name }: Created) => ({
      ...argsOf(name, world.connection),
      tags: { v2: `quay.io/acme/app-0:v2` },
    });

    for (const stream of streams) {
      assert.deepEqual((await stream.pulumi.preview(without(stream))).failures, []);
    }

    assert.ok(podLists().length >= 1);
    assert.ok(podLists().length + podWatches().length < streams.length);
  });

  it("is shared by users who may list and not watch", async () => {
    const token = world.sandbox.users[0]?.token;
    const streams = await created(8, { ...world.connection, token });

    await Promise.all(streams.map(({ pulumi }) => pulumi.destroy()));

    assert.deepEqual(remaining(streams), []);
    assert.ok(podLists().length < streams.length, `${podLists().length} lists`);
    assert.ok(podWatches().length <= 1);
  });
});
