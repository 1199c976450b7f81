import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { pack } from "tar-stream";
import type { ArchiveIdentity } from "../../../../provider/archive/filePorts.js";
import { readArchiveIdentity } from "../../../../provider/tarball/read/archiveIdentity.js";
import { archiveIdentity } from "../../../support/archiveIdentity.js";
import {
  digestOf,
  indexType,
  json,
  manifestType,
  neverAborted,
  tarOf,
} from "../../../support/builders/builtImage.js";
import { repositoryRoot } from "../../../support/repositoryRoot.js";
import { bytesOf } from "../../../support/tarMembers.js";

const samples = join(repositoryRoot, "test/conformance/archives");
const small = "ab2c48dc4fe2";
const other = "e73efc13f0b1";
const smallArm = "fe15a34673a1";
const index = "2d7f972cede9";

/** A tar of files and of symbolic links, which are texts. */
async function tarOfMembers(members: readonly (readonly [string, Buffer | string])[]): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of members) {
    if (typeof content === "string") tar.entry({ name, type: "symlink", linkname: content });
    else tar.entry({ name }, content);
  }
  tar.finalize();
  return await bytesOf(tar as AsyncIterable<Uint8Array>);
}

/** Of each image: names, first digits of config, manifest and index, platform, number of layers. */
type Row = readonly [readonly string[], string, string, string, string, number];

function rowsOf(identity: ArchiveIdentity | undefined): readonly Row[] | undefined {
  const digits = (digest: string | undefined) => digest?.slice("sha256:".length).slice(0, 12) ?? "";
  return identity?.images.map((image) => [
    image.names,
    digits(image.configDigest),
    digits(image.manifestDigest),
    digits(image.indexDigest),
    image.platform === undefined ? "" : `${image.platform.os}/${image.platform.architecture}`,
    image.diffIds.length,
  ]);
}

const recorded: Readonly<Record<string, readonly [ArchiveIdentity["format"], ...Row[]]>> = {
  "containerd1.6-allplatforms.tar": [
    "hybrid",
    [["example.com/t/multi:v1"], small, "01f32a80a475", index, "linux/amd64", 2],
    [["example.com/t/multi:v1"], smallArm, "0cb321d2ce6d", index, "linux/arm64", 2],
  ],
  "containerd1.6-arm64.tar": [
    "hybrid",
    [["example.com/t/multi:v1"], smallArm, "0cb321d2ce6d", index, "linux/arm64", 2],
  ],
  "containerd1.6-host.tar": [
    "hybrid",
    [["example.com/t/multi:v1"], small, "01f32a80a475", index, "linux/amd64", 2],
  ],
  "docker20.10-alias.tar": [
    "docker-archive",
    [["example.com/t/small:v1", "example.com/t/alias:v9"], small, "", "", "linux/amd64", 2],
  ],
  "docker20.10-byid.tar": ["docker-archive", [[], small, "", "", "linux/amd64", 2]],
  "docker20.10-multi.tar": [
    "docker-archive",
    [["example.com/t/small:v1", "hello:1"], small, "", "", "linux/amd64", 2],
    [["example.com/t/other:v1"], other, "", "", "linux/amd64", 3],
  ],
  "docker20.10-single.tar": ["docker-archive", [["example.com/t/small:v1"], small, "", "", "linux/amd64", 2]],
  "podman4.3-byid.tar": ["docker-archive", [[], small, "", "", "linux/amd64", 2]],
  "podman4.3-multi.tar": [
    "docker-archive",
    [["example.com/t/small:v1"], small, "", "", "linux/amd64", 2],
    [["example.com/t/other:v1"], other, "", "", "linux/amd64", 3],
  ],
  "podman4.3-oci-archive.tar": [
    "oci-archive",
    [["example.com/t/small:v1"], "7e6d027f9577", "1b9291d17f2f", "", "linux/amd64", 2],
  ],
  "podman4.3-single.tar": ["docker-archive", [["example.com/t/small:v1"], small, "", "", "linux/amd64", 2]],
  "skopeo1.9-docker-archive.tar": [
    "docker-archive",
    [["docker.io/library/hello:1"], small, "", "", "linux/amd64", 2],
  ],
  "skopeo1.9-oci-archive-multiarch.tar": [
    "oci-archive",
    [[], small, "01f32a80a475", index, "linux/amd64", 2],
    [[], smallArm, "0cb321d2ce6d", index, "linux/arm64", 2],
  ],
  "skopeo1.9-oci-archive.tar": ["oci-archive", [[], small, "01f32a80a475", "", "linux/amd64", 2]],
};

