import assert from "node:assert/strict";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import {
  createCertificateAuthority,
  type SandboxEngine,
  type SandboxEngineOptions,
  startEngine,
} from "okd-image-sandbox";
import type { EngineRoute } from "../../../../provider/containerEngine/address/resolve.js";
import { connectClient } from "../../../../provider/containerEngine/client.js";
import { type ConnectedEngine, imageEngine } from "../../../../provider/containerEngine/imageEngine.js";
import { options } from "../../../support/fakes/engineMachine.js";
import { bytesOf } from "../../../support/tarMembers.js";

/** The sandbox listens on loopback, which never is behind a proxy; so the route is given here. */
describe("an engine behind a proxy", () => {
  let proxy: Server;
  let sandbox: SandboxEngine;
  let engine: ConnectedEngine | undefined;
  let refusal: number | undefined;
  const asked: string[] = [];

  const forward = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    asked.push(`${incoming.method} ${incoming.url} ${incoming.headers["proxy-authorization"] ?? "-"}`);
    if (refusal !== undefined) {
      outgoing.writeHead(refusal, { "content-type": "text/html" }).end("<html>no\nway</html>");
      return;
    }
    request(incoming.url ?? "", { method: "GET", headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(outgoing);
    }).end();
  };
  const tunnel = (incoming: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${incoming.headers["proxy-authorization"] ?? "-"}`);
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal} No\r\n\r\n`);
      return;
    }
    const [host = "", port = ""] = (incoming.url ?? "").split(":");
    const upstream = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on("error", () => socket.destroy());
    socket.on("error", () => upstream.destroy());
  };

  beforeEach(async () => {
    asked.length = 0;
    refusal = undefined;
    proxy = createServer(forward).on("connect", tunnel);
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    await engine?.close();
    engine = undefined;
    await sandbox.close();
    proxy.closeAllConnections();
    proxy.close();
  });

  const start = async (listen: NonNullable<SandboxEngineOptions["listen"]>) => {
    sandbox = await startEngine({ version: "docker-28", listen });
    sandbox.images.add(["acme/web:v1"], { layerBytes: 300_000 });
  };
  const reach = async (protocol: "http" | "https", ca?: string) => {
    const { port } = proxy.address() as AddressInfo;
    const tls = { ca, cert: undefined, key: undefined, skipVerify: false, serverName: undefined };
    const route: EngineRoute = {
      kind: "tcp",
      origin: sandbox.host.replace("tcp", protocol),
      basePath: "",
      tls: protocol === "https" ? tls : undefined,
      proxyUrl: `http://me:hunter%3222@127.0.0.1:${port}`,
    };
    const address = { route, host: sandbox.host, origin: "variable DOCKER_HOST", apiVersion: undefined };
    engine = imageEngine(await connectClient({ address, timeoutMs: 5000 }, options.signal));
    return engine;
  };
  const basic = `Basic ${Buffer.from("me:hunter222").toString("base64")}`;

  it("is asked through the proxy over http", async () => {
    await start({ protocol: "http" });
    const reached = await reach("http");
    assert.ok((await bytesOf(reached.export(["acme/web:v1"], [], options))).length > 300_000);
    const origin = sandbox.host.replace("tcp", "http");
    assert.deepEqual(asked, [
      `GET ${origin}/_ping ${basic}`,
      `GET ${origin}/v1.51/images/acme/web:v1/get ${basic}`,
    ]);
  });

  it("is asked in a tunnel of the proxy with TLS", async () => {
    const authority = await createCertificateAuthority("engine");
    await start({ protocol: "https", ...(await authority.issueServer(["engine.example"])) });
    const reached = await reach("https", authority.certificate);
    assert.ok((await bytesOf(reached.export(["acme/web:v1"], [], options))).length > 300_000);
    assert.deepEqual([...new Set(asked)], [`CONNECT ${basic}`]);
  });

  it("cannot be reached when the proxy refuses", async () => {
    await start({ protocol: "http" });
    const through = "through the proxy 127\\.0\\.0\\.1:\\d+\\)";
    refusal = 407;
    await assert.rejects(
      reach("http"),
      new RegExp(`${through} .*407; give its user.*HTTP_PROXY.*UNREACHABLE`),
    );
    refusal = 502;
    await assert.rejects(reach("http"), new RegExp(`${through} answered HTTP 502: <html>no way</html>`));
    refusal = 403;
    await assert.rejects(reach("https"), new RegExp(`${through} cannot be reached: the proxy answered 403`));
  });
});
