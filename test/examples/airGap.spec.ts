import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type DockerRegistry, startDockerRegistry } from "../support/programs/dockerRegistry.js";
import { type FinishedExample, read, runExample } from "../support/programs/example.js";
import { requireReal } from "../support/programs/requireReal.js";
import { repositoryRoot } from "../support/repositoryRoot.js";
import { type ArchiveWorld, startArchiveWorld } from "../support/worlds/archive.js";

const run = promisify(execFile);
const streamType = "pulumi-nodejs:dynamic/okd:ImportedImageStream";
const archiveType = "pulumi-nodejs:dynamic/okd:ImageArchive";
const namespace = "shop";
const folder = join(repositoryRoot, "examples", "air-gap");
const program = join(folder, "idms.mts");
const guide = readFileSync(join(folder, "README.md"), "utf8");

type Digests = Readonly<Record<string, string>>;

/** `digests` by `stream:tag`. */
function runProgram(preview: boolean, digests: Digests): Promise<FinishedExample> {
  return runExample("air-gap", {
    config: { namespace },
    preview,
    outputsOf: ({ type, inputs }) => {
      if (type !== streamType) return {};
      const tags = Object.keys(inputs["tags"] as object);
      const digestOf = (tag: string) => digests[`${inputs["name"] as string}:${tag}`] ?? "";
      return { resolved: Object.fromEntries(tags.map((tag) => [tag, { digest: digestOf(tag) }])) };
    },
  });
}

function inputsOf({ resources }: FinishedExample, wanted: string): readonly Inputs[] {
  return resources.filter(({ type }) => type === wanted).map(({ inputs }) => inputs as unknown as Inputs);
}

interface Inputs {
  readonly path: string;
  readonly tags: Readonly<Record<string, { readonly image: string; readonly importMode: string }>>;
  readonly images: readonly { readonly stream: StreamHandle; readonly as: string }[];
  readonly platforms?: unknown;
  readonly format?: unknown;
}

interface StreamHandle {
  readonly namespace: string;
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
}

const madeUp: Digests = Object.fromEntries(
  ["web:v1", "web:v2", "nginx:1.27"].map((tag, index) => [tag, `sha256:${String(index).repeat(64)}`]),
);

