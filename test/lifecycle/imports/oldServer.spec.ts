import assert from "node:assert/strict";
import { createImportHandler } from "../../../provider/imports/handler.js";
import type { Cluster, ImageStreams } from "../../../provider/imports/ports.js";
import type { Connector } from "../../../provider/lifecycle/session.js";
import { FakePulumi } from "../../support/fakes/pulumi.js";
import { type ImportWorld, importClusters, startImportWorld } from "../../support/worlds/imports.js";

/** A cluster before OpenShift 4.12, which reads and answers no import modes. */
function oldServer(): Connector<Cluster> {
  const clusters = importClusters();
  const forget = <T>(value: T): T =>
    value === undefined
      ? value
      : (JSON.parse(
          JSON.stringify(value, (key, each: unknown) => (key === "importMode" ? undefined : each)),
        ) as T);
  const streamsOf = (streams: ImageStreams): ImageStreams => ({
    ...streams,
    getStream: async (key, options) => forget(await streams.getStream(key, options)),
    createStream: async (stream, options) => forget(await streams.createStream(forget(stream), options)),
    replaceStream: async (stream, options) => forget(await streams.replaceStream(forget(stream), options)),
    importImages: async (key, images, options) =>
      forget(await streams.importImages(key, forget(images), options)),
  });
  let known: Cluster | undefined;
  return {
    issues: (connection) => clusters.issues(connection),
    async open(connection, config, signal) {
      const cluster = await clusters.open(connection, config, signal);
      return (known ??= { ...cluster, streams: streamsOf(cluster.streams) });
    },
  };
}

describe("A server that drops importMode", () => {
  let world: ImportWorld;

  beforeEach(async () => {
    world = await startImportWorld();
    world.publish("v1");
    world.sandbox.registry().publishIndex("acme/multi", "v1", [
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64" },
    ]);
  });
  afterEach(() => world.sandbox.close());

  const engineOf = (connector: () => Connector<Cluster>) =>
    new FakePulumi(() => createImportHandler({ newClaim: () => "0123456789abcdef" }), connector, "web");
  const web = (more: object = {}) => ({
    connection: world.connection,
    namespace: "shop",
    name: "web",
    tags: { v1: "quay.io/acme/multi:v1" },
    importMode: "PreserveOriginal",
    ...more,
  });
  const warnings = (engine: { readonly lines: readonly string[] }) =>
    engine.lines.filter((line) =>
      /^warning: tags\.v1: this cluster does not keep importMode.* 4\.12/.test(line),
    );

  it("is reported with the version that is needed, in every run, and causes no update", async () => {
    const pulumi = engineOf(oldServer);

    assert.deepEqual((await pulumi.preview(web())).failures, []);
    assert.equal(warnings(pulumi).length, 1);
    await pulumi.up(web());
    assert.equal(warnings(pulumi).length, 2);

    assert.equal((await pulumi.up(web())).step, "same");
    assert.equal(await pulumi.refresh(), "same");
    assert.equal((await pulumi.up(web())).step, "same");
    assert.equal(warnings(pulumi).length, 4);
  });

  it("is no reason to import again when another argument changes", async () => {
    const pulumi = engineOf(oldServer);
    await pulumi.up(web());
    world.sandbox.requests.clear();

    assert.equal((await pulumi.up(web({ labels: { app: "web" } }))).step, "update");

    assert.deepEqual(
      world.writes().filter(({ path }) => path.endsWith("/imagestreamimports")),
      [],
    );
  });

  it("gets the mode that was asked for after its upgrade", async () => {
    const pulumi = engineOf(oldServer);
    await pulumi.up(web());
    const upgraded = engineOf(importClusters);
    upgraded.state = pulumi.state;

    assert.equal((await upgraded.up(web())).step, "update");

    assert.equal(world.stream()!.spec.tags![0]!.importPolicy?.importMode, "PreserveOriginal");
    assert.equal((await upgraded.up(web())).step, "same");
    assert.deepEqual(warnings(upgraded), []);
  });

  it("is not reported where the mode is the one that it has anyway", async () => {
    const pulumi = engineOf(oldServer);

    await pulumi.up(web({ importMode: "Legacy" }));

    assert.equal((await pulumi.up(web({ importMode: "Legacy" }))).step, "same");
    assert.deepEqual(warnings(pulumi), []);
  });
});
