import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { archiveIdentity } from "../../support/archiveIdentity.js";
import { type ArchiveWorld, contentIn, startArchiveWorld } from "../../support/worlds/archive.js";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("ImageArchive", () => {
  let world: ArchiveWorld;
  let v1: string;
  let v2: string;

  beforeEach(async () => {
    world = await startArchiveWorld();
    v1 = world.publish("v1");
    v2 = world.publish("v2");
  });
  afterEach(() => world.close());

  const file = (name = "web.tar") => join(world.folder, name);
  const image = (tag: string) => `${world.host}/acme/web:${tag}`;
  const archive = (more: object = {}) => ({ path: "web.tar", images: [image("v1")], ...more });
  const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
  const identity = async (name?: string) => {
    const found = await archiveIdentity(file(name));
    assert.ok(found !== undefined);
    return found;
  };

  it("previews the archive's content, and writes nothing", async () => {
    const preview = await world.pulumi().preview(archive());

    assert.deepEqual(preview.failures, []);
    const { action, images, size = 0 } = contentIn(preview.inputs);
    assert.equal(action, "write");
    assert.equal(images[image("v1")]?.digest, v1);
    assert.deepEqual(images[image("v1")]?.platforms, ["linux/amd64"]);
    assert.deepEqual(images[image("v1")]?.names, [image("v1")]);
    assert.ok(size > 0);
    assert.deepEqual(readdirSync(world.folder), []);
  });

  it("writes an archive with the registry's digests, and needs one HEAD in a second run", async () => {
    const pulumi = world.pulumi();
    await pulumi.preview(archive());
    await pulumi.up(archive());

    const { images, format } = await identity();
    assert.equal(format, "hybrid");
    assert.deepEqual(
      images.map(({ names, manifestDigest }) => [names, manifestDigest]),
      [[[image("v1")], v1]],
    );
    assert.equal(pulumi.state?.outputs.sha256, sha256(file()));
    assert.equal(statSync(file()).mode & 0o777, 0o600);

    world.sandbox.requests.clear();
    assert.equal((await pulumi.preview(archive())).step, "same");
    const asked = world.sandbox.requests
      .matching({ server: "open" })
      .map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(
      asked.filter((request) => request.includes("/manifests/")),
      ["HEAD /v2/acme/web/manifests/v1"],
    );
  });

  it("writes the same bytes everywhere", async () => {
    await world.pulumi().up(archive());
    await world.pulumi("other").up(archive({ path: "other.tar" }));

    assert.equal(sha256(file()), sha256(file("other.tar")));
  });

  it("writes again when an image moves, and says which", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(archive());
    world.sandbox.registry().moveTag("acme/web", "v1", v2);
    const preview = await pulumi.preview(archive());
    await pulumi.up(archive());

    assert.equal(preview.step, "update");
    assert.deepEqual(
      [contentIn(preview.inputs).action, contentIn(preview.inputs).reason],
      ["rewrite", `${image("v1")} moved`],
    );
    assert.deepEqual(
      (await identity()).images.map((each) => each.manifestDigest),
      [v2],
    );
  });

  it("holds several images and several names of one", async () => {
    await world
      .pulumi()
      .up(archive({ images: [image("v1"), image("v2"), { registry: image("v1"), as: "acme/web:stable" }] }));
    const { images } = await identity();

    assert.deepEqual(
      images.flatMap(({ names, manifestDigest }) => names.map((name) => [name, manifestDigest])).sort(),
      [
        [image("v1"), v1],
        [image("v2"), v2],
        ["docker.io/acme/web:stable", v1],
      ].sort(),
    );
  });

  describe("the file", () => {
    it("is written again when it is missing, unless that is to be ignored", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(archive());
      unlinkSync(file());
      const preview = await pulumi.preview(archive());
      assert.deepEqual([preview.step, contentIn(preview.inputs).reason], ["update", "the file is gone"]);
      assert.equal((await pulumi.preview(archive({ onMissing: "ignore" }))).step, "update");
      await pulumi.up(archive());
      assert.ok(existsSync(file()));
    });

    it("is written again when somebody has changed it", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(archive());
      const before = sha256(file());
      appendFileSync(file(), "x");
      assert.equal((await pulumi.preview(archive())).step, "update");
      await pulumi.up(archive());
      assert.equal(sha256(file()), before);

      const bytes = readFileSync(file());
      bytes[2000] = (bytes[2000] ?? 0) ^ 1;
      writeFileSync(file(), bytes);
      assert.equal((await pulumi.preview(archive())).step, "update");
    });

    it("is not written again when only its times have changed", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(archive());
      const content = readFileSync(file());
      unlinkSync(file());
      writeFileSync(file(), content, { mode: 0o600 });

      assert.equal((await pulumi.preview(archive())).step, "same");
    });

    it("is not overwritten when it is somebody else's", async () => {
      writeFileSync(file(), "precious");
      const preview = await world.pulumi().preview(archive());
      assert.match(
        preview.failures.join(),
        /path: web\.tar exists and was not written by this resource.* \[ARCHIVE_UNMANAGED\]/,
      );

      await world.pulumi().up(archive({ overwriteUnmanaged: true }));
      assert.equal((await identity()).images.length, 1);
    });

    it("is adopted without being written when it holds just these images", async () => {
      await world.pulumi("first").up(archive());
      const before = statSync(file(), { bigint: true });
      const pulumi = world.pulumi("second");
      const preview = await pulumi.preview(archive());
      await pulumi.up(archive());

      assert.equal(contentIn(preview.inputs).action, "adopt");
      assert.equal(statSync(file(), { bigint: true }).ino, before.ino);
      assert.equal((await pulumi.preview(archive())).step, "same");
    });

    it("is adopted with its sidecar files, which are deleted with the new owner", async () => {
      const first = world.pulumi("first");
      await first.up(archive({ manifest: true }));
      const second = world.pulumi("second");
      await second.up(archive({ manifest: true }));
      await first.destroy();
      assert.deepEqual(readdirSync(world.folder).sort(), ["web.tar", "web.tar.json", "web.tar.sha256"]);

      await second.destroy();
      assert.deepEqual(readdirSync(world.folder), []);
    });

    it("stays when its resource is renamed: the old one no longer owns it", async () => {
      const old = world.pulumi("old");
      await old.up(archive());
      const renamed = world.pulumi("new");
      await renamed.up(archive());
      await old.destroy();

      assert.ok(existsSync(file()));
      assert.ok(old.lines.some((line) => /web\.tar stays/.test(line)));
      await renamed.destroy();
      assert.equal(existsSync(file()), false);
    });

    it("stays when its resource is replaced", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(archive());
      const step = await pulumi.up(archive(), { replace: true });

      assert.deepEqual(
        [contentIn(step.inputs).action, contentIn(step.inputs).reason],
        ["rewrite", "the resource is replaced"],
      );
      assert.equal((await identity()).images.length, 1);
      assert.equal((await pulumi.preview(archive())).step, "same");
      await pulumi.destroy();
      assert.deepEqual(readdirSync(world.folder), []);
    });

    it("is rewritten by a replacement whose image has moved", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(archive());
      world.sandbox.registry().moveTag("acme/web", "v1", v2);
      const step = await pulumi.up(archive(), { replace: true });

      assert.deepEqual(step.failures, []);
      assert.equal(contentIn(step.inputs).reason, `${image("v1")} moved`);
      assert.deepEqual(
        (await identity()).images.map((each) => each.manifestDigest),
        [v2],
      );
      writeFileSync(file("other.tar"), "precious");
      await assert.rejects(pulumi.up(archive({ path: "other.tar" })), /ARCHIVE_UNMANAGED/);
    });

    it("moves when its path changes", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(archive());
      const step = await pulumi.up(archive({ path: "other.tar" }));

      assert.equal(step.step, "replace");
      assert.deepEqual(readdirSync(world.folder), ["other.tar"]);
    });

    it("is deleted with the resource, and kept with onDestroy: keep", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(archive());
      await pulumi.destroy();
      assert.deepEqual(readdirSync(world.folder), []);

      const keeper = world.pulumi();
      await keeper.up(archive({ onDestroy: "keep" }));
      await keeper.destroy();
      assert.deepEqual(readdirSync(world.folder), ["web.tar"]);
    });

    it("is refused where a folder is, and its folders are made only when asked for", async () => {
      mkdirSync(file());
      assert.match((await world.pulumi().preview(archive())).failures.join(), /web\.tar is a directory/);
      await assert.rejects(world.pulumi().up(archive({ path: "out/web.tar" })), /createDirectories/);
      await world.pulumi().up(archive({ path: "out/web.tar", createDirectories: true }));
      assert.ok(existsSync(file("out/web.tar")));
    });

    it("has sidecar files with its mapping and its checksum, which are deleted with it", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(archive({ manifest: true }));
      assert.equal(readFileSync(file("web.tar.sha256"), "utf8"), `${sha256(file())}  web.tar\n`);
      const { images } = JSON.parse(readFileSync(file("web.tar.json"), "utf8")) as {
        images: { digest: string }[];
      };
      assert.deepEqual(
        images.map(({ digest }) => digest),
        [v1],
      );

      await pulumi.destroy();
      assert.deepEqual(readdirSync(world.folder), []);
    });
  });

  describe("image streams", () => {
    const push = (tag: string, content: string) =>
      world.sandbox.integratedRegistry.push({
        namespace: "shop",
        name: "site",
        tag,
        image: { layers: ["base", content] },
      });
    const streams = (stream: unknown, more: object = {}) =>
      archive({ connection: world.connection, images: [{ stream }], ...more });

    it("are exported from the integrated registry: one tag, a glob, a whole stream", async () => {
      const one = push("v1", "one");
      push("v2", "two");
      push("edge", "three");
      await world.pulumi("a").up(streams("shop/site:v1"));
      assert.deepEqual(
        (await identity()).images.map(({ names, manifestDigest }) => [names, manifestDigest]),
        [[["docker.io/shop/site:v1"], one.digest]],
      );

      await world.pulumi("b").up(streams("shop/site:v*", { path: "glob.tar" }));
      assert.equal((await identity("glob.tar")).images.length, 2);
      await world.pulumi("c").up(streams("shop/site", { path: "all.tar" }));
      assert.equal((await identity("all.tar")).images.length, 3);
    });

    it("are pending while a digest is not imported yet, and exported once it is", async () => {
      const { digest } = push("v1", "one");
      world.sandbox.remove({
        apiVersion: "image.openshift.io/v1",
        kind: "ImageStream",
        metadata: { name: "site", namespace: "shop" },
      });
      const handle = { namespace: "shop", name: "site", tag: "v1", digest };
      const pulumi = world.pulumi();
      const preview = await pulumi.preview(streams(handle));
      assert.deepEqual(preview.failures, []);
      assert.equal(contentIn(preview.inputs).images["shop/site:v1"]?.isPending, true);

      await assert.rejects(pulumi.up(streams(handle)), /does not serve .*IMAGE_NOT_FOUND/);
      push("v1", "one");
      await pulumi.up(streams(handle));
      assert.deepEqual(
        (await identity()).images.map((each) => each.manifestDigest),
        [digest],
      );
    });

    it("are named in an error when they do not exist", async () => {
      const missing = streams("shop/nothing:v1");
      await assert.rejects(world.pulumi().up(missing), /there is no image stream tag shop\/nothing:v1/);
      push("v1", "one");
      const pulumi = world.pulumi();
      await pulumi.up(streams("shop/site:v1"));
      const preview = await pulumi.preview(missing);
      assert.match(
        preview.failures.join(),
        /shop\/nothing:v1.*STREAM_NOT_FOUND/,
        "only a first one may wait",
      );
    });
  });

  it("takes an existing archive for up to date while its registry cannot be reached, and its content for unknown without one", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(archive());
    world.sandbox.faults.add({ server: "open", effect: { kind: "cut", when: "before" }, times: 0 });

    const preview = await pulumi.preview(archive());
    assert.equal(preview.step, "same");
    assert.ok(pulumi.lines.some((line) => /taken to be up to date/.test(line)));
    const more = archive({ images: [image("v1"), image("v2")] });
    assert.equal((await pulumi.preview(more)).inputs.content, unknown, "what is added is not known");
    await assert.rejects(pulumi.up(more), /REGISTRY_UNREACHABLE/);
    const first = await world.pulumi("first").preview(archive({ path: "other.tar" }));
    assert.deepEqual(first.failures, []);
    assert.equal(first.inputs.content, unknown);
  });

  it("keeps the old file when the new one cannot be finished", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(archive());
    const before = sha256(file());
    world.sandbox.registry().moveTag("acme/web", "v1", v2);
    world.sandbox.faults.add({ server: "open", path: "/blobs/", effect: { kind: "corrupt" }, times: 0 });
    await assert.rejects(pulumi.up(archive()));

    assert.equal(sha256(file()), before);
    assert.deepEqual(readdirSync(world.folder), ["web.tar"]);
  });
});
