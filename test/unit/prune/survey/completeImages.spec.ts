import assert from "node:assert/strict";
import { saysAll } from "../../../../provider/prune/plan/imageContent.js";
import type { ManifestContent } from "../../../../provider/prune/ports.js";
import type { ClusterSnapshot, Image } from "../../../../provider/prune/snapshot.js";
import { completeImages } from "../../../../provider/prune/survey/completeImages.js";
import { ImageError } from "../../../../provider/support/imageError.js";
import { digestOf, image, index, item, snapshot, stream } from "../../../support/builders/snapshot.js";

const [A, B, C, D] = ["a", "b", "c", "d"].map(digestOf) as [string, string, string, string];
const [layer, config] = ["1", "2"].map(digestOf) as [string, string];
const signal = new AbortController().signal;

const ociIndex = "application/vnd.oci.image.index.v1+json";

function secretive(digest: string, overrides: Partial<Image> = {}): Image {
  const nothing = { mediaType: "", layers: [], metadata: { kind: "absent" as const } };
  return image(digest, { ...nothing, unsaid: "kind", ...overrides });
}

const plain: ManifestContent = {
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  layers: [{ digest: layer }],
  config: { digest: config },
  manifests: [],
};

function indexOf(...children: readonly string[]): ManifestContent {
  const manifests = children.map((digest) => ({ digest }));
  return { mediaType: ociIndex, layers: [], config: undefined, manifests };
}

/** A registry that serves by `namespace/name@digest`, and notes what it is asked. */
function registryWith(served: Readonly<Record<string, ManifestContent | Error>>) {
  const asked: string[] = [];
  return {
    asked,
    readManifest: ({ namespace, name }: { namespace: string; name: string }, digest: string) => {
      const place = `${namespace}/${name}@${digest}`;
      asked.push(place);
      const answer = served[place];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
}

async function complete(
  given: ClusterSnapshot,
  registry: ReturnType<typeof registryWith>,
  earlier?: readonly Image[],
): Promise<readonly Image[]> {
  return (await completeImages(given, registry, { signal }, earlier)).images;
}

describe("completeImages", () => {
  it("asks nothing where every Image tells its content", async () => {
    const given = snapshot({
      images: [image(A), index(B, A)],
      streams: [stream("shop/web", { v1: [item(A)] })],
    });
    const registry = registryWith({});
    assert.equal(await completeImages(given, registry, { signal }), given);
    assert.deepEqual(registry.asked, []);
  });

  it("reads layers and config of an image from a stream that lists it", async () => {
    const given = snapshot({ images: [secretive(A)], streams: [stream("shop/web", { v1: [item(A)] })] });
    const [read] = await complete(given, registryWith({ [`shop/web@${A}`]: plain }));
    assert.deepEqual(read, {
      ...secretive(A),
      mediaType: plain.mediaType,
      layers: [layer],
      metadata: { kind: "known", configId: config, sizeBytes: 0 },
      unsaid: "nothing",
    });
  });

  it("reads the children of an index, and then the unknown content of these, at any depth", async () => {
    const given = snapshot({
      images: [secretive(C), secretive(B), secretive(A, { mediaType: ociIndex, unsaid: "manifests" })],
      streams: [stream("shop/web", { v1: [item(A)] }), stream("shop/api", { v1: [item(D)] })],
    });
    const images = await complete(
      given,
      registryWith({
        [`shop/web@${A}`]: indexOf(B),
        [`shop/web@${B}`]: indexOf(C),
        [`shop/web@${C}`]: plain,
      }),
    );
    assert.deepEqual(
      images.map(({ digest, manifests, unsaid }) => [digest, manifests, unsaid]),
      [
        [C, [], "nothing"],
        [B, [C], "nothing"],
        [A, [B], "nothing"],
      ],
    );
  });

  it("asks each stream that lists the Image or its index, and that of its own repository, until one answers", async () => {
    const given = snapshot({
      images: [secretive(A, { repository: "shop/own" }), index(B, A)],
      streams: [
        stream("shop/web", { v1: [item(B)] }),
        stream("shop/api", { v1: [item(A)], v2: [item(A)] }),
        stream("shop/own", {}),
        stream("shop/other", { v1: [item(D)] }),
      ],
    });
    const registry = registryWith({
      [`shop/own@${A}`]: plain,
      [`shop/web@${A}`]: new ImageError("REGISTRY_ERROR", "odd"),
    });
    const [read] = await complete(given, registry);
    assert.ok(read !== undefined && saysAll(read));
    assert.deepEqual(registry.asked, [`shop/api@${A}`, `shop/web@${A}`, `shop/own@${A}`]);
  });

  it("leaves Images unknown that no stream serves, and asks for none that no stream could serve", async () => {
    const images = [secretive(A), secretive(B, { repository: "shop/gone" })];
    const registry = registryWith({});
    const given = snapshot({ images, streams: [stream("shop/web", { v1: [item(A)] })] });
    assert.deepEqual(await complete(given, registry), images);
    assert.deepEqual(registry.asked, [`shop/web@${A}`]);
  });

  it("believes no answer with invalid digests", async () => {
    for (const odd of [
      indexOf("latest"),
      { ...plain, layers: [{ digest: "" }] },
      { ...plain, config: undefined },
    ]) {
      const given = snapshot({ images: [secretive(A)], streams: [stream("shop/web", { v1: [item(A)] })] });
      assert.deepEqual(await complete(given, registryWith({ [`shop/web@${A}`]: odd })), [secretive(A)]);
    }
  });

  it("stops asking once the registry cannot be reached", async () => {
    const images = [A, B, C, D].map((digest) => secretive(digest));
    const tags = { v1: images.map(({ digest }) => item(digest)) };
    const streams = [stream("shop/web", tags), stream("shop/api", tags)];
    const gone = new ImageError("REGISTRY_UNREACHABLE", "gone");
    const registry = registryWith(
      Object.fromEntries(images.map(({ digest }) => [`shop/web@${digest}`, gone] as const)),
    );
    assert.deepEqual(await complete(snapshot({ images, streams }), registry), images);
    assert.ok(
      registry.asked.every((place) => place.startsWith("shop/web@")),
      registry.asked.join(),
    );
  });

  it("asks once about Images of an earlier survey", async () => {
    const before = secretive(A);
    const streams = [stream("shop/web", { v1: [item(A), item(B)] })];
    const registry = registryWith({ [`shop/web@${B}`]: plain });
    const images = await complete(snapshot({ images: [before, secretive(B)], streams }), registry, [before]);
    assert.deepEqual(
      images.map(({ unsaid }) => unsaid),
      ["kind", "nothing"],
    );
    assert.deepEqual(registry.asked, [`shop/web@${B}`]);
  });

  it("stops when the signal fires", async () => {
    const abort = new AbortController();
    const given = snapshot({ images: [secretive(A)], streams: [stream("shop/web", { v1: [item(A)] })] });
    const registry = {
      readManifest: () => {
        abort.abort(new Error("stopped"));
        return Promise.reject(new ImageError("REGISTRY_ERROR", "odd"));
      },
    };
    await assert.rejects(completeImages(given, registry, { signal: abort.signal }), /stopped/);
  });
});
