import assert from "node:assert/strict";
import { readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { EngineVersion, SandboxEngine } from "okd-image-sandbox";
import { archiveIdentity } from "../../support/archiveIdentity.js";
import { type ArchiveWorld, contentIn, startArchiveWorld } from "../../support/worlds/archive.js";

const amd64 = { os: "linux", architecture: "amd64" };
const arm64 = { os: "linux", architecture: "arm64" };
const versions = [
  "docker-20.10",
  "docker-24",
  "docker-25",
  "docker-27-containerd",
  "docker-28.0",
  "docker-28",
  "docker-28-containerd",
  "docker-29",
  "docker-29-graphdriver",
  "podman-4.3",
  "podman-5",
] as const satisfies readonly EngineVersion[];

describe("ImageArchive of a container engine", () => {
  let world: ArchiveWorld;
  let container: SandboxEngine;

  beforeEach(async () => {
    world = await startArchiveWorld();
  });
  afterEach(() => world.close());

  const file = (name?: string) => world.file(name);
  const sha256 = (name?: string) => world.sha256(name);
  const identity = async (name?: string) => {
    const found = await archiveIdentity(file(name));
    assert.ok(found !== undefined, "it is no whole archive");
    return found;
  };
  const archive = (images: readonly unknown[], more: object = {}) => ({
    path: "web.tar",
    images: images.map((image) => (typeof image === "string" ? { engine: image } : image)),
    engine: { host: container.host },
    ...more,
  });
  const exports = () => container.requests.filter((request) => /\/get(?:\?|$)/.test(request));
  /** Names in full and diff IDs, which tell images apart in every store. */
  const held = async (name?: string) =>
    (await identity(name)).images
      .flatMap(({ names, diffIds }) =>
        names.map((each) => [each.replace(/^docker\.io\//, ""), diffIds.join()]),
      )
      .sort();
  const diffIdsOf = (id: string) =>
    container.images
      .find(id)!
      .images[0].tars.map(({ digest }) => digest)
      .join();

  /** Applies, and then nothing may want to change: neither in a preview nor in a second up, which asks for no export. */
  async function settles(args: ReturnType<typeof archive>): Promise<void> {
    const pulumi = world.pulumi();
    await pulumi.up(args);
    const [before, exported] = [statSync(file(), { bigint: true }), exports().length];
    const preview = await pulumi.preview(args);
    assert.deepEqual([preview.step, contentIn(preview.inputs).action], ["same", "keep"]);
    assert.equal((await pulumi.up(args)).step, "same");
    assert.equal(await pulumi.refresh(), "same");
    assert.equal(statSync(file(), { bigint: true }).ino, before.ino);
    assert.equal(exports().length, exported);
    const adopted = await world.pulumi("adopted").preview(args);
    assert.deepEqual([adopted.failures, contentIn(adopted.inputs).action], [[], "adopt"]);
  }

  for (const version of versions) {
    describe(version, () => {
      let id: string;
      beforeEach(async () => {
        container = await world.container(version);
        id = container.images.add(["acme/web:v1", "acme/web:stable"], { content: "one" });
      });

      it("exports the engine's own bytes, and a second run changes nothing", async () => {
        await settles(archive(["acme/web:v1"]));
        assert.deepEqual(await held(), [["acme/web:v1", diffIdsOf(id)]]);
        assert.deepEqual(readdirSync(world.folder), ["web.tar"]);
      });

      it("writes again when the tag moves", async () => {
        const pulumi = world.pulumi();
        await pulumi.up(archive(["acme/web:v1"]));
        const other = container.images.add(["acme/web:v1"], { content: "two" });
        const preview = await pulumi.preview(archive(["acme/web:v1"]));
        await pulumi.up(archive(["acme/web:v1"]));

        assert.deepEqual(
          [preview.step, contentIn(preview.inputs).action, contentIn(preview.inputs).reason],
          ["update", "rewrite", "acme/web:v1 moved"],
        );
        assert.deepEqual(await held(), [["acme/web:v1", diffIdsOf(other)]]);
      });

      it("exports by ID, short or whole, which gives no name", async () => {
        for (const [index, reference] of [id, id.slice(7, 19)].entries()) {
          const path = `${index}.tar`;
          const pulumi = world.pulumi(path);
          await pulumi.up(archive([reference], { path }));
          assert.equal((await pulumi.preview(archive([reference], { path }))).step, "same");
          assert.deepEqual(
            (await identity(path)).images.map(({ names, diffIds }) => [names, diffIds.join()]),
            [[[], diffIdsOf(id)]],
          );
        }
      });

      it("gives an ID the name that it is asked to", async () => {
        await settles(archive([{ engine: id, as: "acme/named" }], { tag: "v7" }));
        assert.deepEqual(await held(), [["acme/named:v7", diffIdsOf(id)]]);
      });

      it("exports two tags of one image", async () => {
        await settles(archive(["acme/web:v1", "acme/web:stable"]));
        assert.deepEqual(await held(), [
          ["acme/web:stable", diffIdsOf(id)],
          ["acme/web:v1", diffIdsOf(id)],
        ]);
      });

      it("exports several images", async () => {
        const other = container.images.add(["acme/db:v1"], { content: "two", layers: 2 });
        await settles(archive(["acme/web:v1", "acme/db:v1"]));
        assert.deepEqual(await held(), [
          ["acme/db:v1", diffIdsOf(other)],
          ["acme/web:v1", diffIdsOf(id)],
        ]);
      });

      it("exports a digest reference", async () => {
        const [reference = ""] = container.images.digestsOf(container.images.find(id)!);
        await settles(archive([reference]));
        assert.deepEqual(
          (await identity()).images.map(({ diffIds }) => diffIds.join()),
          [diffIdsOf(id)],
        );
      });

      it("keeps the tag of a reference that has a digest too", async () => {
        const [reference = ""] = container.images.digestsOf(container.images.find(id)!);
        await settles(archive([reference.replace("@", ":v1@")]));
        assert.deepEqual(await held(), [["acme/web:v1", diffIdsOf(id)]]);
      });

      for (const format of ["docker-archive", "oci-archive"] as const) {
        it(`makes a ${format} of an engine's image, and of an image in a registry`, async () => {
          const digest = world.publish("v9");
          const registry = `${world.host}/acme/web:v9`;
          await settles(archive(["acme/web:v1", { registry }], { format }));

          const { format: written, images } = await identity();
          assert.equal(written, format === "docker-archive" ? "hybrid" : "oci-archive");
          assert.ok(
            images.some(({ names, manifestDigest }) => names[0] === registry && manifestDigest === digest),
          );
          assert.ok(images.some(({ diffIds }) => diffIds.join() === diffIdsOf(id)));
          assert.deepEqual(readdirSync(world.folder), ["web.tar"], "nothing is left of the spool");
        });
      }

      it("says what is missing, and writes nothing", async () => {
        const preview = await world.pulumi().preview(archive(["acme/nope:v1"]));
        assert.match(preview.failures.join(), /has no image acme\/nope:v1.*IMAGE_NOT_FOUND/);
        assert.deepEqual(readdirSync(world.folder), []);
      });

      it("does not take an image for another platform", async () => {
        container.images.add(["acme/arm:v1"], { platform: arm64 });
        const wanted = (platform: string) => archive([{ engine: "acme/arm:v1", platforms: [platform] }]);
        const preview = await world.pulumi().preview(wanted("linux/amd64"));
        assert.match(preview.failures.join(), /linux\/amd64.*IMAGE_NOT_FOUND/);
        await settles(wanted("linux/arm64"));
        assert.equal((await identity()).images[0]?.platform?.architecture, "arm64");
      });
    });
  }

  for (const version of ["docker-28-containerd", "docker-29"] as const) {
    describe(`an index of ${version}`, () => {
      beforeEach(async () => {
        container = await world.container(version);
        container.images.addIndex(["acme/multi:v1"], [amd64, arm64]);
      });
      const platforms = async (name?: string) =>
        (await identity(name)).images.map(({ platform }) => platform?.architecture).sort();

      it("exports an index whole, or for the platform that is asked for", async () => {
        await settles(archive(["acme/multi:v1"]));
        assert.deepEqual(await platforms(), ["amd64", "arm64"]);

        const args = archive(["acme/multi:v1"], { path: "arm.tar", platforms: ["linux/arm64"] });
        const pulumi = world.pulumi("arm");
        await pulumi.up(args);
        assert.deepEqual(await platforms("arm.tar"), ["arm64"]);
        assert.equal((await pulumi.preview(args)).step, "same");
      });

      it("writes an archive again for another platform", async () => {
        const pulumi = world.pulumi();
        await pulumi.up(archive(["acme/multi:v1"], { platforms: ["linux/amd64"] }));
        const preview = await pulumi.preview(archive(["acme/multi:v1"], { platforms: ["linux/arm64"] }));
        assert.equal(contentIn(preview.inputs).action, "rewrite");
        await pulumi.up(archive(["acme/multi:v1"], { platforms: ["linux/arm64"] }));
        assert.deepEqual(await platforms(), ["arm64"]);
      });

      it("exports each image for its own platform", async () => {
        container.images.addIndex(["acme/other:v1"], [amd64, arm64], { content: "other" });
        await world.pulumi().up(
          archive([
            { engine: "acme/multi:v1", platforms: ["linux/amd64"] },
            { engine: "acme/other:v1", platforms: ["linux/arm64"] },
          ]),
        );
        assert.deepEqual(
          (await identity()).images
            .map(({ names, platform }) => [names.join(), platform?.architecture])
            .sort(),
          [
            ["docker.io/acme/multi:v1", "amd64"],
            ["docker.io/acme/other:v1", "arm64"],
          ],
        );
      });
    });
  }

  describe("several platforms of an index", () => {
    const arm = { os: "linux", architecture: "arm", variant: "v7" };
    const platforms = ["linux/arm64", "linux/amd64"];
    const several = (more: object = {}) => archive(["acme/multi:v1"], { platforms, ...more });
    const heldPlatforms = async () =>
      (await identity()).images.map(({ platform }) => platform?.architecture).sort();
    const exportFailure = async (args: ReturnType<typeof archive>) => {
      const pulumi = world.pulumi();
      const reason = await pulumi.up(args).then(
        () => assert.fail("it was written"),
        (error: unknown) => String(error),
      );
      assert.deepEqual(readdirSync(world.folder), []);
      return reason;
    };

    describe("of Docker 29", () => {
      let index: string;
      beforeEach(async () => {
        container = await world.container("docker-29");
        index = container.images.addIndex(["acme/multi:v1"], [amd64, arm64, arm]);
      });

      it("exports chosen platforms into an archive of these alone, which every tool loads", async () => {
        await settles(several());
        const { format, images } = await identity();
        assert.equal(format, "hybrid");
        assert.deepEqual(await heldPlatforms(), ["amd64", "arm64"]);
        assert.ok(images.every(({ indexDigest }) => indexDigest !== undefined && indexDigest !== index));
      });

      it("exports chosen platforms in the engine's own bytes, where that is asked for", async () => {
        await settles(several({ format: "engine" }));
        assert.deepEqual(await heldPlatforms(), ["amd64", "arm64"]);
        assert.ok((await identity()).images.every(({ indexDigest }) => indexDigest === index));
      });

      it("shows each chosen platform once in the preview, whatever their order and spelling", async () => {
        const pulumi = world.pulumi();
        await pulumi.up(several());
        const content = contentIn((await pulumi.preview(several())).inputs).images["acme/multi:v1"];
        assert.deepEqual(
          [content?.digest, content?.identity, content?.platforms],
          [index, "manifest", ["linux/amd64", "linux/arm64"]],
        );
        const again = several({ platforms: ["linux/amd64", "linux/arm64/v8", "linux/arm64"] });
        assert.equal(contentIn((await pulumi.preview(again)).inputs).action, "keep");
      });

      it("writes the archive again when other platforms are chosen", async () => {
        const pulumi = world.pulumi();
        await pulumi.up(several());
        const more = several({ platforms: [...platforms, "linux/arm/v7"] });
        const { action, reason } = contentIn((await pulumi.preview(more)).inputs);
        assert.deepEqual([action, reason], ["rewrite", "acme/multi:v1 has other platforms"]);
        await pulumi.up(more);
        assert.deepEqual(await heldPlatforms(), ["amd64", "arm", "arm64"]);
      });

      it("takes over no archive that has more platforms than the chosen ones", async () => {
        await world.pulumi().up(archive(["acme/multi:v1"], { format: "docker-archive" }));
        const preview = await world.pulumi("other").preview(several());
        assert.match(preview.failures.join(), /ARCHIVE_UNMANAGED/);
      });

      it("refuses a chosen platform that was not pulled", async () => {
        container.images.addIndex(["acme/multi:v1"], [amd64], {}, [arm64]);
        const preview = await world.pulumi().preview(several());
        assert.match(preview.failures.join(), /for linux\/arm64.*docker pull --platform.*IMAGE_NOT_FOUND/);
      });

      it("refuses an export in which the engine leaves out a part of a chosen platform", async () => {
        const happens = () => void container.images.addIndex(["acme/multi:v1"], [amd64], {}, [arm64, arm]);
        container.faults.add({ on: "export", kind: "meanwhile", happens });
        assert.match(await exportFailure(several()), /not have all of their layers.*IMAGE_NOT_FOUND/);
      });
    });

    for (const version of versions.filter((each) => each !== "docker-29")) {
      it(`refuses several platforms of an index of ${version} before anything is exported`, async () => {
        container = await world.container(version);
        container.images.add(["acme/multi:v1"]);
        const images = [{ engine: "acme/multi:v1", platforms }];
        const preview = await world.pulumi().preview(archive(images));
        assert.match(
          preview.failures.join(),
          /^images\[0\]\.platforms: acme\/multi:v1 is to have linux\/amd64, linux\/arm64, but unix:.*from a registry \[ENGINE_UNSUPPORTED\]$/,
        );
        assert.deepEqual(exports(), []);
      });
    }

    describe("of Docker 27 with the containerd store, which cannot choose", () => {
      const one = (platform: string, more: object = {}) =>
        archive(["acme/multi:v1"], { platforms: [platform], ...more });
      beforeEach(async () => {
        container = await world.container("docker-27-containerd");
      });

      it("exports all platforms where none is chosen", async () => {
        container.images.addIndex(["acme/multi:v1"], [amd64, arm64]);
        await settles(archive(["acme/multi:v1"]));
        assert.deepEqual(await heldPlatforms(), ["amd64", "arm64"]);
      });

      it("refuses a platform before the export where the engine would choose another", async () => {
        container.images.addIndex(["acme/multi:v1"], [amd64, arm64]);
        const preview = await world.pulumi().preview(one("linux/arm64"));
        assert.match(preview.failures.join(), /for linux\/amd64, not for linux\/arm64.*IMAGE_NOT_FOUND/);
        assert.deepEqual(exports(), []);
      });

      for (const format of ["engine", "docker-archive"] as const) {
        it(`writes only the chosen platform with format ${format}`, async () => {
          container.images.addIndex(["acme/multi:v1"], [amd64, arm64]);
          assert.match(
            await exportFailure(one("linux/amd64", { format })),
            /asked for acme\/multi:v1 for linux\/amd64, and exported it for linux\/arm64 too.*ENGINE_UNSUPPORTED/,
          );
        });
      }

      it("exports the chosen platform where no other was pulled", async () => {
        container.images.addIndex(["acme/multi:v1"], [amd64], {}, [arm64]);
        await settles(one("linux/amd64"));
        assert.deepEqual(await heldPlatforms(), ["amd64"]);
      });

      it("tells platforms by their layers where the archive has no index of them", async () => {
        const index = container.images.addIndex(["acme/multi:v1"], [amd64], {}, [arm64]);
        await settles(one("linux/amd64", { format: "docker-archive" }));
        assert.ok((await identity()).images.every(({ indexDigest }) => indexDigest !== index));
      });
    });

    it("takes the platform for unknown where the engine's own choice was not pulled", async () => {
      container = await world.container("docker-29");
      container.images.addIndex(["acme/multi:v1"], [arm64], {}, [amd64]);
      await settles(archive(["acme/multi:v1"]));
      const { inputs } = await world
        .pulumi("other")
        .preview(archive(["acme/multi:v1"], { path: "other.tar" }));
      assert.equal("platforms" in contentIn(inputs).images["acme/multi:v1"]!, false);
    });
  });

  it("rewrites nothing when podman becomes Docker, which names the default variant", async () => {
    const socket = join(world.folder, "engine.sock");
    const pulumi = world.pulumi();
    const args = () => archive(["acme/web:v1"], { engine: { host: `unix://${socket}` } });
    const become = async (version: EngineVersion) => {
      container = await world.container(version);
      container.images.add(["acme/web:v1"], { content: "one", platform: { ...arm64, variant: "v8" } });
      rmSync(socket, { force: true });
      symlinkSync(container.host.slice("unix://".length), socket);
    };
    await become("podman-5");
    await pulumi.up(args());
    for (const version of ["docker-28", "docker-29", "podman-4.3"] as const) {
      await become(version);
      const preview = await pulumi.preview(args());
      assert.deepEqual([preview.step, contentIn(preview.inputs).action], ["same", "keep"], version);
      const adopted = await world.pulumi("adopted").preview(args());
      assert.equal(contentIn(adopted.inputs).action, "adopt", version);
    }
  });

  it("rewrites nothing when Docker 28 becomes 29, or 29 becomes 28", async () => {
    const socket = join(world.folder, "docker.sock");
    const pulumi = world.pulumi();
    const args = () => archive(["acme/web:v1"], { engine: { host: `unix://${socket}` } });
    const become = async (version: EngineVersion) => {
      container = await world.container(version);
      container.images.add(["acme/web:v1"], { content: "one" });
      rmSync(socket, { force: true });
      symlinkSync(container.host.slice("unix://".length), socket);
    };
    await become("docker-28");
    await pulumi.up(args());
    const before = sha256();
    for (const version of ["docker-29", "docker-25", "docker-28-containerd"] as const) {
      await become(version);
      const preview = await pulumi.preview(args());
      assert.deepEqual([preview.step, contentIn(preview.inputs).action], ["same", "keep"], version);
      assert.equal((await pulumi.up(args())).step, "same", version);
      const adopted = await world.pulumi("adopted").preview(args());
      assert.equal(contentIn(adopted.inputs).action, "adopt", version);
      assert.deepEqual([sha256(), exports()], [before, []], version);
    }
    container.images.add(["acme/web:v1"], { content: "two" });
    assert.equal(contentIn((await pulumi.preview(args())).inputs).action, "rewrite");
  });

  it("does not take a rebuild with the same layers for the same image", async () => {
    container = await world.container("docker-28");
    container.images.add(["acme/web:v1"], { content: "one" });
    const pulumi = world.pulumi();
    await pulumi.up(archive(["acme/web:v1"]));
    container.images.add(["acme/web:v1"], { content: "one", cmd: ["other"] });
    assert.equal(contentIn((await pulumi.preview(archive(["acme/web:v1"]))).inputs).action, "rewrite");
  });

  it("takes the archive for up to date while the engine cannot be reached", async () => {
    container = await world.container("docker-28");
    container.images.add(["acme/web:v1"]);
    const pulumi = world.pulumi();
    const args = archive(["acme/web:v1"]);
    await pulumi.up(args);
    await container.close();

    assert.equal((await pulumi.preview(args)).step, "same");
    assert.ok(pulumi.lines.some((line) => /ENGINE_UNREACHABLE|cannot be reached/.test(line)));
    await pulumi.destroy();
    assert.deepEqual(readdirSync(world.folder), []);
  });
});
