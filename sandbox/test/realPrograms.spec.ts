import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ImageStream, latestEvent } from "okd-image-sandbox";
import { openRegistryPush } from "../../test/support/clients/registryPush.js";
import { type DockerRegistry, startDockerRegistry } from "../../test/support/programs/dockerRegistry.js";
import { requireReal } from "../../test/support/programs/requireReal.js";
import { importBody, shop, withSandbox } from "./client.js";

const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));
const execute = promisify(execFile);

async function skopeo(...args: readonly string[]): Promise<string> {
  return (await execute("skopeo", args)).stdout;
}

describe("skopeo at the sandbox's registries", () => {
  const user = { username: "puller", password: "s3cret" };
  const open = withSandbox(() => ({
    integratedRegistry: {},
    registries: {
      open: {},
      token: { authentication: { scheme: "token", ...user } },
      basic: { protocol: "https", authentication: { scheme: "basic", ...user } },
    },
  }));
  let folder: string | undefined;

  before(async function () {
    requireReal(this, "sandbox and skopeo", ["skopeo"]);
    folder = await mkdtemp(join(tmpdir(), "sandbox-skopeo-"));
  });
  after(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const flags: Readonly<Record<string, readonly string[]>> = {
    open: ["tls-verify=false"],
    token: ["tls-verify=false", "creds=puller:s3cret"],
    basic: ["tls-verify=false", "creds=puller:s3cret"],
  };

  for (const [name, options] of Object.entries(flags)) {
    it(`skopeo pulls from the ${name} registry and pushes to it without a change of bytes`, async () => {
      const registry = open().sandbox.registry(name);
      const index = registry.publishIndex("demo/multi", "v1", platforms, { layers: 2 });
      const layout = `oci:${join(folder ?? "", name)}:v1`;
      const source = `docker://${registry.host}/demo/multi:v1`;
      const target = `docker://${registry.host}/copy/multi:v1`;
      await skopeo("copy", "-q", "--all", ...options.map((option) => `--src-${option}`), source, layout);
      await skopeo("copy", "-q", "--all", ...options.map((option) => `--dest-${option}`), layout, target);
      assert.equal(registry.store.manifest("copy/multi", "v1")?.digest, index.digest);
    });
  }

  it("an index that skopeo pushes into the integrated registry becomes a stream, and skopeo pulls it from there", async () => {
    const { sandbox } = open();
    const { address } = sandbox.integratedRegistry;
    const registry = sandbox.registry("open");
    const index = registry.publishIndex("demo/integrated", "v1", platforms);
    const from = `docker://${registry.host}/demo/integrated:v1`;
    const target = `docker://${address}/shop/multi:v1`;
    const credentials = `anybody:${sandbox.adminToken}`;
    const plain = ["--src-tls-verify=false", "--dest-tls-verify=false"];
    await skopeo("copy", "-q", "--all", ...plain, `--dest-creds=${credentials}`, from, target);
    const stream = sandbox.stored("imagestreams.image.openshift.io", "multi", "shop") as ImageStream;
    assert.equal(latestEvent(stream, "v1")?.image, index.digest);
    const layout = `oci:${join(folder ?? "", "integrated")}:v1`;
    await skopeo("copy", "-q", "--all", ...plain, `--src-creds=${credentials}`, target, layout);
  });

  it("skopeo lists tags and inspects images", async () => {
    const registry = open().sandbox.registry("open");
    const { digest } = registry.publishImage("demo/inspect", "v1");
    const output = await skopeo("inspect", "--tls-verify=false", `docker://${registry.host}/demo/inspect:v1`);
    const { Digest, RepoTags } = JSON.parse(output) as {
      readonly Digest: string;
      readonly RepoTags: readonly string[];
    };
    assert.deepEqual({ Digest, RepoTags }, { Digest: digest, RepoTags: ["v1"] });
  });

  it("skopeo is refused without a password", async () => {
    const registry = open().sandbox.registry("token");
    registry.publishImage("demo/closed", "v1");
    await assert.rejects(
      skopeo("inspect", "--tls-verify=false", `docker://${registry.host}/demo/closed:v1`),
      /unauthorized/i,
    );
  });
});

describe("the sandbox's imports from a real docker-registry", () => {
  let registry: DockerRegistry | undefined;
  let host: string;

  before(async function () {
    requireReal(this, "sandbox and docker-registry", ["docker-registry"]);
    registry = await startDockerRegistry();
    host = registry.host;
  });
  after(() => registry?.close());
  const open = withSandbox();

  it("imports from docker-registry by tag, by platform, as an index and as a whole repository", async () => {
    const push = openRegistryPush({ host, url: `http://${host}` });
    const image = await push.image("demo/app", "v1", { content: "real" });
    const index = await push.index("demo/multi", "v1", platforms, { content: "real" });
    await push.close();
    const { admin } = open();
    const plain = { v1: `${host}/demo/app:v1`, child: `${host}/demo/multi:v1` };
    const answer = await admin.post(`${shop}/imagestreamimports`, importBody("real", plain));
    const digests = answer.imported.status.images.map((row) => row.image?.metadata.name);
    assert.deepEqual(digests, [image.digest, index.children[0]?.digest], answer.text);
    const whole = importBody("real", { all: `${host}/demo/multi:v1` }, { importMode: "PreserveOriginal" });
    const kept = await admin.post(`${shop}/imagestreamimports`, whole);
    assert.equal(kept.imported.status.images[0]?.image?.metadata.name, index.digest, kept.text);
    const repository = {
      from: { kind: "DockerImage", name: `${host}/demo/app` },
      importPolicy: { insecure: true },
    };
    const all = await admin.post(`${shop}/imagestreamimports`, {
      metadata: { name: "whole" },
      spec: { import: true, repository },
    });
    assert.deepEqual(
      all.imported.status.repository.images?.map((row) => row.tag),
      ["v1"],
      all.text,
    );
  });

  it("reports an image that docker-registry lacks like any registry's", async () => {
    const { admin } = open();
    const missing = importBody("missing", {
      tag: `${host}/demo/app:nope`,
      repository: `${host}/demo/none:v1`,
    });
    const answer = await admin.post(`${shop}/imagestreamimports`, missing);
    assert.deepEqual(
      answer.imported.status.images.map((row) => row.status.code),
      [404, 404],
      answer.text,
    );
  });
});
