import assert from "node:assert/strict";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import type { ClusterClient } from "../../provider/cluster/api/client.js";
import type { CredentialSource } from "../../provider/http/credentials.js";
import { clientFor, never, tokenSource } from "../support/clients/cluster.js";
import { type Authority, createAuthority } from "../support/servers/certificates.js";
import type { Answer } from "../support/servers/scripted.js";
import { assertNoSecret, shownTo, startTwoHosts, type TwoHosts } from "../support/servers/twoHosts.js";

const secret = "s3cret-of-the-api";
const basic: CredentialSource = {
  origin: "test",
  kind: "basic",
  read: () =>
    Promise.resolve({
      headers: {
        Authorization: `Basic ${Buffer.from(`ann:${secret}`).toString("base64")}`,
        "Impersonate-User": "boss",
      },
      certificate: undefined,
    }),
};
const asked = { signal: never, attempted: "try" };

const requests: Readonly<Record<string, (client: ClusterClient) => Promise<unknown>>> = {
  "a read": (client) => client.request({ method: "GET", path: "/api/v1/pods", ...asked }),
  "a write": (client) => client.request({ method: "POST", path: "/api/v1/pods", body: { a: 1 }, ...asked }),
  "a removal": (client) => client.request({ method: "DELETE", path: "/api/v1/pods/a", ...asked }),
  "a watch": (client) => client.openLines({ path: "/api/v1/pods", query: { watch: true }, ...asked }),
};

describe("the API server's credentials reach the API server only", () => {
  let authority: Authority;
  let hosts: TwoHosts | undefined;
  before(async () => {
    authority = await createAuthority();
  });
  afterEach(() => hosts?.close());

  const redirecting = (foreign: string, path: string): Answer => ({
    status: 307,
    headers: { location: `${foreign}${path}` },
    body: "",
  });

  for (const [what, send] of Object.entries(requests)) {
    for (const [kind, source] of Object.entries({ bearer: tokenSource(secret), basic })) {
      it(`${kind}: ${what} that is redirected is not sent on`, async () => {
        hosts = await startTwoHosts(
          (foreign) =>
            ({ url }) =>
              redirecting(foreign, url),
        );
        const client = clientFor(hosts.own.url, {}, [source]);
        await assert.rejects(send(client), /redirected/);
        await client.close();
        assert.equal(shownTo(hosts.own).length, 1);
        assert.equal(hosts.foreign.seen.length, 0);
      });
    }

    it(`client certificate: ${what} that is redirected is not sent on`, async () => {
      const server = await authority.issue("api", ["127.0.0.1"]);
      const own = { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: false };
      hosts = await startTwoHosts(
        (foreign) =>
          ({ url }) =>
            redirecting(foreign, url),
        undefined,
        {
          own,
          foreign: own,
        },
      );
      const certificate = await authority.issue("admin", ["admin"]);
      const source: CredentialSource = {
        origin: "test",
        kind: "certificate",
        read: () => Promise.resolve({ headers: {}, certificate }),
      };
      const client = clientFor(hosts.own.url, { ca: authority.cert }, [source]);
      await assert.rejects(send(client), /redirected/);
      await client.close();
      assert.equal(hosts.own.seen[0]?.clientCertificate, "admin");
      assert.equal(hosts.foreign.seen.length, 0);
    });
  }

  it("a proxy sees its own login and nothing of the request, and the API server nothing of that login", async () => {
    hosts = await startTwoHosts(() => () => ({ body: {} }), undefined, {
      own: await authority.issue("api", ["127.0.0.1"]),
    });
    const proxy = await startProxy();
    const proxyUrl = `http://ann:pr0xy@127.0.0.1:${proxy.port}`;
    const client = clientFor(hosts.own.url, { ca: authority.cert, proxyUrl }, [tokenSource(secret)]);
    await client.request({ method: "GET", path: "/api/v1/pods", ...asked });
    await client.close();
    await proxy.close();
    assert.equal(proxy.seen.length, 1);
    assert.match(proxy.seen[0]!, /^CONNECT 127/);
    assert.match(proxy.seen[0]!, new RegExp(Buffer.from("ann:pr0xy").toString("base64")));
    assert.ok(!proxy.seen[0]!.includes(secret));
    assert.deepEqual(shownTo(hosts.own), [`Bearer ${secret}`]);
    assertNoSecret(
      hosts.own.seen.map((request) => ({ ...request, headers: {}, rawHeaders: [] })),
      "pr0xy",
    );
    assert.equal(hosts.own.seen[0]?.headers["proxy-authorization"], undefined);
  });
});

/** Writes down the beginning of what it is sent, headers included. */
async function startProxy() {
  const seen: string[] = [];
  const server = http.createServer();
  server.on("connect", (incoming, socket: net.Socket) => {
    seen.push(`CONNECT ${incoming.url} ${JSON.stringify(incoming.headers)}`);
    const upstream = net.connect(Number(incoming.url?.split(":")[1]), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on("error", () => socket.destroy());
    socket.on("error", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    seen,
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
