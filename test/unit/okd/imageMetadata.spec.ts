import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readImageMetadata } from "../../../provider/okd/imageMetadata.js";
import { repositoryRoot } from "../../support/repositoryRoot.js";

function recorded(file: string): { readonly status: { readonly images: readonly { image: unknown }[] } } {
  const path = join(repositoryRoot, "test/conformance/okd-api", file);
  return JSON.parse(readFileSync(path, "utf8")) as ReturnType<typeof recorded>;
}

const digest = `sha256:${"4f".repeat(32)}`;

describe("the metadata of an image", () => {
  it("of a recorded image has its config and its layers", () => {
    const [, single] = recorded("isi-multiarch-preserve-and-legacy.response.json").status.images;
    const metadata = readImageMetadata(single?.image);

    assert.equal(metadata.digest, "sha256:ebdcd96aa6f6fce45e8e8bf1c602508752ed2a4b643888c4b43e5baeeac3a301");
    assert.equal(metadata.pullSpec, `127.0.0.1:5600/demo/multi@${metadata.digest}`);
    assert.deepEqual(metadata.config, {
      env: { A: "b" },
      ports: [],
      labels: {},
      entryPoint: [],
      command: ["/x"],
      volumes: [],
    });
    assert.deepEqual(metadata.platforms, ["linux/amd64"]);
    assert.equal(metadata.created, "2024-01-01T00:00:00Z");
    assert.equal(metadata.layers.length, 1);
    assert.deepEqual(metadata.manifests, []);
  });

  it("of a recorded index has its images, and nothing that only an image has", () => {
    const [index] = recorded("isi-multiarch-preserve-and-legacy.response.json").status.images;
    const metadata = readImageMetadata(index?.image);

    assert.equal(metadata.mediaType, "application/vnd.oci.image.index.v1+json");
    assert.deepEqual(metadata.platforms, ["linux/amd64", "linux/arm64", "linux/s390x"]);
    assert.deepEqual(
      metadata.manifests.map(({ platform }) => platform),
      ["linux/amd64", "linux/arm64", "linux/s390x"],
    );
    assert.equal("config" in metadata, false);
    // The server gives the moment of the lookup as the time of an index.
    assert.equal("created" in metadata, false);
    assert.deepEqual(metadata.layers, []);
  });

  it("has all parts of a config, those with names of anybody's choice too", () => {
    const image = {
      metadata: { name: digest },
      dockerImageReference: `nginx@${digest}`,
      dockerImageMetadata: {
        Architecture: "arm64",
        Size: 414,
        Config: {
          Env: ["PATH=/bin:/sbin", "EMPTY=", "BARE", "constructor=x", "A=b=c"],
          ExposedPorts: { "8080/tcp": {}, "53/udp": {} },
          Labels: { "io.k8s.description": "shop", toString: "y" },
          Entrypoint: ["/run"],
          Cmd: ["serve"],
          User: "1001:0",
          WorkingDir: "/app",
          Volumes: { "/var/lib": {}, "/cache": {} },
        },
      },
      dockerImageConfig: '{"os":"linux","architecture":"arm64","variant":"v8"}',
      signatures: [
        { metadata: { name: `${digest}@sig` }, type: "AtomicImageV1", imageIdentity: "quay.io/a/b:v1" },
      ],
    };
    const metadata = readImageMetadata(image);

    assert.deepEqual(metadata.config, {
      env: { PATH: "/bin:/sbin", EMPTY: "", BARE: "", constructor: "x", A: "b=c" },
      ports: ["53/udp", "8080/tcp"],
      labels: { "io.k8s.description": "shop", toString: "y" },
      entryPoint: ["/run"],
      command: ["serve"],
      user: "1001:0",
      workingDir: "/app",
      volumes: ["/cache", "/var/lib"],
    });
    assert.equal(metadata.pullSpec, `docker.io/library/nginx@${digest}`);
    assert.deepEqual(metadata.platforms, ["linux/arm64/v8"]);
    assert.deepEqual(metadata.signatures, [
      { name: `${digest}@sig`, type: "AtomicImageV1", identity: "quay.io/a/b:v1" },
    ]);
  });

  it("of nonsense is empty, and no failure", () => {
    for (const image of [undefined, null, 5, {}, { dockerImageLayers: "x", dockerImageConfig: "{" }])
      assert.deepEqual(readImageMetadata(image).layers, []);
  });
});
