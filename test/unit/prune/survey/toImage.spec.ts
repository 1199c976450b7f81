import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import {
  operatorState,
  prunerState,
  toImageLimits,
  versionState,
} from "../../../../provider/prune/survey/toConditions.js";
import { toImage, visitLayerSizes } from "../../../../provider/prune/survey/toImage.js";
import { createContentPool } from "../../../../provider/support/contentPool.js";
import { toStreamFacts } from "../../../../provider/usage/toStreamFacts.js";
import { readClusters, snapshotOf } from "../../../support/recordings/ocClusters.js";

const pool = () => createContentPool();
const image = (raw: object) => toImage(raw, "safe", pool());

describe("toImage", () => {
  const metadataCases: readonly [string, unknown, object][] = [
    ["missing", undefined, { kind: "absent" }],
    ["null, as for an index", null, { kind: "absent" }],
    ["empty", {}, { kind: "known", configId: "", sizeBytes: 0 }],
    ["whole", { Id: "sha256:c", Size: 5 }, { kind: "known", configId: "sha256:c", sizeBytes: 5 }],
    ["a text", "{}", { kind: "undecodable", problem: "dockerImageMetadata is not an object" }],
    ["a list", [], { kind: "undecodable", problem: "dockerImageMetadata is not an object" }],
    ["with an odd Id", { Id: 7 }, { kind: "undecodable", problem: "dockerImageMetadata.Id is not a text" }],
    [
      "with an odd Size",
      { Size: "5" },
      { kind: "undecodable", problem: "dockerImageMetadata.Size is not a number" },
    ],
  ];
  for (const [name, dockerImageMetadata, expected] of metadataCases) {
    it(`reads dockerImageMetadata that is ${name}`, () => {
      assert.deepEqual(image({ dockerImageMetadata }).metadata, expected);
    });
  }

  it("is managed only when the annotation is exactly true", () => {
    const managed = (value: unknown) =>
      image({ metadata: { annotations: { "openshift.io/image.managed": value } } }).managed;
    assert.equal(managed("true"), true);
    for (const value of ["True", "1", "", true, undefined]) assert.equal(managed(value), false);
  });

  it("reads the children of an index, and that it is signed", () => {
    const index = image({
      dockerImageManifests: [{ digest: "sha256:a", mediaType: "x" }, { digest: "sha256:b" }],
      signatures: [{ metadata: { name: "s" } }],
    });
    assert.deepEqual(index.manifests, ["sha256:a", "sha256:b"]);
    assert.equal(index.isSigned, true);
    assert.equal(image({ signatures: null }).isSigned, false);
  });

  it("reads the repository of its reference, whatever the host", () => {
    const repository = (dockerImageReference: string) => image({ dockerImageReference }).repository;
    const digest = `sha256:${"a".repeat(64)}`;
    assert.equal(repository(`registry.svc:5000/shop/web@${digest}`), "shop/web");
    assert.equal(repository(`quay.io/a/b/c@${digest}`), "a/b/c");
    assert.equal(repository("nginx"), "nginx");
    assert.equal(repository("NO SUCH"), "");
  });

  it("reads the sizes of layers that have one", () => {
    const sizes: [string, number][] = [];
    const dockerImageLayers = [{ name: "a", size: 3 }, { name: "b" }, { name: "c", size: 0 }, { size: "x" }];
    visitLayerSizes({ dockerImageLayers }, pool(), (digest, bytes) => sizes.push([digest, bytes]));
    assert.deepEqual(sizes, [["a", 3]]);
  });
});

describe("toStreamFacts", () => {
  it("keeps tags without items and items without an image", () => {
    const stream = toStreamFacts({
      metadata: { namespace: "shop", name: "web", labels: { a: "b", odd: 7 } },
      spec: { tags: [{ name: "x" }, { name: "y", from: { kind: "ImageStreamTag", name: "z:1" } }] },
      status: {
        tags: [{ tag: "x" }, { tag: "y", items: [{ created: null, dockerImageReference: "q.io/a/b" }] }],
      },
    });
    assert.deepEqual(stream, {
      namespace: "shop",
      name: "web",
      createdAt: -Infinity,
      labels: { a: "b" },
      resourceVersion: "",
      specTags: [
        { name: "x", from: undefined, isReference: false },
        { name: "y", from: { kind: "ImageStreamTag", namespace: "", name: "z:1" }, isReference: false },
      ],
      tags: [
        { tag: "x", items: [] },
        { tag: "y", items: [{ digest: "", createdAt: -Infinity, pullSpec: "q.io/a/b" }] },
      ],
    });
  });
});

