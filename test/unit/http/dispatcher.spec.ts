import assert from "node:assert/strict";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import type { Endpoint } from "../../../provider/http/dispatcher.js";
import type { UnreachableError } from "../../../provider/http/failures.js";
import { isExempt, proxyFromEnvironment } from "../../../provider/http/proxy.js";
import { clientFor, never, tokenSource } from "../../support/clients/cluster.js";
import { type Authority, createAuthority } from "../../support/servers/certificates.js";
import { startServer, type TestServer } from "../../support/servers/scripted.js";

const get = { method: "GET", path: "/version", signal: never, attempted: "read the version" } as const;

async function failureOf(work: Promise<unknown>): Promise<UnreachableError> {
  try {
    await work;
  } catch (error) {
    return error as UnreachableError;
  }
  throw new Error("it should have failed");
}

describe("transport", () => {
  let authority: Authority;
  let server: TestServer;
  const closing: (() => Promise<void> | void)[] = [];

  before(async () => {
    authority = await createAuthority();
    const { cert, key } = await authority.issue("api", ["api.internal", "127.0.0.1"]);
    server = await startServer(() => ({ body: { ok: true } }), {
      cert,
      key,
      ca: authority.cert,
      requestCert: true,
      rejectUnauthorized: false,
    });
  });
  after(async () => {
    await server.close();
    for (const close of closing) await close();
  });

  it("trusts the given CA", async () => {
    assert.deepEqual(await clientFor(server.url, { ca: authority.cert }).request(get), { ok: true });
  });

  it("trusts everything with skipTlsVerify", async () => {
    assert.deepEqual(await clientFor(server.url, { skipTlsVerify: true }).request(get), { ok: true });
  });

  it("shows the client certificate", async () => {
    const certificate = await authority.issue("ann", []);
    await clientFor(server.url, { ca: authority.cert }, [tokenSource("x", certificate)]).request(get);
    assert.equal(server.seen.at(-1)?.clientCertificate, "ann");
  });

  it("checks the certificate for tlsServerName instead of the host", async () => {
    const trusted = { ca: authority.cert };
    await clientFor(server.url, { ...trusted, tlsServerName: "api.internal" }).request(get);
    const error = await failureOf(
      clientFor(server.url, { ...trusted, tlsServerName: "api.other" }).request(get),
    );
    assert.match(error.message, /for another host name \(.*api\.internal.*tlsServerName/);
  });

  const failures: readonly {
    readonly name: string;
    readonly run: () => Promise<unknown>;
    readonly says: RegExp;
  }[] = [
    {
      name: "an unknown CA",
      run: () => clientFor(server.url).request(get),
      says: /signed by a CA that is not trusted here \([A-Z_]+\); give that CA as caCert/,
    },
    {
      name: "another CA",
      run: async () => clientFor(server.url, { ca: (await createAuthority("Other")).cert }).request(get),
      says: /not trusted here/,
    },
    {
      name: "HTTP on an https:// address",
      run: async () => {
        const plain = await startServer(() => ({}));
        closing.push(plain.close);
        return clientFor(plain.url.replace("http:", "https:")).request(get);
      },
      says: /something that is not HTTPS answered .*http:\/\//,
    },
    {
      name: "an expired certificate",
      run: async () => {
        const expired = await authority.issue("api", ["127.0.0.1"], new Date(Date.now() - 1000));
        const late = await startServer(() => ({}), { cert: expired.cert, key: expired.key });
        closing.push(late.close);
        return clientFor(late.url, { ca: authority.cert }).request(get);
      },
      says: /out of its period of validity \(CERT_HAS_EXPIRED\)/,
    },
    {
      name: "a name that DNS does not know",
      run: () => clientFor("https://no-such-host.invalid:6443").request(get),
      says: /(no-such-host\.invalid is not known to DNS|name server does not answer)/,
    },
    {
      name: "a server that wants a client certificate",
      run: async () => {
        const { cert, key } = await authority.issue("api", ["127.0.0.1"]);
        const strict = await startServer(() => ({}), { cert, key, ca: authority.cert, requestCert: true });
        closing.push(strict.close);
        return clientFor(strict.url, { ca: authority.cert }).request(get);
      },
      says: /(does it want a clientCert\?|the connection was cut)/,
    },
  ];
  for (const { name, run, says } of failures) {
    it(`explains ${name}`, async () => {
      const error = await failureOf(run());
      assert.equal(error.code, "API_UNREACHABLE");
      assert.match(error.message, says);
      assert.match(error.message, /^Cannot read the version: https:\/\/.* cannot be reached/);
    });
  }

  describe("proxies", () => {
    let proxy: http.Server;
    let proxyUrl: string;
    let demandsUser = false;
    const requests: string[] = [];

    before(async () => {
      proxy = http.createServer((incoming, outgoing) => {
        requests.push(`${incoming.method} ${incoming.url}`);
        http.get(incoming.url ?? "", { headers: incoming.headers }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
          answer.pipe(outgoing);
        });
      });
      proxy.on("connect", (incoming, socket: net.Socket) => {
        requests.push(`CONNECT ${incoming.url} ${incoming.headers["proxy-authorization"] ?? "-"}`);
        if (demandsUser) {
          socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
          return;
        }
        const [host = "", port = ""] = (incoming.url ?? "").split(":");
        const upstream = net.connect(Number(port), host, () => {
          socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
          upstream.pipe(socket);
          socket.pipe(upstream);
        });
        upstream.on("error", () => socket.destroy());
        socket.on("error", () => upstream.destroy());
      });
      await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
      proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    });
    after(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    beforeEach(() => {
      requests.length = 0;
      demandsUser = false;
    });
    const through = (url: string, changes: Partial<Endpoint> = {}) =>
      clientFor(url, { proxyUrl, ...changes });

    it("tunnels https, with user and password of the proxy", async () => {
      const withUser = proxyUrl.replace("://", "://ann:s%20ecret@");
      const client = through(server.url, { ca: authority.cert, proxyUrl: withUser });
      assert.deepEqual(await client.request(get), { ok: true });
      const basic = Buffer.from("ann:s ecret").toString("base64");
      assert.deepEqual(requests, [`CONNECT 127.0.0.1:${server.port} Basic ${basic}`]);
    });

    it("forwards http", async () => {
      const plain = await startServer(() => ({ body: { plain: true } }));
      closing.push(plain.close);
      assert.deepEqual(await through(plain.url).request(get), { plain: true });
      assert.deepEqual(requests, [`GET ${plain.url}/version`]);
    });

    it("explains a proxy that wants a user, without its password", async () => {
      demandsUser = true;
      const withUser = proxyUrl.replace("://", "://ann:s3cr3t@");
      const error = await failureOf(
        through(server.url, { ca: authority.cert, proxyUrl: withUser }).request(get),
      );
      assert.match(
        error.message,
        /through the proxy 127\.0\.0\.1:\d+: the proxy answered 407; give its user/,
      );
      assert.doesNotMatch(error.message, /s3cr3t/);
    });

    const exemptions: readonly (readonly [string, string, boolean])[] = [
      ["https://api.example.com:6443", "", false],
      ["https://api.example.com:6443", "*", true],
      ["https://api.example.com:6443", "example.com", true],
      ["https://api.example.com:6443", ".example.com", true],
      ["https://api.example.com:6443", "*.example.com", true],
      ["https://API.Example.com:6443", "x, EXAMPLE.com", true],
      ["https://api.badexample.com", "example.com", false],
      ["https://api.example.com:6443", "example.com:443", false],
      ["https://api.example.com:6443", "example.com:6443", true],
      ["https://api.example.com", "example.com:443", true],
      ["https://10.1.2.3:6443", "10.0.0.0/8", true],
      ["https://11.1.2.3:6443", "10.0.0.0/8 172.16.0.0/12", false],
      ["https://10.1.2.3:6443", "10.0.0.0/99", false],
      ["https://10.1.2.3:6443", "10.1.2.3", true],
      ["https://110.1.2.3:6443", "10.1.2.3", false],
      ["https://[fd00::1]:6443", "fd00::/8", true],
      ["https://[fd00::1]:6443", "[fd00::1]:6443", true],
      ["https://127.0.0.1:6443", "10.0.0.0/8", false],
    ];
    for (const [url, noProxy, exempt] of exemptions) {
      it(`NO_PROXY="${noProxy}" ${exempt ? "exempts" : "does not exempt"} ${url}`, () => {
        assert.equal(isExempt(new URL(url), noProxy), exempt);
      });
    }

    it("reads the variables in curl's order", () => {
      const read = (variables: Record<string, string>, url = "https://api.example.com") =>
        proxyFromEnvironment(new URL(url), (name) => variables[name]);
      assert.equal(read({ HTTPS_PROXY: "http://a:1", https_proxy: "http://b:1" }), "http://b:1");
      assert.equal(read({ HTTPS_PROXY: "http://a:1" }, "http://api.example.com"), undefined);
      assert.equal(read({ HTTP_PROXY: "a:3128" }, "http://api.example.com"), "http://a:3128");
      assert.equal(read({ ALL_PROXY: "socks5://a:1080" }), "socks5://a:1080");
      assert.equal(read({ HTTPS_PROXY: "http://a:1", NO_PROXY: ".example.com" }), undefined);
      assert.equal(read({}), undefined);
    });

    it("finds no proxy in the variables for this machine itself", () => {
      const variables: Readonly<Record<string, string>> = { HTTPS_PROXY: "http://a:1" };
      const hosts = ["localhost", "127.0.0.1", "127.8.0.1", "[::1]", "localhost.example.com"];
      const proxies = hosts.map((host) =>
        proxyFromEnvironment(new URL(`https://${host}:6443`), (name) => variables[name]),
      );
      assert.deepEqual(proxies, [undefined, undefined, undefined, undefined, "http://a:1"]);
    });

    it("exempts what noProxy lists, and then nothing of NO_PROXY", () => {
      const variables: Readonly<Record<string, string>> = {
        HTTPS_PROXY: "http://a:1",
        NO_PROXY: ".example.com",
      };
      const read = (url: string) =>
        proxyFromEnvironment(new URL(url), (name) => variables[name], "10.0.0.0/8,api.lan");
      assert.equal(read("https://api.example.com"), "http://a:1");
      assert.equal(read("https://api.lan:6443"), undefined);
    });
  });
});
