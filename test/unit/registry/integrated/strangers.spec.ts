import assert from "node:assert/strict";
import { type Authority, createAuthority } from "../../../support/servers/certificates.js";
import {
  type Answer,
  type Respond,
  startServer,
  type TestServer,
} from "../../../support/servers/scripted.js";
import {
  answerPing,
  apiVersion,
  candidateFor,
  challenge,
  failureOf,
  fault,
  openRegistry,
} from "../../../support/servers/scriptedRegistry.js";

const registry: Respond = (request) => answerPing(request) ?? { status: 202, headers: apiVersion, body: "" };

describe("the search for the integrated registry", () => {
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

  const introductions: readonly (readonly [what: string, answer: Answer])[] = [
    ["open to everybody", { status: 200, headers: apiVersion, body: {} }],
    ["asking for Basic", challenge('Basic realm="Registry"')],
    ["asking for Bearer", challenge('Bearer realm="https://r.example.com/token",service="r"')],
  ];
  for (const [what, answer] of introductions) {
    it(`takes a registry for one that is ${what}`, async () => {
      const server = await serve(() => answer);
      assert.equal((await openRegistry(candidateFor(server.url))).server, server.url);
    });
  }

  const strangers: readonly (readonly [what: string, answer: Answer, reason: RegExp])[] = [
    [
      "a console",
      { body: "<!doctype html><title>OKD</title>" },
      /HTTP 200, an HTML page.*no header Docker-Dist/,
    ],
    [
      "a 200 without the header",
      { body: {} },
      /HTTP 200: \{\}: something answers that is not an image registry/,
    ],
    ["a 401 without the header", { status: 401, headers: { "www-authenticate": "Basic" } }, /no header/],
    ["a 401 without a challenge", fault(401, "UNAUTHORIZED"), /401 without a challenge/],
    ["a 401 with a Bearer challenge without realm", challenge("Bearer"), /401 without a challenge/],
    ["a 403", fault(403, "DENIED"), /HTTP 403 DENIED.*neither 200 nor 401/],
    ["a 404", fault(404, "NOT_FOUND"), /HTTP 404 NOT_FOUND.*neither 200 nor 401/],
    ["a registry that is not up", fault(503, "UNAVAILABLE"), /HTTP 503 UNAVAILABLE/],
    [
      "a redirect",
      { status: 302, headers: { location: "http://127.0.0.1:1/v2/", ...apiVersion }, body: "" },
      /HTTP 302, a redirect/,
    ],
    ["no HTTP", { headers: { "x-big": "x".repeat(40_000) }, body: "" }, /Headers Overflow/i],
    ["a cut connection", { cut: true }, /the connection was cut/],
  ];
  for (const [what, answer, reason] of strangers) {
    it(`asks no other address after ${what}`, async () => {
      const [first, second] = [await serve(() => answer), await serve(registry)];
      const candidates = [candidateFor(first.url, "route default-route"), candidateFor(second.url)];
      const error = await failureOf(openRegistry(candidates[0]!, { candidates }));
      assert.equal(error.code, "REGISTRY_UNREACHABLE");
      assert.match(error.message, reason);
      assert.match(
        error.message,
        /\nNo other address is asked after that, and no token was sent\.\nSet registry\.url /,
      );
      assert.equal(second.seen.length, 0);
      assert.ok(
        first.seen.every(({ url, headers }) => url === "/v2/" && headers.authorization === undefined),
      );
    });
  }

  it("asks no other address after a certificate that is not trusted", async () => {
    const [unknown, second] = [await serve(registry, "127.0.0.1"), await serve(registry)];
    const candidates = [candidateFor(unknown.url, "route default-route"), candidateFor(second.url)];
    const error = await failureOf(openRegistry(candidates[0]!, { candidates }));
    assert.equal(error.code, "REGISTRY_TLS");
    assert.match(
      error.message,
      /\(route default-route\): its certificate is signed by a CA that is not trusted/,
    );
    assert.match(error.message, /no token was sent/);
    assert.equal(second.seen.length + unknown.seen.length, 0);
  });

  it("does not speak plain HTTP to a loopback address whose certificate is not trusted", async () => {
    const unknown = await serve(registry, "127.0.0.1");
    const asked: string[] = [];
    const candidate = { ...candidateFor(unknown.url), scheme: undefined };
    const proxyFor = ({ href }: URL) => void asked.push(href);
    assert.equal((await failureOf(openRegistry(candidate, { proxyFor }))).code, "REGISTRY_TLS");
    assert.deepEqual(asked, [`${unknown.url}/`]);
  });
});
