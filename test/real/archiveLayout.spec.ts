import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { writeTar } from "../../provider/tarball/tar/writer.js";
import { planLayout } from "../../provider/tarball/write/layout.js";
import { archiveIdentity } from "../support/archiveIdentity.js";
import {
  amd64,
  arm64,
  buildImage,
  buildIndex,
  type BuiltImage,
  named,
  neverAborted,
  sourceOf,
} from "../support/builders/builtImage.js";
import { requireReal } from "../support/programs/requireReal.js";

const run = promisify(execFile);

describe("archives as skopeo reads them", function () {
  this.timeout(60_000);
  let folder: string;
  let web: BuiltImage;
  let multi: BuiltImage;

  before(async function () {
    requireReal(this, "archives read by skopeo", ["skopeo"]);
    folder = await mkdtemp(join(tmpdir(), "archive-skopeo-"));
    web = await buildImage(["base", "web"]);
    multi = buildIndex([await buildImage(["base", "arm"], arm64), await buildImage(["base", "amd"], amd64)]);
  });
  after(async () => {
    // Undefined where the suite was skipped.
    if ((folder as string | undefined) !== undefined) await rm(folder, { recursive: true });
  });

  async function archive(
    format: "docker-archive" | "oci-archive",
    ...images: readonly (readonly [BuiltImage, ...string[]])[]
  ): Promise<string> {
    const path = join(folder, `${format}-${images.length}-${Math.random()}.tar`);
    const trees = images.map(([image, ...names]) => named(image, ...names));
    const members = planLayout(trees, format);
    const sources = images.map(([image]) => sourceOf(image));
    await pipeline(writeTar(members, sources, neverAborted), createWriteStream(path));
    return path;
  }

  async function inspect(
    reference: string,
  ): Promise<{ readonly Architecture: string; readonly Layers: string[] }> {
    const { stdout } = await run("skopeo", ["inspect", reference]);
    return JSON.parse(stdout) as { Architecture: string; Layers: string[] };
  }

  /** What is written for `reference` into a folder: its manifest or index. */
  async function copied(reference: string, ...options: readonly string[]): Promise<Buffer> {
    const target = await mkdtemp(join(folder, "copy-"));
    await run("skopeo", ["copy", "--quiet", ...options, reference, `dir:${target}`]);
    return await readFile(join(target, "manifest.json"));
  }

  it("have one image, in both formats, by its name and without", async () => {
    const path = await archive("docker-archive", [web, "web:1"]);

    const { diffIds } = web.tree.images[0]!;
    assert.deepEqual((await inspect(`docker-archive:${path}`)).Layers, diffIds);
    assert.deepEqual((await inspect(`docker-archive:${path}:web:1`)).Layers, diffIds);
    assert.deepEqual(await copied(`oci-archive:${path}`), Buffer.from(web.tree.images[0]!.bytes));
    const pure = await archive("oci-archive", [web, "quay.io/acme/web:1"]);
    for (const name of ["", ":quay.io/acme/web:1"]) {
      assert.deepEqual(await copied(`oci-archive:${pure}${name}`), Buffer.from(web.tree.images[0]!.bytes));
    }
  });

  it("have several images, each by its name", async () => {
    const api = await buildImage(["base", "api"]);
    const path = await archive("docker-archive", [web, "web:1", "web:stable"], [api, "quay.io/acme/api:2"]);

    for (const [name, image] of [
      ["web:1", web],
      ["web:stable", web],
      ["quay.io/acme/api:2", api],
    ] as const) {
      const { Layers } = await inspect(`docker-archive:${path}:${name}`);
      assert.deepEqual(Layers, image.tree.images[0]!.diffIds, name);
    }
    assert.deepEqual(await copied(`oci-archive:${path}:2`), Buffer.from(api.tree.images[0]!.bytes));
  });

  it("have all platforms of an index for OCI, and linux/amd64 for Docker", async () => {
    const path = await archive("docker-archive", [multi, "multi:1"]);

    const docker = await inspect(`docker-archive:${path}`);
    assert.deepEqual(
      [docker.Architecture, docker.Layers],
      ["amd64", multi.tree.images.find(({ platform }) => platform === amd64)!.diffIds],
    );
    assert.deepEqual(await copied(`oci-archive:${path}`, "--all"), Buffer.from(multi.tree.indexes[0]!.bytes));
  });

  it("are recognised after skopeo has written them itself", async () => {
    const path = await archive("docker-archive", [web, "web:1"]);
    for (const format of ["docker-archive", "oci-archive"]) {
      const copy = join(folder, `copy-${format}.tar`);
      await run("skopeo", [
        "copy",
        "--quiet",
        `oci-archive:${path}`,
        `${format}:${copy}:docker.io/library/web:1`,
      ]);
      const identity = await archiveIdentity(copy);
      assert.deepEqual(
        identity?.images.map(({ names, diffIds }) => [names, diffIds]),
        [[["docker.io/library/web:1"], web.tree.images[0]!.diffIds]],
      );
    }
  });
});
