import assert from "node:assert/strict";
import {
  type DockerRegistry,
  registryPassword,
  registryUser,
  startDockerRegistry,
} from "../support/programs/dockerRegistry.js";
import { requireReal } from "../support/programs/requireReal.js";
import { type ImportWorld, namespace, startImportWorld } from "../support/worlds/imports.js";

describe("imports from Debian's docker-registry", function () {
  this.timeout(60_000);
  let world: ImportWorld;
  let plain: DockerRegistry;
  let secured: DockerRegistry;

  before(async function () {
    requireReal(this, "imports from docker-registry", ["docker-registry", "skopeo"]);
    world = await startImportWorld();
    plain = await startDockerRegistry();
    secured = await startDockerRegistry(world.sandbox.serverKeyPair);
    world.publish("v1");
    world.sandbox.registry().publishIndex("acme/multi", "v1", [
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64" },
    ]);
  });
  after(async () => {
    // Undefined where the suite was skipped.
    const started: readonly (DockerRegistry | undefined)[] = [plain, secured];
    for (const registry of started) await registry?.close();
    await (world as ImportWorld | undefined)?.sandbox.close();
  });

  const source = (repositoryAndTag: string) => `${world.sandbox.registry().host}/${repositoryAndTag}`;
  const args = (name: string, tags: Record<string, unknown>) => ({
    connection: world.connection,
    namespace,
    name,
    tags,
  });

  it("work over plain HTTP, with every platform of an index", async () => {
    const image = await plain.copyFrom(source("acme/web:v1"), "demo/web:v1");
    const index = await plain.copyFrom(source("acme/multi:v1"), "demo/multi:v1");
    const pulumi = world.pulumi("plain");

    await pulumi.up(
      args("plain", {
        v1: { image: `${plain.host}/demo/web:v1`, insecure: true },
        multi: { image: `${plain.host}/demo/multi:v1`, insecure: true, importMode: "PreserveOriginal" },
      }),
    );

    assert.equal(world.served("v1", "plain"), image);
    assert.equal(world.served("multi", "plain"), index);
  });

  it("work over plain HTTP only where the tag says insecure", async () => {
    await plain.copyFrom(source("acme/web:v1"), "demo/web:v1");

    const preview = await world.pulumi("strict").preview(args("strict", { v1: `${plain.host}/demo/web:v1` }));

    assert.match(preview.failures.join(), /insecure: true.*IMPORT_TLS/);
  });

  it("work over TLS with a password in a pull secret, which up names when it is missing", async () => {
    const digest = await secured.copyFrom(source("acme/web:v1"), "demo/web:v1");
    const tags = { v1: `${secured.host}/demo/web:v1` };
    const pulumi = world.pulumi("secured");

    const before = await pulumi.preview(args("secured", tags));
    assert.deepEqual(before.failures, []);
    assert.match(
      pulumi.lines.join(),
      /No pull secret in namespace shop is for 127\.0\.0\.1:\d+ \(none at all\)/,
    );
    await assert.rejects(pulumi.up(args("secured", tags)), /IMPORT_UNAUTHORIZED/);

    world.sandbox.seed(pullSecret(secured.host));
    await pulumi.up(args("secured", tags));

    assert.equal(world.served("v1", "secured"), digest);
  });

  it("name an existing pull secret that was not accepted", async () => {
    const other = await startDockerRegistry(world.sandbox.serverKeyPair);
    try {
      await other.copyFrom(source("acme/web:v1"), "demo/web:v1");
      world.sandbox.seed(pullSecret(other.host, "wrong"));

      const pulumi = world.pulumi("wrong");
      const wrong = args("wrong", { v1: `${other.host}/demo/web:v1` });

      assert.deepEqual((await pulumi.preview(wrong)).failures, []);
      const says = /has a pull secret for .* which the registry did not accept/;
      assert.match(pulumi.lines.join("\n"), says);
      await assert.rejects(pulumi.up(wrong), says);
    } finally {
      await other.close();
    }
  });
});

function pullSecret(
  host: string,
  password = registryPassword,
): Parameters<ImportWorld["sandbox"]["seed"]>[0] {
  const auths = { [host]: { username: registryUser, password } };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace, name: `pull-${host.replace(/\W/g, "-")}-${password}` },
    type: "kubernetes.io/dockerconfigjson",
    data: { ".dockerconfigjson": Buffer.from(JSON.stringify({ auths })).toString("base64") },
  };
}
