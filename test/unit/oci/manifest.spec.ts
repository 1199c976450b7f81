import assert from "node:assert/strict";
import fc from "fast-check";
import { readImageConfig } from "../../../provider/oci/imageConfig.js";
import { readManifest } from "../../../provider/oci/manifest.js";

const ociManifest = "application/vnd.oci.image.manifest.v1+json";
const ociIndex = "application/vnd.oci.image.index.v1+json";
const dockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
const digest = `sha256:${"a".repeat(64)}`;
const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: 2 };
const read = (body: unknown, contentType?: string) =>
  readManifest(Buffer.from(JSON.stringify(body)), contentType);

describe("readManifest", () => {
  const types: readonly (readonly [string, object, string | undefined, string])[] = [
    ["its own word", { mediaType: dockerManifest, config, layers: [] }, ociManifest, dockerManifest],
    ["the header", { config, layers: [] }, `${dockerManifest}; charset=utf-8`, dockerManifest],
    ["its shape, an image", { config, layers: [] }, "application/json", ociManifest],
    ["its shape, an index", { manifests: [] }, undefined, ociIndex],
  ];
  for (const [what, body, header, mediaType] of types) {
    it(`knows the type by ${what}`, () => {
      const verdict = read(body, header);
      assert.equal(verdict.ok && verdict.manifest.mediaType, mediaType);
    });
  }

  it("reads descriptors with all that they say", () => {
    const entry = {
      ...config,
      mediaType: ociManifest,
      platform: { os: "windows", architecture: "amd64", "os.version": "10.0.17763" },
      annotations: { a: "b", odd: 1 },
      urls: ["https://example.com/x", 2],
    };
    assert.deepEqual(read({ mediaType: ociIndex, manifests: [entry, config] }), {
      ok: true,
      manifest: {
        kind: "index",
        mediaType: ociIndex,
        manifests: [
          {
            mediaType: ociManifest,
            digest,
            size: 2,
            platform: { os: "windows", architecture: "amd64", osVersion: "10.0.17763" },
            annotations: { a: "b" },
            urls: ["https://example.com/x"],
          },
          config,
        ],
      },
    });
  });

  const bad: readonly (readonly [string, unknown])[] = [
    ["a list", []],
    [
      "a config without digest",
      { mediaType: ociManifest, config: { ...config, digest: undefined }, layers: [] },
    ],
    [
      "a digest in capitals",
      { mediaType: ociManifest, config: { ...config, digest: digest.toUpperCase() }, layers: [] },
    ],
    ["a size that is a text", { mediaType: ociManifest, config: { ...config, size: "2" }, layers: [] }],
    ["a fraction of a byte", { mediaType: ociManifest, config: { ...config, size: 1.5 }, layers: [] }],
    ["no layers", { mediaType: ociManifest, config }],
    ["no manifests", { mediaType: ociIndex }],
    ["both at once", { mediaType: ociIndex, manifests: [], layers: [] }],
  ];
  for (const [what, body] of bad) {
    it(`refuses ${what}`, () => {
      const verdict = read(body);
      assert.equal(verdict.ok, false);
      assert.equal(verdict.isKnown, false);
    });
  }

  it("never throws, whatever the bytes", () => {
    const documents = fc.oneof(
      fc.uint8Array(),
      fc
        .record(
          {
            manifests: fc.jsonValue(),
            layers: fc.jsonValue(),
            config: fc.jsonValue(),
            mediaType: fc.constantFrom(ociIndex, ociManifest),
          },
          { requiredKeys: [] },
        )
        .map((body) => Buffer.from(JSON.stringify(body))),
    );
    fc.assert(
      fc.property(documents, (bytes) => {
        assert.equal(typeof readManifest(bytes, undefined).ok, "boolean");
        const known = readImageConfig(bytes);
        assert.ok(known === undefined || Array.isArray(known.diffIds));
      }),
    );
  });
});
