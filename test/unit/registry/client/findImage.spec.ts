import assert from "node:assert/strict";
import { parsePlatform } from "../../../../provider/oci/platform.js";
import {
  contentOf,
  gzipLayer,
  ociIndex,
  ociManifest,
  options,
  pullerWith,
  type PullRegistry,
  sha256,
  type Shelf,
  startPullRegistry,
} from "../../../support/servers/pullRegistry.js";
import { failureOf } from "../../../support/servers/scriptedRegistry.js";

const amd64 = { os: "linux", architecture: "amd64" };
const arm64 = { os: "linux", architecture: "arm64", variant: "v8" };
const s390x = { os: "linux", architecture: "s390x" };
const unknown = { os: "unknown", architecture: "unknown" };
const platforms = (...texts: readonly string[]) => texts.map((text) => parsePlatform(text)!);

/** amd64 and arm64, each with an attestation. */
function publishMulti(shelf: Shelf, name = "acme/web:multi") {
  const children = [amd64, arm64].map((platform) => ({
    ...shelf.image(`${name} ${platform.architecture}`, platform),
    platform,
  }));
  const attestations = children.map((child) => ({
    ...shelf.image(`attests ${child.digest}`, unknown),
    platform: unknown,
    annotations: { "vnd.docker.reference.type": "attestation-manifest" },
  }));
  return { children, attestations, index: shelf.index(name, [...children, ...attestations]) };
}

