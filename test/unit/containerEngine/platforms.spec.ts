import assert from "node:assert/strict";
import type { Platform } from "../../../provider/oci/platform.js";
import { options } from "../../support/fakes/engineMachine.js";
import { bytesOf, jsonMember, tarMembers } from "../../support/tarMembers.js";
import { amd64, arm64, useEngine } from "../../support/worlds/engine.js";

describe("imageEngine", () => {
  const scene = useEngine();

  describe("several platforms of a containerd store", () => {
    const arm = { os: "linux", architecture: "arm", variant: "v7" };
    const exportedFor = async (...platforms: readonly Platform[]) =>
      await tarMembers(await bytesOf(scene.engine.export(["acme/multi:v1"], platforms, options)));
    const rootsOf = (members: Awaited<ReturnType<typeof exportedFor>>) => {
      const index = jsonMember(members, "index.json") as { readonly manifests: readonly Named[] };
      return index.manifests.map(({ digest }) => digest);
    };
    interface Named {
      readonly digest: string;
    }

    it("exports one chosen platform", async () => {
      await scene.open("docker-29");
      const index = scene.sandbox.images.addIndex(["acme/multi:v1"], [amd64, arm64]);
      const whole = await scene.found("acme/multi:v1", undefined, options);
      const one = await scene.found("acme/multi:v1", arm64, options);
      assert.equal(whole.id, index);
      assert.notEqual(one.id, index);
      assert.equal(one.descriptor?.digest, one.id);
      assert.deepEqual(rootsOf(await exportedFor(arm64)), [one.id]);
      assert.match(
        decodeURIComponent(scene.sandbox.requests.at(-1)!),
        /get\?platform={"os":"linux","architecture":"arm64","variant":"v8"}$/,
      );
    });

    it("exports several chosen platforms, which stay in their index", async () => {
      await scene.open("docker-29");
      const index = scene.sandbox.images.addIndex(["acme/multi:v1"], [amd64, arm64, arm]);
      assert.equal((await scene.found("acme/multi:v1", undefined, options)).whyOnePlatform, undefined);
      const ids = await Promise.all(
        [amd64, arm64, arm].map(async (each) => (await scene.found("acme/multi:v1", each, options)).id),
      );
      const members = await exportedFor(amd64, arm64);
      assert.deepEqual(rootsOf(members), [index]);
      assert.deepEqual(
        ids.map((id) => members.some(({ name }) => name === `blobs/sha256/${id.slice(7)}`)),
        [true, true, false],
      );
    });

    for (const [version, api, why] of [
      [
        "docker-24",
        undefined,
        /Docker 24\S+ API 1\.43\) exports one platform at a time, as Docker does before 29/,
      ],
      ["docker-27-containerd", undefined, /API 1\.47\) exports one platform at a time/],
      ["docker-28-containerd", undefined, /API 1\.51\) exports one platform at a time/],
      ["docker-29", "1.48", /before 1\.52 \(engine\.apiVersion, DOCKER_API_VERSION\), which exports one/],
      ["docker-29-graphdriver", undefined, /keeps one platform of an image; Docker's containerd image store/],
      ["podman-5", undefined, /podman 5\S+ API 1\.41\) keeps one platform of an image/],
    ] as const) {
      it(`says why ${version}${api === undefined ? "" : ` in API ${api}`} cannot export several`, async () => {
        await scene.start(version);
        await scene.connect({ apiVersion: api });
        scene.sandbox.images.add(["acme/web:v1"]);
        assert.match((await scene.found("acme/web:v1", undefined, options)).whyOnePlatform ?? "", why);
        if (version === "podman-5" || version === "docker-24" || version === "docker-27-containerd") return;
        const both = bytesOf(scene.engine.export(["acme/web:v1"], [amd64, arm64], options));
        await assert.rejects(both, /exports one platform at a time .*one platform, or.*ENGINE_UNSUPPORTED/);
      });
    }

    it("tells platforms that are there from those that their index only lists", async () => {
      for (const version of ["docker-28-containerd", "docker-29"] as const) {
        await scene.open(version);
        scene.sandbox.images.addIndex(["acme/multi:v1"], [amd64], {}, [arm64]);
        assert.deepEqual((await scene.found("acme/multi:v1", undefined, options)).platform, amd64);
        assert.deepEqual((await scene.found("acme/multi:v1", amd64, options)).platform, amd64);
        await assert.rejects(
          scene.engine.inspect("acme/multi:v1", arm64, options),
          /for linux\/arm64\/v8.*docker pull --platform.*IMAGE_NOT_FOUND/,
        );
        await assert.rejects(exportedFor(arm64), /docker pull --platform.*IMAGE_NOT_FOUND/);
      }
    });

    it("knows no platform where the engine's own choice was not pulled", async () => {
      await scene.open("docker-29");
      const index = scene.sandbox.images.addIndex(["acme/multi:v1"], [arm64], {}, [amd64]);
      const image = await scene.found("acme/multi:v1", undefined, options);
      assert.deepEqual([image.id, image.platform, image.diffIds], [index, undefined, []]);
    });
  });
});