describe("the unknown content of an Image", () => {
  const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
  const [layer, config, child] = ["1", "2", "3"].map(digest) as [string, string, string];
  const ociImage = "application/vnd.oci.image.manifest.v1+json";
  const ociIndex = "application/vnd.oci.image.index.v1+json";
  const schema1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
  const whole = {
    dockerImageManifestMediaType: ociImage,
    dockerImageLayers: [{ name: layer, size: 5 }],
    dockerImageMetadata: { Id: config, Size: 7 },
  };
  const index = { dockerImageManifestMediaType: ociIndex, dockerImageManifests: [{ digest: child }] };
  const cases: readonly [string, object, string][] = [
    ["an image that says all", whole, "nothing"],
    ["an index that says all", index, "nothing"],
    [
      "a manifest of schema 1, which has no config",
      { ...whole, dockerImageManifestMediaType: schema1, dockerImageMetadata: undefined },
      "nothing",
    ],
    ["no layers", { ...whole, dockerImageLayers: undefined }, "blobs"],
    ["layers that are null", { ...whole, dockerImageLayers: null }, "blobs"],
    ["an empty list of layers", { ...whole, dockerImageLayers: [] }, "blobs"],
    ["a layer without a name", { ...whole, dockerImageLayers: [{ name: layer }, { size: 5 }] }, "blobs"],
    [
      "a layer whose name is no digest",
      { ...whole, dockerImageLayers: [{ name: "tarsum.dev+sha256:ab" }] },
      "blobs",
    ],
    [
      "no layers of schema 1",
      { ...whole, dockerImageManifestMediaType: schema1, dockerImageLayers: [] },
      "blobs",
    ],
    ["no metadata", { ...whole, dockerImageMetadata: undefined }, "blobs"],
    ["metadata that cannot be decoded", { ...whole, dockerImageMetadata: "{}" }, "blobs"],
    ["metadata without an Id", { ...whole, dockerImageMetadata: { Size: 7 } }, "blobs"],
    ["an Id that is no digest", { ...whole, dockerImageMetadata: { Id: "abc" } }, "blobs"],
    ["no children", { dockerImageManifestMediaType: ociIndex }, "manifests"],
    ["an empty list of children", { ...index, dockerImageManifests: [] }, "manifests"],
    ["a child without a digest", { ...index, dockerImageManifests: [{ digest: child }, {}] }, "manifests"],
    ["no media type", { ...whole, dockerImageManifestMediaType: undefined }, "kind"],
    ["an unknown media type", { ...whole, dockerImageManifestMediaType: "text/plain" }, "kind"],
    ["layers of an index", { ...index, dockerImageLayers: whole.dockerImageLayers }, "kind"],
    ["children of an image", { ...whole, dockerImageManifests: index.dockerImageManifests }, "kind"],
    ["nothing at all", {}, "kind"],
  ];
  for (const [name, raw, unsaid] of cases) {
    it(`is ${unsaid} with ${name}`, () => assert.equal(image(raw).unsaid, unsaid));
  }

  const descriptor = (named: string, mediaType = "application/octet-stream") => ({
    mediaType,
    digest: named,
    size: 1,
  });
  const imageText = JSON.stringify({
    schemaVersion: 2,
    mediaType: ociImage,
    config: descriptor(config, "application/vnd.oci.image.config.v1+json"),
    layers: [descriptor(layer)],
  });
  const indexText = JSON.stringify({
    schemaVersion: 2,
    mediaType: ociIndex,
    manifests: [descriptor(child, ociImage)],
  });
  const stored = (text: string, name = sha256(text)) => ({ metadata: { name }, dockerImageManifest: text });

  it("is completed from the manifest text that old servers store", () => {
    const { mediaType, layers, metadata, unsaid } = image({
      ...stored(imageText),
      dockerImageMetadata: { Size: 7 },
    });
    assert.deepEqual(
      { mediaType, layers, metadata, unsaid },
      {
        mediaType: ociImage,
        layers: [layer],
        metadata: { kind: "known", configId: config, sizeBytes: 7 },
        unsaid: "nothing",
      },
    );
    const read = image({ ...stored(indexText), dockerImageManifestMediaType: ociIndex });
    assert.deepEqual([read.manifests, read.unsaid], [[child], "nothing"]);
  });

  it("is not completed from a text of another digest, or one that is no manifest", () => {
    for (const raw of [stored(imageText, digest("9")), stored("{}"), stored("no JSON")]) {
      const { layers, unsaid } = image(raw);
      assert.deepEqual([layers, unsaid], [[], "kind"]);
    }
  });

  it("is not completed from the text under oc's rules", () => {
    const read = toImage(stored(imageText), "oc", pool());
    assert.deepEqual([read.layers, read.metadata], [[], { kind: "absent" }]);
  });
});

