import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { pack } from "tar-stream";
import { findDamage } from "../../../../provider/tarball/read/archiveIdentity.js";
import type { TarEntry } from "../../../../provider/tarball/tar/parser.js";
import { walkTar } from "../../../../provider/tarball/tar/walk.js";
import { writeTar } from "../../../../provider/tarball/tar/writer.js";
import { planLayout } from "../../../../provider/tarball/write/layout.js";
import {
  buildImage,
  collect,
  digestOf,
  indexType,
  json,
  manifestType,
  named,
  neverAborted,
  sourceOf,
  tarOf,
} from "../../../support/builders/builtImage.js";
import { repositoryRoot } from "../../../support/repositoryRoot.js";
import { bytesOf } from "../../../support/tarMembers.js";

const samples = join(repositoryRoot, "test/conformance/archives");
const packings = { plain: (bytes: Uint8Array) => bytes, gzip: gzipSync, zstd: zstdCompressSync };
const gibibyte = 1024 ** 3;

const hexOf = (bytes: Uint8Array) => digestOf(bytes).slice("sha256:".length);
const blobFile = (bytes: Uint8Array) => `blobs/sha256/${hexOf(bytes)}`;
const configOf = (...diffIds: readonly string[]) =>
  json({ os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: diffIds } });

describe("the damage of an archive", () => {
  let folder: string;
  let path: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "archive-damage-"));
    path = join(folder, "archive");
  });
  after(() => rmSync(folder, { recursive: true }));

  async function damageOf(bytes: Uint8Array, known: readonly string[] = []): Promise<string | undefined> {
    writeFileSync(path, bytes);
    return await findDamage(path, known, neverAborted);
  }

  /** What the images of an archive consist of; the rest is for engines of the time before digests. */
  async function partsOf(bytes: Uint8Array): Promise<readonly TarEntry[]> {
    writeFileSync(path, bytes);
    await using file = await open(path);
    const members = await walkTar(file, neverAborted);
    return [...members.values()].filter(
      ({ name, kind }) => kind === "file" && /^blobs\/|\.tar$|^[0-9a-f]{64}\.json$/.test(name),
    );
  }

  for (const name of readdirSync(samples).filter((each) => each.endsWith(".tar"))) {
    const bytes = readFileSync(join(samples, name));

    it(`is none in ${name}, plain and compressed`, async () => {
      for (const [how, compress] of Object.entries(packings)) {
        assert.equal(await damageOf(compress(bytes)), undefined, how);
      }
    });

    it(`is found in every part of ${name}`, async () => {
      const parts = await partsOf(bytes);
      assert.ok(parts.length >= 3, "two layers and a config at least");
      for (const { name: part, offset, size } of parts) {
        for (const at of [offset, offset + (size >> 1), offset + size - 1]) {
          const damaged = Buffer.from(bytes);
          damaged[at]! ^= 1;
          const damage = await damageOf(damaged);
          assert.ok(damage?.includes(part), `${part} at ${at}: ${damage}`);
          assert.notEqual(await damageOf(gzipSync(damaged)), undefined, `${part} at ${at}, compressed`);
        }
      }
    });

    it(`is found wherever ${name} is cut`, async () => {
      for (const compress of Object.values(packings)) {
        const whole = compress(bytes);
        for (let part = 0; part < 10; part += 1) {
          const cut = whole.subarray(0, Math.floor((whole.length * part) / 10));
          assert.notEqual(await damageOf(cut), undefined, `${part} tenths`);
        }
      }
    });
  }

  for (const format of ["docker-archive", "oci-archive"] as const) {
    it(`is none in a ${format} of ours`, async () => {
      const images = [await buildImage(["base", "web"]), await buildImage(["base", "x".repeat(100_000)])];
      const trees = images.map((image, at) => named(image, `x:${at}`));
      const tar = await collect(writeTar(planLayout(trees, format), images.map(sourceOf), neverAborted));
      for (const compress of Object.values(packings)) assert.equal(await damageOf(compress(tar)), undefined);
    });
  }

  describe("of layers", () => {
    const layer = Buffer.from("layer ".repeat(1000));
    const other = Buffer.from("other ".repeat(1000));
    const config = configOf(digestOf(layer));
    const dockerArchive = (content: Uint8Array, image = config) =>
      tarOf({
        "a/layer.tar": content,
        [`${hexOf(image)}.json`]: image,
        "manifest.json": json([
          { Config: `${hexOf(image)}.json`, RepoTags: ["x:1"], Layers: ["a/layer.tar"] },
        ]),
      });
    /** Everything is what its name says, but not the layer what the config says. */
    const layout = (content: Uint8Array, image = config) => {
      const manifest = json({
        mediaType: manifestType,
        config: { digest: digestOf(image), size: image.length },
        layers: [{ digest: digestOf(content), size: content.length }],
      });
      const descriptor = { mediaType: manifestType, digest: digestOf(manifest), size: manifest.length };
      return tarOf({
        [blobFile(content)]: content,
        [blobFile(image)]: image,
        [blobFile(manifest)]: manifest,
        "index.json": json({ manifests: [descriptor] }),
      });
    };

    for (const [form, archive] of Object.entries({ dockerArchive, layout })) {
      for (const [how, compress] of Object.entries(packings)) {
        it(`is found where they are not what the config says: ${form}, ${how}`, async () => {
          assert.equal(await damageOf(await archive(compress(layer))), undefined);
          assert.match(
            (await damageOf(await archive(compress(other)))) ?? "",
            new RegExp(`is not the layer ${digestOf(layer)} of its image`),
          );
        });
      }

      it(`is found where they are not whole: ${form}`, async () => {
        for (const compress of [gzipSync, zstdCompressSync]) {
          const cut = await archive(compress(layer).subarray(0, -4));
          assert.match((await damageOf(cut)) ?? "", /is no whole (gzip|zstd)/);
        }
      });

      it(`is found where a config names no digest: ${form}`, async () => {
        for (const diffId of ["md5:00", "", "sha256"]) {
          const damage = await damageOf(await archive(layer, configOf(diffId)));
          assert.equal(damage, `${JSON.stringify(diffId)} is no digest`);
        }
      });

      it(`is found where a few bytes would fill a disk: ${form}`, async () => {
        const bomb = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024));
        const bombs = Buffer.concat(Array<Buffer>(24).fill(bomb));
        assert.ok(bombs.length * 1100 < gibibyte / 2);
        assert.match(
          (await damageOf(await archive(bombs))) ?? "",
          /^more than \d+ bytes come out of its \d+$/,
        );
      });
    }

    it("is found where there are more or fewer than in the config", async () => {
      for (const diffIds of [[], [digestOf(layer), digestOf(other)]]) {
        const damage = await damageOf(await dockerArchive(layer, configOf(...diffIds)));
        assert.match(damage ?? "", new RegExp(`has ${diffIds.length} layers, and manifest\\.json 1$`));
      }
    });

    describe("that are known", () => {
      const packed = gzipSync(other);
      const manifest = json({ config: { digest: digestOf(config) }, layers: [{ digest: digestOf(packed) }] });
      const index = json({ manifests: [{ mediaType: manifestType, digest: digestOf(manifest) }] });
      const hybrid = (content: Uint8Array, listed: Uint8Array = packed) =>
        tarOf({
          ...Object.fromEntries([layer, config, manifest, index].map((bytes) => [blobFile(bytes), bytes])),
          [blobFile(packed)]: content,
          "index.json": json({ manifests: [{ mediaType: indexType, digest: digestOf(index) }] }),
          "manifest.json": json([{ Config: blobFile(config), RepoTags: null, Layers: [blobFile(listed)] }]),
        });

      for (const [what, document] of Object.entries({ manifest, index })) {
        const known = [digestOf(document)];

        it(`is not searched in their decompressed bytes, by the ${what}`, async () => {
          assert.equal(await damageOf(await hybrid(packed), known), undefined);
          assert.match((await damageOf(await hybrid(packed))) ?? "", /is not the layer/);
        });

        it(`is found in their bytes, by the ${what}`, async () => {
          const damage = await damageOf(await hybrid(gzipSync(layer)), known);
          assert.equal(damage, `${blobFile(packed)} is not what its digest says`);
        });

        it(`is found where manifest.json names others, by the ${what}`, async () => {
          assert.equal(await damageOf(await hybrid(packed, layer), known), undefined);
          const wrong = await hybrid(packed, config);
          assert.match((await damageOf(wrong, known)) ?? "", /is not the layer/);
        });
      }
    });

    it("is found where one layer would have to be two", async () => {
      const image = configOf(digestOf(layer), digestOf(other));
      const damage = await damageOf(
        await tarOf({
          "layer.tar": layer,
          [hexOf(image)]: image,
          "manifest.json": json([{ Config: hexOf(image), Layers: ["layer.tar", "layer.tar"] }]),
        }),
      );
      assert.equal(damage, `"layer.tar" cannot be both ${digestOf(layer)} and ${digestOf(other)}`);
    });

    it("is none where a layer is there twice", async () => {
      const image = configOf(digestOf(layer), digestOf(layer));
      const archive = await tarOf({
        "layer.tar": gzipSync(layer),
        [hexOf(image)]: image,
        "manifest.json": json([{ Config: hexOf(image), Layers: ["layer.tar", "layer.tar"] }]),
      });
      assert.equal(await damageOf(archive), undefined);
    });

    it("is found behind a link, and not in a member that a link hides", async () => {
      const archive = async (target: Uint8Array) => {
        const tar = pack();
        tar.entry({ name: "b/layer.tar" }, Buffer.from(target));
        tar.entry({ name: "a/layer.tar", type: "symlink", linkname: "../b/layer.tar" });
        tar.entry({ name: hexOf(config) }, config);
        const entry = { Config: hexOf(config), RepoTags: null, Layers: ["a/layer.tar"] };
        tar.entry({ name: "manifest.json" }, json([entry]));
        tar.finalize();
        return await bytesOf(tar as AsyncIterable<Uint8Array>);
      };
      assert.equal(await damageOf(await archive(layer)), undefined);
      assert.match((await damageOf(await archive(other))) ?? "", /^b\/layer\.tar is not the layer/);
    });

    it("is found in the last member of a name, which is the one that counts", async () => {
      const archive = async (...contents: readonly Buffer[]) => {
        const tar = pack();
        for (const content of contents) tar.entry({ name: "layer.tar" }, content);
        tar.entry({ name: hexOf(config) }, config);
        tar.entry({ name: "manifest.json" }, json([{ Config: hexOf(config), Layers: ["layer.tar"] }]));
        tar.finalize();
        return await bytesOf(tar as AsyncIterable<Uint8Array>);
      };
      for (const compress of Object.values(packings)) {
        assert.equal(await damageOf(compress(await archive(other, layer))), undefined);
        assert.match((await damageOf(compress(await archive(layer, other)))) ?? "", /is not the layer/);
      }
    });
  });

  it("is found in blobs that nothing refers to, by every digest that OCI has", async () => {
    const image = await buildImage(["a"]);
    const members = planLayout([named(image, "x:1")], "oci-archive");
    const content = Buffer.from("signature");
    for (const algorithm of ["sha256", "sha384", "sha512"]) {
      const hex = createHash(algorithm).update(content).digest("hex");
      for (const bytes of [content, Buffer.from("forged...")]) {
        const name = `blobs/${algorithm}/${hex}`;
        const extra = { name, size: bytes.length, content: { kind: "bytes", bytes } } as const;
        const tar = await collect(writeTar([...members, extra], [sourceOf(image)], neverAborted));
        assert.equal(
          await damageOf(tar),
          bytes === content ? undefined : `${name} is not what its digest says`,
        );
      }
    }
  });

  it("is found where the file itself would fill a disk", async () => {
    const bomb = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024, "\u0001"));
    const tar = await tarOf({ "manifest.json": "[]" });
    const bombs = Buffer.concat([zstdCompressSync(tar.subarray(0, -1024)), ...Array<Buffer>(24).fill(bomb)]);
    assert.notEqual(await damageOf(bombs), undefined);
  });

  it("is what makes a file no archive", async () => {
    assert.equal(await damageOf(Buffer.alloc(0)), "it ends too early, after 0 bytes");
    assert.equal(await damageOf(await tarOf({ a: "a" })), "there is no whole image in it");
    assert.equal(await findDamage(folder, [], neverAborted), "it is no file");
  });

  it("is not searched any longer after cancellation", async () => {
    writeFileSync(path, readFileSync(join(samples, "docker20.10-multi.tar")));
    await assert.rejects(
      findDamage(path, [], { signal: AbortSignal.abort(new Error("enough")) }),
      /enough|abort/,
    );
  });
});
