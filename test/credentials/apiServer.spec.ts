import assert from "node:assert/strict";
import type { ClusterClient } from "../../provider/cluster/api/client.js";
import { anonymous, type CredentialSource } from "../../provider/http/credentials.js";
import type { ProxyHeaders } from "../../provider/http/proxy.js";
import { clientFor, never, tokenSource } from "../support/clients/cluster.js";
import { type Authority, createAuthority } from "../support/servers/certificates.js";
import { resolve } from "../support/fakes/connections.js";
import { machine } from "../support/fakes/machine.js";
import { type SeenByProxy, startProxy } from "../support/servers/proxy.js";
import type { Answer, SeenRequest } from "../support/servers/scripted.js";
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
    const { told, proxy } = await throughProxy({ url: "ann:pr0xy@" });
    assert.deepEqual(told, { "proxy-authorization": basicOf("ann:pr0xy") });
    assertNoSecret([{ ...proxy, body: "", clientCertificate: undefined, rawHeaders: [] }], secret);
  });

  it("a proxy sees the headers that are for it, the login before that of its URL, and the API server none of them", async () => {
    const proxyHeaders = { proxyBasicAuth: "bob:pr0xy-1", basicAuth: "eve:pr0xy-2", userAgent: "robot/7" };
    const { told } = await throughProxy({ url: "ann:pr0xy@", proxyHeaders });
    assert.deepEqual(told, {
      "proxy-authorization": basicOf("bob:pr0xy-1"),
      authorization: basicOf("eve:pr0xy-2"),
      "user-agent": "robot/7",
    });
  });

  it("a proxy sees its headers on the way to plain HTTP too, and an API server without login none of them", async () => {
    const proxyHeaders = { proxyBasicAuth: "bob:pr0xy-1", basicAuth: "eve:pr0xy-2", userAgent: "robot/7" };
    hosts = await startTwoHosts(() => () => ({ body: {} }));
    const proxy = await startProxy();
    const proxyUrl = `http://127.0.0.1:${proxy.port}`;
    for (const sources of [[tokenSource(secret)], [anonymous()]]) {
      const client = clientFor(hosts.own.url, { proxyUrl, proxyHeaders }, sources);
      await client.request({ method: "GET", path: "/api/v1/pods", ...asked });
      await client.close();
    }
    await proxy.close();
    assert.deepEqual(new Set(proxy.seen.map(({ method }) => method)), new Set(["CONNECT"]));
    assert.equal(hosts.own.seen.length, 2);
    assert.deepEqual(shownTo(hosts.own), [`Bearer ${secret}`]);
    assertHidden(hosts.own.seen, ["pr0xy", "bob:", "eve:", "robot/7"]);
  });

  it("a proxy that is exchanged for another one does not leave its headers to it", () => {
    const { endpoint } = resolve({
      args: { proxyUrl: "http://other:3128" },
      machine: machine({
        ...{ K8S_AUTH_HOST: "https://api.env:6443", K8S_AUTH_PROXY: "http://own:3128" },
        K8S_AUTH_PROXY_HEADERS_PROXY_BASIC_AUTH: "bob:pr0xy-1",
      }),
    });
    assert.deepEqual([endpoint.proxyUrl, endpoint.proxyHeaders], ["http://other:3128", undefined]);
  });

  /** One request over TLS; what identifies somebody in what the proxy was told. */
  async function throughProxy({ url, proxyHeaders }: { url: string; proxyHeaders?: ProxyHeaders }) {
    hosts = await startTwoHosts(() => () => ({ body: {} }), undefined, {
      own: await authority.issue("api", ["127.0.0.1"]),
    });
    const proxy = await startProxy();
    const changes = { ca: authority.cert, proxyUrl: `http://${url}127.0.0.1:${proxy.port}`, proxyHeaders };
    const client = clientFor(hosts.own.url, changes, [tokenSource(secret)]);
    await client.request({ method: "GET", path: "/api/v1/pods", ...asked });
    await client.close();
    await proxy.close();
    assert.equal(proxy.seen.length, 1);
    const [seen] = proxy.seen as [SeenByProxy];
    assert.match(`${seen.method} ${seen.url}`, /^CONNECT 127/);
    assert.deepEqual(shownTo(hosts.own), [`Bearer ${secret}`]);
    assertHidden(hosts.own.seen, ["pr0xy", "ann:", "bob:", "eve:", "robot/7"]);
    assert.equal(hosts.own.seen[0]?.headers["proxy-authorization"], undefined);
    const names = ["authorization", "proxy-authorization", "user-agent", "cookie"];
    const told = Object.entries(seen.headers).filter(([name]) => names.includes(name));
    return { told: Object.fromEntries(told), proxy: seen };
  }
});

function basicOf(pair: string): string {
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

/** As text or within a login in base64. */
function assertHidden(seen: readonly SeenRequest[], texts: readonly string[]): void {
  const logins = seen.flatMap(({ headers }) => Object.values(headers).flat().map(decodedLogin));
  const text = JSON.stringify([seen, logins]);
  for (const hidden of texts) assert.ok(!text.includes(hidden), `${hidden} in ${text}`);
}

function decodedLogin(value: string | undefined): string {
  return Buffer.from((value ?? "").replace(/^Basic /, ""), "base64").toString("utf8");
}