function sha256(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

describe("projections for the planner", () => {
  it("read recorded clusters as the conformance suite does", () => {
    let compared = 0;
    for (const cluster of readClusters("oc-prune-cases.jsonl")) {
      const expected = snapshotOf(cluster);
      const images = Object.values(cluster.images ?? {}).map((raw) => toImage(raw, "oc", pool()));
      assert.deepEqual(
        images.map((each) => ({ ...each, uid: "", repository: "", isSigned: false, unsaid: "nothing" })),
        expected.images,
        cluster.name,
      );
      const streams = Object.values(cluster.streams ?? {}).map((raw) => toStreamFacts(raw));
      const bare = streams.map((stream) => ({
        ...stream,
        labels: {},
        resourceVersion: "1",
        tags: stream.tags.map(({ tag, items }) => ({
          tag,
          items: items.map((item) => ({ ...item, pullSpec: "" })),
        })),
      }));
      assert.deepEqual(bare, expected.streams, cluster.name);
      const ranges = Object.values(cluster.limits ?? {}).flatMap((of) => of ?? []);
      assert.deepEqual(
        ranges.flatMap(toImageLimits).map(({ maxStorage }) => maxStorage),
        expected.imageLimits.map(({ maxStorage }) => maxStorage),
      );
      compared += images.length + streams.length;
    }
    assert.ok(compared > 100);
  });

  it("never throw", () => {
    const fields = [
      "metadata",
      "spec",
      "status",
      "tags",
      "items",
      "from",
      "annotations",
      "labels",
      "limits",
      "max",
      "dockerImageMetadata",
      "dockerImageLayers",
      "dockerImageManifests",
      "dockerImageReference",
      "conditions",
    ];
    const object = fc.dictionary(
      fc.constantFrom(...fields),
      fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...fields), fc.array(fc.jsonValue()))),
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), object), (raw) => {
        toImage(raw, "safe", pool());
        visitLayerSizes(raw, pool(), () => undefined);
        toStreamFacts(raw);
        toImageLimits(raw);
        versionState(raw);
        operatorState(raw);
        prunerState(raw, [raw]);
      }),
      { numRuns: 500 },
    );
  });
});

describe("prunerState", () => {
  it("has the operator's defaults, and reads the older duration in nanoseconds", () => {
    const state = (spec: object) => prunerState({ spec }, []);
    assert.deepEqual(state({}), {
      kind: "active",
      schedule: "0 0 * * *",
      keepTagRevisions: 3,
      keepYoungerThan: "60m0s",
      isRunning: false,
    });
    const old = state({ keepYoungerThan: 5_400_000_000_000, keepTagRevisions: 0, schedule: "5 * * * *" });
    assert.deepEqual(old, {
      kind: "active",
      schedule: "5 * * * *",
      keepTagRevisions: 0,
      keepYoungerThan: "5400s",
      isRunning: false,
    });
  });
});
