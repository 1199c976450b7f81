import assert from "node:assert/strict";
import { never } from "../../../support/clients/cluster.js";
import { type Authority, createAuthority } from "../../../support/servers/certificates.js";
import { type Respond, startServer, type TestServer } from "../../../support/servers/scripted.js";
import {
  answerPing,
  apiVersion,
  candidateFor,
  failureOf,
  openRegistry,
} from "../../../support/servers/scriptedRegistry.js";

/** Below the ports that a server gets by itself: the port of one that was closed may be the next one's. */
const nobody = "http://127.0.0.1:1";

const registry: Respond = (request) => answerPing(request) ?? { status: 202, headers: apiVersion, body: "" };

describe("openIntegratedRegistry", () => {
  let authority: Authority;
  const open: TestServer[] = [];
  const serve = async (respond: Respond, certified?: string) => {
    const issued = certified === undefined ? undefined : await authority.issue("registry", [certified]);
    const server = await startServer(respond, issued);
    open.push(server);
    return server;
  };

  before(async () => {
    authority = await createAuthority();
  });
  afterEach(async () => {
    for (const server of open.splice(0)) await server.close();
  });

  it("takes the first candidate that answers, and names its origin", async () => {
    const [first, second] = [await serve(registry), await serve(registry)];
    const found = await openRegistry(candidateFor(nobody), {
      candidates: [
        candidateFor(nobody),
        candidateFor(first.url, "route default-route"),
        candidateFor(second.url),
      ],
    });
    assert.equal(found.server, first.url);
    assert.equal(found.origin, "route default-route");
    assert.equal(second.seen.length, 0);
  });

  it("asks for /v2/ alone, and sends no token before a registry has answered", async () => {
    const server = await serve(registry);
    await openRegistry(candidateFor(server.url));
    assert.deepEqual(
      server.seen.map(({ method, url, headers }) => [method, url, headers.authorization]),
      [["GET", "/v2/", undefined]],
    );
  });

  it("tries http at a loopback address without a scheme", async () => {
    const server = await serve(registry);
    const candidate = { ...candidateFor(server.url), scheme: undefined };
    assert.equal((await openRegistry(candidate)).server, server.url);
  });

  it("tries http at a loopback address with other CAs than the system's too", async () => {
    const server = await serve(registry);
    const candidate = { ...candidateFor(server.url), scheme: undefined };
    const found = await openRegistry(candidate, { tls: { defaultCa: authority.cert } });
    assert.equal(found.server, server.url);
  });

  it("does not try http when a CA is given", async () => {
    const server = await serve(registry);
    const candidate = { ...candidateFor(server.url), scheme: undefined };
    const error = await failureOf(openRegistry(candidate, { tls: { caCert: authority.cert } }));
    assert.match(
      error.message,
      /something that is not HTTPS answered \(\w+\); should the address begin with http/,
    );
    assert.equal(server.seen.length, 0);
  });

  it("trusts the given CA, or everything", async () => {
    const server = await serve(registry, "127.0.0.1");
    const candidate = candidateFor(server.url);
    assert.equal((await openRegistry(candidate, { tls: { caCert: authority.cert } })).server, server.url);
    assert.equal((await openRegistry(candidate, { tls: { defaultCa: authority.cert } })).server, server.url);
    assert.equal((await openRegistry(candidate, { tls: { skipTlsVerify: true } })).server, server.url);
  });

  it("explains certificates by the names of its own arguments", async () => {
    const unknown = await serve(registry, "127.0.0.1");
    assert.match(
      (await failureOf(openRegistry(candidateFor(unknown.url)))).message,
      /a CA that is not trusted here \([A-Z_]+\); give that CA as registry\.caCert \(registry\.skipTlsVerify turns/,
    );
    const other = await serve(registry, "other.example.com");
    assert.match(
      (await failureOf(openRegistry(candidateFor(other.url), { tls: { caCert: authority.cert } }))).message,
      /for another host name \(.*\); use that name, or give it as registry\.url/,
    );
  });

  it("lists every address with its reason and what to do", async () => {
    const silent = await serve(() => ({ stall: true }));
    const router = await serve(() => ({
      status: 503,
      headers: { "content-type": "text/html" },
      body: "<html><title>Application is not available</title></html>",
    }));
    const candidates = [
      candidateFor(nobody, "external hostname"),
      candidateFor(silent.url, "route corp"),
      candidateFor("https://registry.invalid", "service image-registry"),
      candidateFor(router.url, "route default-route"),
    ];
    const error = await failureOf(
      openRegistry(candidateFor(nobody), {
        candidates,
        remarks: ['Image streams name "quay.io", which is not believed'],
        timeouts: { pingMs: 200 },
      }),
    );
    assert.equal(error.code, "REGISTRY_UNREACHABLE");
    const lines = error.message.split("\n");
    assert.match(lines[0]!, /^Cannot reach the integrated registry:$/);
    assert.match(lines[1]!, /^- http:\S+ \(external hostname\): connection refused: nothing listens at 127/);
    assert.match(lines[2]!, /^- http:\S+ \(route corp\): .*did not answer within 0\.2 s/);
    assert.match(lines[3]!, /^- https:\S+ \(service image-registry\): /);
    assert.match(lines[4]!, /^- http:\S+ \(route default-route\): HTTP 503, an HTML page/);
    assert.match(lines[5]!, /^No other address is asked after that/);
    assert.equal(lines[6], 'Image streams name "quay.io", which is not believed.');
    assert.match(lines[7]!, /^Set registry\.url .* pruneRegistry: false/);
    assert.equal(lines.length, 8);
  });

  it("reports that there is no candidate", async () => {
    const remarks = ['Image streams name "quay.io", which is not believed'];
    const error = await failureOf(openRegistry(candidateFor("http://x"), { candidates: [], remarks }));
    assert.equal(error.code, "REGISTRY_UNREACHABLE");
    assert.match(error.message, /nor a route or the service in openshift-image-registry names it.*Removed/);
    assert.match(
      error.message,
      /\? Image streams name "quay\.io", which is not believed\. Set registry\.url/,
    );
  });

  it("goes through the proxy that it is told", async () => {
    const server = await serve(registry);
    const asked: string[] = [];
    const error = await failureOf(
      openRegistry(candidateFor(server.url), {
        proxyFor: ({ href }) => {
          asked.push(href);
          return "http://ann:s3cret@127.0.0.1:1";
        },
      }),
    );
    assert.deepEqual(asked, [`${server.url}/`]);
    assert.match(error.message, /nothing listens at 127\.0\.0\.1:1/);
    assert.doesNotMatch(error.message, /s3cret/);
  });

  it("stops when the signal fires", async () => {
    const [silent, next] = [await serve(() => ({ stall: true })), await serve(registry)];
    const cancelled = new AbortController();
    const work = openRegistry(candidateFor(silent.url), {
      candidates: [candidateFor(silent.url), candidateFor(next.url)],
      signal: AbortSignal.any([never, cancelled.signal]),
    });
    setImmediate(() => cancelled.abort());
    assert.equal((await failureOf(work)).code, "CANCELLED");
    assert.equal(next.seen.length, 0);
  });
});
