import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Sandbox, startSandbox } from "okd-image-sandbox";
import type { FoundImage } from "../../provider/archive/filePorts.js";
import { blobsOf } from "../../provider/oci/content.js";
import {
  type DockerRegistry,
  registryPassword,
  registryUser,
  startDockerRegistry,
} from "../support/programs/dockerRegistry.js";
import { requireReal } from "../support/programs/requireReal.js";
import { contentOf, options, pullerWith, sha256 } from "../support/servers/pullRegistry.js";
import { failureOf } from "../support/servers/scriptedRegistry.js";
import { startTokenServer, type TokenServer } from "../support/servers/tokens.js";

const run = promisify(execFile);
const login = { username: registryUser, password: registryPassword };

describe("images from Debian's docker-registry, as skopeo sees them", function () {
  this.timeout(60_000);
  let sandbox: Sandbox;
  let tokens: TokenServer;
  let plain: DockerRegistry;
  let secured: DockerRegistry;
  let guarded: DockerRegistry;
  const folders: string[] = [];

  before(async function () {
    requireReal(this, "pulls from docker-registry", ["docker-registry", "skopeo"]);
    sandbox = await startSandbox({ registries: { open: {} } });
    tokens = await startTokenServer();
    plain = await startDockerRegistry();
    secured = await startDockerRegistry(sandbox.serverKeyPair);
    guarded = await startDockerRegistry(undefined, tokens);
    const open = sandbox.registry("open");
    open.publishImage("acme/web", "v1", { layers: 3, layerBytes: 200_000 });
    open.publishImage("acme/docker", "v1", { docker: true });
    open.publishIndex("acme/multi", "v1", [
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64", variant: "v8" },
      { os: "linux", architecture: "s390x" },
    ]);
  });
  after(async () => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    // Undefined where the suite was skipped.
    const started: readonly ({ close(): Promise<unknown> } | undefined)[] = [
      plain,
      secured,
      guarded,
      tokens,
      sandbox,
    ];
    for (const each of started) await each?.close();
  });

  const copy = (registry: DockerRegistry, source: string, target: string) =>
    registry.copyFrom(`${sandbox.registry("open").host}/${source}`, target);

  /** What skopeo puts into a `dir:`: manifests and blobs by digest, without its own version file. */
  const skopeoCopy = async (reference: string, ...flags: readonly string[]) => {
    const folder = mkdtempSync(join(tmpdir(), "skopeo-dir-"));
    folders.push(folder);
    await run("skopeo", [
      "copy",
      "--quiet",
      "--src-tls-verify=false",
      ...flags,
      `docker://${reference}`,
      `dir:${folder}`,
    ]);
    const names = readdirSync(folder).filter((name) => name !== "version");
    return new Set(names.map((name) => sha256(readFileSync(join(folder, name)))));
  };

  /** Everything that we read of an image, its blobs read to their ends. */
  const pulled = async ({ tree, blobs }: FoundImage) => {
    const documents = [...tree.indexes, ...tree.images].map(({ bytes }) => sha256(bytes));
    const contents: string[] = [];
    for (const blob of blobsOf(tree)) contents.push(sha256(await contentOf(blobs.read(blob, options))));
    return new Set([...documents, ...contents]);
  };

  for (const name of ["acme/web", "acme/docker", "acme/multi"]) {
    it(`reads ${name} over plain HTTP, byte for byte`, async () => {
      const digest = await copy(plain, `${name}:v1`, `${name}:v1`);
      const reference = `${plain.host}/${name}:v1`;
      const { registry } = pullerWith();
      assert.equal(await registry.digestOf(reference, options), digest);
      const found = await registry.find(reference, undefined, options);
      assert.equal(found.tree.root.digest, digest);
      assert.deepEqual(await pulled(found), await skopeoCopy(reference, "--all"));
    });
  }

  it("chooses the same manifest for a platform", async () => {
    await copy(plain, "acme/multi:v1", "demo/multi:v1");
    const reference = `${plain.host}/demo/multi:v1`;
    const arm64 = { os: "linux", architecture: "arm64" };
    const found = await pullerWith().registry.find(reference, [arm64], options);
    assert.deepEqual(await pulled(found), await skopeoCopy(reference, "--override-arch=arm64"));
  });

  it("gives an index of chosen platforms that skopeo can copy into a registry", async () => {
    const digest = await copy(plain, "acme/multi:v1", "demo/multi:v1");
    const chosen = ["amd64", "s390x"].map((architecture) => ({ os: "linux", architecture }));
    const { tree } = await pullerWith().registry.find(`${plain.host}/demo/multi:v1`, chosen, options);
    assert.notEqual(tree.root.digest, digest);
    const [index] = tree.indexes;
    const put = await fetch(`http://${plain.host}/v2/demo/multi/manifests/chosen`, {
      method: "PUT",
      headers: { "content-type": tree.root.mediaType },
      body: Buffer.from(index!.bytes),
    });
    assert.equal(put.status, 201);
    const there = await pullerWith().registry.find(`${plain.host}/demo/multi:chosen`, undefined, options);
    assert.equal(there.tree.root.digest, tree.root.digest);
    assert.deepEqual(await pulled(there), await skopeoCopy(`${plain.host}/demo/multi:chosen`, "--all"));
  });

  it("reads over TLS with a password, and without one names the places that were searched", async () => {
    const digest = await copy(secured, "acme/web:v1", "demo/web:v1");
    const reference = `${secured.host}/demo/web:v1`;
    const caCert = sandbox.certificateAuthority;
    const { registry } = pullerWith({ registries: { [secured.host]: { ...login, caCert } } });
    const found = await registry.find(reference, undefined, options);
    assert.equal(found.tree.root.digest, digest);
    assert.equal((await pulled(found)).size, 5);
    const nobody = pullerWith({ registries: { [secured.host]: { caCert } } }).registry;
    const failure = await failureOf(nobody.find(reference, undefined, options));
    assert.equal(failure.code, "REGISTRY_UNAUTHORIZED");
    assert.match(failure.message, /No credentials for it were found in .*config\.json/);
    assert.equal((await failureOf(pullerWith().registry.digestOf(reference, options))).code, "REGISTRY_TLS");
  });

  it("reads with tokens of a token server, as a user and anonymously", async () => {
    const digest = await copy(guarded, "acme/web:v1", "private/web:v1");
    await copy(guarded, "acme/web:v1", "public/web:v1");
    tokens.asked.length = 0;
    const user = pullerWith({ registries: { [guarded.host]: login } });
    const found = await user.registry.find(`${guarded.host}/private/web:v1`, undefined, options);
    assert.equal(found.tree.root.digest, digest);
    assert.equal((await pulled(found)).size, 5);
    assert.deepEqual(tokens.asked, [`${registryUser} repository:private/web:pull`]);
    const nobody = pullerWith().registry;
    assert.equal(await nobody.digestOf(`${guarded.host}/public/web:v1`, options), digest);
    const failure = await failureOf(nobody.digestOf(`${guarded.host}/private/web:v1`, options));
    assert.equal(failure.code, "REGISTRY_UNAUTHORIZED");
    const wrong = pullerWith({ registries: { [guarded.host]: { ...login, password: "wrong" } } }).registry;
    const refused = await failureOf(wrong.digestOf(`${guarded.host}/private/web:v1`, options));
    assert.match(
      refused.message,
      /were not accepted.*token server answered HTTP 401 UNAUTHORIZED: no such user/,
    );
  });

  it("names what is missing", async () => {
    await copy(plain, "acme/web:v1", "demo/web:v1");
    const tag = await failureOf(pullerWith().registry.digestOf(`${plain.host}/demo/web:nope`, options));
    assert.equal(tag.code, "REGISTRY_NOT_FOUND");
    assert.match(tag.message, /no such tag or digest/);
  });
});
