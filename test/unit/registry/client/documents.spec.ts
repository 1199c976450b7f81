import assert from "node:assert/strict";
import {
  contentOf,
  gzipLayer,
  options,
  pullerWith,
  type PullRegistry,
  startPullRegistry,
} from "../../../support/servers/pullRegistry.js";
import { failureOf } from "../../../support/servers/scriptedRegistry.js";

const amd64 = { os: "linux", architecture: "amd64" };

describe("images in a registry: odd documents", () => {
  let server: PullRegistry;
  const find = (reference = "acme/web:v1") =>
    pullerWith().registry.find(`${server.host}/${reference}`, undefined, options);

  beforeEach(async () => {
    server = await startPullRegistry();
  });
  afterEach(() => server.close());

  describe("is refused by name:", () => {
    const documents: Readonly<Record<string, () => unknown>> = {
      "lists no image for any platform": () => server.shelf.index("acme/web:v1", []),
      'an artifact ("application/vnd.oci.empty': () =>
        server.shelf.image("acme/web:v1", amd64, {
          config: server.shelf.blob("{}", "application/vnd.oci.empty.v1+json"),
          layers: undefined,
        }),
      'an artifact ("x\\u001b[2J")': () =>
        server.shelf.image("acme/web:v1", amd64, { config: server.shelf.blob("{}", "x\u001b[2J") }),
    };
    for (const [message, publish] of Object.entries(documents)) {
      it(message, async () => {
        publish();
        const failure = await failureOf(find());
        assert.equal(failure.code, "REGISTRY_UNSUPPORTED");
        assert.ok(failure.message.includes(message), failure.message);
      });
    }

    it("an index of nothing but attestations", async () => {
      const unknown = { os: "unknown", architecture: "unknown" };
      const attestation = { ...server.shelf.image("acme/web:att", unknown), platform: unknown };
      server.shelf.index("acme/web:v1", [attestation]);
      assert.match((await failureOf(find())).message, /lists no image for any platform/);
    });

    it("a mirror that is none, with the argument", async () => {
      const registries = { [server.host]: { mirrors: ["https://mirror.example.com"] } };
      const work = pullerWith({ registries }).registry.digestOf(`${server.host}/acme/web:v1`, options);
      assert.match(
        (await failureOf(work)).message,
        /^registries\["127\.0\.0\.1:\d+"\]\.mirrors: .*mirrors are host\[:port\]\[\/path\]/,
      );
    });
  });

  it("control characters in a config's platform make it unknown", async () => {
    const odd = { os: "li\u001b[2Jnux", architecture: "amd64" };
    const image = server.shelf.image("acme/web:odd", odd);
    const { tree } = await find("acme/web:odd");
    assert.deepEqual(tree.images[0]?.platform, { os: "unknown", architecture: "unknown" });
    server.shelf.index("acme/web:v1", [{ ...image, platform: odd }, server.shelf.image("acme/web:good")]);
    const indexed = await find();
    assert.equal(JSON.stringify(indexed.tree.images.map(({ platform }) => platform)).includes("2J"), false);
  });

  it("a layer that comes twice and one of no bytes are read", async () => {
    const blob = server.shelf.blob("layer");
    const empty = server.shelf.blob("", gzipLayer);
    server.shelf.image("acme/web:v1", amd64, { layers: [blob, empty, blob] });
    const { tree, blobs } = await find();
    assert.equal(tree.images[0]?.layers.length, 3);
    assert.equal((await contentOf(blobs.read(empty, options))).length, 0);
  });
});
