import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { Platform } from "../../../../provider/oci/platform.js";
import { walkTar } from "../../../../provider/tarball/tar/walk.js";
import { tarSize, writeTar } from "../../../../provider/tarball/tar/writer.js";
import { layoutIdentity, type NamedTree, planLayout } from "../../../../provider/tarball/write/layout.js";
import { archiveIdentity } from "../../../support/archiveIdentity.js";
import {
  amd64,
  arm64,
  buildImage,
  buildIndex,
  type BuiltImage,
  collect,
  named,
  neverAborted,
  sourceOf,
} from "../../../support/builders/builtImage.js";

function jsonOf(
  images: readonly NamedTree[],
  name: string,
  format: "docker-archive" | "oci-archive" = "docker-archive",
): unknown {
  const content = planLayout(images, format).find((member) => member.name === name)?.content;
  return content?.kind === "bytes" ? JSON.parse(Buffer.from(content.bytes).toString()) : undefined;
}

interface ImageSpec {
  readonly names: readonly string[];
  readonly children: readonly { readonly layers: readonly string[]; readonly platform: Platform }[];
  readonly nested: boolean;
}

describe("the layout of an archive", () => {
  let web: BuiltImage;
  let api: BuiltImage;
  let multi: BuiltImage;
  before(async () => {
    web = await buildImage(["base", "web"]);
    api = await buildImage(["base", "api"]);
    multi = buildIndex([await buildImage(["base", "arm"], arm64), web]);
  });

  const path = (digest: string) => `blobs/${digest.replace(":", "/")}`;

  it("begins with the documents that identify it, and ends with layers, shared ones once", () => {
    const members = planLayout([named(web, "web:1"), named(api, "api:1")], "docker-archive");

    const documents = [web, api].flatMap(({ tree: { images } }) =>
      images.flatMap(({ descriptor, config }) => [path(descriptor.digest), path(config.digest)]),
    );
    const layers = new Set(
      [web, api].flatMap(({ tree }) => tree.images[0]!.layers.map(({ digest }) => path(digest))),
    );
    assert.deepEqual(
      members.map(({ name }) => name),
      ["oci-layout", "index.json", "manifest.json", ...documents.sort(), ...[...layers].sort()],
    );
    assert.equal(layers.size, 3);
    assert.ok(members.every(({ name }) => name.length <= 100));
  });

  it("names images as containerd and Docker do", () => {
    const images = [named(web, "web:1", "quay.io/acme/web:2")];
    const {
      root,
      images: [image],
    } = web.tree;

    assert.deepEqual(jsonOf(images, "index.json"), {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [
        {
          ...root,
          annotations: {
            "io.containerd.image.name": "docker.io/library/web:1",
            "org.opencontainers.image.ref.name": "1",
          },
        },
        {
          ...root,
          annotations: {
            "io.containerd.image.name": "quay.io/acme/web:2",
            "org.opencontainers.image.ref.name": "2",
          },
        },
      ],
    });
    assert.deepEqual(jsonOf(images, "manifest.json"), [
      {
        Config: path(image!.config.digest),
        RepoTags: ["docker.io/library/web:1", "quay.io/acme/web:2"],
        Layers: image!.layers.map(({ digest }) => path(digest)),
      },
    ]);
  });

  it("has no manifest.json as an OCI archive, and the name in full", () => {
    const images = [named(web, "web:1")];
    const index = jsonOf(images, "index.json", "oci-archive") as { manifests: { annotations: object }[] };

    assert.equal(jsonOf(images, "manifest.json", "oci-archive"), undefined);
    assert.deepEqual(index.manifests[0]!.annotations, {
      "io.containerd.image.name": "docker.io/library/web:1",
      "org.opencontainers.image.ref.name": "docker.io/library/web:1",
    });
  });

  it("describes linux/amd64 of an index to Docker, else its first platform", async () => {
    const arm = await buildImage(["x"], arm64);
    const ppc = await buildImage(["y"], { os: "linux", architecture: "ppc64le" });
    const configs = [multi, buildIndex([arm, ppc])].map(
      (image) => (jsonOf([named(image, "x:1")], "manifest.json") as { Config: string }[])[0]!.Config,
    );
    assert.deepEqual(
      configs,
      [web, arm].map(({ tree }) => path(tree.images[0]!.config.digest)),
    );
  });

  it("merges equal images: for the layout by their digest, for Docker by their config", () => {
    const images = [named(web, "a:1"), named(web, "b:1", "a:1"), named(multi, "c:1"), named(api)];

    const manifest = jsonOf(images, "manifest.json") as { RepoTags: string[] | null }[];
    const index = jsonOf(images, "index.json") as { manifests: { digest: string; annotations?: object }[] };

    assert.deepEqual(
      manifest.map(({ RepoTags }) => RepoTags),
      [null, ["docker.io/library/a:1", "docker.io/library/b:1", "docker.io/library/c:1"]],
    );
    assert.deepEqual(
      index.manifests.map(({ digest }) => digest),
      [api, web, web, multi].map(({ tree }) => tree.root.digest),
    );
    assert.equal(index.manifests[0]!.annotations, undefined);
  });

  describe("of any images", () => {
    let folder: string;
    before(() => (folder = mkdtempSync(join(tmpdir(), "archive-layout-"))));
    after(() => rmSync(folder, { recursive: true }));

    const platform = fc.constantFrom(amd64, arm64, {
      os: "windows",
      architecture: "amd64",
      osVersion: "10.0.1",
    });
    const single = fc.record({
      layers: fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 3 }),
      platform,
    });
    const images = fc.uniqueArray(
      fc.record({
        names: fc.uniqueArray(fc.constantFrom("a", "b:1", "localhost/c:2", "quay.io/x/d:3"), {
          maxLength: 2,
        }),
        children: fc.uniqueArray(single, {
          minLength: 1,
          maxLength: 3,
          selector: (child) => JSON.stringify(child),
        }),
        nested: fc.boolean(),
      }),
      { minLength: 1, maxLength: 3, selector: ({ names }) => names.join() },
    );

    it("is read back as it was planned, in whichever order they are given", async () => {
      await fc.assert(
        fc.asyncProperty(images, fc.constantFrom("docker-archive", "oci-archive"), async (specs, format) => {
          const built = await Promise.all(specs.map(buildAny));
          const trees = built.map((image, at) => named(image, ...specs[at]!.names));
          const members = planLayout(trees, format);
          const file = join(folder, "archive.tar");
          const tar = await collect(writeTar(members, built.map(sourceOf), neverAborted));
          writeFileSync(file, tar);

          const reversed = planLayout([...trees].reverse(), format);
          const tarOfReversed = await collect(
            writeTar(reversed, [...built].reverse().map(sourceOf), neverAborted),
          );
          assert.deepEqual(tarOfReversed, tar);
          assert.equal(tar.length, tarSize(members));
          const handle = await open(file);
          const walked = await walkTar(handle, neverAborted);
          await handle.close();
          assert.deepEqual(
            [...walked.values()].map(({ name, size, kind }) => [name, size, kind]),
            members.map(({ name, size }) => [name, size, "file"]),
          );
          assert.deepEqual(await archiveIdentity(file), layoutIdentity(trees, format));
        }),
        { numRuns: 60 },
      );
    });

    async function buildAny({ children, nested }: ImageSpec): Promise<BuiltImage> {
      const built = await Promise.all(children.map(({ layers, platform }) => buildImage(layers, platform)));
      if (built.length === 1 && !nested) return built[0]!;
      return nested ? buildIndex([buildIndex(built)]) : buildIndex(built);
    }
  });
});
