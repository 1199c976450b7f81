import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type SandboxEngineOptions,
} from "okd-image-sandbox";
import { connectEngine } from "../../../provider/containerEngine/imageEngine.js";
import { negotiateApi } from "../../../provider/containerEngine/version.js";
import { isImageError } from "../../../provider/support/imageError.js";
import { engineArgs, machine, options } from "../../support/fakes/engineMachine.js";
import { useEngine } from "../../support/worlds/engine.js";

describe("imageEngine", () => {
  const scene = useEngine();

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
      await scene.start("docker-28", { protocol: "http" });
      await scene.sandbox.close();
      assert.match((await failure(scene.sandbox.host)).message, /connection refused: nothing listens/);
    });

    it("an engine that is not ready", async () => {
      await scene.start("docker-28");
      scene.sandbox.faults.add({ on: "ping", kind: "answer", status: 503, body: { message: "starting" } });
      assert.match((await failure(scene.sandbox.host)).message, /HTTP 503: starting/);
    });

    it("no engine", async () => {
      const server = createServer((_, outgoing) => outgoing.end("hello"));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      scene.closing.push(async () => {
        await promisify(server.close.bind(server))();
      });
      const { port } = server.address() as AddressInfo;
      const error = await failure(`tcp://127.0.0.1:${port}`);
      assert.equal(error.code, "ENGINE_ERROR");
      assert.match(error.message, /is no container engine/);
    });

    it("no answer in time", async () => {
      await scene.start("docker-28");
      scene.sandbox.faults.add({ on: "ping", kind: "delay", milliseconds: 500 });
      const error = await failure(scene.sandbox.host, { timeoutSeconds: 0.05 });
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
      await assert.rejects(scene.connect(args), message);
    };

    it("answers without TLS", async () => {
      await scene.start("docker-28", { protocol: "http" });
      await scene.connect();
      assert.match(scene.engine.description, /^tcp:\/\/127\.0\.0\.1:\d+ \(Docker/);
    });

    it("answers with TLS and a client certificate, under another name too", async () => {
      await scene.start("docker-28", listen);
      scene.sandbox.images.add(["acme/web:v1"]);
      await scene.connect(clientArgs);
      assert.ok((await scene.exportOf("acme/web:v1")).length > 0);
      await scene.connect({ ...clientArgs, tlsHostname: "engine.example" });
      await refusal(
        { ...clientArgs, tlsHostname: "other.example" },
        /another host name.*engine\.tlsHostname/,
      );
    });

    it("names the setting that is missing or wrong", async () => {
      await scene.start("docker-28", listen);
      await refusal({}, /ENGINE_UNREACHABLE/);
      await refusal(
        { clientCert: clientArgs.clientCert, clientKey: clientArgs.clientKey },
        /give that CA as engine\.caCert/,
      );
      await refusal({ caCert: clientArgs.caCert }, /ENGINE_UNREACHABLE/);
      await scene.start("docker-28", { protocol: "http" });
      await refusal(clientArgs, /does not speak TLS/);
    });

    it("verifies nothing only where the arguments say so", async () => {
      const { certificate, key } = listen;
      await scene.start("docker-28", { protocol: "https", certificate, key });
      await scene.connect({ skipTlsVerify: true });
    });
  });
});
