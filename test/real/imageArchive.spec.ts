import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PublishedImage } from "okd-image-sandbox";
import { getOverSocket } from "../support/clients/unixSocket.js";
import {
  configDigest,
  imageIn,
  type LoadedImage,
  loadFile,
  rawDigest,
  removeAllImages,
  tagIn,
} from "../support/programs/archiveConsumers.js";
import { type ContainerEngine, startDockerd, startPodman } from "../support/programs/containerEngines.js";
import { type DockerRegistry, startDockerRegistry } from "../support/programs/dockerRegistry.js";
import { requireReal } from "../support/programs/requireReal.js";
import { type ArchiveWorld, contentIn, startArchiveWorld } from "../support/worlds/archive.js";

const programs = ["docker-registry", "skopeo", "podman", "dockerd", "containerd", "runc"];
const platforms = [
  { os: "linux", architecture: "arm64", variant: "v8" },
  { os: "linux", architecture: "amd64" },
  { os: "linux", architecture: "s390x" },
];

/** dockerd 20.10 knows no zstd; podman 4.3 finds no end in a gzipped archive, whoever has zipped it. */
const readersOf = { gzip: ["dockerd"], zstd: ["podman"] } as const;
/** A name that every engine writes alike; Docker Hub's podman writes in full. */
const web = "quay.io/acme/web:v1";

/** Changes whenever somebody writes the file. */
function writtenAt(file: string): string {
  const { ino, mtimeNs } = statSync(file, { bigint: true });
  return `${ino} ${mtimeNs}`;
}

