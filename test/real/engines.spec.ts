import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "okd-image-sandbox";
import { exportArchive } from "okd-image-sandbox/internal/engine/exportArchive";
import { EngineImages } from "okd-image-sandbox/internal/engine/images";
import { engineProfiles } from "okd-image-sandbox/internal/engine/profiles";
import type { EngineImage } from "../../provider/archive/ports.js";
import { processMachine } from "../../provider/http/machine.js";
import { type ConnectedEngine, connectEngine } from "../../provider/containerEngine/imageEngine.js";
import { engineArgs, options } from "../support/fakes/engineMachine.js";
import { type ContainerEngine, startDockerd, startPodman } from "../support/programs/containerEngines.js";
import { requireReal } from "../support/programs/requireReal.js";
import { bytesOf, jsonMember, tarMembers } from "../support/tarMembers.js";

const arm64 = { os: "linux", architecture: "arm64", variant: "v8" };
const amd64 = { os: "linux", architecture: "amd64" };

interface Engine {
  readonly name: string;
  readonly programs: readonly string[];
  readonly start: () => Promise<ContainerEngine>;
  readonly description: RegExp;
}

const engines: readonly Engine[] = [
  {
    name: "dockerd",
    programs: ["dockerd", "containerd", "runc"],
    start: startDockerd,
    description: /\(Docker \d+\.\S+, API 1\.\d+\)$/,
  },
  {
    name: "podman",
    programs: ["podman"],
    start: startPodman,
    description: /\(podman \d+\.\S+, API 1\.\d+\)$/,
  },
];

