import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readArchiveIdentity } from "../../../../provider/tarball/read/archiveIdentity.js";
import {
  gzipLayer,
  ociConfig,
  ociIndex,
  ociManifest,
  sha256,
  type Shelf,
} from "../../../support/servers/pullRegistry.js";
import {
  failsWithoutLoss,
  type HostileArchives,
  rewrites,
  startHostileArchives,
} from "../../../support/worlds/hostileArchives.js";

const bytes = randomBytes(300_000);
const amd64 = { os: "linux", architecture: "amd64" };
const name = "acme/web:v1";
const dockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

const sha512 = (content: Buffer) => `sha512:${createHash("sha512").update(content).digest("hex")}`;
const rewritten = (shelf: Shelf, type: string, change: (body: Record<string, unknown>) => object) =>
  shelf.manifest(
    name,
    type,
    change(JSON.parse(String(shelf.manifests.get(name)?.bytes)) as Record<string, unknown>),
  );
const untyped = ({ mediaType: _, ...body }: Record<string, unknown>) => ({
  ...body,
  annotations: { now: "untyped" },
});
const forPlatform = (shelf: Shelf, architecture: string) => {
  const platform = { os: "linux", architecture };
  return { ...shelf.image(`acme/web:${architecture}`, platform), platform };
};

