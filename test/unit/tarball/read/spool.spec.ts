import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack } from "tar-stream";
import type { ArchivedImage, SpooledArchive } from "../../../../provider/archive/filePorts.js";
import { tarballs } from "../../../../provider/tarball/streams.js";
import { writeTar } from "../../../../provider/tarball/tar/writer.js";
import { planLayout } from "../../../../provider/tarball/write/layout.js";
import { archiveIdentity } from "../../../support/archiveIdentity.js";
import {
  arm64,
  buildImage,
  buildIndex,
  type BuiltImage,
  collect,
  digestOf,
  json,
  named,
  neverAborted,
  sourceOf,
  tarOf,
} from "../../../support/builders/builtImage.js";
import { repositoryRoot } from "../../../support/repositoryRoot.js";

const samples = join(repositoryRoot, "test/conformance/archives");

describe("an engine's archive that is put aside", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "archive-spool-"))));
  after(() => rmSync(folder, { recursive: true }));

  async function spool(bytes: Uint8Array, into = folder): Promise<SpooledArchive> {
    const pieces = [bytes.subarray(0, 1000), bytes.subarray(1000)];
    return await tarballs.spool(
      (async function* () {
        await Promise.resolve();
        yield* pieces;
      })(),
      into,
      neverAborted,
    );
  }

  async function identify(bytes: Uint8Array): Promise<readonly ArchivedImage[]> {
    const path = join(folder, "archive.tar");
    writeFileSync(path, bytes);
    const identity = await archiveIdentity(path);
    rmSync(path);
    return identity?.images ?? [];
  }

  const facts = ({ configDigest, diffIds, platform }: ArchivedImage) => ({ configDigest, diffIds, platform });

  for (const name of readdirSync(samples).filter((name) => name.endsWith(".tar"))) {
    it(`can be laid out anew: ${name}`, async () => {
      const bytes = readFileSync(join(samples, name));
      const spooled = await spool(bytes);

      const stream = tarballs.layout(spooled.images, "docker-archive", neverAborted);
      const written = await collect(stream.content);
      await spooled.close();

      assert.equal(written.length, stream.size);
      const images = await identify(written);
      assert.deepEqual(images, stream.identity().images);
      const sorted = (list: readonly ArchivedImage[]) =>
        list
          .map(facts)
          .map((each) => JSON.stringify(each))
          .sort();
      assert.deepEqual(sorted(images), sorted(await identify(bytes)));
    });
  }

  async function written(image: BuiltImage, without: readonly string[] = []): Promise<Buffer> {
    const members = planLayout([named(image, "x:1")], "docker-archive").filter(
      ({ name }) => !without.includes(name),
    );
    return await collect(writeTar(members, [sourceOf(image)], neverAborted));
  }

  it("gives an index as it is, and a new one when children are absent", async () => {
    const children = [
      await buildImage(["a"]),
      await buildImage(["b"], arm64),
      await buildImage(["c"], { os: "linux", architecture: "s390x" }),
    ];
    const multi = buildIndex(children);
    const roots = async (absent: readonly BuiltImage[]) => {
      const documents = absent.map(({ tree }) => `blobs/${tree.root.digest.replace(":", "/")}`);
      const spooled = await spool(await written(multi, documents));
      await spooled.close();
      assert.equal(spooled.images.length, 1);
      const { root, images } = spooled.images[0]!.found.tree;
      return [root.digest, images.map(({ descriptor }) => descriptor.digest)];
    };
    const digests = children.map(({ tree }) => tree.root.digest);

    assert.deepEqual(await roots([]), [multi.tree.root.digest, digests]);
    const [pruned, two] = await roots(children.slice(2));
    assert.notEqual(pruned, multi.tree.root.digest);
    assert.deepEqual(two, digests.slice(0, 2));
    assert.deepEqual(await roots(children.slice(1)), [digests[0], digests.slice(0, 1)]);
  });

  it("finds layers that are links to equal ones", async () => {
    const layer = await tarOf({ a: "a" });
    const config = json({
      os: "linux",
      architecture: "amd64",
      rootfs: { diff_ids: [digestOf(layer), digestOf(layer)] },
    });
    const hex = digestOf(config).slice("sha256:".length);
    const manifest = json([
      { Config: `${hex}.json`, RepoTags: null, Layers: ["1/layer.tar", "2/layer.tar"] },
    ]);
    const tar = pack();
    tar.entry({ name: "1/layer.tar", type: "symlink", linkname: "../2/layer.tar" });
    for (const [name, bytes] of [
      ["2/layer.tar", layer],
      [`${hex}.json`, config],
      ["manifest.json", manifest],
    ] as const) {
      tar.entry({ name }, bytes);
    }
    tar.finalize();

    const spooled = await spool(await collect(tar as AsyncIterable<Uint8Array>));
    const [image] = spooled.images;
    const [single] = image!.found.tree.images;
    const read = await collect(image!.found.blobs.read(single!.layers[0]!, neverAborted));
    await spooled.close();

    assert.equal(single!.layers.length, 2);
    assert.deepEqual(read, layer);
  });

  it("is refused when a layer is not what its digest says", async () => {
    const bytes = readFileSync(join(samples, "docker20.10-single.tar"));
    const at = bytes.indexOf("layer.tar") + 512 + 600;
    bytes[at]! ^= 1;
    const spooled = await spool(bytes);
    const reading = collect(tarballs.layout(spooled.images, "docker-archive", neverAborted).content);
    await assert.rejects(reading, /other content than its digest.*ARCHIVE_BROKEN/);
    await spooled.close();
  });

  it("is refused when it is not whole, or without images", async () => {
    const whole = await written(await buildImage(["a"]));
    const config = { Config: "a".repeat(64), RepoTags: null, Layers: [] };
    for (const bytes of [
      whole.subarray(0, 3000),
      await tarOf({ "manifest.json": "null" }),
      await tarOf({ "manifest.json": json([config]) }),
    ]) {
      await assert.rejects(spool(bytes), /cannot be used.*ARCHIVE_BROKEN/);
    }
  });

  it("has no file name, even while it is open, and makes no folder", async () => {
    const spooled = await spool(await written(await buildImage(["a"])), join(folder, "not/yet"));
    assert.deepEqual(readdirSync(folder), []);
    await spooled.close();
    const failing = (async function* () {
      await Promise.resolve();
      yield Buffer.from("x");
      throw new TypeError("cut");
    })();
    await assert.rejects(tarballs.spool(failing, folder, neverAborted), /^TypeError: cut$/);
    assert.deepEqual(readdirSync(folder), []);
  });
});
