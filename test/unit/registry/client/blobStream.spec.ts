import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { pipeline, Readable } from "node:stream";
import type { FoundImage } from "../../../../provider/archive/filePorts.js";
import type { Descriptor } from "../../../../provider/oci/content.js";
import {
  contentOf,
  options,
  pullerWith,
  type PullRegistry,
  refuse,
  sendBlob,
  startPullRegistry,
} from "../../../support/servers/pullRegistry.js";
import { failureOf } from "../../../support/servers/scriptedRegistry.js";

describe("images in a registry: blobs", () => {
  let server: PullRegistry;
  let storage: PullRegistry;
  let found: FoundImage;
  let blob: Descriptor;
  const bytes = randomBytes(300_000);
  const read = async (from = found) => await contentOf(from.blobs.read(blob, options));
  const find = async (limits = {}) =>
    await pullerWith({ limits }).registry.find(`${server.host}/acme/web:v1`, undefined, options);
  const asked = () => server.asked.filter(({ url }) => url.includes(blob.digest));

  before(async () => {
    server = await startPullRegistry();
    storage = await startPullRegistry();
    blob = server.shelf.blob(bytes);
    server.shelf.image("acme/web:v1", undefined, { layers: [blob] });
  });
  beforeEach(async () => {
    server.intercept = () => false;
    storage.intercept = () => false;
    found = await find();
    server.asked.length = 0;
    storage.asked.length = 0;
  });
  after(async () => {
    await server.close();
    await storage.close();
  });

  /** Ends the connection after so many bytes of the blob, the first times. */
  const cutAfter = (count: number, times: number, range = true) => {
    let sent = 0;
    let cuts = 0;
    server.intercept = ({ url, range: asked }, response) => {
      if (!url.includes(blob.digest)) return false;
      const from = range ? Number(/(\d+)-$/.exec(asked ?? "")?.[1] ?? 0) : 0;
      if (cuts === times) {
        sent += bytes.length - from;
        sendBlob(bytes, range ? asked : undefined, response);
        return true;
      }
      cuts += 1;
      const headers =
        from === 0 ? {} : { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
      response.writeHead(from === 0 ? 200 : 206, { "content-length": bytes.length - from, ...headers });
      sent += count;
      response.write(bytes.subarray(from, from + count), () => setTimeout(() => response.destroy(), 20));
      return true;
    };
    return () => sent;
  };

  it("resumes where a lost connection stopped, and returns nothing twice", async () => {
    const sent = cutAfter(70_000, 3);
    assert.deepEqual(await read(), bytes);
    assert.deepEqual(
      asked().map(({ range }) => range),
      [undefined, "bytes=70000-", "bytes=140000-", "bytes=210000-"],
    );
    assert.equal(sent(), bytes.length);
  });

  it("skips the bytes that it has when the server begins again", async () => {
    cutAfter(70_000, 2, false);
    assert.deepEqual(await read(), bytes);
    assert.equal(asked().length, 3);
  });

  it("gives up after a number of lost connections", async () => {
    found = await find({ resumes: 2 });
    server.asked.length = 0;
    cutAfter(10, 100);
    const failure = await failureOf(read());
    assert.equal(failure.code, "REGISTRY_UNREACHABLE");
    assert.equal(asked().length, 3);
  });

  it("verifies the digest over two answers", async () => {
    server.intercept = ({ url, range }, response) => {
      if (!url.includes(blob.digest)) return false;
      if (range !== undefined) sendBlob(Buffer.alloc(bytes.length), range, response);
      else {
        response.writeHead(200, { "content-length": bytes.length });
        response.write(bytes.subarray(0, 1000), () => setTimeout(() => response.destroy(), 20));
      }
      return true;
    };
    const failure = await failureOf(read());
    assert.equal(failure.code, "REGISTRY_CORRUPT");
    assert.match(failure.message, /what came has the digest/);
  });

  const wrong: readonly (readonly [string, Buffer, RegExp])[] = [
    ["other content of the same size", Buffer.alloc(300_000), /what came has the digest sha256:/],
    ["more than its size", Buffer.concat([bytes, Buffer.from("x")]), /more than its 300000 bytes came/],
    ["less than its size", bytes.subarray(0, 299_999), /only 299999 of its 300000 bytes came/],
  ];
  for (const [what, content, message] of wrong) {
    it(`refuses ${what}`, async () => {
      server.intercept = ({ url, range }, response) => {
        if (!url.includes(blob.digest)) return false;
        if (range === undefined) sendBlob(content, undefined, response);
        else refuse(response, 416, "UNKNOWN");
        return true;
      };
      const failure = await failureOf(read());
      assert.equal(failure.code, "REGISTRY_CORRUPT");
      assert.match(failure.message, message);
    });
  }

  it("refuses another range than it asked for", async () => {
    let first = true;
    server.intercept = ({ url }, response) => {
      if (!url.includes(blob.digest)) return false;
      if (first) {
        response.writeHead(200, { "content-length": bytes.length });
        response.write(bytes.subarray(0, 1000), () => setTimeout(() => response.destroy(), 20));
      } else
        response.writeHead(206, { "content-range": "bytes 5000-299999/300000" }).end(bytes.subarray(5000));
      first = false;
      return true;
    };
    assert.match((await failureOf(read())).message, /another range/);
  });

  it("resumes after a connection has stalled", async () => {
    found = await find({ idleMs: 300 });
    server.intercept = ({ url, range }, response) => {
      if (!url.includes(blob.digest) || range !== undefined) return false;
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 1000));
      return true;
    };
    assert.deepEqual(await read(), bytes);
    assert.deepEqual(
      asked().map(({ range }) => range),
      [undefined, "bytes=1000-"],
    );
  });

  it("stops reading when its reader waits, and closes when the reader leaves", async () => {
    const big = server.shelf.blob(randomBytes(64 * 1024 * 1024));
    server.shelf.image("acme/web:big", undefined, { layers: [big] });
    let closed: Promise<unknown> | undefined;
    let taken = 0;
    server.intercept = ({ url }, response) => {
      if (!url.includes(big.digest)) return false;
      closed = new Promise((resolve) => response.once("close", resolve));
      const content = server.shelf.blobs.get(big.digest)!;
      const pieces = function* () {
        for (; taken < content.length; taken += 65_536) yield content.subarray(taken, taken + 65_536);
      };
      response.writeHead(200, { "content-length": content.length });
      pipeline(Readable.from(pieces()), response, () => undefined);
      return true;
    };
    const { blobs } = await pullerWith().registry.find(`${server.host}/acme/web:big`, undefined, options);
    const reader = blobs.read(big, options)[Symbol.asyncIterator]();
    assert.equal((await reader.next()).done, false);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await reader.return!();
    await closed;
    assert.ok(taken < big.size / 2, `${taken} bytes were sent to a reader that took one piece`);
  });

  it("begins early when the reader asks early", async () => {
    const second = server.shelf.blob("second");
    const early = found.blobs.read(second, options)[Symbol.asyncIterator]();
    const first = early.next();
    assert.deepEqual(await read(), bytes);
    assert.equal(Buffer.from((await first).value as Uint8Array).toString(), "second");
    assert.equal((await early.next()).done, true);
  });

  it("stops when the signal fires", async () => {
    const controller = new AbortController();
    server.intercept = ({ url }, response) => {
      if (!url.includes(blob.digest)) return false;
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 1000));
      return true;
    };
    const reader = found.blobs.read(blob, { signal: controller.signal })[Symbol.asyncIterator]();
    await reader.next();
    controller.abort();
    assert.equal((await failureOf(reader.next())).code, "CANCELLED");
    assert.equal(asked().length, 1);
  });

  it("follows a redirect to object storage without credentials", async () => {
    storage.shelf.blob(bytes);
    const secured = pullerWith({ registries: { [server.host]: { username: "ann", password: "s3cret" } } });
    server.intercept = ({ url, authorization }, response) => {
      if (authorization === undefined) {
        refuse(response, 401, "UNAUTHORIZED", { "www-authenticate": 'Basic realm="r"' });
        return true;
      }
      if (!url.includes(blob.digest)) return false;
      response
        .writeHead(307, { location: `${storage.url}/v2/bucket/blobs/${blob.digest}?signature=abc` })
        .end();
      return true;
    };
    storage.intercept = ({ range }, response) => {
      sendBlob(bytes, range, response);
      return true;
    };
    const image = await secured.registry.find(`${server.host}/acme/web:v1`, undefined, options);
    assert.deepEqual(await read(image), bytes);
    assert.equal(asked()[0]!.authorization, `Basic ${Buffer.from("ann:s3cret").toString("base64")}`);
    assert.deepEqual(
      storage.asked.map(({ authorization }) => authorization),
      [undefined],
    );
    assert.match(storage.asked[0]!.url, /signature=abc$/);
  });

  it("sends credentials after a redirect within the registry", async () => {
    const secured = pullerWith({ registries: { [server.host]: { username: "ann", password: "s3cret" } } });
    server.intercept = ({ url, authorization }, response) => {
      if (authorization === undefined) {
        refuse(response, 401, "UNAUTHORIZED", { "www-authenticate": 'Basic realm="r"' });
        return true;
      }
      if (!url.endsWith(blob.digest)) return false;
      response.writeHead(302, { location: `/v2/acme/web/blobs/${blob.digest}?here` }).end();
      return true;
    };
    const image = await secured.registry.find(`${server.host}/acme/web:v1`, undefined, options);
    const before = server.shelf.blobs.get(blob.digest)!;
    const redirecting = server.intercept;
    server.intercept = (request, response) => {
      if (redirecting(request, response)) return true;
      if (!request.url.endsWith("?here")) return false;
      sendBlob(before, request.range, response);
      return true;
    };
    assert.deepEqual(await read(image), bytes);
    assert.equal(
      asked().every(({ authorization }) => authorization !== undefined),
      true,
    );
  });

  it("answers no challenge of a server that it was redirected to", async () => {
    const secured = pullerWith({ registries: { [server.host]: { username: "ann", password: "s3cret" } } });
    server.intercept = ({ url }, response) => {
      if (!url.includes(blob.digest)) return false;
      response.writeHead(307, { location: `${storage.url}${url}` }).end();
      return true;
    };
    storage.intercept = (_, response) => {
      refuse(response, 401, "UNAUTHORIZED", { "www-authenticate": 'Basic realm="storage"' });
      return true;
    };
    const image = await secured.registry.find(`${server.host}/acme/web:v1`, undefined, options);
    assert.equal((await failureOf(read(image))).code, "REGISTRY_UNAUTHORIZED");
    assert.deepEqual(
      [...asked(), ...storage.asked].map(({ authorization }) => authorization),
      [undefined, undefined],
    );
  });

  it("gives up on endless redirects", async () => {
    server.intercept = ({ url }, response) => {
      if (!url.includes(blob.digest)) return false;
      response.writeHead(307, { location: url }).end();
      return true;
    };
    assert.match((await failureOf(read())).message, /redirects again and again/);
  });

  it("repeats passing failures, and waits as long as it is asked to", async () => {
    let times = 0;
    server.intercept = ({ url }, response) => {
      times += 1;
      if (!url.includes(blob.digest) || times > 2) return false;
      refuse(response, times === 1 ? 503 : 429, "UNAVAILABLE", { "retry-after": "0" });
      return true;
    };
    assert.deepEqual(await read(), bytes);
    assert.equal(asked().length, 3);
  });
});