/** Documents that are refused, */
const refused: readonly (readonly [string, (shelf: Shelf) => unknown, RegExp])[] = [
  [
    "a type that nobody knows",
    (shelf) => rewritten(shelf, ociManifest, (body) => ({ ...body, mediaType: "application/x-odd" })),
    /no image: "application\/x-odd".*UNSUPPORTED/,
  ],
  [
    "schema 1 without a type",
    (shelf) => shelf.manifest(name, "application/json", { schemaVersion: 1, fsLayers: [] }),
    /schema 1.*UNSUPPORTED/,
  ],
  [
    "OCI's first artifacts",
    (shelf) =>
      shelf.manifest(name, "application/json", {
        mediaType: "application/vnd.oci.artifact.manifest.v1+json",
        blobs: [],
      }),
    /no image: "application\/vnd\.oci\.artifact.*UNSUPPORTED/,
  ],
  [
    "an artifact without layers",
    (shelf) =>
      shelf.image(name, amd64, {
        config: shelf.blob("{}", "application/vnd.oci.empty.v1+json"),
        layers: undefined,
      }),
    /an artifact \("application\/vnd\.oci\.empty.*UNSUPPORTED/,
  ],
  [
    "a digest by an unknown algorithm",
    (shelf) =>
      shelf.image(name, amd64, {
        layers: [{ mediaType: gzipLayer, digest: `md5:${"a".repeat(32)}`, size: 5 }],
      }),
    /no well-formed config and layers.*CORRUPT/,
  ],
  [
    "a digest in upper case",
    (shelf) =>
      shelf.image(name, amd64, {
        layers: [{ ...shelf.blob(bytes), digest: shelf.blob(bytes).digest.toUpperCase() }],
      }),
    /no well-formed config and layers.*CORRUPT/,
  ],
  [
    "one layer with two sizes",
    (shelf) => shelf.image(name, amd64, { layers: [shelf.blob(bytes), { ...shelf.blob(bytes), size: 5 }] }),
    /more than its 5 bytes.*CORRUPT/,
  ],
  [
    "more bytes than any disk has",
    (shelf) =>
      shelf.image(name, amd64, { layers: [{ ...shelf.blob(bytes), size: Number.MAX_SAFE_INTEGER }] }),
    /needs 9 PB.*ARCHIVE_DISK_FULL/,
  ],
  [
    "a config that is no object",
    (shelf) => shelf.image(name, amd64, { config: shelf.blob("[]", ociConfig) }),
    /config sha256:\S+ is not JSON.*CORRUPT/,
  ],
  [
    "an index of 1001 images",
    (shelf) =>
      shelf.index(
        name,
        Array.from({ length: 1001 }, (_, n) => ({
          ...shelf.image("x"),
          platform: { os: "linux", architecture: `a${n}` },
        })),
      ),
    /too many entries.*UNSUPPORTED/,
  ],
  [
    "indexes without end",
    (shelf) => {
      let inner: object = forPlatform(shelf, "amd64");
      for (let depth = 0; depth < 10; depth += 1) inner = shelf.index(`acme/web:${depth}`, [inner]);
      shelf.index(name, [inner]);
    },
    /nested too deeply.*UNSUPPORTED/,
  ],
  ["an index of nothing", (shelf) => shelf.index(name, []), /no image for any platform.*UNSUPPORTED/],
  [
    "JSON without end",
    (shelf) => {
      const bytes = Buffer.from(`{"x":${"[".repeat(200_000)}${"]".repeat(200_000)}}`);
      for (const key of [name, sha256(bytes)]) shelf.manifests.set(key, { type: ociManifest, bytes });
    },
    /no well-formed.*CORRUPT/,
  ],
];

/** and those that are taken. */
const taken: readonly (readonly [string, (shelf: Shelf) => unknown, number])[] = [
  ["an image without a type", (shelf) => rewritten(shelf, "application/json", untyped), 1],
  [
    "an image with Docker's type in the header alone",
    (shelf) => rewritten(shelf, dockerManifest, untyped),
    1,
  ],
  [
    "an image with another type in the header",
    (shelf) => rewritten(shelf, ociIndex, (body) => ({ ...body, annotations: {} })),
    1,
  ],
  ["an image without layers", (shelf) => shelf.image(name, amd64, { layers: [] }), 1],
  ["an image with a layer of no bytes", (shelf) => shelf.image(name, amd64, { layers: [shelf.blob("")] }), 1],
  [
    "an image with a layer twice",
    (shelf) => shelf.image(name, amd64, { layers: [shelf.blob(bytes), shelf.blob(bytes)] }),
    1,
  ],
  [
    "an image with a layer that is its config",
    (shelf) => {
      const config = shelf.blob(JSON.stringify({ ...amd64, rootfs: { diff_ids: [] } }), ociConfig);
      shelf.image(name, amd64, { config, layers: [config] });
    },
    1,
  ],
  [
    "an image with a layer named by sha512",
    (shelf) => {
      shelf.blobs.set(sha512(bytes), bytes);
      shelf.image(name, amd64, { layers: [{ ...shelf.blob(bytes), digest: sha512(bytes) }] });
    },
    1,
  ],
  [
    "an image with a foreign layer that is there",
    (shelf) =>
      shelf.image(name, amd64, {
        layers: [shelf.blob("x", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")],
      }),
    1,
  ],
  [
    "an image with a layer that is elsewhere, too",
    (shelf) =>
      shelf.image(name, amd64, {
        layers: [{ ...shelf.blob("x"), urls: ["https://elsewhere.example.com/"] }],
      }),
    1,
  ],
  [
    "an index with one platform twice",
    (shelf) =>
      shelf.index(
        name,
        ["1", "2"].map((n) => ({ ...shelf.image(`acme/web:${n}`), platform: amd64 })),
      ),
    2,
  ],
  [
    "an index with one child twice",
    (shelf) => shelf.index(name, [forPlatform(shelf, "amd64"), forPlatform(shelf, "amd64")]),
    1,
  ],
  [
    "an index with a nested index of what stands beside it",
    (shelf) =>
      shelf.index(name, [
        shelf.index("acme/web:inner", [forPlatform(shelf, "amd64")]),
        forPlatform(shelf, "amd64"),
      ]),
    1,
  ],
  [
    "an index with 200 children",
    (shelf) =>
      shelf.index(
        name,
        Array.from({ length: 200 }, (_, n) => forPlatform(shelf, `a${n}`)),
      ),
    200,
  ],
];

describe("ImageArchive of a registry whose tag is", function () {
  this.timeout(20_000);
  let archives: HostileArchives;
  beforeEach(async () => {
    archives = await startHostileArchives();
    archives.server.shelf.image(name);
  });
  afterEach(() => archives.close());

  for (const [what, publish, message] of refused) {
    it(`${what} leaves the old file as it is`, () => {
      const { shelf } = archives.server;
      const prepare = () => publish(shelf);
      const repair = () => shelf.image(name, amd64, { layers: [shelf.blob("repaired")] });
      return failsWithoutLoss(archives, archives.args(), { message, prepare, repair });
    });
  }

  for (const [what, publish, images] of taken) {
    it(`${what} gets into a new file all the same`, async () => {
      await rewrites(archives, archives.args(), () => publish(archives.server.shelf));
      const found = await readArchiveIdentity(archives.file(), { signal: new AbortController().signal });
      assert.equal(found.kind === "archive" && found.identity.images.length, images);
    });
  }
});
