import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type http from "node:http";
import { gzipSync } from "node:zlib";
import { toUnreachable } from "../../../../provider/http/failures.js";
import type { Descriptor } from "../../../../provider/oci/content.js";
import { createAuthorisation } from "../../../../provider/registry/auth/header.js";
import { repositorySession } from "../../../../provider/registry/client/session.js";
import { ImageError } from "../../../../provider/support/imageError.js";
import { createRedactor } from "../../../../provider/support/text/redact.js";
import {
  answerJson,
  type Asked,
  contentOf,
  ociConfig,
  ociManifest,
  options,
  pullerWith,
  type PullRegistry,
  refuse,
  startPullRegistry,
} from "../../../support/servers/pullRegistry.js";
import { failureOf } from "../../../support/servers/scriptedRegistry.js";

const amd64 = { os: "linux", architecture: "amd64" };
const bytes = randomBytes(3 * 1024 * 1024);

/** What servers do that are no registries, or stand before one. */
describe("images in a registry: odd answers", () => {
  let server: PullRegistry;
  let blob: Descriptor;
  const find = (reference = "acme/web:v1", limits = {}) =>
    pullerWith({ limits }).registry.find(`${server.host}/${reference}`, undefined, options);
  const read = async (limits = {}) => contentOf((await find(undefined, limits)).blobs.read(blob, options));
  const answerBlob = (answer: (asked: Asked, response: http.ServerResponse) => void) => {
    server.intercept = (asked, response) => {
      if (!asked.url.includes(blob.digest)) return false;
      answer(asked, response);
      return true;
    };
  };

  beforeEach(async () => {
    server = await startPullRegistry();
    blob = server.shelf.blob(bytes);
    server.shelf.image("acme/web:v1", amd64, { layers: [blob] });
  });
  afterEach(() => server.close());

  describe("compressed on the way", () => {
    const gzip = { "content-encoding": "gzip" };

    it("are refused with that reason: blobs", async () => {
      const words = Buffer.from("word ".repeat(100_000));
      for (const content of [bytes, words]) {
        blob = server.shelf.blob(content);
        server.shelf.image("acme/web:v1", amd64, { layers: [blob] });
        answerBlob((_, response) => response.writeHead(200, gzip).end(gzipSync(content)));
        const failure = await failureOf(read({ resumes: 0 }));
        assert.equal(failure.code, "REGISTRY_CORRUPT");
        assert.match(failure.message, /compressed on the way \(Content-Encoding: gzip\)/);
      }
    });

    it("are accepted where only the header says so: blobs", async () => {
      answerBlob((_, response) => response.writeHead(200, gzip).end(bytes));
      assert.deepEqual(await read(), bytes);
    });

    it("are refused without a digest too: manifests and configs", async () => {
      const compress = (kind: string) => {
        server.intercept = ({ url }, response) => {
          if (!url.includes(`/${kind}/`)) return false;
          const id = url.slice(url.lastIndexOf("/") + 1);
          const manifest = server.shelf.manifests.get(id === "v1" ? "acme/web:v1" : id)?.bytes;
          const stored = manifest ?? server.shelf.blobs.get(id) ?? "";
          response.writeHead(200, { ...gzip, "content-type": ociManifest }).end(gzipSync(stored));
          return true;
        };
      };
      compress("manifests");
      const { digest } = server.shelf.image("acme/web:v1");
      for (const reference of ["acme/web:v1", `acme/web@${digest}`]) {
        assert.match((await failureOf(find(reference))).message, /compressed on the way/, reference);
      }
      const config = server.shelf.blob(JSON.stringify({ ...amd64, pad: "x".repeat(9000) }), ociConfig);
      server.shelf.image("acme/web:v1", amd64, { config });
      compress("blobs");
      assert.match((await failureOf(find())).message, /compressed on the way/);
    });

    it("are not asked for", async () => {
      const seen: (string | undefined)[] = [];
      server.intercept = (_, response) => (seen.push(response.req.headers["accept-encoding"]), false);
      await read();
      assert.deepEqual([...new Set(seen)], ["identity"]);
    });
  });

  it("a web page in place of a manifest or a blob is named as such", async () => {
    const page = { "content-type": "text/html; charset=utf-8" };
    answerBlob((_, response) => response.writeHead(200, page).end("<html>"));
    assert.match((await failureOf(read())).message, /HTML page: from a proxy or a login page/);
    server.intercept = (_, response) => (response.writeHead(200, page).end("<html>"), true);
    const failure = await failureOf(find());
    assert.equal(failure.code, "REGISTRY_ERROR");
    assert.match(failure.message, /HTML page: from a proxy or a login page/);
  });

  it("a refusal keeps its status however long it is, and nothing in it reaches a terminal", async () => {
    answerBlob((_, response) => response.writeHead(403).end("x".repeat(3_000_000)));
    assert.match((await failureOf(read())).message, /answered HTTP 403/);
    answerBlob((_, response) =>
      response
        .writeHead(400)
        .end(JSON.stringify({ errors: [{ code: "\u001b[2J", message: "a\u202eb\u009bc" }] })),
    );
    const { message } = await failureOf(read());
    assert.match(message, /HTTP 400/);
    assert.doesNotMatch(message, /[\u001b\u009b\u202e]/);
  });

  it("a long blob may be cut any number of times while every connection brings bytes", async () => {
    const pieces = 12;
    const size = 1024 * 1024;
    const long = randomBytes(pieces * size);
    blob = server.shelf.blob(long);
    server.shelf.image("acme/web:v1", amd64, { layers: [blob] });
    let asked = 0;
    answerBlob(({ range }, response) => {
      asked += 1;
      const from = Number(/=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
      const length = long.length - from;
      const part = { "content-range": `bytes ${from}-${long.length - 1}/${long.length}` };
      response.writeHead(from === 0 ? 200 : 206, { "content-length": length, ...part });
      const piece = long.subarray(from, from + size);
      response.write(piece, () =>
        length > size ? setTimeout(() => response.destroy(), 20) : response.end(),
      );
    });
    assert.deepEqual(await read({ resumes: 2 }), long);
    assert.equal(asked, pieces);
  });

  it("a cut blob is resumed with a new token after the old one has expired", async () => {
    let valid = 0;
    let isCut = false;
    server.intercept = ({ url, authorization, range }, response) => {
      if (url.startsWith("/token")) return answerJson(response, { access_token: `t${(valid += 1)}` });
      if (authorization !== `Bearer t${valid}` || valid === 0) {
        const challenge = `Bearer realm="${server.url}/token",service="s"`;
        refuse(response, 401, "UNAUTHORIZED", { "www-authenticate": challenge });
        return true;
      }
      if (!url.includes(blob.digest) || isCut) return false;
      assert.equal(range, undefined);
      isCut = true;
      valid += 1;
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 1000), () => setTimeout(() => response.destroy(), 20));
      return true;
    };
    assert.deepEqual(await read(), bytes);
    assert.equal(server.asked.at(-1)?.range, "bytes=1000-");
  });

  it("a login that a registry repeats is redacted", async () => {
    const password = "hunter2-of-ann";
    const { registry, secrets } = pullerWith({
      registries: { [server.host]: { username: "ann", password } },
    });
    server.intercept = ({ authorization = "" }, response) => {
      const headers = { "www-authenticate": 'Basic realm="r"' };
      const pair = Buffer.from(authorization.replace("Basic ", ""), "base64").toString();
      response.writeHead(401, headers).end(`${authorization} ${pair}`);
      return true;
    };
    const failure = await failureOf(registry.find(`${server.host}/acme/web:v1`, undefined, options));
    assert.ok(failure.message.includes(password));
    const shown = createRedactor(secrets)(failure.message);
    for (const form of [password, Buffer.from(`ann:${password}`).toString("base64")]) {
      assert.equal(shown.includes(form), false, shown);
    }
  });

  it("a blob is resumed after the registry was down for a moment", async () => {
    let asked = 0;
    answerBlob(({ range }, response) => {
      asked += 1;
      const from = Number(/=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
      // All attempts of the first resumption find nobody.
      if (asked > 1 && asked < 5) {
        response.destroy();
        return;
      }
      const part = { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
      response.writeHead(from === 0 ? 200 : 206, { "content-length": bytes.length - from, ...part });
      if (asked > 1) response.end(bytes.subarray(from));
      else response.write(bytes.subarray(0, 1000), () => setTimeout(() => response.destroy(), 20));
    });
    assert.deepEqual(await read({ resumes: 2 }), bytes);
    assert.equal(asked, 5);
  });

  it("an address without an answer is tried once", async () => {
    let tries = 0;
    const silence = Object.assign(new Error("Connect Timeout Error"), { code: "UND_ERR_CONNECT_TIMEOUT" });
    const target = { server: "https://registry.example.com", via: undefined };
    const cause = toUnreachable(silence, target, "read x");
    const find = () => Promise.resolve({ credential: undefined, origin: undefined, lookedIn: [] });
    const session = repositorySession(
      {
        host: "registry.example.com",
        apiHost: "registry.example.com",
        repository: "a/b",
        insecure: false,
        http: false,
      },
      {
        connections: {
          send: () => {
            tries += 1;
            return Promise.reject(new ImageError("REGISTRY_UNREACHABLE", "nobody is there", { cause }));
          },
          explain: () => cause,
        },
        authorisation: createAuthorisation({ scope: "x", find, onSecret: () => undefined }),
        idleMs: 1,
        retry: { attempts: 4, baseDelayMs: 1, maxDelayMs: 1 },
      },
    );
    const request = {
      method: "GET",
      path: "manifests/v1",
      attempted: "read x",
      signal: options.signal,
    } as const;
    assert.equal((await failureOf(session.send(request))).code, "REGISTRY_UNREACHABLE");
    assert.equal(tries, 1);
  });

  it("an expired deadline names what was waited for", async () => {
    server.intercept = () => true;
    const deadline = new ImageError("DEADLINE_EXCEEDED", "check of bundle took longer than 1 s");
    const controller = new AbortController();
    const work = pullerWith().registry.digestOf(`${server.host}/acme/web:v1`, { signal: controller.signal });
    setTimeout(() => controller.abort(deadline), 50);
    const { code, message } = await failureOf(work);
    assert.equal(code, "DEADLINE_EXCEEDED");
    assert.match(message, /^Cannot find out what .*acme\/web:v1 is: check of bundle took longer than 1 s/);
  });
});