describe("ImageArchive with real registries, engines and readers", function () {
  this.timeout(60_000);
  let world: ArchiveWorld;
  let registry: DockerRegistry;
  const engines = new Map<string, ContainerEngine>();
  const published = {} as Record<"web" | "api" | "docker" | "multi", PublishedImage>;

  before(async function () {
    const missing = process.getuid?.() === 0 ? [] : ["the rights of root"];
    requireReal(this, "archives of real registries and engines", [...programs, ...missing]);
    world = await startArchiveWorld();
    const source = world.sandbox.registry();
    published.web = source.publishImage("acme/web", "v1", { content: "web", layers: 3, layerBytes: 100_000 });
    published.api = source.publishImage("acme/api", "v2", { content: "api", layers: 2 });
    published.docker = source.publishImage("acme/docker", "v1", { content: "docker", docker: true });
    published.multi = source.publishIndex("acme/multi", "v1", platforms, { content: "multi" });
    [registry] = await Promise.all([
      startDockerRegistry(),
      startDockerd().then((engine) => engines.set("dockerd", engine)),
      startPodman().then((engine) => engines.set("podman", engine)),
    ]);
    for (const name of ["web:v1", "api:v2", "docker:v1", "multi:v1"]) {
      await registry.copyFrom(`${world.host}/acme/${name}`, `acme/${name}`);
    }
    await registry.copyFrom(`${world.host}/acme/web:v1`, "acme/web:stable");
    await registry.copyFrom(`${world.host}/acme/web:v1`, "acme/edge:v1");
  });
  after(async () => {
    // Undefined where the suite was skipped.
    const started: readonly ({ close(): Promise<unknown> } | undefined)[] = [
      ...engines.values(),
      registry,
      world,
    ];
    for (const each of started) await each?.close();
  });

  let files = 0;
  const freshPath = () => `archive-${(files += 1)}.tar`;
  const at = (path: string) => join(world.folder, path);
  const image = (name: string) => `${registry.host}/acme/${name}`;

  /**
   * Writes an archive, and sees to it that the second run finds nothing to do, and that another resource would take it over
   * after reading every byte.
   */
  async function archived(args: { readonly images: readonly unknown[] } & Record<string, unknown>) {
    const path = freshPath();
    const pulumi = world.pulumi(path);
    await pulumi.up({ path, ...args });
    const before = writtenAt(at(path));
    assert.equal((await pulumi.preview({ path, ...args })).step, "same");
    assert.equal((await pulumi.up({ path, ...args })).step, "same");
    assert.equal(writtenAt(at(path)), before);
    const { inputs, failures } = await world
      .pulumi(`${path} too`)
      .preview({ path, ...args, verify: "digest" });
    assert.deepEqual(failures, []);
    assert.equal(contentIn(inputs).action, "adopt");
    return { path, file: at(path), pulumi, args: { path, ...args } };
  }

  async function loaded(target: string, file: string, ...names: readonly string[]) {
    const engine = engines.get(target)!;
    await removeAllImages(engine);
    const said = await loadFile(engine, file);
    const images: LoadedImage[] = [];
    for (const name of names) {
      const found = await imageIn(engine, name);
      assert.ok(found !== undefined, `${target} has no ${name} after it has said: ${said}`);
      images.push(found);
    }
    return images;
  }

  const ids = (images: readonly LoadedImage[]) =>
    images.map(({ Id }) => Id.replace(/^(?!sha256:)/, "sha256:"));

  describe("from Debian's docker-registry", () => {
    for (const compression of ["none", "gzip", "zstd"] as const) {
      it(`loads several images and two names of one, compression ${compression}`, async () => {
        const names = ["web:v1", "web:stable", "api:v2", "docker:v1"].map(image);
        const { file } = await archived({ images: names, compression });

        const { web, api, docker } = published;
        const configs = [web, web, api, docker].map((each) => each.configDigest);
        const consumers = { none: ["dockerd", "podman"], ...readersOf };
        for (const consumer of consumers[compression]) {
          const found = await loaded(consumer, file, ...names);
          assert.deepEqual(ids(found), configs, consumer);
          assert.deepEqual([...found[0]!.RepoTags].sort(), [names[1], names[0]], consumer);
        }
      });
    }

    it("loads one image by the name it is given", async () => {
      const { file } = await archived({ images: [{ registry: image("web:v1"), as: "web:mine" }] });

      for (const consumer of engines.keys()) {
        const [found] = await loaded(consumer, file, "web:mine");
        assert.deepEqual(ids([found!]), [published.web.configDigest], consumer);
      }
      assert.equal(await rawDigest(`oci-archive:${file}`), published.web.digest);
      assert.equal(await configDigest(`docker-archive:${file}:web:mine`), published.web.configDigest);
    });

    it("reads in skopeo with the digests of the registry, in both formats", async () => {
      const images = [image("web:v1"), image("docker:v1"), image("multi:v1")];
      const docker = await archived({ images });
      const oci = await archived({ images, format: "oci-archive" });

      // By name skopeo finds only what has OCI's media types; Docker's it reads where it is alone.
      const alone = await archived({ images: [image("docker:v1")], format: "oci-archive" });
      const places = [`${oci.file}:${images[0]!}`, alone.file, `${oci.file}:${images[2]!}`];
      for (const [index, place] of places.entries()) {
        assert.equal(await rawDigest(`oci-archive:${place}`), await rawDigest(`docker://${images[index]!}`));
      }
      assert.equal(await rawDigest(`docker://${images[2]!}`), published.multi.digest);
      const [, amd64] = published.multi.children;
      for (const [index, config] of [published.web, published.docker, amd64!].entries()) {
        const read = await configDigest(`docker-archive:${docker.file}:${images[index]!}`);
        assert.equal(read, config.configDigest, images[index]);
      }
    });

    it("holds an image by a digest that the tag no longer names", async () => {
      const { digest, configDigest: config } = published.web;
      const pinned = `${registry.host}/acme/web@${digest}`;
      const { file } = await archived({
        images: [
          { registry: pinned, as: "web:pinned" },
          `${registry.host}/acme/api:v2@${published.api.digest}`,
        ],
      });

      for (const consumer of engines.keys()) {
        const found = await loaded(consumer, file, "web:pinned", image("api:v2"));
        assert.deepEqual(ids(found), [config, published.api.configDigest], consumer);
      }
      const nameless = await archived({ images: [pinned] });
      assert.equal(await rawDigest(`oci-archive:${nameless.file}`), digest);
      for (const consumer of engines.keys()) await loaded(consumer, nameless.file, config!.slice(7));
    });

    it("holds all platforms, or those that are chosen", async () => {
      const [arm64, amd64] = published.multi.children;
      const all = await archived({ images: [image("multi:v1")] });
      const one = await archived({ images: [image("multi:v1")], platforms: ["linux/arm64"] });
      const two = await archived({ images: [image("multi:v1")], platforms: ["linux/amd64", "linux/s390x"] });

      assert.equal(await rawDigest(`oci-archive:${all.file}`), published.multi.digest);
      assert.equal(await rawDigest(`oci-archive:${one.file}`), arm64!.digest);
      const chosen = JSON.stringify(contentIn(two.pulumi.state!.outputs).images);
      assert.match(chosen, /"linux\/amd64","linux\/s390x"/);
      assert.ok(chosen.includes(`becomes ${await rawDigest(`oci-archive:${two.file}`)}`), chosen);
      for (const consumer of engines.keys()) {
        for (const [archive, child] of [
          [all, amd64],
          [one, arm64],
          [two, amd64],
        ] as const) {
          const found = await loaded(consumer, archive.file, image("multi:v1"));
          assert.deepEqual(ids(found), [child!.configDigest], consumer);
        }
      }
    });

    it("takes over an archive that skopeo has written of the same image", async () => {
      const path = freshPath();
      const target = `docker-archive:${at(path)}:${image("web:v1")}`;
      const source = `docker://${image("web:v1")}`;
      execFileSync("skopeo", ["copy", "--quiet", "--src-tls-verify=false", source, target]);
      const { inputs, failures } = await world.pulumi().preview({ path, images: [image("web:v1")] });

      assert.deepEqual(failures, []);
      assert.equal(contentIn(inputs).action, "adopt");
    });

    it("writes again when the tag moves", async () => {
      const { pulumi, args, file } = await archived({ images: [image("edge:v1")] });
      await registry.copyFrom(`${world.host}/acme/api:v2`, "acme/edge:v1");
      const { step, inputs } = await pulumi.up(args);

      assert.equal(step, "update");
      assert.equal(contentIn(inputs).reason, `${image("edge:v1")} moved`);
      assert.equal(await rawDigest(`oci-archive:${file}`), published.api.digest);
    });
  });

  for (const source of ["dockerd", "podman"]) {
    describe(`from ${source}`, () => {
      const consumer = source === "dockerd" ? "podman" : "dockerd";
      let origin: ContainerEngine;
      let pinned: string;
      const settings = () => ({ engine: { host: `unix://${origin.socket}` } });
      const id = () => published.web.configDigest!;
      const apiId = () => published.api.configDigest!;

      beforeEach(async () => {
        origin = engines.get(source)!;
        await removeAllImages(origin);
        pinned = `${registry.host}/acme/web@${published.web.digest}`;
        await origin.pull(`${registry.host}/acme/web`, "v1");
        await origin.pull(`${registry.host}/acme/api`, "v2");
        for (const name of [web, "quay.io/acme/web:stable", "web:hub"]) await tagIn(origin, id(), name);
        await tagIn(origin, apiId(), "quay.io/acme/api:v2");
      });

      for (const format of ["docker-archive", "oci-archive", "engine"] as const) {
        it(`exports several images and two names of one as ${format}`, async () => {
          const names = [web, "quay.io/acme/web:stable", "quay.io/acme/api:v2"];
          const images = names.map((name) => ({ engine: name }));
          const { file } = await archived({ ...settings(), images, format });

          if (format === "oci-archive") {
            for (const name of names) {
              const config = name.includes("web") ? id() : apiId();
              assert.equal(await configDigest(`oci-archive:${file}:${name}`), config);
            }
            return;
          }
          assert.deepEqual(ids(await loaded(consumer, file, ...names)), [id(), id(), apiId()]);
          for (const name of names) {
            const config = name.includes("web") ? id() : apiId();
            assert.equal(await configDigest(`docker-archive:${file}:${name}`), config, name);
          }
        });

        it(`exports by ID, short ID and digest as ${format}`, async () => {
          for (const engine of [id(), id().slice(7, 19), pinned]) {
            const { file } = await archived({ ...settings(), images: [{ engine }], format });
            const reader = format === "oci-archive" ? "oci-archive" : "docker-archive";
            assert.equal(await configDigest(`${reader}:${file}`), id(), engine);
          }
        });
      }

      it("takes over the engine's own archives: by ID, two names of one image, Docker Hub's short names", async () => {
        const wanted: readonly (readonly string[])[] = [
          [id()],
          [web, "quay.io/acme/web:stable"],
          ["web:hub"],
          ["docker.io/library/web:hub"],
        ];
        for (const references of wanted) {
          const path = freshPath();
          const query = references.map((name) => `names=${encodeURIComponent(name)}`).join("&");
          const { body } = await getOverSocket(origin.socket, `/v1.41/images/get?${query}`);
          await writeFile(at(path), body);
          const images = references.map((engine) => ({ engine }));
          const pulumi = world.pulumi(path);
          const { inputs, failures } = await pulumi.preview({ path, images, ...settings() });
          assert.deepEqual(failures, [], references.join());
          assert.equal(contentIn(inputs).action, "adopt", references.join());
        }
      });

      for (const compression of ["gzip", "zstd"] as const) {
        it(`compresses the engine's own bytes with ${compression}`, async () => {
          const { file } = await archived({ ...settings(), images: [{ engine: web }], compression });
          for (const reader of readersOf[compression]) {
            assert.deepEqual(ids(await loaded(reader, file, web)), [id()], reader);
          }
        });
      }

      it("gives an image its name with as, by ID and by name", async () => {
        for (const engine of [id(), web]) {
          const { file } = await archived({ ...settings(), images: [{ engine, as: "quay.io/acme/new:v7" }] });
          const [found] = await loaded(consumer, file, "quay.io/acme/new:v7");
          assert.deepEqual([ids([found!]), found!.RepoTags], [[id()], ["quay.io/acme/new:v7"]]);
        }
      });

      it("keeps the tag of a reference with a digest", async () => {
        const engine = pinned.replace("@", ":v1@");
        const { file } = await archived({ ...settings(), images: [{ engine }] });
        assert.deepEqual(ids(await loaded(consumer, file, image("web:v1"))), [id()]);
      });

      it("mixes with images of a registry", async () => {
        const names = ["docker:v1", "multi:v1", "api:v2"].map(image);
        const images = [{ engine: web }, ...names];
        const { file } = await archived({ ...settings(), images });

        const { docker, multi } = published;
        const configs = [id(), docker.configDigest, multi.children[1]!.configDigest, apiId()];
        for (const each of ["podman", "dockerd"]) {
          const found = await loaded(each, file, web, ...names);
          assert.deepEqual(ids(found), configs, each);
        }
        assert.equal(await rawDigest(`oci-archive:${file}:v2`), published.api.digest);
      });

      it("writes again when the image moves", async () => {
        const { pulumi, args, file } = await archived({ ...settings(), images: [{ engine: web }] });
        await tagIn(origin, apiId(), web);
        const { step, inputs } = await pulumi.up(args);

        assert.equal(step, "update");
        assert.equal(contentIn(inputs).reason, `${web} moved`);
        assert.equal(await configDigest(`docker-archive:${file}:${web}`), apiId());
      });
    });
  }

  it("is taken to be up to date while its engine is stopped", async () => {
    const origin = await startPodman();
    const images = [{ engine: web }];
    const host = `unix://${origin.socket}`;
    try {
      await origin.pull(`${registry.host}/acme/web`, "v1");
      await tagIn(origin, published.web.configDigest!, web);
    } catch (error) {
      await origin.close();
      throw error;
    }
    const { pulumi, args } = await archived({ engine: { host }, images }).finally(() => origin.close());
    const { step, failures } = await pulumi.preview(args);

    assert.deepEqual([step, failures], ["same", []]);
    assert.ok(pulumi.lines.some((line) => /taken to be up to date/.test(line)));
  });
});