describe("the identity of an archive", () => {
  let folder: string;
  let path: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "archive-identity-"));
    path = join(folder, "archive");
  });
  after(() => rmSync(folder, { recursive: true }));

  async function identify(bytes: Uint8Array): Promise<ArchiveIdentity | undefined> {
    writeFileSync(path, bytes);
    return await archiveIdentity(path);
  }

  it("is read from every sample", () => {
    const present = readdirSync(samples).filter((name) => name.endsWith(".tar"));
    assert.deepEqual(Object.keys(recorded).sort(), present.sort());
  });

  for (const [name, [format, ...images]] of Object.entries(recorded)) {
    it(`is read from ${name}, plain and compressed`, async () => {
      const bytes = readFileSync(join(samples, name));
      for (const archive of [bytes, gzipSync(bytes), zstdCompressSync(bytes)]) {
        const identity = await identify(archive);
        assert.deepEqual([identity?.format, rowsOf(identity)], [format, images]);
      }
    });
  }

  const config = json({
    os: "linux",
    architecture: "arm64",
    variant: "v8",
    rootfs: { diff_ids: ["sha256:l"] },
  });
  const hex = digestOf(config).slice("sha256:".length);
  const layer = "blobs/sha256/layer";
  const blob = (bytes: Uint8Array) => `blobs/${digestOf(bytes).replace(":", "/")}`;
  const dockerTar = (path: string, entry: Record<string, unknown> = {}) =>
    tarOf({
      [path]: config,
      "layer.tar": "",
      "manifest.json": json([{ Config: path, RepoTags: ["x:1"], Layers: ["layer.tar"], ...entry }]),
    });

  for (const path of [`${hex}.json`, hex, `sha256:${hex}`, `blobs/sha256/${hex}`]) {
    it(`is read where the config is called ${path.replace(hex, "HEX")}`, async () => {
      const identity = await identify(await dockerTar(path));
      assert.deepEqual(identity, {
        format: "docker-archive",
        images: [
          {
            ...{
              names: ["x:1"],
              configDigest: `sha256:${hex}`,
              manifestDigest: undefined,
              indexDigest: undefined,
            },
            ...{ diffIds: ["sha256:l"], platform: { os: "linux", architecture: "arm64", variant: "v8" } },
          },
        ],
      });
    });
  }

  for (const RepoTags of [null, [], undefined]) {
    it(`is read where RepoTags is ${JSON.stringify(RepoTags)}`, async () => {
      assert.deepEqual((await identify(await dockerTar(hex, { RepoTags })))?.images[0]?.names, []);
    });
  }

  const linked = (target: string) =>
    tarOfMembers([
      [hex, config],
      ["other.tar", Buffer.from("layer")],
      ["layer.tar", target],
      ["manifest.json", json([{ Config: hex, RepoTags: ["x:1"], Layers: ["layer.tar"] }])],
    ]);

  const manifest = json({
    mediaType: manifestType,
    config: { digest: digestOf(config) },
    layers: [{ digest: "sha256:layer" }],
  });
  const descriptor = (bytes: Uint8Array, extra: object = {}) => ({
    ...{
      mediaType: bytes === manifest ? manifestType : indexType,
      digest: digestOf(bytes),
      size: bytes.length,
    },
    ...extra,
  });
  const layout = (root: object, files: readonly Uint8Array[]) =>
    tarOf({
      ...Object.fromEntries(files.map((bytes) => [blob(bytes), bytes])),
      [layer]: "layer",
      "index.json": json({ manifests: [root] }),
    });

  it("is read through nested indexes, without absent children and attestations", async () => {
    const inner = json({
      manifests: [
        descriptor(manifest),
        { mediaType: manifestType, digest: `sha256:${"0".repeat(64)}`, size: 1 },
        descriptor(manifest, { annotations: { "vnd.docker.reference.type": "attestation-manifest" } }),
        descriptor(manifest, { platform: { os: "unknown", architecture: "unknown" } }),
      ],
    });
    const outer = json({ manifests: [descriptor(inner)] });

    const identity = await identify(await layout(descriptor(outer), [outer, inner, manifest, config]));

    assert.deepEqual(rowsOf(identity), [
      [[], hex.slice(0, 12), digestOf(manifest).slice(7, 19), digestOf(outer).slice(7, 19), "linux/arm64", 1],
    ]);
  });

  it("is read of Docker 25, whose index.json leaves out a second image without a name", async () => {
    const [first, second] = [1, 2].map((layers) =>
      json({ os: "linux", architecture: "amd64", rootfs: { diff_ids: Array(layers).fill("sha256:l") } }),
    );
    const oci = json({ config: { digest: digestOf(first!) }, layers: [] });
    const archive = await tarOf({
      [blob(first!)]: first!,
      [blob(second!)]: second!,
      [blob(oci)]: oci,
      "index.json": json({
        manifests: [
          descriptor(oci, {
            mediaType: manifestType,
            annotations: {
              "io.containerd.image.name": "docker.io/library/x:1",
              "org.opencontainers.image.ref.name": "1",
            },
          }),
        ],
      }),
      "manifest.json": json([
        { Config: blob(first!), RepoTags: ["x:1"], Layers: [], LayerSources: {} },
        { Config: blob(second!), RepoTags: null, Layers: [] },
      ]),
    });

    const identity = await identify(archive);

    assert.equal(identity?.format, "hybrid");
    assert.deepEqual(
      identity.images.map(({ names, configDigest, diffIds }) => [names, configDigest, diffIds.length]),
      [
        [["docker.io/library/x:1"], digestOf(first!), 1],
        [[], digestOf(second!), 2],
      ],
    );
  });

  it("is read of crane, which has an entry for every name", async () => {
    const entry = { Config: `sha256:${hex}`, Layers: ["layer.tar"] };
    const archive = await tarOf({
      [`sha256:${hex}`]: config,
      "layer.tar": "",
      "manifest.json": json([
        { ...entry, RepoTags: ["x:1"] },
        { ...entry, RepoTags: ["docker.io/library/x:1", "y:2"] },
      ]),
    });
    assert.deepEqual(
      (await identify(archive))?.images.map(({ names }) => names),
      [["x:1", "y:2"]],
    );
  });

  it("includes the compression", async () => {
    const tar = await dockerTar(hex);
    for (const [compression, bytes] of [
      ["none", tar],
      ["gzip", gzipSync(tar)],
      ["zstd", zstdCompressSync(tar)],
    ] as const) {
      writeFileSync(path, bytes);
      const found = await readArchiveIdentity(path, neverAborted);
      assert.equal(found.kind === "archive" && found.compression, compression);
    }
  });

  it("is read from several gzip streams behind each other", async () => {
    const tar = await dockerTar(hex);
    const halves = [tar.subarray(0, 700), tar.subarray(700)].map((half) => gzipSync(half));
    assert.equal((await identify(Buffer.concat(halves)))?.images.length, 1);
  });

  it("comes from the last of several documents with one name", async () => {
    const good = json([{ Config: hex, RepoTags: ["x:1"], Layers: [] }]);
    for (const last of [good, Buffer.from("no JSON"), Buffer.from("[]")]) {
      const tar = await tarOfMembers([
        [hex, config],
        ["manifest.json", good],
        ["manifest.json", last],
      ]);
      for (const bytes of [tar, gzipSync(tar)]) {
        assert.equal((await identify(bytes))?.images.length, last === good ? 1 : undefined);
      }
    }
  });

  describe("is missing with a reason", () => {
    const sized = (sizes: {
      readonly manifest?: number;
      readonly config?: number;
      readonly layer?: number;
    }) => {
      const sizedManifest = json({
        config: { digest: digestOf(config), size: sizes.config ?? config.length },
        layers: [{ digest: "sha256:layer", size: sizes.layer ?? "layer".length }],
      });
      const root = {
        mediaType: manifestType,
        digest: digestOf(sizedManifest),
        size: sizes.manifest ?? sizedManifest.length,
      };
      return layout(root, [sizedManifest, config]);
    };
    const cases: Readonly<Record<string, readonly [RegExp, () => Uint8Array | Promise<Uint8Array>]>> = {
      "of a text": [/^no tar header at byte 0$/, () => Buffer.from("no archive ".repeat(200))],
      "of an empty file": [/^it ends too early, after 0 bytes$/, () => new Uint8Array()],
      "of other files": [/^there is no whole image in it$/, () => tarOf({ "a.txt": "a" })],
      "where a layer is longer than its manifest says": [
        /^blobs\/sha256\/layer has 5 bytes instead of 4$/,
        () => sized({ layer: 4 }),
      ],
      "where a layer is shorter": [/has 5 bytes instead of 6$/, () => sized({ layer: 6 })],
      "where a config has another size": [/instead of 1$/, () => sized({ config: 1 })],
      "where a manifest has another size": [/instead of 1$/, () => sized({ manifest: 1 })],
    };
    for (const [what, [why, make]] of Object.entries(cases)) {
      it(what, async () => {
        const tar = await make();
        const packings = tar.length === 0 ? [tar] : [tar, gzipSync(tar), zstdCompressSync(tar)];
        for (const bytes of packings) {
          writeFileSync(path, bytes);
          const found = await readArchiveIdentity(path, neverAborted);
          assert.match(found.kind === "none" ? found.why : "", why);
        }
      });
    }

    it("where only the sizes are wrong", async () => {
      assert.equal((await identify(await sized({})))?.images.length, 1);
    });

    it("where a compressed archive is cut, even behind everything that tells of its images", async () => {
      const whole = await tarOf({
        "index.json": json({ manifests: [descriptor(manifest)] }),
        [blob(manifest)]: manifest,
        [blob(config)]: config,
        [layer]: randomBytes(2 ** 20),
      });
      for (const [compression, compress] of [
        ["gzip", gzipSync],
        ["zstd", zstdCompressSync],
      ] as const) {
        const packed = compress(whole);
        for (const left of [packed.length - 1, packed.length - 600, 2 ** 19]) {
          writeFileSync(path, packed.subarray(0, left));
          const found = await readArchiveIdentity(path, neverAborted);
          assert.match(
            found.kind === "none" ? found.why : "",
            /^it (is no whole|ends too early)/,
            compression,
          );
        }
        const half = compress(whole.subarray(0, -1024));
        writeFileSync(path, half);
        const found = await readArchiveIdentity(path, neverAborted);
        assert.ok(found.kind === "none" && found.why.startsWith("it ends too early"));
      }
    });
  });

  describe("is missing", () => {
    const cases: Readonly<Record<string, () => Uint8Array | Promise<Uint8Array>>> = {
      "of an empty file": () => new Uint8Array(),
      "of a text": () => Buffer.from("no archive ".repeat(200)),
      "of a broken gzip": () => Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]),
      "of a broken zstd": () => Buffer.from("28b52ffd00ff00ff", "hex"),
      "of a gzip that is cut": async () => gzipSync(await dockerTar(hex)).subarray(0, -20),
      "of a tar without images": () => tarOf({ "a.txt": "a" }),
      "where manifest.json is null": () => tarOf({ "manifest.json": "null" }),
      "where manifest.json is no JSON": () => tarOf({ "manifest.json": "[{" }),
      "where manifest.json is huge": () => tarOf({ "manifest.json": Buffer.alloc(5 * 2 ** 20, 32) }),
      "where the config is not what its name says": () =>
        tarOf({ [hex]: "{}", "manifest.json": json([{ Config: hex, Layers: [] }]) }),
      "where the config is missing": () => tarOf({ "manifest.json": json([{ Config: hex, Layers: [] }]) }),
      "where a layer is missing": () => dockerTar(hex, { Layers: ["../other.tar"] }),
      "where a layer is a link to nowhere": () => linked("gone.tar"),
      "where a layer is a link to itself": () => linked("layer.tar"),
      "where a layer of the layout is missing": async () =>
        await tarOf({
          "index.json": json({ manifests: [descriptor(manifest)] }),
          [blob(manifest)]: manifest,
          [blob(config)]: config,
        }),
      "where an index has one manifest again and again": async () => {
        const layers = Array(20_000).fill({ digest: "sha256:layer" });
        const long = json({ config: { digest: digestOf(config) }, layers });
        const again = json({ manifests: Array(20_000).fill(descriptor(long, { mediaType: manifestType })) });
        return await layout(descriptor(again), [again, long, config]);
      },
      "where indexes contain each other many times": async () => {
        const deep = Array.from({ length: 8 }).reduce<Buffer[]>(
          (list) => [json({ manifests: Array(50).fill(descriptor(list[0]!)) }), ...list],
          [json({ manifests: [] })],
        );
        return await layout(descriptor(deep[0]!), deep);
      },
    };
    for (const [what, make] of Object.entries(cases)) {
      it(what, async () => assert.equal(await identify(await make()), undefined));
    }

    it("unless a layer is a link to a file", async () => {
      assert.equal((await identify(await linked("other.tar")))?.images.length, 1);
    });
  });
});
