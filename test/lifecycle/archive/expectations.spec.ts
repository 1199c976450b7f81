import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mock } from "node:test";
import { zstdCompressSync } from "node:zlib";
import type { EngineVersion, SandboxEngine } from "okd-image-sandbox";
import { unknownValue } from "../../../provider/lifecycle/unknowns.js";
import { jsonMember, tarMembers } from "../../support/tarMembers.js";
import { type ArchiveWorld, contentIn, startArchiveWorld } from "../../support/worlds/archive.js";

const amd64 = { os: "linux", architecture: "amd64" };
const arm64 = { os: "linux", architecture: "arm64" };
const s390x = { os: "linux", architecture: "s390x" };

interface Described {
  readonly digest: string;
  readonly mediaType: string;
}

/** What people expect of an exporter, and no other suite shows: one test for each. */
describe("ImageArchive, of what people expect", () => {
  let world: ArchiveWorld;

  beforeEach(async () => {
    world = await startArchiveWorld();
  });
  afterEach(() => world.close());

  const file = (name?: string) => world.file(name);
  const sha256 = (name?: string) => world.sha256(name);
  const image = (name: string) => `${world.host}/acme/${name}`;
  const archive = (images: readonly unknown[], more: object = {}) => ({ path: "web.tar", images, ...more });
  const members = (name?: string) => tarMembers(readFileSync(file(name)));
  /** What index.json lists. */
  const listed = async (name?: string) =>
    (jsonMember(await members(name), "index.json") as { readonly manifests: readonly Described[] }).manifests;

  async function engineWith(version: EngineVersion, layerBytes = 20_000): Promise<SandboxEngine> {
    const container = await world.container(version);
    container.images.add(["acme/web:v1"], { content: "one", layerBytes });
    return container;
  }

  it("shows in the preview that chosen platforms make another index, and which", async () => {
    const { digest } = world.sandbox.registry().publishIndex("acme/multi", "v1", [amd64, arm64, s390x]);
    const changes = async (platforms?: readonly string[]) => {
      const args = archive([image("multi:v1")], platforms === undefined ? {} : { platforms });
      const { inputs, failures } = await world.pulumi().preview(args);
      assert.deepEqual(failures, []);
      return contentIn(inputs).images[image("multi:v1")]?.digestChanges;
    };
    assert.equal(await changes(), undefined);
    assert.equal(await changes(["linux/amd64", "linux/arm64", "linux/s390x"]), undefined);

    const said = JSON.stringify(await changes(["linux/arm64", "linux/amd64"]));
    await world.pulumi().up(archive([image("multi:v1")], { platforms: ["linux/amd64", "linux/arm64"] }));
    const [only] = await listed();
    assert.notEqual(only?.digest, digest);
    assert.ok(said.includes(digest) && said.includes(only?.digest ?? "none"), said);
  });

  it("keeps zstd layers as they are", async () => {
    const { store } = world.sandbox.registry();
    const layer = zstdCompressSync(Buffer.alloc(10_240));
    const put = (content: Buffer) => store.putBlob("acme/zstd", content);
    const config = Buffer.from(
      JSON.stringify({
        ...amd64,
        created: "2024-01-01T00:00:00Z",
        rootfs: { type: "layers", diff_ids: [digestOf(Buffer.alloc(10_240))] },
      }),
    );
    const oci = "application/vnd.oci.image";
    const manifest = {
      schemaVersion: 2,
      mediaType: `${oci}.manifest.v1+json`,
      config: { mediaType: `${oci}.config.v1+json`, digest: put(config), size: config.length },
      layers: [{ mediaType: `${oci}.layer.v1.tar+zstd`, digest: put(layer), size: layer.length }],
    };
    const { digest } = store.putManifest(
      "acme/zstd",
      "v1",
      manifest.mediaType,
      Buffer.from(JSON.stringify(manifest)),
    );
    await world.pulumi().up(archive([image("zstd:v1")]));

    assert.deepEqual(
      (await listed()).map((each) => each.digest),
      [digest],
    );
    const blob = (await members()).find(({ name }) => name === `blobs/sha256/${digestOf(layer).slice(7)}`);
    assert.deepEqual(blob?.content, layer);
  });

  it("writes the same bytes from registries, whatever the order, the place, the time and the umask", async () => {
    for (const tag of ["v1", "v2", "v3"]) world.publish(tag);
    const images = ["web:v1", "web:v2", "web:v3"].map(image);
    await world.pulumi().up(archive(images));

    const umask = process.umask(0o077);
    mock.timers.enable({ apis: ["Date"], now: Date.now() + 400 * 86_400_000 });
    try {
      const args = { path: "out/deep/other.tar", createDirectories: true };
      await world.pulumi("other").up(archive(images.toReversed(), args));
    } finally {
      mock.timers.reset();
      process.umask(umask);
    }
    assert.equal(sha256("out/deep/other.tar"), sha256());
  });

  it("asks no registry for a digest that is exported, so that the registry may be down", async () => {
    const digest = world.publish("v1");
    const pulumi = world.pulumi();
    const args = archive([{ registry: `${world.host}/acme/web@${digest}`, as: "acme/web:pinned" }]);
    await pulumi.up(args);
    world.sandbox.requests.clear();
    world.sandbox.faults.add({ server: "open", effect: { kind: "cut", when: "before" }, times: 0 });

    assert.equal((await pulumi.preview(args)).step, "same");
    assert.deepEqual(world.sandbox.requests.matching({ server: "open" }), []);
    assert.deepEqual(
      pulumi.lines.filter((line) => line.startsWith("warning")),
      [],
    );
  });

  describe("the engine that is asked, which is the Docker CLI's", () => {
    const names = ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG"] as const;
    const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));
    beforeEach(() => {
      for (const name of names) Reflect.deleteProperty(process.env, name);
    });
    afterEach(() => {
      for (const name of names) {
        if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before[name];
      }
    });

    it("is that of DOCKER_HOST", async () => {
      const container = await engineWith("docker-28");
      process.env.DOCKER_HOST = container.host;
      await world.pulumi().up(archive([{ engine: "acme/web:v1" }]));
      assert.ok(existsSync(file()));
    });

    it("is that of a context, current or named", async () => {
      const container = await engineWith("docker-28");
      const id = createHash("sha256").update("build").digest("hex");
      const meta = file(`docker/contexts/meta/${id}`);
      mkdirSync(meta, { recursive: true });
      const endpoints = { docker: { Host: container.host, SkipTLSVerify: false } };
      writeFileSync(join(meta, "meta.json"), JSON.stringify({ Name: "build", Endpoints: endpoints }));
      process.env.DOCKER_CONFIG = file("docker");
      const images = [{ engine: "acme/web:v1" }];
      await world.pulumi("named").up(archive(images, { path: "named.tar", engine: { context: "build" } }));

      writeFileSync(file("docker/config.json"), JSON.stringify({ currentContext: "build" }));
      await world.pulumi("current").up(archive(images));
      assert.equal(sha256("named.tar"), sha256());
    });
  });

  it("applies Ansible's tag to names that have none, and takes force for a trigger", async () => {
    const container = await engineWith("docker-28");
    container.images.add(["acme/web:v7"], { content: "seven" });
    const exported = () => container.requests.filter((request) => /\/get(?:\?|$)/.test(request)).length;
    const args = (triggers: readonly unknown[]) =>
      archive([{ engine: "acme/web" }, { engine: "acme/web:v1" }], {
        tag: "v7",
        triggers,
        engine: { host: container.host },
      });
    const pulumi = world.pulumi();
    await pulumi.up(args([1]));
    const manifest = jsonMember(await members(), "manifest.json") as readonly {
      readonly RepoTags: readonly string[];
    }[];
    assert.deepEqual(manifest.flatMap(({ RepoTags }) => RepoTags).sort(), ["acme/web:v1", "acme/web:v7"]);

    const before = exported();
    const { step, inputs } = await pulumi.up(args([2]));
    assert.deepEqual([step, contentIn(inputs).reason], ["update", "triggers changed"]);
    assert.equal(exported(), before + 1);
  });

  for (const compression of ["gzip", "zstd"] as const) {
    it(`reads again what it has compressed with ${compression}, and compresses no late error into it`, async () => {
      const container = await engineWith("docker-28");
      const args = archive([{ engine: "acme/web:v1" }], { compression, engine: { host: container.host } });
      container.faults.add({ on: "export", kind: "lateError", message: "unexpected EOF" });
      await assert.rejects(world.pulumi().up(args), /unexpected EOF.*ARCHIVE_BROKEN/);
      assert.deepEqual(readdirSync(world.folder), []);

      await world.pulumi("first").up(args);
      const { inputs, failures } = await world.pulumi("second").preview(args);
      assert.deepEqual([failures, contentIn(inputs).action], [[], "adopt"]);
    });
  }

  it("keeps the resource of a file that was altered in a refresh", async () => {
    world.publish("v1");
    const pulumi = world.pulumi();
    const args = archive([image("web:v1")]);
    await pulumi.up(args);
    writeFileSync(file(), "cut");
    assert.notEqual(await pulumi.refresh(), "delete");
    assert.equal((await pulumi.preview(args)).step, "update");
  });

  for (const manifest of [false, true]) {
    it(`writes a file again that a refresh has found missing, manifest: ${manifest}`, async () => {
      world.publish("v1");
      const pulumi = world.pulumi();
      const args = archive([image("web:v1")], { manifest });
      await pulumi.up(args);
      const [before, names] = [sha256(), readdirSync(world.folder)];
      rmSync(file());
      await pulumi.refresh();
      assert.deepEqual((await pulumi.preview(args)).failures, []);
      await pulumi.up(args);
      assert.deepEqual([sha256(), readdirSync(world.folder)], [before, names]);
      assert.equal((await pulumi.preview(args)).step, "same");
    });
  }

  it("warns in a preview of a folder that does not exist, which up refuses", async () => {
    world.publish("v1");
    const pulumi = world.pulumi();
    const args = archive([image("web:v1")], { path: "out/web.tar" });
    await pulumi.preview(args);
    assert.match(
      pulumi.lines.join("\n"),
      /up would stop here: the folder of out\/web\.tar .*createDirectories/,
    );
    await assert.rejects(pulumi.up(args), /ARCHIVE_PATH/);
    mkdirSync(join(world.folder, "out"));
    await pulumi.up(args);
  });

  it("shows a stream that the same program makes as not known yet in a preview", async () => {
    const pulumi = world.pulumi();
    const args = archive([{ stream: "shop/new" }], { connection: world.connection });
    const { failures, inputs } = await pulumi.preview(args);
    assert.deepEqual([failures, inputs.content], [[], unknownValue]);
    assert.match(pulumi.lines.join("\n"), /no image stream shop\/new with any tag.*STREAM_NOT_FOUND/);
    await assert.rejects(pulumi.up(args), /STREAM_NOT_FOUND/);
  });

  it("keeps the state of 100 images with 12 layers each under 100 KiB", async () => {
    const registry = world.sandbox.registry();
    const images = Array.from({ length: 100 }, (_, index) => {
      registry.publishImage("acme/many", `v${index}`, { content: `${index}`, layers: 12 });
      return image(`many:v${index}`);
    });
    const pulumi = world.pulumi();
    await pulumi.up(archive(images));
    const { inputs, outputs } = pulumi.state!;
    const bytes = JSON.stringify({ inputs, outputs }).length;
    assert.ok(bytes < 100 * 1024, `${bytes} bytes`);
  });

  it("stores attestations with their index, and counts them as no platform of the image", async () => {
    const attestation = { os: "unknown", architecture: "unknown" };
    const { digest } = world.sandbox.registry().publishIndex("acme/multi", "v1", [amd64, arm64, attestation]);
    const pulumi = world.pulumi();
    await pulumi.up(archive([image(`multi@${digest}`)]));
    const [shown] = Object.values(contentIn(pulumi.state!.inputs).images);
    assert.deepEqual(shown?.platforms, ["linux/amd64", "linux/arm64"]);
    assert.deepEqual(
      (await listed()).map((each) => each.digest),
      [digest],
    );
  });

  it("refuses one path for different images of two resources", async () => {
    for (const tag of ["v1", "v2"]) world.publish(tag);
    await world.pulumi("first").up(archive([image("web:v1")]));
    const before = sha256();
    await assert.rejects(world.pulumi("second").up(archive([image("web:v2")])), /ARCHIVE_UNMANAGED/);
    assert.equal(sha256(), before);
  });

  describe("progress on the resource's row", () => {
    const args = () => archive([image("web:big")]);
    beforeEach(() => {
      world.sandbox.registry().publishImage("acme/web", "big", { layers: 4, layerBytes: 2_000_000 });
    });

    it("names the image, how much of how much, and how fast, from the second second on", async () => {
      const { faults } = world.sandbox;
      faults.add({ path: "/blobs/", skip: 3, effect: { kind: "delay", milliseconds: 1_800 } });
      const pulumi = world.pulumi();
      await pulumi.up(args());

      assert.equal(pulumi.progress.length, 1);
      assert.match(pulumi.progress[0] ?? "", /^1 (?:of 1 )?image, (?:\S+web:big, )?[\d.]+(?: .?B)? of 8 MB/);
    });

    it("is not shown where an export takes no time", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(args());
      assert.deepEqual(pulumi.progress, []);
    });
  });
});

function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
