import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { openRegistryPush } from "../contract/registryPush.js";
import { describeWithPrograms, freePort, run, stop } from "./realProgram.js";
import { importBody, shop, withSandbox } from "./sandboxApi.js";

const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));

describeWithPrograms("sandbox: skopeo and the sandbox's registries", ["skopeo"], () => {
  const user = { username: "puller", password: "s3cret" };
  const open = withSandbox(() => ({
    registries: {
      open: {},
      token: { authentication: { scheme: "token", ...user } },
      basic: { protocol: "https", authentication: { scheme: "basic", ...user } },
    },
  }));
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "sandbox-skopeo-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const flags: Readonly<Record<string, readonly string[]>> = {
    open: ["tls-verify=false"],
    token: ["tls-verify=false", "creds=puller:s3cret"],
    basic: ["tls-verify=false", "creds=puller:s3cret"],
  };

  for (const [name, options] of Object.entries(flags)) {
    it(`pulls from the ${name} registry, pushes to it, and nothing changes on the way`, async () => {
      const registry = open().sandbox.registry(name);
      const index = registry.publishIndex("demo/multi", "v1", platforms, { layers: 2 });
      const layout = `oci:${join(folder, name)}:v1`;
      const source = `docker://${registry.host}/demo/multi:v1`;
      const target = `docker://${registry.host}/copy/multi:v1`;
      await run("skopeo", [
        "copy",
        "-q",
        "--all",
        ...options.map((option) => `--src-${option}`),
        source,
        layout,
      ]);
      await run("skopeo", [
        "copy",
        "-q",
        "--all",
        ...options.map((option) => `--dest-${option}`),
        layout,
        target,
      ]);
      assert.equal(registry.store.manifest("copy/multi", "v1")?.digest, index.digest);
    });
  }

  it("lists tags and inspects", async () => {
    const registry = open().sandbox.registry("open");
    const { digest } = registry.publishImage("demo/inspect", "v1");
    const output = await run("skopeo", [
      "inspect",
      "--tls-verify=false",
      `docker://${registry.host}/demo/inspect:v1`,
    ]);
    const { Digest, RepoTags } = JSON.parse(output) as {
      readonly Digest: string;
      readonly RepoTags: readonly string[];
    };
    assert.deepEqual({ Digest, RepoTags }, { Digest: digest, RepoTags: ["v1"] });
  });

  it("is refused without a password", async () => {
    const registry = open().sandbox.registry("token");
    registry.publishImage("demo/closed", "v1");
    await assert.rejects(
      run("skopeo", ["inspect", "--tls-verify=false", `docker://${registry.host}/demo/closed:v1`]),
      /unauthorized/i,
    );
  });
});

describeWithPrograms("sandbox: imports from a real docker-registry", ["docker-registry"], () => {
  const open = withSandbox();
  let folder: string;
  let host: string;
  let registry: ChildProcess;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "sandbox-registry-"));
    host = `127.0.0.1:${await freePort()}`;
    const config = `version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: ${folder}/data}, delete: {enabled: true}, maintenance: {uploadpurging: {enabled: false}}}
http: {addr: "${host}", secret: x}
`;
    await writeFile(join(folder, "config.yml"), config);
    registry = spawn("docker-registry", ["serve", join(folder, "config.yml")], { stdio: "ignore" });
    await waitUntilServed(`http://${host}/v2/`);
  });
  after(async () => {
    await stop(registry);
    await rm(folder, { recursive: true, force: true });
  });

  it("by tag, by platform, as an index and as a whole repository", async () => {
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

  it("reports what is missing there as from any registry", async () => {
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

async function waitUntilServed(url: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const isUp = await request(url).then(
      async (answer) => {
        await answer.body.dump();
        return true;
      },
      () => false,
    );
    if (isUp) return;
    await sleep(100);
  }
  throw new Error(`${url} did not answer within 10 s`);
}
