import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type EngineVersion, type SandboxEngine, startEngine, startSandbox } from "okd-image-sandbox";
import { type Answer, getOverSocket } from "../../../test/support/clients/unixSocket.js";
import { jsonMember, type TarMember, tarMembers } from "../../../test/support/tarMembers.js";

interface ManifestEntry {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

const amd64 = { os: "linux", architecture: "amd64" };
const arm64 = { os: "linux", architecture: "arm64" };
const digestOf = (content: Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`;

describe("the container engines of the sandbox", () => {
  let engine: SandboxEngine;
  const start = async (version: EngineVersion) => {
    engine = await startEngine({ version });
  };
  afterEach(() => engine.close());

  const get = (path: string): Promise<Answer> => getOverSocket(engine.host.slice("unix://".length), path);
  const json = async (path: string) =>
    JSON.parse((await get(path)).body.toString("utf8")) as Record<string, unknown>;
  const exported = async (path: string): Promise<readonly TarMember[]> => tarMembers((await get(path)).body);
  const manifestOf = (members: readonly TarMember[]) =>
    jsonMember(members, "manifest.json") as readonly [ManifestEntry, ...ManifestEntry[]];
  /** Digests in names become `H`. */
  const shape = (members: readonly TarMember[]) =>
    members.map(({ name }) => name.replaceAll(/[0-9a-f]{64}/g, "H"));

  it("answers a ping like the engine of its version", async () => {
    await start("docker-20.10");
    const docker = await get("/_ping");
    assert.equal(docker.headers["api-version"], "1.41");
    assert.equal(docker.headers.server, "Docker/20.10.24 (linux)");
    assert.equal(docker.headers["libpod-api-version"], undefined);
    await engine.close();
    await start("podman-4.3");
    const podman = await get("/_ping");
    assert.equal(podman.headers["libpod-api-version"], "4.3.1");
    assert.equal(podman.headers.server, "Libpod/4.3.1 (linux)");
  });

  const legacy = ["H.json", "H/", "H/VERSION", "H/json", "H/layer.tar", "manifest.json"];
  const layout = [
    "blobs/",
    "blobs/sha256/",
    "blobs/sha256/H",
    "blobs/sha256/H",
    "blobs/sha256/H",
    "index.json",
    "manifest.json",
    "oci-layout",
  ];
  const podman = ["H.tar", "H.json", "H/layer.tar", "H/VERSION", "H/json", "manifest.json", "repositories"];
  for (const [version, members, repositories, config, layerType, untagged] of [
    ["docker-20.10", legacy, true, /^[0-9a-f]{64}\.json$/, "tar", null],
    ["docker-24", legacy, true, /^[0-9a-f]{64}\.json$/, "tar", null],
    ["docker-25", layout, true, /^blobs\/sha256\/[0-9a-f]{64}$/, "tar", null],
    ["docker-28", layout, true, /^blobs\/sha256\/[0-9a-f]{64}$/, "tar", null],
    ["docker-28-containerd", layout, false, /^blobs\/sha256\/[0-9a-f]{64}$/, "gzip", null],
    ["docker-29", layout, false, /^blobs\/sha256\/[0-9a-f]{64}$/, "gzip", null],
    ["podman-4.3", podman, false, /^[0-9a-f]{64}\.json$/, "tar", []],
    ["podman-5", podman, false, /^[0-9a-f]{64}\.json$/, "tar", []],
  ] as const) {
    it(`exports an image in the archive format of ${version}`, async () => {
      await start(version);
      const id = engine.images.add(["acme/web:v1"]);

      const named = await exported("/images/acme/web:v1/get");
      assert.deepEqual(
        [...shape(named)].sort(),
        [...members, ...(repositories ? ["repositories"] : [])].sort(),
      );
      if (!version.startsWith("podman")) {
        const names = named.map(({ name }) => name);
        assert.deepEqual(names, [...names].sort());
      } else assert.deepEqual(shape(named), podman);
      const [entry] = manifestOf(named);
      assert.match(entry.Config, config);
      assert.deepEqual(entry.RepoTags, [
        version.startsWith("podman") ? "docker.io/acme/web:v1" : "acme/web:v1",
      ]);
      const layer = named.find(({ name }) => name === entry.Layers[0])!;
      assert.equal(layer.content.readUInt16BE(0) === 0x1f8b ? "gzip" : "tar", layerType);

      const [byId] = manifestOf(await exported(`/images/${id}/get`));
      assert.deepEqual(byId.RepoTags, untagged);
    });
  }

  it("gives an image the digest of its config in a registry as its ID", async () => {
    await start("docker-28");
    const sandbox = await startSandbox({ registries: { open: { protocol: "http" } } });
    try {
      const { configDigest } = sandbox.registry("open").publishImage("acme/web", "v1", { content: "same" });
      const id = engine.images.add(["acme/web:v1"], { content: "same" });
      assert.equal(id, configDigest);
      const { content } = (await exported("/images/acme/web:v1/get")).find(({ name }) =>
        name.endsWith(id.slice(7)),
      )!;
      assert.equal(digestOf(content), id);
    } finally {
      await sandbox.close();
    }
  });

  it("names images by manifest or index in a containerd store", async () => {
    await start("docker-29");
    const id = engine.images.addIndex(["acme/multi:v1"], [amd64, arm64]);
    const { Id, Descriptor, Architecture } = await json("/v1.51/images/acme/multi:v1/json");
    assert.equal(Id, id);
    assert.equal((Descriptor as { readonly digest: string }).digest, id);
    assert.equal(Architecture, "amd64");
    const platform = encodeURIComponent(JSON.stringify(arm64));
    const arm = await json(`/v1.51/images/acme/multi:v1/json?platform=${platform}`);
    assert.equal(arm.Architecture, "arm64");
    assert.notEqual(arm.Id, id);

    const whole = await exported("/v1.51/images/acme/multi:v1/get");
    assert.equal(whole.filter(({ name }) => /[0-9a-f]{64}/.test(name)).length, 7); // index, and three for each platform
    const single = await exported(`/v1.51/images/acme/multi:v1/get?platform=${platform}`);
    assert.equal(single.filter(({ name }) => /[0-9a-f]{64}/.test(name)).length, 3);
    const two = [amd64, arm64]
      .map((each) => `platform=${encodeURIComponent(JSON.stringify(each))}`)
      .join("&");
    assert.equal((await get(`/v1.51/images/acme/multi:v1/get?${two}`)).status, 400);
    assert.equal((await get(`/v1.52/images/acme/multi:v1/get?${two}`)).status, 200);
  });

  it("omits empty fields from API 1.52 on, and Descriptor before 1.48", async () => {
    await start("docker-29");
    const id = engine.images.add([]);
    assert.equal("RepoTags" in (await json(`/v1.52/images/${id}/json`)), false);
    assert.deepEqual((await json(`/v1.51/images/${id}/json`)).RepoTags, []);
    assert.equal("Descriptor" in (await json(`/v1.47/images/${id}/json`)), false);
  });

  it("exports a repository that is named without a tag with all its tags, except as podman", async () => {
    for (const [version, entries] of [
      ["docker-20.10", 2],
      ["podman-4.3", 1],
    ] as const) {
      await start(version);
      engine.images.add(["acme/web:latest"]);
      engine.images.add(["acme/web:old"], { content: "old" });
      assert.equal(manifestOf(await exported("/images/acme/web/get")).length, entries);
      await engine.close();
    }
    await start("docker-20.10");
  });

  it("answers an unknown API version in Docker's words", async () => {
    await start("docker-29");
    assert.deepEqual(await json("/v1.41/images/web/json"), {
      message:
        "client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version",
    });
    assert.match(
      String((await json("/v1.60/images/web/json")).message),
      /too new\. Maximum supported API version is 1\.52$/,
    );
  });

  it("refuses in the words of dockerd 20.10 and podman 4.3", async () => {
    const lowercase = "invalid reference format: repository name must be lowercase";
    await start("docker-20.10");
    engine.images.add(["acme/web:v1"]);
    for (const [path, status, body] of [
      ["/images/nope:v1/json", 404, { message: "no such image: nope:v1: No such image: nope:v1" }],
      ["/images/nope:v1/get", 404, { message: "reference does not exist" }],
      ["/images/get?names=acme/web:v1&names=nope", 404, { message: "reference does not exist" }],
      ["/images/NOPE/json", 400, { message: `no such image: NOPE: ${lowercase}` }],
      ["/images/NOPE/get", 500, { message: lowercase }],
      ["/nothing", 404, { message: "page not found" }],
    ] as const) {
      const answer = await get(path);
      assert.deepEqual([answer.status, JSON.parse(answer.body.toString())], [status, body], path);
    }
    assert.equal(jsonMember(await exported("/images/get"), "manifest.json"), null);
    await engine.close();

    await start("podman-4.3");
    const [found, full] = ["failed to find image nope: ", "docker.io/library/nope: "];
    const bad = "normalizing name for compat API: repository name must be lowercase";
    for (const [path, response, cause, message] of [
      ["/images/nope/json", 404, `${found}${full}No such image`, `${found}${full}No such image`],
      ["/images/nope/get", 404, "image not known", `${found}${full}image not known`],
      ["/images/get?names=nope", 500, "image not known", `${full}image not known`],
      ["/images/NOPE/get", 500, bad, `normalizing image: ${bad}`],
    ] as const) {
      const answer = await get(path);
      assert.equal(answer.status, response, path);
      assert.deepEqual(JSON.parse(answer.body.toString()), { cause, message, response }, path);
    }
    assert.equal((await get("/images/get")).status, 400);
    assert.equal((await get("/nothing")).body.toString(), "Not Found");
  });

  describe("the faults of a container engine", () => {
    const path = "/images/acme/web:v1/get";
    beforeEach(async () => {
      await start("docker-28");
      engine.images.add(["acme/web:v1"]);
    });

    it("lateError sends an error after a complete archive", async () => {
      engine.faults.add({ on: "export", kind: "lateError", message: "disk full" });
      const { status, body } = await get(path);
      assert.equal(status, 200);
      assert.match(
        body.toString("latin1"),
        /\0{512}\{"errorDetail":\{"message":"disk full"\},"error":"disk full"\}$/,
      );
    });

    it("cut sends half of one archive", async () => {
      engine.faults.add({ on: "export", kind: "cut" });
      await assert.rejects(get(path), /aborted|hang up/);
      assert.equal((await get(path)).status, 200);
    });

    it("nullManifest sends an archive without images", async () => {
      engine.faults.add({ on: "export", kind: "nullManifest" });
      assert.equal(jsonMember(await exported(path), "manifest.json"), null);
    });

    it("meanwhile moves the tag between inspection and export", async () => {
      const other = engine.images.add([], { content: "other" });
      engine.faults.add({
        on: "export",
        kind: "meanwhile",
        happens: () => engine.images.tag("acme/web:v1", other),
      });
      const before = await json("/images/acme/web:v1/json");
      const [{ Config }] = manifestOf(await exported(path));
      assert.notEqual(before.Id, other);
      assert.equal(Config, `blobs/sha256/${other.slice(7)}`);
    });
  });
});
