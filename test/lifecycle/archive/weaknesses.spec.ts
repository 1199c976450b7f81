import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { pack } from "tar-stream";
import { type Disk, realDisk, type WritableFile } from "../../../provider/tarball/file/atomic.js";
import type { EngineFault, EngineVersion, SandboxEngine } from "../../../sandbox/src/index.js";
import { archiveIdentity } from "../../support/archiveIdentity.js";
import { bytesOf, tarMembers } from "../../support/tarMembers.js";
import { type ArchiveWorld, contentIn, startArchiveWorld } from "../../support/worlds/archive.js";

const amd64 = { os: "linux", architecture: "amd64" };
const arm64 = { os: "linux", architecture: "arm64" };
const gigabyte = 1e9;

/** A disk that gets full after some bytes of each file; before, it says how much is free. */
class SmallDisk implements Disk {
  room = Infinity;
  free = 1000 * gigabyte;

  async open(path: string, flags: number, mode: number): Promise<WritableFile> {
    const file = await realDisk.open(path, flags, mode);
    let left = this.room;
    return {
      chmod: file.chmod.bind(file),
      sync: file.sync.bind(file),
      stat: file.stat.bind(file),
      close: file.close.bind(file),
      datasync: file.datasync.bind(file),
      writev: (chunks) => {
        for (const { length } of chunks) left -= length;
        if (left >= 0) return file.writev(chunks);
        return Promise.reject(
          Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" }),
        );
      },
    };
  }

  statfs() {
    return Promise.resolve({ bavail: this.free, bsize: 1 });
  }
}

type Engine = ReturnType<ArchiveWorld["pulumi"]>;

