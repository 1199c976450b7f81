import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import {
  getImageMetadata,
  getImageMetadataOutput,
  getImageStreamImage,
  getImageStreamTag,
  getImageStreamTagOutput,
} from "../../../provider/index.js";
import { read } from "../../support/programs/example.js";
import { repositoryRoot } from "../../support/repositoryRoot.js";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";

const mocks: pulumi.runtime.Mocks = {
  newResource: ({ name, inputs }) => ({
    id: pulumi.runtime.isDryRun() ? undefined : `${name}-id`,
    state: inputs as object,
  }),
  call: ({ token }) => {
    throw new Error(`calls ${token}`);
  },
};

class Secret extends pulumi.CustomResource {
  constructor(name: string) {
    super("test:index:Secret", name, {});
  }
}

describe("functions that ask a cluster", function () {
  this.timeout(60_000);
  let world: ImportWorld;
  let connection: Record<string, string>;
  let digest: string;
  let children: readonly { readonly digest: string }[];

  before(async () => {
    world = await startImportWorld();
    connection = { ...(world.connection as Record<string, string>), namespace: "shop" };
    const registry = world.sandbox.registry();
    const image = { env: ["A=b"], cmd: ["serve"], labels: { team: "shop" }, layers: 2 };
    ({ digest } = registry.publishImage("acme/web", "v1", image));
    ({ children } = registry.publishIndex("acme/multi", "v1", [
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64" },
    ]));
    await world.seedTag("v1", "quay.io/acme/web:v1");
  });
  after(() => world.sandbox.close());
  beforeEach(async () => {
    pulumi.runtime.setAllConfig({});
    await pulumi.runtime.setMocks(mocks, "shop", "dev", false);
  });

  const preview = () => pulumi.runtime.setMocks(mocks, "shop", "dev", true);

  describe("getImageMetadata", () => {
    it("tells what an image is made of, and stores nothing", async () => {
      const before = world.sandbox.requests.matching({ server: "api" }).length;
      const metadata = await getImageMetadata({ image: "quay.io/acme/web:v1", connection });

      assert.equal(metadata.digest, digest);
      assert.equal(metadata.pullSpec, `quay.io/acme/web@${digest}`);
      assert.deepEqual(metadata.config?.env, { A: "b" });
      assert.deepEqual(metadata.config.command, ["serve"]);
      assert.deepEqual(metadata.config.labels, { team: "shop" });
      assert.deepEqual(metadata.platforms, ["linux/amd64"]);
      assert.equal(metadata.layers.length, 2);
      assert.ok(metadata.layers.every((layer) => layer.sizeBytes > 0 && layer.digest.startsWith("sha256:")));
      const sent = world.sandbox.requests.matching({ server: "api" }).slice(before);
      assert.deepEqual(
        sent
          .filter(({ method }) => method !== "GET")
          .map(({ path }) => path.split("/").at(-1)?.split("?")[0]),
        ["imagestreamimports"],
      );
      assert.equal(world.stream("pulumi-okd-images-lookup"), undefined);
    });

    it("reads the index, or the image of a platform in it", async () => {
      const image = "quay.io/acme/multi:v1";
      const index = await getImageMetadata({ image, importMode: "PreserveOriginal", connection });
      const arm = await getImageMetadata({ image, platform: "linux/arm64", connection });

      assert.deepEqual(
        index.manifests.map((each) => each.digest),
        children.map((child) => child.digest),
      );
      assert.equal(index.config, undefined);
      assert.equal(arm.digest, children[1]?.digest);
      assert.deepEqual(arm.platforms, ["linux/arm64"]);
    });

    it("names the platforms that an image is for", async () => {
      for (const [image, found] of [
        ["quay.io/acme/multi:v1", "linux/amd64, linux/arm64"],
        ["quay.io/acme/web:v1", "linux/amd64"],
      ] as const) {
        await assert.rejects(
          getImageMetadata({ image, platform: "linux/s390x", connection }),
          new RegExp(
            `getImageMetadata: platform: .* is not for linux/s390x; it is for ${found} \\[REGISTRY_PLATFORM\\]`,
          ),
        );
      }
    });

    it("fails as an import would, as a mistake of the program", async () => {
      await assert.rejects(
        getImageMetadata({ image: "quay.io/acme/web:gone", connection }),
        (error: Error) => {
          assert.ok(pulumi.RunError.isInstance(error));
          assert.match(
            error.message,
            /^getImageMetadata: image: quay\.io\/acme\/web:gone cannot be read: .*\[IMPORT_NOT_FOUND\]$/s,
          );
          return true;
        },
      );
    });

    it("names all wrong arguments before any request", async () => {
      const before = world.sandbox.requests.matching({ server: "api" }).length;
      const wrong = { image: "Bad Image", platform: "amd64", namespac: "shop", connection: { hots: "x" } };
      await assert.rejects(getImageMetadata(wrong as never), (error: Error) => {
        for (const part of [
          /image: "Bad Image"/,
          /platform: is not a platform/,
          /namespac: .*function.*"namespace"/,
          /connection\.hots: .*"host"/,
        ])
          assert.match(error.message, part);
        return true;
      });
      assert.equal(world.sandbox.requests.matching({ server: "api" }).length, before);
    });

    it("finds the cluster in the stack's configuration", async () => {
      const entries = Object.entries(connection).map(([key, value]) => [`okd:${key}`, value]);
      pulumi.runtime.setAllConfig(Object.fromEntries(entries) as Record<string, string>);

      assert.equal((await getImageMetadata({ image: "quay.io/acme/web:v1" })).digest, digest);
    });

    it("shows nothing of secret arguments in its errors", async () => {
      const image = pulumi.secret("quay.io/acme/hidden-name:v9");
      const output = getImageMetadataOutput({ image, connection });
      await assert.rejects(read(output), (error: Error) => !error.message.includes("hidden-name"));
    });
  });

  describe("getImageMetadataOutput", () => {
    it("knows the image in a preview, and does not become secret by the connection's credentials", async () => {
      await preview();
      const token = pulumi.secret(connection["token"]!);
      const image = pulumi.output("quay.io/acme/web:v1");
      const { value, isKnown, isSecret } = await read(
        getImageMetadataOutput({ image, connection: { ...connection, token } }),
      );

      assert.deepEqual([isKnown, isSecret], [true, false]);
      assert.equal((value as { digest: string }).digest, digest);
      assert.equal(JSON.stringify(value).includes(connection["token"]!), false);
    });

    it("is not known while an argument is not, or the namespace is missing, or a dependency is to be created", async () => {
      await preview();
      const image = "quay.io/acme/web:v1";
      for (const output of [
        getImageMetadataOutput({ image: pulumi.unknown as never, connection }),
        getImageMetadataOutput({ image, namespace: "later", connection }),
        getImageMetadataOutput({ image, connection }, { dependsOn: new Secret("pull") }),
      ])
        assert.equal((await read(output)).isKnown, false);
    });

    it("fails in up where the namespace is missing", async () => {
      const output = getImageMetadataOutput({ image: "quay.io/acme/web:v1", namespace: "later", connection });
      await assert.rejects(read(output), /NAMESPACE_NOT_FOUND/);
    });
  });

  describe("getImageStreamTag", () => {
    it("tells what the tag serves and how it came to", async () => {
      const tag = await getImageStreamTag({ name: "web:v1", connection });

      assert.equal(tag.digest, digest);
      assert.deepEqual(tag.config?.env, { A: "b" });
      assert.equal(tag.generation, 1);
      assert.deepEqual(tag.conditions, []);
      assert.equal(tag.importedAt, tag.history[0]?.created);
      assert.deepEqual(
        tag.history.map((revision) => revision.digest),
        [digest],
      );
    });

    it("says why there is no image", async () => {
      await world.seedTag("failed", "quay.io/acme/web:gone", "broken");
      for (const [name, message] of [
        ["other:v1", /there is no image stream shop\/other \[STREAM_NOT_FOUND\]/],
        ["web:v9", /image stream shop\/web has no tag v9; it has v1 \[IMAGE_NOT_FOUND\]/],
        ["broken:failed", /shop\/broken:failed has no image, because its import failed: .*not found/],
        ["web", /name: is no tag of a stream: write "web:v1"/],
      ] as const)
        await assert.rejects(getImageStreamTag({ name, connection }), message);
    });

    it("is not known in a preview while there is no such stream", async () => {
      await preview();
      const name = pulumi.output("later:v1");
      assert.equal((await read(getImageStreamTagOutput({ name, connection }))).isKnown, false);
    });
  });

  describe("getImageStreamImage", () => {
    it("finds an image by its digest and by the beginning of it", async () => {
      for (const id of [digest, digest.slice("sha256:".length, 20), digest.slice(0, 20)]) {
        const found = await getImageStreamImage({ name: `web@${id}`, connection });
        assert.equal(found.digest, digest);
        assert.deepEqual(found.config?.labels, { team: "shop" });
      }
    });

    it("never sends an empty beginning", async () => {
      for (const name of ["web@", "web@sha256:", "web"])
        await assert.rejects(getImageStreamImage({ name, connection }), /name: is no image of a stream/);
    });

    it("names the images where several begin so", async () => {
      const others = [1, 2].map((each) => `sha256:ab${String(each).repeat(62)}`);
      for (const [at, other] of others.entries()) world.push(`p${at}`, other);
      await assert.rejects(getImageStreamImage({ name: "web@ab", connection }), (error: Error) => {
        for (const other of others) assert.ok(error.message.includes(other));
        return error.message.includes("Give more digits");
      });
    });

    it("says that there is no such image, or no such stream", async () => {
      await assert.rejects(
        getImageStreamImage({ name: `web@${"0".repeat(64)}`, connection }),
        /has no image sha256:0{64}.*\[IMAGE_NOT_FOUND\]/,
      );
      await assert.rejects(getImageStreamImage({ name: "other@ab", connection }), /STREAM_NOT_FOUND/);
    });
  });

  it("without the right names the role that has it", async () => {
    const [{ token } = { token: "" }] = world.sandbox.users;
    const mine = { ...connection, token };
    await assert.rejects(
      getImageMetadata({ image: "quay.io/acme/web:v1", connection: mine }),
      /alice may not create imagestreamimports in namespace shop\. Role edit .*\[API_FORBIDDEN\]/,
    );
    await assert.rejects(
      getImageStreamTag({ name: "web:v1", connection: mine }),
      /Role view .*\[API_FORBIDDEN\]/,
    );
  });
});

describe("the index of the package", () => {
  it("loads nothing of what asks a cluster", () => {
    const index = JSON.stringify(join(repositoryRoot, "dist/provider/index.js"));
    const code = `require(${index}); console.log(JSON.stringify(Object.keys(require.cache)))`;
    const loaded = JSON.parse(execFileSync(process.execPath, ["-e", code], { encoding: "utf8" })) as string[];

    assert.ok(loaded.some((file) => file.endsWith("provider/resources/lookups/ask.js")));
    const heavy = /provider.(?:functions|hooks|cluster|http|imports|wiring)|node_modules.(?:undici|zod)/;
    assert.deepEqual(
      loaded.filter((file) => heavy.test(file)),
      [],
    );
  });
});
