import assert from "node:assert/strict";
import { copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { EngineVersion, SandboxEngine } from "okd-image-sandbox";
import { tarMembers } from "../../support/tarMembers.js";
import { type ArchiveWorld, contentIn, startArchiveWorld } from "../../support/worlds/archive.js";

const amd64 = { os: "linux", architecture: "amd64" };
const arm64 = { os: "linux", architecture: "arm64" };
const versions = ["docker-20.10", "docker-25", "docker-28", "docker-29", "podman-4.3", "podman-5"] as const;
const pack = { none: (bytes: Buffer) => bytes, gzip: gzipSync, zstd: zstdCompressSync };
const unpack = { none: (bytes: Buffer) => bytes, gzip: gunzipSync, zstd: zstdDecompressSync };
const compressions = ["none", "gzip", "zstd"] as const;

describe("an ImageArchive that finds a file at its path", () => {
  let world: ArchiveWorld;
  let container: SandboxEngine;
  let id: string;

  beforeEach(async () => {
    world = await startArchiveWorld();
    world.sandbox.registry().publishImage("acme/web", "v1", { content: "one", layerBytes: 20_000 });
    await use("docker-28");
  });
  afterEach(() => world.close());

  async function use(version: EngineVersion): Promise<void> {
    container = await world.container(version);
    id = container.images.add(["acme/web:v1", "acme/web:stable"], { content: "one", layerBytes: 20_000 });
  }

  const file = () => join(world.folder, "web.tar");
  const archive = (images: readonly unknown[], more: object = {}) => ({
    path: "web.tar",
    images,
    engine: { host: container.host },
    ...more,
  });
  const ofEngine = (more: object = {}) => archive([{ engine: "acme/web:v1" }], more);
  const ofRegistry = (more: object = {}) => archive([`${world.host}/acme/web:v1`], more);

  /** Writes the file as one resource. */
  const write = (args: object) => world.pulumi("first").up(args);

  /** What the preview of another resource says of the file: `adopt: why`, or the refusal. */
  async function planFor(args: object): Promise<string> {
    const { failures, inputs } = await world.pulumi("second").preview(args);
    if (failures.length > 0) return failures.join();
    const { action, reason } = contentIn(inputs);
    return `${action}: ${reason}`;
  }

  async function isTakenOver(args: object): Promise<void> {
    assert.equal(await planFor(args), "adopt: the file holds these images already");
    const before = [statSync(file()).ino, readFileSync(file())];
    const pulumi = world.pulumi("second");
    await pulumi.up(args);
    assert.deepEqual([statSync(file()).ino, readFileSync(file())], before);
    assert.equal((await pulumi.preview(args)).step, "same");
  }

  /** In the preview and in the run, which leave the file as it is. With `overwriteUnmanaged` it is written anew. */
  async function isRefused(args: object, why: string): Promise<void> {
    const refusal = `path: web.tar exists and was not written by this resource. It cannot be taken over: ${why}. Set overwriteUnmanaged, or choose another path [ARCHIVE_UNMANAGED]`;
    assert.equal(await planFor(args), refusal);
    const before = readFileSync(file());
    await assert.rejects(world.pulumi("second").up(args), /ARCHIVE_UNMANAGED/);
    assert.deepEqual(readFileSync(file()), before);

    const anyway = { ...args, overwriteUnmanaged: true };
    assert.equal(
      await planFor(anyway),
      `rewrite: overwriteUnmanaged: the file was written by somebody else; ${why}`,
    );
    const pulumi = world.pulumi("second");
    await pulumi.up(anyway);
    assert.equal((await pulumi.preview(anyway)).step, "same");
    await isTakenOver({ ...args, verify: "digest" });
  }

  describe("compression", () => {
    for (const held of compressions) {
      for (const wanted of compressions) {
        it(`takes over a file compressed with ${held} where ${wanted} is asked for`, async () => {
          for (const args of [ofEngine, ofRegistry]) {
            await write(args({ compression: held, overwriteUnmanaged: true }));
            if (held === wanted) await isTakenOver(args({ compression: wanted }));
            else await isRefused(args({ compression: wanted }), `its compression is ${held}, not ${wanted}`);
          }
        });
      }
    }
  });

  describe("names", () => {
    for (const version of versions) {
      it(`takes over a file with the declared names, no more and no fewer: ${version}`, async () => {
        await use(version);
        const [one, two] = ["acme/web:v1", "acme/web:stable"].map((engine) => ({ engine }));

        await write(archive([one, two]));
        const more = await planFor(archive([one]));
        assert.match(more, /it also has the name ".*acme\/web:stable" for acme\/web:v1/);
        await write(archive([one], { overwriteUnmanaged: true }));
        await isRefused(archive([one, two]), "it holds acme/web:stable without the name acme/web:stable");
      });

      it(`takes over a file without names for an image by its ID: ${version}`, async () => {
        await use(version);
        const byId = archive([{ engine: id }]);
        await write(byId);
        await isTakenOver({ ...byId, verify: "digest" });
        await isRefused(ofEngine(), "it holds acme/web:v1 without the name acme/web:v1");
        const { failures } = await world.pulumi("third").preview(byId);
        assert.match(failures.join(), /it also has the name ".*acme\/web:v1" for sha256:/);
      });
    }
  });

  it("refuses a file with another image under the name, or without the image", async () => {
    await write(ofEngine());
    container.images.add(["acme/web:v1"], { content: "two" });
    await isRefused(ofEngine(), "it holds another image as acme/web:v1");
    container.images.add(["acme/db:v1"], { content: "db" });
    const db = archive([{ engine: "acme/db:v1" }]);
    assert.match(await planFor(db), /it does not hold acme\/db:v1\./);
    assert.match(
      await planFor(archive([{ engine: "acme/web:v1" }, { engine: "acme/db:v1" }])),
      /it does not hold acme\/db:v1\./,
    );
  });

  it("refuses a file with another platform of the image", async () => {
    world.sandbox.registry().publishIndex("acme/multi", "v1", [amd64, arm64]);
    const multi = (...platforms: readonly string[]) =>
      archive([`${world.host}/acme/multi:v1`], { platforms });
    await write(multi("linux/amd64"));
    const key = `${world.host}/acme/multi:v1`;
    assert.match(await planFor(multi("linux/arm64")), new RegExp(`it holds another image as ${key}`));
    await isRefused(multi("linux/amd64", "linux/arm64"), `it holds ${key} without linux/arm64`);
  });

  it("takes over a file with an index and its attestations", async () => {
    const attestation = { os: "unknown", architecture: "unknown" };
    world.sandbox.registry().publishIndex("acme/multi", "v1", [amd64, arm64, attestation]);
    const multi = (more: object = {}) => archive([`${world.host}/acme/multi:v1`], more);
    await write(multi());
    await isTakenOver(multi({ verify: "digest" }));
    assert.match(await planFor(multi({ platforms: ["linux/amd64"] })), /it holds .* for linux\/arm64 too/);
  });

  it("takes over a file with a registry's image by its digest, which has no name", async () => {
    const { digest } = world.sandbox.registry().publishImage("acme/web", undefined, { content: "two" });
    const pinned = archive([`${world.host}/acme/web@${digest}`]);
    await write(pinned);
    await isTakenOver({ ...pinned, verify: "digest" });
    await isRefused(
      archive([{ registry: `${world.host}/acme/web@${digest}`, as: "acme/two:v1" }]),
      `it holds ${world.host}/acme/web@${digest} as acme/two:v1 without the name acme/two:v1`,
    );
  });

  it("takes over a file with the same chosen platforms at another path, without asking the registry again", async () => {
    world.sandbox
      .registry()
      .publishIndex("acme/multi", "v1", [amd64, arm64, { os: "linux", architecture: "s390x" }]);
    for (const platforms of [["linux/arm64"], ["linux/amd64", "linux/arm64"]]) {
      const pulumi = world.pulumi(platforms.join());
      const args = archive([`${world.host}/acme/multi:v1`], { platforms, path: `${platforms.length}.tar` });
      await pulumi.up(args);
      const path = `moved-${platforms.length}.tar`;
      copyFileSync(join(world.folder, args.path), join(world.folder, path));
      const { failures, inputs } = await pulumi.preview({ ...args, path });
      assert.deepEqual([failures, contentIn(inputs).action], [[], "adopt"]);
    }
  });

  describe("damage", () => {
    for (const compression of compressions) {
      for (const [from, args] of [
        ["an engine", ofEngine],
        ["a registry", ofRegistry],
      ] as const) {
        it(`finds damage in a layer where every byte is read: ${from}, ${compression}`, async () => {
          await write(args({ compression }));
          await isTakenOver(args({ compression, verify: "digest" }));
          const tar = unpack[compression](readFileSync(file()));
          const members = await tarMembers(tar);
          const [layer] = members.map(({ content }) => content).sort((a, b) => b.length - a.length);
          tar[tar.indexOf(layer!) + (layer!.length >> 1)]! ^= 1;
          writeFileSync(file(), pack[compression](tar));

          assert.match(await planFor(args({ compression })), /^adopt/, "size and manifests are right");
          const refusal = await planFor(args({ compression, verify: "digest" }));
          const [, why = ""] = /taken over: (it is damaged: .*)\. Set/.exec(refusal) ?? [];
          assert.match(why, /blobs\/sha256\/[0-9a-f]{64} is not what its digest says/);
          await isRefused(args({ compression, verify: "digest" }), why);
        });

        it(`always finds damage at the end of the file: ${from}, ${compression}`, async () => {
          await write(args({ compression }));
          const bytes = readFileSync(file());
          for (const left of [bytes.length - 1, bytes.length - 600, bytes.length - 1536]) {
            writeFileSync(file(), bytes.subarray(0, left));
            assert.match(
              await planFor(args({ compression })),
              /it is no whole archive of images: .*UNMANAGED/,
            );
          }
        });
      }
    }

    for (const version of versions) {
      it(`finds no damage in what ${version} has exported, by name, by ID and for a platform`, async () => {
        await use(version);
        container.images.add(["acme/arm:v1"], { platform: arm64, layers: 3 });
        for (const image of [
          { engine: "acme/web:v1" },
          { engine: id },
          { engine: "acme/arm:v1", platforms: ["linux/arm64"] },
        ]) {
          for (const format of ["engine", "docker-archive", "oci-archive"]) {
            const args = archive([image], { format, verify: "digest" });
            await write({ ...args, overwriteUnmanaged: true });
            await isTakenOver(args);
          }
        }
      });
    }
  });
});
