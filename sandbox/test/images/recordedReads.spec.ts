import assert from "node:assert/strict";
import type { ImageStream } from "okd-image-sandbox";
import { structure } from "../../../test/support/recordings/okdApi.js";
import { withRecordedStreams } from "./recordedStreams.js";

describe("reading images of a stream, as recorded", () => {
  const recorded = withRecordedStreams();

  beforeEach(() => {
    recorded().seed(recorded().recordings.stream("delete-istag-target.after"));
  });

  for (const name of ["get-isimage", "get-isimage-short", "get-isimage-ambiguous"]) {
    it(`${name}: the image, under the name that was asked for`, async () => {
      const answer = await recorded().send(name);
      const { body, status } = recorded().recordings.exchange(name);
      assert.equal(answer.status, status, answer.text);
      assert.deepEqual(structure(answer.json), structure(body));
      assert.equal(answer.object.metadata.name, body.metadata.name);
    });
  }

  it("an unknown image is not found under the resource's singular name", async () => {
    const path = "/apis/image.openshift.io/v1/namespaces/tk1/imagestreamimages/base@sha256:0000";
    const answer = await recorded().admin.get(path);
    assert.equal(answer.status, 404);
    assert.equal(answer.failure.message, 'imagestreamimage.image.openshift.io "base@sha256:0000" not found');
  });

  it("layers: every blob of the history, with the sizes that are known", async () => {
    const answer = await recorded().send("layers");
    const { body } = recorded().recordings.exchange("layers");
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(shapesOf(answer.object), shapesOf(body));
    assert.deepEqual(structure(answer.object.metadata), structure(body.metadata));
    assert.deepEqual(
      Object.keys(answer.object["images"] as object).sort(),
      Object.keys(body["images"] as object).sort(),
    );
  });
});

/** Blobs and images of a `layers` answer without their digests and sizes. */
function shapesOf(layers: Readonly<Record<string, unknown>>): unknown {
  const shapes = (of: unknown) =>
    Object.values(of as Record<string, object>)
      .map((entry) => JSON.stringify(sorted(structure(entry) as object)))
      .map((text) => text.replace('"size":null', '"size":"<none>"').replace(/"size":"<size>"/, '"size":1'))
      .sort();
  return { blobs: shapes(layers["blobs"]), images: shapes(layers["images"]) };
}

function sorted(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}

describe("imports, as recorded", () => {
  const recorded = withRecordedStreams();

  it("a preview with includeManifest has manifest, config, layers and metadata", async () => {
    recorded().seed();
    const answer = await recorded().send("isi-include-manifest");
    const { body, status } = recorded().recordings.exchange("isi-include-manifest");
    assert.equal(answer.status, status, answer.text);
    const comparable = (of: object) => structure({ ...(of as ImportAnswer), metadata: undefined });
    assert.deepEqual(withoutContent(comparable(answer.object)), withoutContent(comparable(body)));
    const [image] = (answer.json as ImportAnswer).status.images.map((row) => row.image);
    const [expected] = (body as unknown as ImportAnswer).status.images.map((row) => row.image);
    const keysIn = (text = ""): readonly string[] => Object.keys(JSON.parse(text) as object).sort();
    assert.deepEqual(keysIn(image?.dockerImageManifest), keysIn(expected?.dockerImageManifest));
    assert.deepEqual(keysIn(image?.dockerImageConfig), keysIn(expected?.dockerImageConfig));
  });

  it("the annotation insecureRepository changes nothing for an import that does not ask for it", async () => {
    const { recordings } = recorded();
    const { body, status } = recordings.exchange("isi-insecure-annotation");
    const annotations = { "openshift.io/image.insecureRepository": "true" };
    const metadata = { name: "anno2", namespace: "tk1", generation: 1, annotations };
    recorded().seed({ metadata, spec: { lookupPolicy: { local: false } } } as unknown as ImageStream);
    const answer = await recorded().send("isi-insecure-annotation");
    assert.equal(answer.status, status, answer.text);
    const rows = (of: unknown) => structure({ ...(of as ImportAnswer).status, import: undefined });
    assert.deepEqual(rows(answer.json), rows(body));
    const stream = (of: unknown) => {
      const { spec, status: streamStatus, metadata: given } = (of as ImportAnswer).status.import;
      return structure({ spec, streamStatus, annotations: given.annotations, generation: given.generation });
    };
    assert.deepEqual(stream(answer.json), stream(body));
  });

  for (const [name, stream, isDeleted] of [
    ["delete-dryrun-in-body", "miss", false],
    ["delete-dryrun-query-with-body", "full", true],
  ] as const) {
    it(`${name}: ${isDeleted ? "the body's options hold, so it deletes" : "nothing is deleted"}`, async () => {
      const { recordings } = recorded();
      recorded().seed(
        recordings.stream("alias-missing-tag.after"),
        recordings.stream("alias-same-stream-full-name.after"),
      );
      const answer = await recorded().send(name);
      const { body, status } = recordings.exchange(name);
      assert.equal(answer.status, status, answer.text);
      assert.deepEqual(structure(answer.json), structure(body));
      assert.equal(recorded().stored(stream) === undefined, isDeleted);
    });
  }
});

interface ImportAnswer {
  readonly status: {
    readonly images: readonly {
      readonly image?: { readonly dockerImageManifest?: string; readonly dockerImageConfig?: string };
    }[];
    readonly import: ImageStream;
  };
}

/** Texts whose digests and sizes differ by the image. */
function withoutContent(answer: unknown): unknown {
  const text = JSON.stringify(answer, (key, value: unknown) =>
    ["dockerImageManifest", "dockerImageConfig"].includes(key) ? "<content>" : value,
  );
  return JSON.parse(text);
}