for (const each of engines) {
  describe(`images of ${each.name}`, function () {
    this.timeout(120_000);
    let real: ContainerEngine;
    let engine: ConnectedEngine;
    let sandbox: Sandbox;
    const ids = { web: "", two: "", untagged: "" };

    before(async function () {
      const missing = process.getuid?.() === 0 ? [] : ["the rights of root"];
      requireReal(this, `images of ${each.name}`, [...each.programs, ...missing]);
      real = await each.start();
      const images = new EngineImages("graphdriver");
      ids.web = images.add(["example.com/acme/web:v1", "example.com/acme/web:latest"], { layers: 2 });
      ids.two = images.add(["example.com/acme/two:v1"], { platform: arm64 });
      ids.untagged = images.add([], { content: "nameless" });
      const exported = [ids.web, ids.two, ids.untagged].map((id) => {
        const entry = images.find(id)!;
        const [image] = entry.images;
        return { entry, image, included: entry.images, tags: images.tagsOf(id), isSingle: true };
      });
      await real.load(await exportArchive(exported, engineProfiles["docker-20.10"]));
      sandbox = await startSandbox({ registries: { open: { protocol: "http" } } });
      engine = await connectEngine(engineArgs({ host: `unix://${real.socket}` }), processMachine, options);
    });
    after(async () => {
      // Undefined where the suite was skipped.
      const opened: readonly ({ close(): Promise<void> } | undefined)[] = [engine, real, sandbox];
      for (const part of opened) await part?.close();
    });

    const inspect = async (reference: string): Promise<EngineImage> => {
      const image = await engine.inspect(reference, undefined, options);
      assert.ok(image !== undefined, reference);
      return image;
    };
    const manifestOf = async (...references: readonly string[]) => {
      const archive = await bytesOf(engine.export(references, [], options));
      return jsonMember(await tarMembers(archive), "manifest.json") as readonly {
        readonly Config: string;
        readonly RepoTags: readonly string[] | null;
      }[];
    };

    it("names the engine", () => assert.match(engine.description, each.description));

    it("inspects by name, without tag, by ID and by the beginning of an ID", async () => {
      const image = await inspect("example.com/acme/web:v1");
      assert.equal(image.id, ids.web);
      assert.deepEqual([...image.repoTags].sort(), [
        "example.com/acme/web:latest",
        "example.com/acme/web:v1",
      ]);
      assert.deepEqual(image.platform, amd64);
      assert.equal(image.diffIds.length, 2);
      assert.equal(image.descriptor, undefined);
      assert.equal(Date.parse(image.created!), Date.parse("2024-01-01T00:00:00Z"));
      for (const reference of ["example.com/acme/web", ids.web, ids.web.slice(7), ids.web.slice(7, 19)]) {
        assert.equal((await inspect(reference)).id, ids.web, reference);
      }
    });

    it("finds no image where there is none", async () => {
      for (const reference of ["nope:v1", "example.com/acme/web:v9", "f".repeat(64), "ffffffffffff"]) {
        assert.equal(await engine.inspect(reference, undefined, options), undefined, reference);
      }
    });

    it("checks the platform of an image", async () => {
      assert.equal((await engine.inspect("example.com/acme/two:v1", arm64, options))?.id, ids.two);
      await assert.rejects(engine.inspect("example.com/acme/two:v1", amd64, options), /IMAGE_NOT_FOUND/);
      await assert.rejects(
        bytesOf(engine.export(["example.com/acme/two:v1"], [amd64], options)),
        /IMAGE_NOT_FOUND/,
      );
    });

    it("exports one image, with the tag that was meant", async () => {
      const [entry, ...others] = await manifestOf("example.com/acme/web");
      assert.equal(entry!.Config, `${ids.web.slice(7)}.json`);
      assert.deepEqual(entry!.RepoTags, ["example.com/acme/web:latest"]);
      assert.deepEqual(others, []);
    });

    it("exports several images, two tags of one image as one", async () => {
      const names = ["example.com/acme/web:v1", "example.com/acme/two:v1", "example.com/acme/web:latest"];
      const entries = await manifestOf(...names);
      assert.deepEqual(entries.flatMap(({ RepoTags }) => RepoTags ?? []).sort(), [...names].sort());
      assert.equal(entries.length, 2);
    });

    it("exports by ID, without a name", async () => {
      for (const reference of [ids.untagged, ids.untagged.slice(7, 19)]) {
        const [entry] = await manifestOf(reference);
        assert.equal(entry!.Config, `${ids.untagged.slice(7)}.json`);
        assert.equal(entry!.RepoTags?.length ?? 0, 0);
      }
    });

    it("names the image that is missing", async () => {
      await assert.rejects(manifestOf("nope:v1"), /IMAGE_NOT_FOUND/);
      await assert.rejects(manifestOf("example.com/acme/web:v1", "nope:v1"), /IMAGE_NOT_FOUND/);
    });

    it("inspects and exports a pulled image by digest", async () => {
      const registry = sandbox.registry("open");
      const { digest, configDigest } = registry.publishImage("acme/pulled", "v1");
      const repository = `${registry.host}/acme/pulled`;
      await real.pull(repository, "v1");
      const reference = `${repository}@${digest}`;
      const image = await inspect(reference);
      assert.equal(image.id, configDigest);
      assert.ok(image.repoDigests.includes(reference));
      assert.equal((await inspect(`${repository}:v1@${digest}`)).id, configDigest);
      assert.equal((await manifestOf(reference))[0]!.Config, `${configDigest!.slice(7)}.json`);
    });

    it("exports what the engine loads again", async () => {
      const archive = await bytesOf(engine.export(["example.com/acme/web:v1"], [], options));
      const other = await each.start();
      try {
        await other.load(archive);
        const target = engineArgs({ host: `unix://${other.socket}` });
        const reached = await connectEngine(target, processMachine, options);
        assert.equal((await reached.inspect("example.com/acme/web:v1", undefined, options))?.id, ids.web);
        await reached.close();
      } finally {
        await other.close();
      }
    });

    it("explains a version of the API that the engine does not speak", async () => {
      const args = engineArgs({ host: `unix://${real.socket}`, apiVersion: "1.51" });
      const pinned = await connectEngine(args, processMachine, options);
      const asked = pinned.inspect("example.com/acme/web:v1", undefined, options);
      // podman takes any version.
      if (each.name === "podman") assert.equal((await asked)?.id, ids.web);
      else await assert.rejects(asked, /ENGINE_UNSUPPORTED/);
      await pinned.close();
    });
  });
}
