import assert from "node:assert/strict";
import type { Cluster, MirrorWatch } from "../../../provider/imports/ports.js";
import type { ImageStream } from "../../../provider/okd/imageStream.js";
import type { JsonObject } from "../../../provider/lifecycle/wire.js";
import { ImageError } from "../../../provider/support/imageError.js";
import type { IntegratedPulls } from "../../../provider/registry/integratedPull.js";
import { createMirror } from "../../../provider/registry/mirror.js";
import { type ImportWorld, importClusters, startImportWorld } from "../../support/worlds/imports.js";

const anywhere = { url: undefined, caCert: undefined, skipTlsVerify: false };

function watch(): MirrorWatch & { readonly seen: string[] } {
  const seen: string[] = [];
  const progress = (done: number, total: number) => void seen.push(`${done}/${total}`);
  return { signal: new AbortController().signal, progress, seen };
}

describe("a copy of an imported image in the integrated registry", () => {
  let world: ImportWorld;
  let cluster: Cluster;

  beforeEach(async () => {
    world = await startImportWorld({ integratedRegistry: {} });
    cluster = await importClusters().open(
      world.connection as JsonObject,
      () => undefined,
      new AbortController().signal,
    );
  });
  afterEach(() => world.sandbox.close());

  async function store(tag: string): Promise<readonly string[]> {
    const { seen, ...watching } = watch();
    const stream = world.stream() as ImageStream;
    await cluster.mirror.store({ stream, digest: world.served(tag) ?? "", registry: anywhere }, watching);
    return seen;
  }

  it("holds manifest, config and layers, so that the source may delete them", async () => {
    const published = world.sandbox.registry().publishImage("acme/web", "v1", { content: "v1" });
    await world.seedTag("v1", "quay.io/acme/web:v1");
    const { digest, layerDigests } = published;

    const seen = await store("v1");

    const held = world.sandbox.integratedRegistry.blobs();
    for (const each of [digest, ...layerDigests]) assert.ok(held.has(each), each);
    assert.equal(held.size, 2 + layerDigests.length);
    assert.equal(seen.at(-1), `${layerDigests.length + 1}/${layerDigests.length + 1}`);
  });

  it("is made without one layer passing through this machine", async () => {
    world.publish("v1");
    await world.seedTag("v1", "quay.io/acme/web:v1");
    world.sandbox.requests.clear();

    await store("v1");

    const ours = world.sandbox.requests
      .matching({ server: "integrated" })
      .filter(({ path }) => path.includes("/blobs/"));
    assert.ok(ours.some(({ method }) => method === "HEAD"));
    assert.equal(ours.filter(({ method }) => method === "GET").length, 1, "the config alone");
  });

  it("is not made again where the registry has it", async () => {
    world.publish("v1");
    await world.seedTag("v1", "quay.io/acme/web:v1");
    await store("v1");
    world.sandbox.requests.clear();

    await store("v1");

    assert.deepEqual(world.sandbox.requests.matching({ server: "quay.io" }), []);
  });

  it("fails with what the registry lacks where the source has deleted it before", async () => {
    const { digest } = world.sandbox.registry().publishImage("acme/web", "v1", { content: "v1" });
    await world.seedTag("v1", "quay.io/acme/web:v1");
    world.sandbox.registry().store.deleteManifest("acme/web", digest);

    await assert.rejects(store("v1"), /read the manifest of .*shop\/web@sha256.*REGISTRY_NOT_FOUND/);
  });
});

describe("waiting for a copy in the integrated registry", () => {
  const stream = { metadata: { namespace: "shop", name: "web" }, spec: {} };
  const blob = (letter: string) => ({ mediaType: "x", size: 1, digest: `sha256:${letter.repeat(64)}` });
  const order = { stream, digest: blob("a").digest, registry: anywhere };

  function pulls(hasOwn: IntegratedPulls["hasOwn"]): IntegratedPulls {
    const images = [{ config: blob("b"), layers: [blob("c"), blob("c")] }];
    const tree = { root: blob("a"), indexes: [], images } as never;
    return {
      host: "registry.example",
      digestOf: () => Promise.reject(new Error("not asked")),
      find: () => Promise.resolve({ tree, blobs: undefined as never }),
      hasOwn,
    };
  }

  it("asks for each blob until the registry has it, and tells how many it has", async () => {
    const asked = new Map<string, number>();
    const { seen, ...watching } = watch();
    const mirror = createMirror(() =>
      Promise.resolve(
        pulls((reference, digest) => {
          assert.equal(reference, `registry.example/shop/web@${order.digest}`);
          asked.set(digest, (asked.get(digest) ?? 0) + 1);
          return Promise.resolve(digest === blob("b").digest || asked.get(digest) === 2);
        }),
      ),
    );

    await mirror.store(order, watching);

    assert.deepEqual(seen, ["0/2", "1/2", "2/2"]);
    assert.deepEqual([...asked.values()], [1, 2]);
  });

  it("ends where the registry only passes blobs on", async () => {
    const mirror = createMirror(() => Promise.resolve(pulls(() => Promise.resolve(false))), {
      stalledAfterMs: 100,
    });
    await assert.rejects(
      mirror.store(order, watch()),
      /^ImageError: Cannot copy registry\.example\/shop\/web@sha256:a+ into the integrated registry: it passes blob .* but does not store it.*REGISTRY_ERROR/,
    );
  });

  it("ends with a refusal, and with the caller's signal", async () => {
    const refusal = new ImageError("REGISTRY_NOT_FOUND", "gone");
    const refusing = createMirror(() => Promise.resolve(pulls(() => Promise.reject(refusal))));
    await assert.rejects(refusing.store(order, watch()), /gone/);
    const stop = new AbortController();
    const waiting = createMirror(() => Promise.resolve(pulls(() => Promise.resolve(false)))).store(order, {
      ...watch(),
      signal: stop.signal,
    });
    setTimeout(() => stop.abort(), 20);
    await assert.rejects(waiting, /CANCELLED/);
  });
});
