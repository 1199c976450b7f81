import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type http from "node:http";
import { gzipSync } from "node:zlib";
import type { Descriptor } from "../../../../provider/oci/content.js";
import { type Asked, refuse } from "../../../support/servers/pullRegistry.js";
import {
  failsWithoutLoss,
  type HostileArchives,
  rewrites,
  startHostileArchives,
} from "../../../support/worlds/hostileArchives.js";

const bytes = randomBytes(300_000);

type Misbehaviour = (asked: Asked, response: http.ServerResponse) => void;

const fromOf = ({ range }: Asked) => Number(/=(\d+)-/.exec(range ?? "")?.[1] ?? 0);

/** The rest of the blob with right headers, of which only so many bytes come. */
function sendPart(asked: Asked, response: http.ServerResponse, count: number): void {
  const from = fromOf(asked);
  const part = { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(from === 0 ? 200 : 206, { "content-length": bytes.length - from, ...part });
  const piece = bytes.subarray(from, from + count);
  response.write(piece, () =>
    from + count < bytes.length ? setTimeout(() => response.socket?.resetAndDestroy(), 5) : response.end(),
  );
}

/** Past Node's server, which would never send this. */
function sendRaw(response: http.ServerResponse, head: string, body: Buffer | string = bytes): void {
  response.socket?.write(`HTTP/1.1 ${head}\r\n\r\n`);
  response.socket?.end(body);
}

/** To another name of this machine, and so to another server. */
function redirect(response: http.ServerResponse, { host = "" }: Asked, path: string): void {
  response.writeHead(307, { location: `http://localhost:${host.split(":")[1]}${path}` }).end();
}

function atFirst(misbehave: Misbehaviour): Misbehaviour {
  let times = 0;
  return (asked, response) => {
    if (times++ === 0) misbehave(asked, response);
    else sendPart(asked, response, bytes.length);
  };
}

/** Only the deadline ends it: 3 s, while the others fail by themselves, however busy the machine is. */
const endless = "comes byte by byte";

/** Of a blob: these fail with this, */
const failing: readonly (readonly [string, Misbehaviour, RegExp])[] = [
  [
    "is compressed",
    (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(bytes)),
    /Content-Encoding: gzip.*REGISTRY_CORRUPT/,
  ],
  [
    "has a length that is too small",
    (_, response) => sendRaw(response, "200 OK\r\ncontent-length: 1000"),
    /only 1000 of its 300000 bytes came.*REGISTRY_CORRUPT/,
  ],
  [
    "has a length that is none",
    (_, response) => sendRaw(response, "200 OK\r\ncontent-length: abc"),
    /does not match the HTTP.*REGISTRY_UNREACHABLE/,
  ],
  [
    "has two lengths",
    (_, response) => sendRaw(response, "200 OK\r\ncontent-length: 300000\r\ncontent-length: 10"),
    /content-length.*REGISTRY_UNREACHABLE/,
  ],
  [
    "is no HTTP",
    (_, response) => response.socket?.end("SSH-2.0-OpenSSH\r\n"),
    /does not match the HTTP.*REGISTRY_UNREACHABLE/,
  ],
  [
    "has endless headers",
    (_, response) => sendRaw(response, `200 OK\r\nx: ${"x".repeat(1e6)}`),
    /Headers Overflow.*REGISTRY_UNREACHABLE/,
  ],
  ["is no content", (_, response) => response.writeHead(204).end(), /HTTP 204.*REGISTRY_ERROR/],
  [
    "is a part of nobody knows where",
    (_, response) => response.writeHead(206).end(bytes),
    /another range.*REGISTRY_ERROR/,
  ],
  [
    "is always cut at the same byte",
    (asked, response) => sendPart(asked, response, Math.max(0, 200_000 - fromOf(asked))),
    /connection was cut.*REGISTRY_UNREACHABLE/,
  ],
  [
    "has bytes at its end",
    (_, response) => response.end(Buffer.concat([bytes, bytes])),
    /more than its 300000 bytes.*REGISTRY_CORRUPT/,
  ],
  [
    "is a login page",
    (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
    /HTML page.*REGISTRY_CORRUPT/,
  ],
  [
    "is gone",
    (_, response) => refuse(response, 404, "BLOB_UNKNOWN"),
    /does not have \(any more\).*REGISTRY_NOT_FOUND/,
  ],
  [
    "is for somebody else",
    (_, response) => refuse(response, 401, "UNAUTHORIZED", { "www-authenticate": 'Basic realm="x"' }),
    /No credentials.*REGISTRY_UNAUTHORIZED/,
  ],
  [
    "is refused without a challenge",
    (_, response) => refuse(response, 401, "UNAUTHORIZED"),
    /podman login.*REGISTRY_UNAUTHORIZED/,
  ],
  ["fails for ever", (_, response) => refuse(response, 500, "UNKNOWN"), /HTTP 500 UNKNOWN.*REGISTRY_ERROR/],
  [
    "is limited for years",
    (_, response) => refuse(response, 429, "TOOMANYREQUESTS", { "retry-after": "999999999" }),
    /limits how often.*REGISTRY_RATE_LIMITED/,
  ],
  ["is never answered", () => undefined, /stopped answering.*REGISTRY_UNREACHABLE/],
  [endless, (_, response) => dribble(response), /took longer than 3 s.*DEADLINE_EXCEEDED/],
  [
    "is redirected nowhere",
    (_, response) => response.writeHead(307).end(),
    /HTTP 307, a redirect.*REGISTRY_ERROR/,
  ],
  [
    "is redirected to a file",
    (_, response) => response.writeHead(307, { location: "file:///etc/passwd" }).end(),
    /no web address.*REGISTRY_ERROR/,
  ],
  [
    "is redirected to nonsense",
    (_, response) => response.writeHead(307, { location: "http://[::1" }).end(),
    /no web address.*REGISTRY_ERROR/,
  ],
  [
    "is redirected to where nobody is",
    (_, response) => response.writeHead(307, { location: "http://127.0.0.1:1/x?signature=s3cret" }).end(),
    /127\.0\.0\.1:1 cannot be reached(?!.*s3cret).*REGISTRY_UNREACHABLE/,
  ],
  [
    "is redirected to and fro",
    (asked, response) => {
      const host = asked.host?.startsWith("localhost") === true ? "127.0.0.1" : "localhost";
      response.writeHead(307, { location: `http://${host}:${asked.host?.split(":")[1]}${asked.url}` }).end();
    },
    /redirects again and again.*REGISTRY_ERROR/,
  ],
  [
    "is redirected to where it has expired",
    (asked, response) =>
      asked.url.startsWith("/v2/")
        ? redirect(response, asked, `/stored${asked.url}`)
        : response.writeHead(403).end("<Error>Request has expired</Error>"),
    /localhost:\d+, where 127.* redirects to, answered HTTP 403: <Error>Request has expired.*REGISTRY_UNAUTHORIZED/,
  ],
];

/** and these do no harm. */
const harmless: readonly (readonly [string, () => Misbehaviour])[] = [
  [
    "is only called compressed",
    () => (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(bytes),
  ],
  [
    "has a length that is too big",
    () => (_, response) => sendRaw(response, "200 OK\r\ncontent-length: 400000"),
  ],
  ["is reset at every tenth", () => (asked, response) => sendPart(asked, response, 30_000)],
  [
    "has a part that was not asked for",
    () =>
      atFirst((_, response) =>
        response.writeHead(206, { "content-range": "bytes 0-999/300000" }).end(bytes.subarray(0, 1000)),
      ),
  ],
  ["fails once", () => atFirst((_, response) => refuse(response, 503, "UNAVAILABLE"))],
  [
    "is limited until a date",
    () =>
      atFirst((_, response) =>
        refuse(response, 429, "TOOMANYREQUESTS", {
          "retry-after": new Date(Date.now() + 1000).toUTCString(),
        }),
      ),
  ],
  [
    "is limited in words",
    () => atFirst((_, response) => refuse(response, 429, "TOOMANYREQUESTS", { "retry-after": "soon; -5" })),
  ],
  [
    "is redirected with a password",
    () => (asked, response) => {
      assert.equal(asked.url.startsWith("/stored") ? asked.authorization : undefined, undefined);
      if (asked.url.startsWith("/stored")) sendPart(asked, response, bytes.length);
      else
        response
          .writeHead(307, {
            location: `http://ann:s3cret@localhost:${asked.host?.split(":")[1]}/stored${asked.url}`,
          })
          .end();
    },
  ],
];

function dribble(response: http.ServerResponse): void {
  response.writeHead(200, { "content-length": bytes.length });
  let sent = 0;
  const timer = setInterval(() => {
    if (response.destroyed) clearInterval(timer);
    else response.write(bytes.subarray(sent, (sent += 1)));
  }, 50);
}

describe("ImageArchive of a registry whose blob", function () {
  this.timeout(20_000);
  let archives: HostileArchives;
  let layer: Descriptor;
  const args = (update = 15) => archives.args({ timeouts: { update } });

  beforeEach(async () => {
    archives = await startHostileArchives({ idleMs: 300 });
    archives.server.shelf.image("acme/web:v1");
  });
  afterEach(() => archives.close());

  /** The image moves, and its new layer is answered like this. */
  const moved = (answer: Misbehaviour) => {
    layer = archives.server.shelf.blob(bytes);
    archives.server.shelf.image("acme/web:v1", undefined, { layers: [layer] });
    archives.server.intercept = (asked, response) => {
      if (!asked.url.includes(layer.digest)) return false;
      answer(asked, response);
      return true;
    };
  };

  for (const [what, answer, message] of failing) {
    it(`${what} leaves the old file as it is`, () =>
      failsWithoutLoss(archives, args(what === endless ? 3 : undefined), {
        message,
        prepare: () => moved(answer),
        repair: () => undefined,
      }));
  }

  for (const [what, answer] of harmless) {
    it(`${what} gets into a new file all the same`, () => rewrites(archives, args(), () => moved(answer())));
  }
});