describe("examples/air-gap", function () {
  this.timeout(60_000);

  for (const preview of [true, false]) {
    it(`exports every imported tag by its digest, under its own name, in ${preview ? "a preview" : "up"}`, async () => {
      const example = await runProgram(preview, madeUp);
      const images = inputsOf(example, archiveType).flatMap((archive) => archive.images);
      const exported = images.map(({ stream: { name, tag, digest }, as }) => [`${name}:${tag}`, digest, as]);

      assert.deepEqual(exported.sort(), [
        ["nginx:1.27", madeUp["nginx:1.27"], "docker.io/library/nginx:1.27"],
        ["web:v1", madeUp["web:v1"], "quay.io/acme/web:v1"],
        ["web:v2", madeUp["web:v2"], "quay.io/acme/web:v2"],
      ]);
      assert.deepEqual(await read(example.exports["files"]), {
        value: ["out/web.tar", "out/nginx.tar"],
        isKnown: true,
        isSecret: false,
      });
    });
  }

  it("keeps all platforms, so that digests stay", async () => {
    const example = await runProgram(false, madeUp);
    const modes = inputsOf(example, streamType).flatMap(({ tags }) =>
      Object.values(tags).map(({ importMode }) => importMode),
    );

    assert.deepEqual([...new Set(modes)], ["PreserveOriginal"]);
    for (const { platforms, format } of inputsOf(example, archiveType)) {
      assert.deepEqual([platforms, format], [undefined, undefined]);
    }
  });

  describe("its ImageDigestMirrorSet", () => {
    async function render(...mappings: readonly (readonly string[])[]): Promise<readonly unknown[]> {
      const { imageDigestMirrorSet } = (await import(program)) as MirrorSetModule;
      const archives = mappings.map((tags) => ({ images: tags.map((tag) => ({ tags: [tag] })) }));
      return imageDigestMirrorSet(archives, "mirror.example.com:5000").spec.imageDigestMirrors;
    }
    const mirrored = (source: string, mirror: string) => ({
      source,
      mirrors: [`mirror.example.com:5000/${mirror}`],
      mirrorSourcePolicy: "NeverContactSource",
    });

    it("has every repository once, sorted, at its place in the mirror", async () => {
      assert.deepEqual(
        await render(["quay.io/acme/web:v1", "quay.io/acme/web:v2"], ["docker.io/library/nginx:1.27"]),
        [mirrored("docker.io/library/nginx", "library/nginx"), mirrored("quay.io/acme/web", "acme/web")],
      );
    });

    it("takes a port for a port, and a repository without a tag for itself", async () => {
      assert.deepEqual(await render(["r.example.com:8443/a/b:1", "r.example.com:8443/c"]), [
        mirrored("r.example.com:8443/a/b", "a/b"),
        mirrored("r.example.com:8443/c", "c"),
      ]);
    });

    it("says how it is called when something is missing", async () => {
      await assert.rejects(run(process.execPath, [program, "mirror.example.com"]), /usage: node idms\.mts/);
    });
  });

  describe("on the other side", () => {
    let world: ArchiveWorld;
    let mirror: DockerRegistry;
    const digests: Record<string, string> = {};

    before(async function () {
      requireReal(this, "test/examples/airGap", ["skopeo", "docker-registry"]);
      world = await startArchiveWorld();
      mirror = await startDockerRegistry();
      for (const name of Object.keys(madeUp)) digests[name] = pushIndex(world, name);
      for (const inputs of inputsOf(await runProgram(false, digests), archiveType)) {
        await world.pulumi(inputs.path).up({ ...inputs, connection: world.connection });
      }
    });
    after(async () => {
      // Undefined where the suite was skipped.
      await (mirror as DockerRegistry | undefined)?.close();
      await (world as ArchiveWorld | undefined)?.close();
    });

    const out = () => join(world.folder, "out");

    /** The lines of the guide, with a mirror that is there. */
    async function follow(command: RegExp): Promise<number> {
      const lines = guide.split("\n").filter((line) => command.test(line));
      for (const line of lines) {
        const [name = "", ...words] = line.replace("mirror.example.com:5000", mirror.host).split(" ");
        await run(name, [...words, "--quiet", "--dest-tls-verify=false"], { cwd: out() });
      }
      return lines.length;
    }

    it("has every image", async () => {
      const { stdout } = await run("sh", ["-c", "sha256sum --check *.sha256"], { cwd: out() });
      assert.deepEqual(stdout.trim().split("\n"), ["nginx.tar: OK", "web.tar: OK"]);
    });

    it("copies every image into a registry under its digest by the guide's commands", async () => {
      assert.equal(await follow(/^skopeo copy --all .*oci-archive:/), 3);

      const arrived = ["acme/web:v1", "acme/web:v2", "library/nginx:1.27"];
      const found = await Promise.all(arrived.map((name) => digestAt(mirror.host, name)));
      assert.deepEqual(found, Object.values(digests));
    });

    it("copies one platform of an image, as Docker sees it", async () => {
      assert.equal(await follow(/^skopeo copy docker-archive:/), 1);
      const { stdout } = await run("skopeo", [
        "inspect",
        "--tls-verify=false",
        `docker://${mirror.host}/acme/web:v1`,
      ]);
      assert.equal((JSON.parse(stdout) as { Architecture: string }).Architecture, "amd64");
      assert.notEqual(await digestAt(mirror.host, "acme/web:v1"), digests["web:v1"]);
    });

    it("has a mirror set that names the copied images", async () => {
      const files = ["web.tar.json", "nginx.tar.json"];
      const { stdout } = await run(process.execPath, [program, mirror.host, ...files], { cwd: out() });
      const { spec } = JSON.parse(stdout) as MirrorSet;

      assert.deepEqual(
        spec.imageDigestMirrors.map(({ source, mirrors }) => [source, ...mirrors]),
        [
          ["docker.io/library/nginx", `${mirror.host}/library/nginx`],
          ["quay.io/acme/web", `${mirror.host}/acme/web`],
        ],
      );
    });
  });
});

interface MirrorSet {
  readonly spec: {
    readonly imageDigestMirrors: readonly { readonly source: string; readonly mirrors: readonly string[] }[];
  };
}

/** The example is no part of this project's build, so its types are not at hand. */
interface MirrorSetModule {
  readonly imageDigestMirrorSet: (mappings: readonly object[], mirror: string) => MirrorSet;
}

/** As an import with all platforms leaves it, `streamAndTag` like `web:v1`; answers the digest of the index. */
function pushIndex(world: ArchiveWorld, streamAndTag: string): string {
  const [name = "", tag = ""] = streamAndTag.split(":");
  const children = ["amd64", "arm64"].map((architecture) => ({
    layers: ["base", `${streamAndTag} ${architecture}`],
    platform: { os: "linux", architecture },
  }));
  return world.sandbox.integratedRegistry.push({ namespace, name, tag, image: { children } }).digest;
}

/** sha256 of the very bytes that a registry has under a name. */
async function digestAt(host: string, name: string): Promise<string> {
  const { stdout } = await run("skopeo", [
    "inspect",
    "--raw",
    "--tls-verify=false",
    `docker://${host}/${name}`,
  ]);
  return `sha256:${createHash("sha256").update(stdout).digest("hex")}`;
}