/** The rows of archive.md 1 and 0: what other tools do to an archive, and this one does not. */
describe("ImageArchive has none of the weaknesses", () => {
  const disk = new SmallDisk();
  let world: ArchiveWorld;
  let container: SandboxEngine;
  let id: string;

  beforeEach(async () => {
    Object.assign(disk, new SmallDisk());
    world = await startArchiveWorld({ disk });
    await use("docker-28");
  });
  afterEach(() => world.close());

  async function use(version: EngineVersion): Promise<void> {
    container = await world.container(version);
    id = container.images.add(["acme/web:v1"], { content: "one", layerBytes: 20_000 });
  }

  const file = (name = "web.tar") => join(world.folder, name);
  const sha256 = (name?: string) =>
    createHash("sha256")
      .update(readFileSync(file(name)))
      .digest("hex");
  const identity = (name?: string) => archiveIdentity(file(name));
  const archive = (more: object = {}) => ({
    path: "web.tar",
    images: [{ engine: "acme/web:v1" }],
    engine: { host: container.host },
    ...more,
  });
  const images = (...references: readonly string[]) =>
    archive({ images: references.map((engine) => ({ engine })) });
  const exports = () => container.requests.filter((request) => /\/get(?:\?|$)/.test(request)).length;
  const moveTag = () => container.images.add(["acme/web:v1"], { content: "two", layerBytes: 20_000 });

  /** A good archive is there, and its image has moved, so that the next run writes. */
  async function written(args = archive()) {
    const pulumi = world.pulumi();
    await pulumi.up(args);
    moveTag();
    return pulumi;
  }

  /** The next run fails like this, leaves the old file and nothing else, and the one after it succeeds. */
  async function failsWithoutLoss(pulumi: Engine, message: RegExp, more: object = {}): Promise<void> {
    const before = sha256();
    await assert.rejects(pulumi.up(archive(more)), message);
    assert.equal(sha256(), before);
    assert.deepEqual(readdirSync(world.folder), ["web.tar"]);

    Object.assign(disk, new SmallDisk());
    await pulumi.up(archive());
    assert.notEqual(sha256(), before);
    assert.ok((await identity()) !== undefined);
    assert.equal((await pulumi.preview(archive())).step, "same");
  }

  const fault = (each: EngineFault) => container.faults.add(each);

  /** A second run wants nothing and exports nothing. */
  async function isQuiet(args: object): Promise<void> {
    const pulumi = world.pulumi();
    await pulumi.up(args);
    const before = exports();
    assert.equal((await pulumi.preview(args)).step, "same");
    assert.equal((await pulumi.up(args)).step, "same");
    assert.equal(exports(), before);
  }

  describe("1: an engine's error empties the good file", () => {
    it("an error after the lookup leaves it, and the engine's words are said", async () => {
      const pulumi = await written();
      fault({ on: "export", kind: "answer", status: 500, body: { message: "layer store is broken" } });
      await failsWithoutLoss(pulumi, /layer store is broken.*ENGINE_ERROR/);
    });

    it("an image that is removed after the lookup", async () => {
      const pulumi = await written();
      fault({ on: "export", kind: "answer", status: 404, body: { message: "reference does not exist" } });
      await failsWithoutLoss(pulumi, /reference does not exist.*IMAGE_NOT_FOUND/);
    });
  });

  describe("0.2: an error that is appended to a good answer is nobody's business", () => {
    for (const format of ["engine", "docker-archive", "oci-archive"] as const) {
      it(`it fails the export, with the engine's words (${format})`, async () => {
        const pulumi = await written(archive({ format }));
        fault({ on: "export", kind: "lateError", message: "unexpected EOF in layer 7" });
        await failsWithoutLoss(pulumi, /unexpected EOF in layer 7.*ARCHIVE_BROKEN/, { format });
      });
    }
  });

  describe("0.3: a connection that is cut leaves half a file", () => {
    it("it leaves the old one", async () => {
      const pulumi = await written();
      fault({ on: "export", kind: "cut" });
      await failsWithoutLoss(pulumi, /cut.*ENGINE_UNREACHABLE/);
    });

    it("nothing is left where there was none", async () => {
      fault({ on: "export", kind: "cut" });
      await assert.rejects(world.pulumi().up(archive()), /ENGINE_UNREACHABLE/);
      assert.deepEqual(readdirSync(world.folder), []);
    });

    it("an archive without any image is none", async () => {
      const pulumi = await written();
      fault({ on: "export", kind: "nullManifest" });
      await failsWithoutLoss(pulumi, /no whole image.*ARCHIVE_BROKEN/);
    });
  });

  describe("2: a full disk leaves a partial file", () => {
    it("it leaves the old one", async () => {
      const pulumi = await written();
      disk.room = 15_000;
      await failsWithoutLoss(pulumi, /no space left.*ARCHIVE_DISK_FULL/);
    });

    it("nothing is left where there was none", async () => {
      disk.room = 15_000;
      await assert.rejects(world.pulumi().up(archive()), /ARCHIVE_DISK_FULL/);
      assert.deepEqual(readdirSync(world.folder), []);
    });

    it("nothing is asked of the engine when there is clearly no room", async () => {
      const pulumi = await written();
      disk.free = 1000;
      const before = exports();
      await failsWithoutLoss(pulumi, /needs .* but its file system has only .*ARCHIVE_DISK_FULL/);
      assert.equal(exports(), before + 1, "only by the run that succeeds");
    });
  });

  describe("3: an image exported by its ID crashes the second run, or is always changed", () => {
    for (const version of ["docker-20.10", "docker-28", "docker-29", "podman-4.3", "podman-5"] as const) {
      it(version, async () => {
        await use(version);
        await isQuiet(images(id));
        assert.deepEqual(
          (await identity())?.images.map(({ names }) => names),
          [[]],
        );
      });
    }
  });

  describe("4: two tags of one image are always changed", () => {
    for (const version of ["docker-28", "docker-29", "podman-5"] as const) {
      it(version, async () => {
        await use(version);
        container.images.tag("acme/web:stable", id);
        await isQuiet(images("acme/web:v1", "acme/web:stable"));
        assert.equal((await identity())?.images.length, 1);
      });
    }

    it("and one of them that goes from the arguments goes from the archive", async () => {
      container.images.tag("acme/web:stable", id);
      const pulumi = world.pulumi();
      await pulumi.up(images("acme/web:v1", "acme/web:stable"));
      const preview = await pulumi.preview(images("acme/web:stable"));
      assert.equal(contentIn(preview.inputs).reason, "acme/web:v1 is removed");
      await pulumi.up(images("acme/web:stable"));
      assert.deepEqual(
        (await identity())?.images.map(({ names }) => names),
        [["acme/web:stable"]],
      );
    });

    it("nor are two names of one reference taken for one", async () => {
      const both = archive({
        images: [{ engine: "acme/web:v1" }, { engine: "acme/web:v1", as: "acme/x:1" }],
      });
      const pulumi = world.pulumi();
      await pulumi.up(both);
      const preview = await pulumi.preview(archive({ images: [{ engine: "acme/web:v1", as: "acme/x:1" }] }));
      assert.equal(contentIn(preview.inputs).action, "rewrite");
    });
  });

  describe("5: duplicates are always changed", () => {
    it("they are refused, however they are written", async () => {
      for (const [first, second, tag] of [
        ["web:v1", "web:v1", "latest"],
        ["web", "web:latest", "latest"],
        ["web", "web:v7", "v7"],
        ["web:v1", "docker.io/library/web:v1", "latest"],
        ["acme/web:v1", "index.docker.io/acme/web:v1", "latest"],
        [id, id, "latest"],
      ] as const) {
        const preview = await world.pulumi().preview({ ...images(first, second), tag });
        assert.match(
          preview.failures.join(),
          /images\[1\].* is in the archive already/,
          `${first} ${second}`,
        );
      }
    });

    it("and so are those that a glob of tags would make", async () => {
      for (const tag of ["v1", "v2"]) {
        const image = { layers: ["base", tag] };
        world.sandbox.integratedRegistry.push({ namespace: "shop", name: "site", tag, image });
      }
      const streams = (...wanted: readonly object[]) =>
        archive({ connection: world.connection, images: wanted });
      const named = streams({ stream: "shop/site:v*", as: "shop/all:v1" });
      assert.match(
        (await world.pulumi().preview(named)).failures.join(),
        /shop\/site:v1 as .* and shop\/site:v2 as .* would both be docker\.io\/shop\/all:v1/,
      );
      const overlapping = streams({ stream: "shop/site:v*" }, { stream: "shop/site:v1" });
      assert.deepEqual((await world.pulumi().preview(overlapping)).failures, []);
    });

    it("and what is none is not", async () => {
      container.images.add(["acme/web:latest"], { content: "latest" });
      const preview = await world.pulumi().preview({ ...images("acme/web", "acme/web:latest"), tag: "v1" });
      assert.deepEqual(preview.failures, []);
      assert.equal(Object.keys(contentIn(preview.inputs).images).length, 2);
    });
  });

  describe("6: other spellings of a name are always changed", () => {
    for (const [version, name] of [
      ["docker-28", "docker.io/library/web:v1"],
      ["docker-28", "docker.io/web:v1"],
      ["docker-29", "index.docker.io/library/web:v1"],
      ["podman-5", "web:v1"],
      ["podman-4.3", "library/web:v1"],
    ] as const) {
      it(`${name} with ${version}`, async () => {
        await use(version);
        container.images.tag("web:v1", id);
        if (name.startsWith("index.")) container.images.tag("index.docker.io/library/web:v1", id);
        if (name === "docker.io/web:v1") container.images.tag(name, id);
        await isQuiet(images(name));
        const adopted = await world.pulumi("adopted").preview(images(name));
        assert.deepEqual(adopted.failures, []);
        assert.equal(contentIn(adopted.inputs).action, "adopt");
      });
    }
  });

  describe("7: digest references cannot be exported", () => {
    for (const version of ["docker-20.10", "docker-29", "podman-5"] as const) {
      it(version, async () => {
        await use(version);
        const [reference = ""] = container.images.digestsOf(container.images.find(id)!);
        await isQuiet(images(reference));
        assert.equal((await identity())?.images.length, 1);
      });
    }
  });

  describe("8: a check says changed where the run cannot succeed", () => {
    it("without a path", async () => {
      const { path: _, ...rest } = archive();
      assert.match((await world.pulumi().preview(rest)).failures.join(), /path/);
    });

    it("with a folder as the path", async () => {
      mkdirSync(file());
      assert.match((await world.pulumi().preview(archive())).failures.join(), /is a directory.*ARCHIVE_PATH/);
      assert.match(
        (await world.pulumi().preview(archive({ path: "out/" }))).failures.join(),
        /names a folder/,
      );
    });
  });

  it("9: an empty tag asks for a name that does not exist: here it is refused", async () => {
    const preview = await world.pulumi().preview({ ...images("acme/web"), tag: "" });
    assert.match(preview.failures.join(), /tag.*is not a tag/);
    assert.deepEqual(container.requests, []);
  });

  describe("10: Docker 29's IDs are always changed", () => {
    for (const version of ["docker-28-containerd", "docker-29"] as const) {
      it(version, async () => {
        await use(version);
        container.images.addIndex(["acme/multi:v1"], [amd64, arm64]);
        await isQuiet(images("acme/web:v1", "acme/multi:v1"));
      });
    }
  });

  describe("11: another platform on disk is taken for the right one", () => {
    const of = (...platforms: readonly string[]) =>
      archive({ images: [{ engine: "acme/multi:v1", platforms }] });
    const registry = (platforms?: readonly string[]) =>
      archive({
        images: [
          { registry: `${world.host}/acme/multi:v1`, ...(platforms === undefined ? {} : { platforms }) },
        ],
      });
    const architectures = async () =>
      (await identity())?.images.map(({ platform }) => platform?.architecture).sort();

    it("an engine's index", async () => {
      await use("docker-29");
      container.images.addIndex(["acme/multi:v1"], [amd64, arm64]);
      const pulumi = world.pulumi();
      await pulumi.up(of("linux/arm64"));
      assert.equal(contentIn((await pulumi.preview(of("linux/amd64"))).inputs).action, "rewrite");
      assert.match((await world.pulumi("x").preview(of("linux/amd64"))).failures.join(), /ARCHIVE_UNMANAGED/);
      await pulumi.up(of("linux/amd64"));
      assert.deepEqual(await architectures(), ["amd64"]);
    });

    it("a name that another platform was pulled for", async () => {
      await use("podman-5");
      const pulumi = world.pulumi();
      await pulumi.up(images("acme/web:v1"));
      container.images.add(["acme/web:v1"], { content: "one", layerBytes: 20_000, platform: arm64 });
      assert.equal(contentIn((await pulumi.preview(images("acme/web:v1"))).inputs).action, "rewrite");
    });

    it("a registry's index, when platforms are chosen, changed, and left out again", async () => {
      world.sandbox.registry().publishIndex("acme/multi", "v1", [amd64, arm64]);
      const pulumi = world.pulumi();
      for (const [platforms, expected] of [
        [undefined, ["amd64", "arm64"]],
        [["linux/arm64"], ["arm64"]],
        [["linux/amd64"], ["amd64"]],
        [undefined, ["amd64", "arm64"]],
      ] as const) {
        await pulumi.up(registry(platforms));
        assert.deepEqual(await architectures(), expected);
      }
    });

    it("an archive with more platforms, or fewer, is not adopted", async () => {
      world.sandbox.registry().publishIndex("acme/multi", "v1", [amd64, arm64]);
      await world.pulumi("whole").up(registry());
      const preview = await world.pulumi("one").preview(registry(["linux/arm64"]));
      assert.match(preview.failures.join(), /ARCHIVE_UNMANAGED/);
      const one = { ...registry(["linux/arm64"]), overwriteUnmanaged: true };
      await world.pulumi("one").up(one);
      assert.match((await world.pulumi("two").preview(registry())).failures.join(), /ARCHIVE_UNMANAGED/);
    });

    it("an archive of just the chosen platforms is adopted", async () => {
      world.sandbox
        .registry()
        .publishIndex("acme/multi", "v1", [amd64, arm64, { os: "linux", architecture: "s390x" }]);
      for (const platforms of [["linux/arm64"], ["linux/amd64", "linux/arm64"]]) {
        const args = { ...registry(platforms), path: `${platforms.length}.tar` };
        await world.pulumi("first").up(args);
        const preview = await world.pulumi("second").preview(args);
        assert.deepEqual([preview.failures, contentIn(preview.inputs).action], [[], "adopt"]);
      }
    });

    it("an archive that the wanted format's readers cannot load is not adopted", async () => {
      await world.pulumi("oci").up(archive({ format: "oci-archive" }));
      const preview = await world.pulumi("docker").preview(archive({ format: "docker-archive" }));
      assert.match(preview.failures.join(), /ARCHIVE_UNMANAGED/);
    });
  });

  describe("12: a damaged archive is taken for a good one", () => {
    for (const format of ["engine", "docker-archive"] as const) {
      for (const [damage, spoil] of [
        ["a bit flipped in a layer", (path: string) => flipBit(path, statSync(path).size / 2)],
        ["cut at the boundary of a member", (path: string) => truncateSync(path, statSync(path).size - 1024)],
        ["cut in the middle", (path: string) => truncateSync(path, statSync(path).size / 2)],
        ["an error appended", (path: string) => appendFileSync(path, '{"errorDetail":{"message":"x"}}')],
      ] as const) {
        it(`${damage} (${format})`, async () => {
          const pulumi = world.pulumi();
          await pulumi.up(archive({ format }));
          const before = sha256();
          spoil(file());
          assert.notEqual(sha256(), before);
          assert.equal((await pulumi.preview(archive({ format }))).step, "update");
          await pulumi.up(archive({ format }));
          assert.equal(sha256(), before);
        });
      }
    }

    it("even with its old times, where every byte is looked at", async () => {
      const pulumi = world.pulumi();
      const args = archive({ verify: "digest" });
      await pulumi.up(args);
      const { atimeMs, mtimeMs } = statSync(file());
      flipBit(file(), statSync(file()).size / 2);
      utimesSync(file(), atimeMs / 1000, mtimeMs / 1000);
      assert.equal((await pulumi.preview(args)).step, "update");
    });

    it("nor is one adopted that is cut, or has something after its end", async () => {
      await world.pulumi("first").up(archive({ onDestroy: "keep" }));
      const good = readFileSync(file());
      for (const bad of [good.subarray(0, good.length - 1024), Buffer.concat([good, Buffer.from("{}")])]) {
        writeFileSync(file(), bad);
        assert.match((await world.pulumi("second").preview(archive())).failures.join(), /ARCHIVE_UNMANAGED/);
      }
    });
  });

  it("13: crane's spelling of a config is always changed: here its archive is adopted", async () => {
    const spellings = (hex: string) => [`sha256:${hex}`, hex, `${hex}.json`];
    await world.pulumi("first").up(archive());
    const members = await tarMembers(readFileSync(file()));
    const { config, tars } = container.images.find(id)!.images[0];
    for (const Config of spellings(config.digest.slice(7))) {
      const layer = `${tars[0]!.digest.slice(7)}.tar`;
      const blob = (digest: string) => members.find(({ name }) => name.endsWith(digest.slice(7)))!.content;
      const manifest = JSON.stringify([{ Config, RepoTags: ["acme/web:v1"], Layers: [layer] }]);
      writeFileSync(
        file(),
        await tarOf({ [Config]: config.content, [layer]: blob(tars[0]!.digest), "manifest.json": manifest }),
      );
      const preview = await world.pulumi("second").preview(archive());
      assert.deepEqual([preview.failures, contentIn(preview.inputs).action], [[], "adopt"], Config);
    }
  });

  describe("14: no compression, checksum, size, permissions, or limit of time", () => {
    for (const [compression, decompress] of [
      ["gzip", gunzipSync],
      ["zstd", zstdDecompressSync],
    ] as const) {
      it(`${compression}, with checksum and size`, async () => {
        const args = archive({ compression });
        const pulumi = world.pulumi();
        await pulumi.up(args);
        const { sha256: recorded, size } = pulumi.state!.outputs;
        assert.deepEqual([recorded, size], [sha256(), statSync(file()).size]);
        assert.ok((await tarMembers(decompress(readFileSync(file())))).length > 3);
        assert.equal((await pulumi.preview(args)).step, "same");
      });
    }

    it("an engine that stops sending", async () => {
      const pulumi = await written();
      fault({ on: "export", kind: "stall" });
      await failsWithoutLoss(pulumi, /took longer than 1 s.*DEADLINE_EXCEEDED/, { timeouts: { update: 1 } });
    });
  });

  describe("15: symbolic links are followed, and everybody may read", () => {
    it("the file is its owner's alone, unless more is asked for", async () => {
      const mode = () => statSync(file()).mode & 0o777;
      const pulumi = world.pulumi();
      await pulumi.up(archive());
      assert.equal(mode(), 0o600);
      const before = exports();
      await pulumi.up(archive({ fileMode: "0644" }));
      assert.equal(mode(), 0o644);
      assert.equal(exports(), before, "only the permissions change");
    });

    it("a link is refused, and what it points to stays", async () => {
      writeFileSync(file("precious"), "precious");
      symlinkSync(file("precious"), file());
      for (const more of [{}, { overwriteUnmanaged: true }]) {
        assert.match((await world.pulumi().preview(archive(more))).failures.join(), /symlink.*ARCHIVE_PATH/);
        await assert.rejects(world.pulumi().up(archive(more)), /ARCHIVE_PATH/);
      }
      assert.equal(readFileSync(file("precious"), "utf8"), "precious");
    });

    it("a link that takes the file's place is refused too", async () => {
      const pulumi = await written();
      writeFileSync(file("precious"), "precious");
      unlinkSync(file());
      symlinkSync(file("precious"), file());
      await assert.rejects(pulumi.up(archive()), /ARCHIVE_PATH/);
      await assert.rejects(pulumi.destroy(), /symbolic link.*ARCHIVE_PATH/);
      assert.equal(readFileSync(file("precious"), "utf8"), "precious");
    });
  });

  describe("16: another image than the reported one is exported", () => {
    for (const [format, version] of [
      ["engine", "docker-28"],
      ["engine", "docker-29"],
      ["engine", "podman-5"],
      ["docker-archive", "docker-20.10"],
      ["docker-archive", "docker-29"],
    ] as const) {
      it(`a tag that moves meanwhile fails the export after a second try (${version}, ${format})`, async () => {
        await use(version);
        const pulumi = await written(archive({ format }));
        const before = exports();
        fault({
          on: "export",
          kind: "meanwhile",
          happens: () => container.images.add(["acme/web:v1"], { content: "3" }),
        });
        await failsWithoutLoss(pulumi, /acme\/web:v1.*moved meanwhile.*ARCHIVE_MOVED/, { format });
        assert.ok(exports() >= before + 3, "two tries, and the run that succeeds");
      });
    }

    it("a tag that is back for the second try", async () => {
      const pulumi = await written();
      const now = container.images.find("acme/web:v1")!.id;
      const [move, back] = [id, now].map((target) => () => container.images.tag("acme/web:v1", target));
      fault({ on: "export", kind: "meanwhile", happens: move! });
      const preview = pulumi.up(archive());
      await waitFor(() => container.images.find("acme/web:v1")!.id === id);
      fault({ on: "export", kind: "meanwhile", happens: back! });
      await preview;
      assert.equal((await identity())?.images[0]?.configDigest, now);
    });

    it("a rebuild with the same layers and another command", async () => {
      fault({
        on: "export",
        kind: "meanwhile",
        happens: () =>
          container.images.add(["acme/web:v1"], { content: "one", layerBytes: 20_000, cmd: ["x"] }),
      });
      await assert.rejects(world.pulumi().up(archive()), /ARCHIVE_MOVED/);
      assert.deepEqual(readdirSync(world.folder), []);
    });
  });

  describe("17: the file is never removed, and not missed", () => {
    it("a missing file is written again", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(archive());
      unlinkSync(file());
      assert.equal(contentIn((await pulumi.preview(archive())).inputs).reason, "the file is gone");
      await pulumi.up(archive());
      assert.ok(existsSync(file()));
    });

    it("it goes with the resource, but never what somebody else has put there", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(archive());
      await pulumi.destroy();
      assert.deepEqual(readdirSync(world.folder), []);

      const other = world.pulumi("other");
      await other.up(archive());
      unlinkSync(file());
      writeFileSync(file(), "precious");
      await other.destroy();
      assert.equal(readFileSync(file(), "utf8"), "precious");
    });
  });

  describe("18: a file that never was an archive is destroyed", () => {
    it("it is refused in the preview and in the run", async () => {
      for (const content of ["precious", "", "\0".repeat(1024), '[{"Config":"x"}]']) {
        writeFileSync(file(), content);
        assert.match((await world.pulumi().preview(archive())).failures.join(), /ARCHIVE_UNMANAGED/);
        await assert.rejects(world.pulumi().up(archive()), /ARCHIVE_UNMANAGED/);
        assert.equal(readFileSync(file(), "utf8"), content);
      }
    });

    it("nor is a rebuild with the same layers, though a registry's digests are not in that archive", async () => {
      const reference = `${world.host}/acme/web:v1`;
      container.images.add([reference], { content: "same" });
      await world.pulumi("saved").up(images(reference));
      const wanted = { path: "web.tar", images: [reference], format: "docker-archive" };
      world.sandbox.registry().publishImage("acme/web", "v1", { content: "same", cmd: ["other"] });
      assert.match((await world.pulumi("pulled").preview(wanted)).failures.join(), /ARCHIVE_UNMANAGED/);
      world.sandbox.registry().publishImage("acme/web", "v1", { content: "same" });
      assert.equal(contentIn((await world.pulumi("pulled").preview(wanted)).inputs).action, "adopt");
    });

    it("nor is another image's archive", async () => {
      container.images.add(["acme/db:v1"], { content: "db" });
      await world.pulumi("db").up(images("acme/db:v1"));
      const before = sha256();
      assert.match((await world.pulumi("web").preview(archive())).failures.join(), /ARCHIVE_UNMANAGED/);
      assert.equal(sha256(), before);
    });

    for (const ending of [".json", ".sha256"]) {
      it(`nor what stands beside it: ${ending}`, async () => {
        writeFileSync(file(`web.tar${ending}`), "precious");
        const preview = await world.pulumi().preview(archive({ manifest: true }));
        assert.match(preview.failures.join(), /ARCHIVE_UNMANAGED/);
        await assert.rejects(world.pulumi().up(archive({ manifest: true })), /ARCHIVE_UNMANAGED/);
        assert.equal(readFileSync(file(`web.tar${ending}`), "utf8"), "precious");
        await world.pulumi().up(archive({ manifest: true, overwriteUnmanaged: true }));
        assert.notEqual(readFileSync(file(`web.tar${ending}`), "utf8"), "precious");
      });
    }

    it("and what stood beside it goes when it is not wanted any more", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(archive({ manifest: true }));
      assert.equal((await pulumi.preview(archive({ manifest: true }))).step, "same");
      await pulumi.up(archive());
      assert.deepEqual(readdirSync(world.folder), ["web.tar"]);
    });
  });
});

function flipBit(path: string, position: number): void {
  const bytes = readFileSync(path);
  const at = Math.floor(position);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

async function tarOf(members: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(members)) archive.entry({ name }, content);
  archive.finalize();
  return await bytesOf(archive as AsyncIterable<Uint8Array>);
}

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
