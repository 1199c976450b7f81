import assert from "node:assert/strict";
import type { EngineVersion } from "okd-image-sandbox";
import { engineProfiles } from "okd-image-sandbox/internal/engine/profiles";
import { options } from "../../support/fakes/engineMachine.js";
import { bytesOf } from "../../support/tarMembers.js";
import { amd64, arm64, useEngine } from "../../support/worlds/engine.js";

const versions = Object.keys(engineProfiles) as readonly EngineVersion[];

describe("imageEngine", () => {
  const scene = useEngine();

  for (const version of versions) {
    describe(`with ${version}`, () => {
      beforeEach(() => scene.open(version));
      const isPodman = version.startsWith("podman");

      it("names itself and speaks the newest version that both know", async () => {
        const { api } = engineProfiles[version];
        assert.match(
          scene.engine.description,
          new RegExp(`^unix://\\S+ \\(${isPodman ? "podman" : "Docker"} [\\d.]+, API ${api}\\)$`),
        );
        scene.sandbox.images.add(["acme/web:v1"]);
        await scene.engine.inspect("acme/web:v1", undefined, options);
        assert.equal(scene.sandbox.requests.at(-1), `GET /v${api}/images/acme/web:v1/json`);
      });

      it("inspects by name, by name without tag, by ID, by the beginning of the ID and by digest", async () => {
        const id = scene.sandbox.images.add(["acme/web:v1", "acme/web:latest"], { layers: 2 });
        const image = await scene.found("acme/web:v1", undefined, options);
        const shown = ["acme/web:latest", "acme/web:v1"].map((name) =>
          isPodman ? `docker.io/${name}` : name,
        );
        assert.deepEqual(image.repoTags, shown);
        assert.equal(image.id, id);
        assert.deepEqual(image.platform, amd64);
        assert.equal(image.diffIds.length, 2);
        assert.equal(image.created, "2024-01-01T00:00:00Z");
        assert.ok(image.size > 1000);
        const { store, api } = engineProfiles[version];
        const saysDescriptor = store === "containerd" && api !== "1.47";
        assert.equal(image.descriptor?.digest, saysDescriptor ? id : undefined);
        const digest = image.repoDigests[0]!;
        for (const reference of [
          "acme/web",
          "docker.io/acme/web:v1",
          id,
          id.slice(7),
          id.slice(7, 19),
          digest,
        ]) {
          assert.deepEqual(await scene.found(reference, undefined, options), image, reference);
        }
      });

      it("returns undefined only when there is no such image", async () => {
        assert.equal(await scene.engine.inspect("nope:v1", undefined, options), undefined);
        assert.equal(await scene.engine.inspect("f".repeat(64), undefined, options), undefined);
        scene.sandbox.faults.add({ on: "inspect", kind: "answer", status: 404, body: "Not Found" });
        await assert.rejects(scene.engine.inspect("nope:v1", undefined, options), /ENGINE_ERROR/);
        scene.sandbox.faults.add({
          on: "inspect",
          kind: "answer",
          status: 500,
          body: { message: "layer does not exist" },
        });
        await assert.rejects(
          scene.engine.inspect("nope:v1", undefined, options),
          /HTTP 500: layer does not exist/,
        );
        scene.sandbox.faults.add({ on: "inspect", kind: "answer", status: 200, body: "<html>" });
        await assert.rejects(scene.engine.inspect("nope:v1", undefined, options), /describes no image/);
      });

      it("exports one image under its name, only with the tag that was meant", async () => {
        scene.sandbox.images.add(["acme/web:latest"]);
        scene.sandbox.images.add(["acme/web:v1"], { content: "another" });
        const entries = await scene.manifestOf("acme/web");
        assert.deepEqual(
          entries.map(({ RepoTags }) => RepoTags),
          [[isPodman ? "docker.io/acme/web:latest" : "acme/web:latest"]],
        );
      });

      it("exports several images, two names of one image as one, each once", async () => {
        scene.sandbox.images.add(["acme/web:v1", "acme/web:v2"]);
        scene.sandbox.images.add(["acme/two:v1"], { content: "two" });
        const entries = await scene.manifestOf("acme/web:v1", "acme/two:v1", "acme/web:v2", "acme/two:v1");
        assert.deepEqual(
          entries.map(({ RepoTags }) => RepoTags?.length),
          [2, 1],
        );
        assert.match(
          scene.sandbox.requests.at(-1)!,
          /\/images\/get\?names=acme%2Fweb%3Av1&names=acme%2Ftwo%3Av1&names=acme%2Fweb%3Av2$/,
        );
      });

      it("exports by ID and by the beginning of an ID", async () => {
        const id = scene.sandbox.images.add(["acme/web:v1"]);
        const byId = await scene.manifestOf(id);
        assert.equal(byId.length, 1);
        assert.equal(byId[0]!.RepoTags?.length ?? 0, 0);
        assert.deepEqual(await scene.manifestOf(id.slice(7, 19)), byId);
      });

      it("exports a repository whose name looks like an ID", async () => {
        scene.sandbox.images.add(["abcdef012345:latest"]);
        scene.sandbox.images.add(["abcdef012345:old"], { content: "old" });
        const [entry, ...others] = await scene.manifestOf("abcdef012345");
        assert.match(entry!.RepoTags!.join(), /abcdef012345:latest$/);
        assert.deepEqual(others, []);
      });

      it("names the image that is missing from an export", async () => {
        scene.sandbox.images.add(["acme/web:v1"]);
        await assert.rejects(
          scene.exportOf("nope:v1"),
          /Cannot export nope:v1: .* has no such image.*IMAGE_NOT_FOUND/,
        );
        await assert.rejects(scene.exportOf("acme/web:v1", "nope:v1"), /IMAGE_NOT_FOUND/);
        await assert.rejects(scene.exportOf("abcdef012345"), /Cannot export abcdef012345: .*IMAGE_NOT_FOUND/);
      });

      it("refuses an image for another platform, and takes one for the right platform", async () => {
        scene.sandbox.images.add(["acme/arm:v1"], { platform: arm64 });
        assert.equal((await scene.found("acme/arm:v1", arm64, options)).platform?.architecture, "arm64");
        assert.ok((await bytesOf(scene.engine.export(["acme/arm:v1"], [arm64], options))).length > 0);
        await assert.rejects(scene.engine.inspect("acme/arm:v1", amd64, options), /IMAGE_NOT_FOUND/);
        await assert.rejects(
          bytesOf(scene.engine.export(["acme/arm:v1"], [amd64], options)),
          /IMAGE_NOT_FOUND/,
        );
      });
    });
  }

  it("asks Docker 28.0 for the platform of an export, and checks the answer to the inspection", async () => {
    await scene.open("docker-28.0");
    scene.sandbox.images.add(["acme/arm:v1"], { platform: arm64 });
    await scene.found("acme/arm:v1", arm64, options);
    assert.doesNotMatch(scene.sandbox.requests.at(-1)!, /platform/);
    await bytesOf(scene.engine.export(["acme/arm:v1"], [arm64], options));
    assert.match(scene.sandbox.requests.at(-1)!, /platform/);
  });

  it("never asks for an export of no image, which Docker answers with an empty archive", async () => {
    await scene.open("docker-28");
    await assert.rejects(bytesOf(scene.engine.export([], [], options)), /at least one image/);
    assert.equal(scene.sandbox.requests.length, 1);
  });

  describe("versions of the API", () => {
    it("are pinned by an argument, and a refusal of the engine says what to do", async () => {
      await scene.start("docker-20.10");
      await scene.connect({ apiVersion: "1.40" });
      scene.sandbox.images.add(["acme/web:v1"]);
      await scene.found("acme/web:v1", undefined, options);
      await scene.connect({ apiVersion: "1.51" });
      await assert.rejects(
        scene.engine.inspect("acme/web:v1", undefined, options),
        /too new.*leave both out.*ENGINE_UNSUPPORTED/,
      );
    });

    it("are explained where the engine no longer supports them", async () => {
      await scene.start("docker-29");
      await scene.connect({ apiVersion: "1.41" });
      await assert.rejects(
        bytesOf(scene.engine.export(["web"], [], options)),
        /too old.*1\.44.*ENGINE_UNSUPPORTED/,
      );
    });
  });

  it("asks once more after an idle connection was closed", async () => {
    await scene.open("docker-28");
    scene.sandbox.images.add(["acme/web:v1"]);
    scene.sandbox.faults.add({ on: "inspect", kind: "reset" });
    assert.ok((await scene.engine.inspect("acme/web:v1", undefined, options)) !== undefined);
    assert.equal(scene.sandbox.requests.length, 3);
  });
});
