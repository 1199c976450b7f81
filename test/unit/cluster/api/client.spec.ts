import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { ApiRequest } from "../../../../provider/cluster/api/client.js";
import type { ApiError } from "../../../../provider/cluster/api/error.js";
import { withDeadline } from "../../../../provider/support/async/abortable.js";
import type { ImageError } from "../../../../provider/support/imageError.js";
import { clientFor, never, tokenSource } from "../../../support/clients/cluster.js";
import { type Answer, failure, startServer, type TestServer } from "../../../support/servers/scripted.js";

const get: ApiRequest = { method: "GET", path: "/api/v1/x", signal: never, attempted: "read x" };

async function failureOf(work: Promise<unknown>): Promise<ApiError> {
  try {
    await work;
  } catch (error) {
    return error as ApiError;
  }
  throw new Error("it should have failed");
}

describe("clusterClient", () => {
  let server: TestServer | undefined;
  const serve = async (...answers: readonly Answer[]) => {
    server = await startServer((_, index) => answers[Math.min(index, answers.length - 1)] ?? {});
    return server;
  };
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  it("sends method, path below the server's path, query, JSON body and the usual headers", async () => {
    const { url, seen } = await serve({ body: { ok: 1 } });
    const answer = await clientFor(`${url}/k8s/clusters/c1`).request({
      ...get,
      method: "POST",
      query: { timeout: "60s", limit: 2, unset: undefined },
      body: { a: "ä" },
    });
    assert.deepEqual(answer, { ok: 1 });
    const request = seen[0]!;
    assert.equal(request.method, "POST");
    assert.equal(request.url, "/k8s/clusters/c1/api/v1/x?timeout=60s&limit=2");
    assert.equal(request.body, '{"a":"ä"}');
    assert.equal(request.headers.authorization, "Bearer t0ken");
    assert.equal(request.headers["content-type"], "application/json");
    assert.equal(request.headers.accept, "application/json");
    assert.match(request.headers["user-agent"] ?? "", /^pulumi-okd-images\/\d+\.\d+\.\d+/);
  });

  it("sends several impersonated groups as several headers", async () => {
    const { url, seen } = await serve({});
    const credentials = Promise.resolve({
      headers: { "Impersonate-User": "ann", "Impersonate-Group": ["dev", "ops"] },
      certificate: undefined,
    });
    await clientFor(url, {}, [{ origin: "test", kind: "token", read: () => credentials }]).request(get);
    const raw = seen[0]?.rawHeaders ?? [];
    const groups = raw.filter((_, index) => raw[index - 1]?.toLowerCase() === "impersonate-group");
    assert.deepEqual(groups, ["dev", "ops"]);
  });

  it("reads gzipped answers", async () => {
    const body = gzipSync(JSON.stringify({ zipped: true }));
    const { url } = await serve({ body, headers: { "content-encoding": "gzip" } });
    assert.deepEqual(await clientFor(url).request(get), { zipped: true });
  });

  const codes = [
    [401, "API_UNAUTHORIZED"],
    [403, "API_FORBIDDEN"],
    [404, "API_NOT_FOUND"],
    [409, "API_CONFLICT"],
    [410, "API_ERROR"],
    [422, "API_INVALID"],
    [418, "API_ERROR"],
  ] as const;
  for (const [status, code] of codes) {
    it(`answers ${code} for HTTP ${status} and keeps the Status`, async () => {
      const { url, seen } = await serve(
        failure(status, "Because", "it is so", { kind: "things", name: "x" }),
      );
      const error = await failureOf(clientFor(url).request(get));
      assert.equal(error.code, code);
      assert.equal(error.httpStatus, status);
      assert.equal(error.status.reason, "Because");
      assert.equal(error.status.details?.kind, "things");
      assert.equal(error.isStatus, true);
      assert.equal(seen.length, 1, "must not be repeated");
      assert.match(error.message, /^Cannot read x: /);
      assert.doesNotMatch(error.message, /t0ken/);
    });
  }

  const oddBodies: readonly {
    readonly name: string;
    readonly answer: Answer;
    readonly says: RegExp;
    readonly status: boolean;
  }[] = [
    {
      name: "a Status without kind as text/plain",
      answer: {
        status: 422,
        body: '{"metadata":{},"status":"Failure","message":"Timeout: request","reason":"Timeout","details":{},"code":422}',
      },
      says: /Timeout: request \(HTTP 422 Timeout\)/,
      status: true,
    },
    {
      name: "plain text",
      answer: { status: 404, body: "404 page not found\n" },
      says: /404 page not found/,
      status: false,
    },
    { name: "an empty body", answer: { status: 400, body: "" }, says: /the answer was empty/, status: false },
    {
      name: "an HTML page",
      answer: {
        status: 400,
        headers: { "content-type": "text/html" },
        body: "<html><head><title>Application is not available</title></head><body>...</body></html>",
      },
      says: /an HTML page \("Application is not available"\) was answered/,
      status: false,
    },
    {
      name: "Go's text for HTTP on an HTTPS port",
      answer: { status: 400, body: "Client sent an HTTP request to an HTTPS server.\n" },
      says: /write https:\/\//,
      status: false,
    },
    {
      name: "a redirect",
      answer: { status: 302, headers: { location: "/login" }, body: "" },
      says: /address of the API server/,
      status: false,
    },
    {
      name: "JSON that is no Status",
      answer: { status: 400, body: { error: "no" } },
      says: /"error":"no"/,
      status: false,
    },
  ];
  for (const { name, answer, says, status } of oddBodies) {
    it(`explains ${name}`, async () => {
      const { url } = await serve(answer);
      const error = await failureOf(clientFor(url).request(get));
      assert.match(error.message, says);
      assert.equal(error.isStatus, status);
    });
  }

  it("says that a page instead of JSON is probably the console", async () => {
    const { url } = await serve({ body: "<!doctype html><title>OKD</title>" });
    const error = await failureOf(clientFor(url).request(get));
    assert.equal(error.code, "API_ERROR");
    assert.match(error.message, /not of the console/);
  });

  it("reads at most a mebibyte of an error", async () => {
    const { url } = await serve({ status: 400, body: "x".repeat(2 * 1024 * 1024) });
    assert.match((await failureOf(clientFor(url).request(get))).message, /longer than 1048576 bytes/);
  });

  describe("repeats", () => {
    const repeated: readonly (readonly [string, ApiRequest["method"], Answer, number])[] = [
      ["GET after 429", "GET", failure(429, "TooManyRequests", "slow down"), 2],
      ["GET after 500", "GET", failure(500, "InternalError", "etcd"), 2],
      ["GET after 502", "GET", { status: 502, body: "bad gateway" }, 2],
      ["GET after 503", "GET", { status: 503, body: "service unavailable" }, 2],
      ["GET after 504", "GET", failure(504, "Timeout", "late"), 2],
      ["GET after a cut connection", "GET", { cut: true }, 2],
      ["POST after 429", "POST", failure(429, "TooManyRequests", "slow down"), 2],
      [
        "PUT after 503 with Retry-After",
        "PUT",
        { status: 503, headers: { "retry-after": "0" }, body: "" },
        2,
      ],
      ["no POST after 500", "POST", failure(500, "InternalError", "etcd"), 1],
      ["no DELETE after 503 without Retry-After", "DELETE", { status: 503, body: "service unavailable" }, 1],
      ["no POST after 504", "POST", failure(504, "Timeout", "late"), 1],
      ["no PUT after a cut connection", "PUT", { cut: true }, 1],
    ];
    for (const [name, method, first, requests] of repeated) {
      it(name, async () => {
        const { url, seen } = await serve(first, { body: { ok: true } });
        const work = clientFor(url).request({ ...get, method });
        if (requests === 1) await failureOf(work);
        else assert.deepEqual(await work, { ok: true });
        assert.equal(seen.length, requests);
      });
    }

    it("stop after four attempts", async () => {
      const { url, seen } = await serve({ status: 503, body: "no" });
      assert.equal((await failureOf(clientFor(url).request(get))).httpStatus, 503);
      assert.equal(seen.length, 4);
    });

    it("do not begin when the server asks for too long a wait", async () => {
      const { url, seen } = await serve({ status: 429, headers: { "retry-after": "3600" }, body: "" });
      await failureOf(clientFor(url).request(get));
      assert.equal(seen.length, 1);
    });

    it("end at the deadline, which the error names with the failure", async () => {
      const { url } = await serve({ status: 429, headers: { "retry-after": "20" }, body: "busy" });
      const signal = withDeadline(never, 50, "the check of stream shop/web");
      const error: ImageError = await failureOf(clientFor(url).request({ ...get, signal }));
      assert.equal(error.code, "DEADLINE_EXCEEDED");
      assert.match(
        error.message,
        /the check of stream shop\/web took longer than 0.05 s\. The last failure was: Cannot read x: busy/,
      );
    });

    it("include a write when nothing listened, because nothing was sent", async () => {
      const { url, close } = await serve({});
      await close();
      const error = await failureOf(clientFor(url).request({ ...get, method: "POST", body: {} }));
      assert.equal(error.code, "API_UNREACHABLE");
      assert.match(error.message, /connection refused: nothing listens at 127\.0\.0\.1:\d+/);
    });
  });

  it("gives up when the signal fires, with its reason", async () => {
    const { url } = await serve({ stall: true });
    const signal = withDeadline(never, 50, "the check");
    const error = await failureOf(clientFor(url).request({ ...get, signal }));
    assert.equal(error.code, "DEADLINE_EXCEEDED");
    const cancelled = new AbortController();
    const work = clientFor(url).request({ ...get, signal: cancelled.signal });
    cancelled.abort();
    assert.equal((await failureOf(work)).code, "CANCELLED");
  });

  it("reports of a late write that it may have been done", async () => {
    const { url } = await serve({ stall: true });
    const read = await failureOf(clientFor(url).request({ ...get, timeoutMs: 50 }));
    assert.equal(read.code, "API_UNREACHABLE");
    assert.match(read.message, /did not answer within 0.05 s/);
    const write = await failureOf(clientFor(url).request({ ...get, method: "PUT", timeoutMs: 50 }));
    assert.equal(write.code, "API_TIMEOUT");
    assert.match(write.message, /may have been done/);
  });

  describe("after a 401", () => {
    it("takes the next credentials for good", async () => {
      const accepted = "Bearer fresh";
      server = await startServer(({ headers }) =>
        headers.authorization === accepted
          ? { body: { ok: true } }
          : failure(401, "Unauthorized", "Unauthorized"),
      );
      const client = clientFor(server.url, {}, [tokenSource("stale"), tokenSource("fresh")]);
      assert.deepEqual(await client.request(get), { ok: true });
      assert.deepEqual(await client.request(get), { ok: true });
      assert.deepEqual(
        server.seen.map(({ headers }) => headers.authorization),
        ["Bearer stale", "Bearer fresh", "Bearer fresh"],
      );
    });

    it("reads the same place once more first", async () => {
      server = await startServer(({ headers }) =>
        headers.authorization === "Bearer 2" ? {} : failure(401, "Unauthorized", "Unauthorized"),
      );
      let version = 1;
      const source = {
        origin: "file",
        kind: "kubeconfig" as const,
        read: () =>
          Promise.resolve({ headers: { Authorization: `Bearer ${version}` }, certificate: undefined }),
        forget: () => (version = 2),
      };
      const client = clientFor(server.url, {}, [source]);
      await Promise.all([client.request(get), client.request(get), client.request(get)]);
      assert.equal(version, 2);
    });

    it("stops when a place has new credentials each time, which are refused as well", async () => {
      const { url, seen } = await serve(failure(401, "Unauthorized", "Unauthorized"));
      let version = 1;
      const source = {
        origin: "exec plugin",
        kind: "kubeconfig" as const,
        read: () =>
          Promise.resolve({ headers: { Authorization: `Bearer ${version}` }, certificate: undefined }),
        forget: () => (version += 1),
      };
      const error = await failureOf(clientFor(url, {}, [source]).request(get));
      assert.equal(error.code, "API_UNAUTHORIZED");
      assert.equal(seen.length, 2);
    });

    it("names every place that was tried, and --run-program", async () => {
      const { url } = await serve(failure(401, "Unauthorized", "Unauthorized"));
      const error = await failureOf(clientFor(url, {}, [tokenSource("a"), tokenSource("b")]).request(get));
      assert.match(error.message, /Tried: place of a, then place of b\. Log in again/);
      assert.match(error.message, /--run-program/);
    });

    it("names the places that were not tried, and why", async () => {
      const { url, seen } = await serve(failure(401, "Unauthorized", "Unauthorized"));
      const sources = [tokenSource("a"), tokenSource("b")];
      const client = clientFor(url, {}, sources, 5_000, { barredBy: "the argument is final" });
      const error = await failureOf(client.request(get));
      assert.match(
        error.message,
        /Tried: place of a\. Not tried: place of b; the argument is final\. Log in/,
      );
      assert.equal(seen.length, 1);
    });
  });
});
