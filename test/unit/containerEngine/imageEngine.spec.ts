import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type EngineVersion,
  type SandboxEngine,
  type SandboxEngineOptions,
  startEngine,
} from "okd-image-sandbox";
import { engineProfiles } from "okd-image-sandbox/internal/engine/profiles";
import type { EngineImage } from "../../../provider/archive/ports.js";
import { connectClient } from "../../../provider/containerEngine/client.js";
import {
  type ConnectedEngine,
  connectEngine,
  imageEngine,
} from "../../../provider/containerEngine/imageEngine.js";
import { negotiateApi } from "../../../provider/containerEngine/version.js";
import type { Platform } from "../../../provider/oci/platform.js";
import { isImageError } from "../../../provider/support/imageError.js";
import { engineArgs, machine, options } from "../../support/fakes/engineMachine.js";
import { bytesOf, jsonMember, tarMembers } from "../../support/tarMembers.js";

const amd64 = { os: "linux", architecture: "amd64" };
const arm64 = { os: "linux", architecture: "arm64", variant: "v8" };
const versions = Object.keys(engineProfiles) as readonly EngineVersion[];

describe("imageEngine", () => {
  let sandbox: SandboxEngine;
  let engine: ConnectedEngine;
  const closing: (() => Promise<void>)[] = [];

  const start = async (version: EngineVersion, listen?: SandboxEngineOptions["listen"]) => {
    const started = await startEngine(listen === undefined ? { version } : { version, listen });
    closing.push(() => started.close());
    sandbox = started;
  };
  const connect = async (args: Parameters<typeof engineArgs>[0] = {}) => {
    engine = await connectEngine(engineArgs({ host: sandbox.host, ...args }), machine(), options);
    closing.unshift(engine.close);
    return engine;
  };
  const open = async (version: EngineVersion) => {
    await start(version);
    return await connect();
  };
  const exportOf = async (...references: readonly string[]) =>
    await tarMembers(await bytesOf(engine.export(references, [], options)));
  const manifestOf = async (...references: readonly string[]) =>
    jsonMember(await exportOf(...references), "manifest.json") as readonly {
      readonly Config: string;
      readonly RepoTags: readonly string[] | null;
    }[];
  const found = async (...args: Parameters<ConnectedEngine["inspect"]>): Promise<EngineImage> => {
    const image = await engine.inspect(...args);
    assert.ok(image !== undefined);
    return image;
  };

  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  for (const version of versions) {
    describe(`with ${version}`, () => {
      beforeEach(() => open(version));
      const isPodman = version.startsWith("podman");

      it("names itself and speaks the newest version that both know", async () => {
        const { api } = engineProfiles[version];
        assert.match(
          engine.description,
          new RegExp(`^unix://\\S+ \\(${isPodman ? "podman" : "Docker"} [\\d.]+, API ${api}\\)$`),
        );
        sandbox.images.add(["acme/web:v1"]);
        await engine.inspect("acme/web:v1", undefined, options);
        assert.equal(sandbox.requests.at(-1), `GET /v${api}/images/acme/web:v1/json`);
      });

      it("inspects by name, by name without tag, by ID, by the beginning of the ID and by digest", async () => {
        const id = sandbox.images.add(["acme/web:v1", "acme/web:latest"], { layers: 2 });
        const image = await found("acme/web:v1", undefined, options);
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
          assert.deepEqual(await found(reference, undefined, options), image, reference);
        }
      });

      it("returns undefined only when there is no such image", async () => {
        assert.equal(await engine.inspect("nope:v1", undefined, options), undefined);
        assert.equal(await engine.inspect("f".repeat(64), undefined, options), undefined);
        sandbox.faults.add({ on: "inspect", kind: "answer", status: 404, body: "Not Found" });
        await assert.rejects(engine.inspect("nope:v1", undefined, options), /ENGINE_ERROR/);
        sandbox.faults.add({
          on: "inspect",
          kind: "answer",
          status: 500,
          body: { message: "layer does not exist" },
        });
        await assert.rejects(engine.inspect("nope:v1", undefined, options), /HTTP 500: layer does not exist/);
        sandbox.faults.add({ on: "inspect", kind: "answer", status: 200, body: "<html>" });
        await assert.rejects(engine.inspect("nope:v1", undefined, options), /describes no image/);
      });

      it("exports one image under its name, only with the tag that was meant", async () => {
        sandbox.images.add(["acme/web:latest"]);
        sandbox.images.add(["acme/web:v1"], { content: "another" });
        const entries = await manifestOf("acme/web");
        assert.deepEqual(
          entries.map(({ RepoTags }) => RepoTags),
          [[isPodman ? "docker.io/acme/web:latest" : "acme/web:latest"]],
        );
      });

      it("exports several images, two names of one image as one, each once", async () => {
        sandbox.images.add(["acme/web:v1", "acme/web:v2"]);
        sandbox.images.add(["acme/two:v1"], { content: "two" });
        const entries = await manifestOf("acme/web:v1", "acme/two:v1", "acme/web:v2", "acme/two:v1");
        assert.deepEqual(
          entries.map(({ RepoTags }) => RepoTags?.length),
          [2, 1],
        );
        assert.match(
          sandbox.requests.at(-1)!,
          /\/images\/get\?names=acme%2Fweb%3Av1&names=acme%2Ftwo%3Av1&names=acme%2Fweb%3Av2$/,
        );
      });

      it("exports by ID and by the beginning of an ID", async () => {
        const id = sandbox.images.add(["acme/web:v1"]);
        const byId = await manifestOf(id);
        assert.equal(byId.length, 1);
        assert.equal(byId[0]!.RepoTags?.length ?? 0, 0);
        assert.deepEqual(await manifestOf(id.slice(7, 19)), byId);
      });

      it("exports a repository whose name looks like an ID", async () => {
        sandbox.images.add(["abcdef012345:latest"]);
        sandbox.images.add(["abcdef012345:old"], { content: "old" });
        const [entry, ...others] = await manifestOf("abcdef012345");
        assert.match(entry!.RepoTags!.join(), /abcdef012345:latest$/);
        assert.deepEqual(others, []);
      });

      it("names the image that is missing from an export", async () => {
        sandbox.images.add(["acme/web:v1"]);
        await assert.rejects(
          exportOf("nope:v1"),
          /Cannot export nope:v1: .* has no such image.*IMAGE_NOT_FOUND/,
        );
        await assert.rejects(exportOf("acme/web:v1", "nope:v1"), /IMAGE_NOT_FOUND/);
        await assert.rejects(exportOf("abcdef012345"), /Cannot export abcdef012345: .*IMAGE_NOT_FOUND/);
      });

      it("refuses an image for another platform, and takes one for the right platform", async () => {
        sandbox.images.add(["acme/arm:v1"], { platform: arm64 });
        assert.equal((await found("acme/arm:v1", arm64, options)).platform?.architecture, "arm64");
        assert.ok((await bytesOf(engine.export(["acme/arm:v1"], [arm64], options))).length > 0);
        await assert.rejects(engine.inspect("acme/arm:v1", amd64, options), /IMAGE_NOT_FOUND/);
        await assert.rejects(bytesOf(engine.export(["acme/arm:v1"], [amd64], options)), /IMAGE_NOT_FOUND/);
      });
    });
  }

  describe("several platforms of a containerd store", () => {
    const arm = { os: "linux", architecture: "arm", variant: "v7" };
    const exportedFor = async (...platforms: readonly Platform[]) =>
      await tarMembers(await bytesOf(engine.export(["acme/multi:v1"], platforms, options)));
    const rootsOf = (members: Awaited<ReturnType<typeof exportedFor>>) => {
      const index = jsonMember(members, "index.json") as { readonly manifests: readonly Named[] };
      return index.manifests.map(({ digest }) => digest);
    };
    interface Named {
      readonly digest: string;
    }

    it("exports one chosen platform", async () => {
      await open("docker-29");
      const index = sandbox.images.addIndex(["acme/multi:v1"], [amd64, arm64]);
      const whole = await found("acme/multi:v1", undefined, options);
      const one = await found("acme/multi:v1", arm64, options);
      assert.equal(whole.id, index);
      assert.notEqual(one.id, index);
      assert.equal(one.descriptor?.digest, one.id);
      assert.deepEqual(rootsOf(await exportedFor(arm64)), [one.id]);
      assert.match(
        decodeURIComponent(sandbox.requests.at(-1)!),
        /get\?platform={"os":"linux","architecture":"arm64","variant":"v8"}$/,
      );
    });

    it("exports several chosen platforms, which stay in their index", async () => {
      await open("docker-29");
      const index = sandbox.images.addIndex(["acme/multi:v1"], [amd64, arm64, arm]);
      assert.equal((await found("acme/multi:v1", undefined, options)).whyOnePlatform, undefined);
      const ids = await Promise.all(
        [amd64, arm64, arm].map(async (each) => (await found("acme/multi:v1", each, options)).id),
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
        await start(version);
        await connect({ apiVersion: api });
        sandbox.images.add(["acme/web:v1"]);
        assert.match((await found("acme/web:v1", undefined, options)).whyOnePlatform ?? "", why);
        if (version === "podman-5" || version === "docker-24" || version === "docker-27-containerd") return;
        const both = bytesOf(engine.export(["acme/web:v1"], [amd64, arm64], options));
        await assert.rejects(both, /exports one platform at a time .*one platform, or.*ENGINE_UNSUPPORTED/);
      });
    }

    it("tells platforms that are there from those that their index only lists", async () => {
      for (const version of ["docker-28-containerd", "docker-29"] as const) {
        await open(version);
        sandbox.images.addIndex(["acme/multi:v1"], [amd64], {}, [arm64]);
        assert.deepEqual((await found("acme/multi:v1", undefined, options)).platform, amd64);
        assert.deepEqual((await found("acme/multi:v1", amd64, options)).platform, amd64);
        await assert.rejects(
          engine.inspect("acme/multi:v1", arm64, options),
          /for linux\/arm64\/v8.*docker pull --platform.*IMAGE_NOT_FOUND/,
        );
        await assert.rejects(exportedFor(arm64), /docker pull --platform.*IMAGE_NOT_FOUND/);
      }
    });

    it("knows no platform where the engine's own choice was not pulled", async () => {
      await open("docker-29");
      const index = sandbox.images.addIndex(["acme/multi:v1"], [arm64], {}, [amd64]);
      const image = await found("acme/multi:v1", undefined, options);
      assert.deepEqual([image.id, image.platform, image.diffIds], [index, undefined, []]);
    });
  });

  it("asks Docker 28.0 for the platform of an export, and checks the answer to the inspection", async () => {
    await open("docker-28.0");
    sandbox.images.add(["acme/arm:v1"], { platform: arm64 });
    await found("acme/arm:v1", arm64, options);
    assert.doesNotMatch(sandbox.requests.at(-1)!, /platform/);
    await bytesOf(engine.export(["acme/arm:v1"], [arm64], options));
    assert.match(sandbox.requests.at(-1)!, /platform/);
  });

  it("never asks for an export of no image, which Docker answers with an empty archive", async () => {
    await open("docker-28");
    await assert.rejects(bytesOf(engine.export([], [], options)), /at least one image/);
    assert.equal(sandbox.requests.length, 1);
  });

  describe("versions of the API", () => {
    it("are pinned by an argument, and a refusal of the engine says what to do", async () => {
      await start("docker-20.10");
      await connect({ apiVersion: "1.40" });
      sandbox.images.add(["acme/web:v1"]);
      await found("acme/web:v1", undefined, options);
      await connect({ apiVersion: "1.51" });
      await assert.rejects(
        engine.inspect("acme/web:v1", undefined, options),
        /too new.*leave both out.*ENGINE_UNSUPPORTED/,
      );
    });

    it("are explained where the engine no longer supports them", async () => {
      await start("docker-29");
      await connect({ apiVersion: "1.41" });
      await assert.rejects(
        bytesOf(engine.export(["web"], [], options)),
        /too old.*1\.44.*ENGINE_UNSUPPORTED/,
      );
    });
  });

  describe("when an export fails", () => {
    beforeEach(async () => {
      await open("docker-28");
      sandbox.images.add(["acme/web:v1"], { layerBytes: 300_000 });
    });
    const exported = () => bytesOf(engine.export(["acme/web:v1"], [], options));

    it("before it starts, gives no byte", async () => {
      sandbox.faults.add({
        on: "export",
        kind: "answer",
        status: 500,
        body: { message: "no space left on device" },
      });
      let bytes = 0;
      await assert.rejects(async () => {
        for await (const chunk of engine.export(["acme/web:v1"], [], options)) bytes += chunk.length;
      }, /Cannot export acme\/web:v1: unix:.* answered HTTP 500: no space left on device \[ENGINE_ERROR\]/);
      assert.equal(bytes, 0);
    });

    it("before it starts, by a lost connection, asks once more", async () => {
      sandbox.faults.add({ on: "export", kind: "reset" });
      assert.ok((await exported()).length > 300_000);
      assert.equal(sandbox.requests.length, 3);
    });

    it("with an error that never ends, reports the status", async () => {
      const server = createServer((incoming, outgoing) => {
        outgoing.setHeader("api-version", "1.51");
        if (incoming.url === "/_ping") outgoing.end("OK");
        else outgoing.writeHead(500).write('{"message":"no sp');
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      try {
        const stuck = await connect({ host: `tcp://127.0.0.1:${port}`, timeoutSeconds: 0.2 });
        await assert.rejects(
          bytesOf(stuck.export(["acme/web:v1"], [], options)),
          /answered HTTP 500: HTTP 500 \[ENGINE_ERROR\]/,
        );
      } finally {
        server.closeAllConnections();
        server.close();
      }
    });

    it("by a cut connection, does not take the cut for the end", async () => {
      sandbox.faults.add({ on: "export", kind: "cut" });
      await assert.rejects(exported(), /\(after \d+ bytes\).*cannot be reached.*ENGINE_UNREACHABLE/);
    });

    it("by silence after the first byte, gives up", async () => {
      const address = {
        host: sandbox.host,
        origin: "test",
        apiVersion: undefined,
        route: { kind: "socket", path: sandbox.host.slice(7) },
      } as const;
      const impatient = imageEngine(
        await connectClient({ address, timeoutMs: 5000, idleTimeoutMs: 50 }, options.signal),
      );
      closing.unshift(impatient.close);
      sandbox.faults.add({ on: "export", kind: "stall" });
      await assert.rejects(
        bytesOf(impatient.export(["acme/web:v1"], [], options)),
        /sent nothing more for 0\.05 s/,
      );
      sandbox.faults.add({ on: "export", kind: "delay", milliseconds: 300 });
      assert.ok(
        (await bytesOf(impatient.export(["acme/web:v1"], [], options))).length > 300_000,
        "staging is no silence",
      );
    });

    it("by a late error, hands the error's bytes on to the check of the archive", async () => {
      sandbox.faults.add({ on: "export", kind: "lateError", message: "disk full" });
      assert.match((await exported()).subarray(-60).toString(), /"error":"disk full"}$/);
    });

    it("by cancellation, gives the reason", async () => {
      const cancelled = new AbortController();
      const signal = cancelled.signal;
      sandbox.faults.add({ on: "export", kind: "stall" });
      const reading = bytesOf(engine.export(["acme/web:v1"], [], { signal }));
      setTimeout(() => cancelled.abort(), 50);
      await assert.rejects(reading, /CANCELLED/);
    });

    it("because its reader stops, closes the connection", async () => {
      for await (const chunk of engine.export(["acme/web:v1"], [], options)) {
        assert.ok(chunk.length > 0);
        break;
      }
      assert.ok((await exported()).length > 300_000, "the next one has a connection of its own");
    });
  });

  describe("says why an engine cannot be reached", () => {
    const failure = async (host: string, args: Parameters<typeof engineArgs>[0] = {}) => {
      const error: unknown = await connectEngine(engineArgs({ host, ...args }), machine(), options).then(
        () => assert.fail("it was reached"),
        (reason: unknown) => reason,
      );
      assert.ok(isImageError(error));
      return error;
    };

    it("no socket", async () => {
      const error = await failure("unix:///nowhere/docker.sock");
      assert.equal(error.code, "ENGINE_UNREACHABLE");
      assert.match(
        error.message,
        /unix:\/\/\/nowhere\/docker\.sock \(argument engine\.host\).*there is no socket.*systemctl start docker/,
      );
    });

    it("nothing listens", async () => {
      await start("docker-28", { protocol: "http" });
      await sandbox.close();
      assert.match((await failure(sandbox.host)).message, /connection refused: nothing listens/);
    });

    it("an engine that is not ready", async () => {
      await start("docker-28");
      sandbox.faults.add({ on: "ping", kind: "answer", status: 503, body: { message: "starting" } });
      assert.match((await failure(sandbox.host)).message, /HTTP 503: starting/);
    });

    it("no engine", async () => {
      const server = createServer((_, outgoing) => outgoing.end("hello"));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      closing.push(async () => {
        await promisify(server.close.bind(server))();
      });
      const { port } = server.address() as AddressInfo;
      const error = await failure(`tcp://127.0.0.1:${port}`);
      assert.equal(error.code, "ENGINE_ERROR");
      assert.match(error.message, /is no container engine/);
    });

    it("no answer in time", async () => {
      await start("docker-28");
      sandbox.faults.add({ on: "ping", kind: "delay", milliseconds: 500 });
      const error = await failure(sandbox.host, { timeoutSeconds: 0.05 });
      assert.equal(error.code, "ENGINE_UNREACHABLE");
      assert.match(error.message, /did not answer within 0\.05 s \(engine\.timeoutSeconds\)/);
    });

    it("an engine that is too old", () => {
      const old = { product: "Docker", version: "17.03", newestApi: "1.26" } as const;
      assert.throws(
        () => negotiateApi(old, undefined, "unix:///d.sock"),
        /up to 1\.26, and 1\.40 is needed.*ENGINE_UNSUPPORTED/,
      );
      assert.equal(negotiateApi(old, "1.25", "unix:///d.sock"), "1.25");
    });
  });

  describe("over TCP", () => {
    let authority: CertificateAuthority;
    let listen: Extract<SandboxEngineOptions["listen"], { readonly protocol: "https" }>;
    let clientArgs: { readonly caCert: string; readonly clientCert: string; readonly clientKey: string };

    before(async () => {
      authority = await createCertificateAuthority("engine");
      const server = await authority.issueServer(["engine.example"]);
      const client = await authority.issueClient("me", []);
      listen = { protocol: "https", ...server, clientAuthority: authority.certificate };
      clientArgs = { caCert: authority.certificate, clientCert: client.certificate, clientKey: client.key };
    });
    const refusal = async (args: Parameters<typeof engineArgs>[0], message: RegExp) => {
      await assert.rejects(connect(args), message);
    };

    it("answers without TLS", async () => {
      await start("docker-28", { protocol: "http" });
      await connect();
      assert.match(engine.description, /^tcp:\/\/127\.0\.0\.1:\d+ \(Docker/);
    });

    it("answers with TLS and a client certificate, under another name too", async () => {
      await start("docker-28", listen);
      sandbox.images.add(["acme/web:v1"]);
      await connect(clientArgs);
      assert.ok((await exportOf("acme/web:v1")).length > 0);
      await connect({ ...clientArgs, tlsHostname: "engine.example" });
      await refusal(
        { ...clientArgs, tlsHostname: "other.example" },
        /another host name.*engine\.tlsHostname/,
      );
    });

    it("names the setting that is missing or wrong", async () => {
      await start("docker-28", listen);
      await refusal({}, /ENGINE_UNREACHABLE/);
      await refusal(
        { clientCert: clientArgs.clientCert, clientKey: clientArgs.clientKey },
        /give that CA as engine\.caCert/,
      );
      await refusal({ caCert: clientArgs.caCert }, /ENGINE_UNREACHABLE/);
      await start("docker-28", { protocol: "http" });
      await refusal(clientArgs, /does not speak TLS/);
    });

    it("verifies nothing only where the arguments say so", async () => {
      const { certificate, key } = listen;
      await start("docker-28", { protocol: "https", certificate, key });
      await connect({ skipTlsVerify: true });
    });
  });

  it("asks once more after an idle connection was closed", async () => {
    await open("docker-28");
    sandbox.images.add(["acme/web:v1"]);
    sandbox.faults.add({ on: "inspect", kind: "reset" });
    assert.ok((await engine.inspect("acme/web:v1", undefined, options)) !== undefined);
    assert.equal(sandbox.requests.length, 3);
  });
});