describe("images in a registry: find", () => {
  let server: PullRegistry;
  const find = (reference: string, wanted?: ReturnType<typeof platforms>) =>
    pullerWith().registry.find(`${server.host}/${reference}`, wanted, options);

  before(async () => {
    server = await startPullRegistry();
  });
  beforeEach(() => {
    server.intercept = () => false;
    server.asked.length = 0;
  });
  after(() => server.close());

  it("reads a single image with its config, and gives its blobs", async () => {
    const image = server.shelf.image("acme/web:v1");
    const { tree, blobs } = await find("acme/web:v1");
    assert.equal(tree.root.digest, image.digest);
    assert.deepEqual(tree.indexes, []);
    const [found] = tree.images;
    assert.deepEqual(found?.platform, amd64);
    assert.deepEqual(found.diffIds, [sha256("acme/web:v1 tar")]);
    assert.equal(found.created, "2024-01-01T00:00:00Z");
    assert.equal(sha256(found.bytes), image.digest);
    const [layer] = found.layers;
    assert.equal(sha256(await contentOf(blobs.read(layer!, options))), layer!.digest);
  });

  it("keeps everything of an index when nothing is chosen, attestations too", async () => {
    const { index, children, attestations } = publishMulti(server.shelf);
    const { tree } = await find("acme/web:multi");
    assert.equal(tree.root.digest, index.digest);
    assert.deepEqual(
      tree.images.map(({ descriptor }) => descriptor.digest),
      [...children, ...attestations].map(({ digest }) => digest),
    );
    assert.equal(sha256(tree.indexes[0]!.bytes), index.digest);
  });

  it("gives the manifest itself when one platform is chosen, and reads no other", async () => {
    const { children } = publishMulti(server.shelf);
    const { tree } = await find("acme/web:multi", platforms("linux/arm64"));
    assert.equal(tree.root.digest, children[1]!.digest);
    assert.deepEqual(tree.indexes, []);
    assert.equal(
      server.asked.some(({ url }) => url.includes(children[0]!.digest)),
      false,
    );
  });

  it("makes the same new index of several chosen platforms every time", async () => {
    const { index, children } = publishMulti(server.shelf);
    const both = platforms("linux/arm64", "linux/amd64");
    const first = await find("acme/web:multi", both);
    const second = await find(`acme/web@${index.digest}`, [...both].reverse());
    assert.notEqual(first.tree.root.digest, index.digest);
    assert.equal(first.tree.root.digest, second.tree.root.digest);
    // Written by hand: another text would be another digest in users' states.
    const expected = JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests: children });
    assert.equal(Buffer.from(first.tree.indexes[0]!.bytes).toString(), expected);
    assert.equal(first.tree.root.digest, sha256(expected));
    assert.equal(first.tree.root.size, expected.length);
  });

  it("keeps the original index when all its platforms are chosen", async () => {
    const children = [amd64, s390x].map((platform) => ({
      ...server.shelf.image(`all ${platform.architecture}`, platform),
      platform,
    }));
    const index = server.shelf.index("acme/web:all", children);
    const { tree } = await find("acme/web:all", platforms("linux/amd64", "linux/s390x"));
    assert.equal(tree.root.digest, index.digest);
  });

  it("descends into nested indexes, and lifts the chosen images", async () => {
    const { index: inner, children } = publishMulti(server.shelf, "acme/web:inner");
    const other = { ...server.shelf.image("outer", s390x), platform: s390x };
    const outer = server.shelf.index("acme/web:outer", [inner, other]);
    const whole = await find("acme/web:outer");
    assert.deepEqual(
      whole.tree.indexes.map(({ descriptor }) => descriptor.digest),
      [outer.digest, inner.digest],
    );
    assert.equal(whole.tree.images.length, 5);
    const chosen = await find("acme/web:outer", platforms("linux/s390x", "linux/amd64"));
    const body = JSON.parse(Buffer.from(chosen.tree.indexes[0]!.bytes).toString()) as {
      manifests: { digest: string }[];
    };
    assert.deepEqual(
      body.manifests.map(({ digest }) => digest),
      [children[0]!.digest, other.digest],
    );
  });

  it("asks the configs where an index says no platforms", async () => {
    const bare = [amd64, arm64].map((platform) =>
      server.shelf.image(`bare ${platform.architecture}`, platform),
    );
    server.shelf.index("acme/web:bare", bare);
    const { tree } = await find("acme/web:bare", platforms("linux/arm64/v8"));
    assert.equal(tree.root.digest, bare[1]!.digest);
  });

  it("takes linux/arm for v7, and names the existing platforms when one is missing", async () => {
    publishMulti(server.shelf);
    const failure = await failureOf(find("acme/web:multi", platforms("linux/arm", "linux/amd64")));
    assert.equal(failure.code, "REGISTRY_PLATFORM");
    assert.match(failure.message, /not for linux\/arm, but for linux\/amd64, linux\/arm64\/v8 \[/);
    server.shelf.image("acme/web:single");
    const single = await failureOf(find("acme/web:single", platforms("linux/arm64")));
    assert.match(single.message, /not for linux\/arm64, but for linux\/amd64/);
  });

  const refusals: readonly (readonly [string, (shelf: Shelf, name: string) => void, string, RegExp])[] = [
    [
      "schema 1",
      (shelf, name) =>
        shelf.manifest(name, "application/vnd.docker.distribution.manifest.v1+prettyjws", {
          schemaVersion: 1,
          fsLayers: [],
        }),
      "REGISTRY_UNSUPPORTED",
      /schema 1/,
    ],
    [
      "an artifact",
      (shelf, name) =>
        shelf.image(name, amd64, { config: shelf.blob("{}", "application/vnd.cncf.helm.config.v1+json") }),
      "REGISTRY_UNSUPPORTED",
      /an artifact \("application\/vnd\.cncf\.helm/,
    ],
    [
      "encrypted layers",
      (shelf, name) => shelf.image(name, amd64, { layers: [shelf.blob("x", `${gzipLayer}+encrypted`)] }),
      "REGISTRY_UNSUPPORTED",
      /is encrypted/,
    ],
    [
      "layers kept elsewhere",
      (shelf, name) =>
        shelf.image(name, amd64, {
          layers: [
            {
              ...shelf.blob("x", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
              urls: ["https://mcr.example.com/x"],
            },
          ],
        }),
      "REGISTRY_UNSUPPORTED",
      /elsewhere \(mcr\.example\.com\)/,
    ],
    [
      "index and image at once",
      (shelf, name) => shelf.image(name, amd64, { manifests: [] }),
      "REGISTRY_CORRUPT",
      /at the same time/,
    ],
    [
      "a layer of no size",
      (shelf, name) => shelf.image(name, amd64, { layers: [{ ...shelf.blob("x"), size: -1 }] }),
      "REGISTRY_CORRUPT",
      /no well-formed config and layers/,
    ],
    [
      "a digest that is a path",
      (shelf, name) =>
        shelf.image(name, amd64, { layers: [{ ...shelf.blob("x"), digest: "sha256:../../x" }] }),
      "REGISTRY_CORRUPT",
      /no well-formed/,
    ],
    [
      "a config too big",
      (shelf, name) =>
        shelf.image(name, amd64, {
          config: { ...shelf.blob("{}", "application/vnd.oci.image.config.v1+json"), size: 9_000_000 },
        }),
      "REGISTRY_UNSUPPORTED",
      /configs have at most/,
    ],
    [
      "a manifest too big",
      (shelf, name) => shelf.image(name, amd64, { annotations: { x: "x".repeat(4_200_000) } }),
      "REGISTRY_ERROR",
      /longer than 4194304 bytes/,
    ],
  ];
  for (const [what, publish, code, text] of refusals) {
    it(`refuses ${what}`, async () => {
      publish(server.shelf, "acme/web:bad");
      const failure = await failureOf(find("acme/web:bad"));
      assert.equal(failure.code, code);
      assert.match(failure.message, text);
    });
  }

  it("believes neither a manifest nor a config that has another digest", async () => {
    const image = server.shelf.image("acme/web:v2");
    server.intercept = ({ url }, response) => {
      if (!url.includes("/manifests/")) return false;
      response.writeHead(200, { "content-type": ociManifest }).end('{"schemaVersion":2}');
      return true;
    };
    const manifest = await failureOf(find(`acme/web@${image.digest}`));
    assert.equal(manifest.code, "REGISTRY_CORRUPT");
    assert.match(manifest.message, /what came has the digest sha256:/);
    server.intercept = ({ url }, response) => {
      if (!url.includes("/blobs/")) return false;
      response.end("{}");
      return true;
    };
    assert.equal((await failureOf(find("acme/web:v2"))).code, "REGISTRY_CORRUPT");
  });

  it("does not need the header of the digest, and refuses one that contradicts the content", async () => {
    const image = server.shelf.image("acme/web:v3");
    let header: Record<string, string> = {};
    server.intercept = ({ url }, response) => {
      if (!url.endsWith("/manifests/v3")) return false;
      response
        .writeHead(200, { "content-type": ociManifest, ...header })
        .end(server.shelf.manifests.get(image.digest)!.bytes);
      return true;
    };
    assert.equal((await find("acme/web:v3")).tree.root.digest, image.digest);
    header = { "docker-content-digest": sha256("other") };
    assert.equal((await failureOf(find("acme/web:v3"))).code, "REGISTRY_CORRUPT");
  });

  it("refuses an index with wrong types of its children", async () => {
    const image = server.shelf.image("child", amd64);
    server.shelf.index("acme/web:lies", [{ ...image, mediaType: ociIndex }]);
    assert.match((await failureOf(find("acme/web:lies"))).message, /announced as an index/);
    const index = server.shelf.index("inner", []);
    server.shelf.index("acme/web:lies", [{ ...index, mediaType: ociManifest }]);
    assert.match((await failureOf(find("acme/web:lies"))).message, /announced as an image/);
  });

  it("keeps artifacts in an index, and leaves them out of chosen platforms", async () => {
    const image = { ...server.shelf.image("with sbom", amd64), platform: amd64 };
    const config = server.shelf.blob("{}", "application/vnd.oci.empty.v1+json");
    const sbom = server.shelf.image("sbom", unknown, { config });
    const { digest } = server.shelf.index("acme/web:sbom", [
      image,
      { ...sbom, artifactType: "application/spdx+json" },
    ]);
    const { tree } = await find("acme/web:sbom");
    assert.equal(tree.root.digest, digest);
    assert.deepEqual(
      tree.images.map(({ platform }) => platform),
      [amd64, unknown],
    );
    const chosen = await find("acme/web:sbom", platforms("linux/amd64"));
    assert.equal(chosen.tree.root.digest, image.digest);
  });

  it("asks again for a document whose connection was lost half-way, and for a refusal too", async () => {
    const image = server.shelf.image("acme/web:cut");
    const { bytes } = server.shelf.manifests.get(image.digest)!;
    let times = 0;
    server.intercept = ({ url }, response) => {
      if (!url.endsWith("/manifests/cut")) return false;
      times += 1;
      if (times > 2) return false;
      response.writeHead(times === 1 ? 200 : 404, {
        "content-type": ociManifest,
        "content-length": bytes.length,
      });
      response.write(bytes.subarray(0, 100), () => setTimeout(() => response.destroy(), 20));
      return true;
    };
    assert.equal((await find("acme/web:cut")).tree.root.digest, image.digest);
    assert.equal(times, 3);
  });

  it("refuses a child whose size is not the index's", async () => {
    const child = { ...server.shelf.image("sized", amd64), platform: amd64 };
    server.shelf.index("acme/web:sized", [{ ...child, size: child.size + 1 }]);
    assert.match((await failureOf(find("acme/web:sized"))).message, /and its index says/);
  });
});

describe("images in a registry: digestOf", () => {
  let server: PullRegistry;
  const digestOf = (reference: string) =>
    pullerWith().registry.digestOf(`${server.host}/${reference}`, options);

  beforeEach(async () => {
    server = await startPullRegistry();
  });
  afterEach(() => server.close());

  it("needs one HEAD for a tag, and no request for a digest", async () => {
    const { digest } = server.shelf.image("acme/web:v1");
    assert.equal(await digestOf("acme/web:v1"), digest);
    assert.deepEqual(
      server.asked.map(({ method }) => method),
      ["HEAD"],
    );
    assert.equal(await digestOf(`acme/web:other@${digest}`), digest);
    assert.equal(server.asked.length, 1);
  });

  for (const status of [200, 404, 405]) {
    it(`reads the manifest when HEAD answers ${status} without a digest`, async () => {
      const { digest } = server.shelf.image("acme/web:latest");
      server.intercept = ({ method }, response) =>
        method === "HEAD" && (response.writeHead(status).end(), true);
      assert.equal(await digestOf("acme/web"), digest);
      assert.deepEqual(
        server.asked.map(({ method }) => method),
        ["HEAD", "GET"],
      );
    });
  }

  it("explains a reference that is none", async () => {
    const failure = await failureOf(pullerWith().registry.digestOf("https://quay.io/acme/web", options));
    assert.equal(failure.code, "ARGUMENT_INVALID");
    assert.match(failure.message, /begins with a scheme: write quay\.io/);
  });
});
