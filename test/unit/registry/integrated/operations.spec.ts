import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { TokenSource } from "../../../../provider/http/credentials.js";
import { withDeadline } from "../../../../provider/support/async/abortable.js";
import { ImageError } from "../../../../provider/support/imageError.js";
import { never } from "../../../support/clients/cluster.js";
import type { Answer } from "../../../support/servers/scripted.js";
import {
  apiVersion,
  challenge,
  failureOf,
  fault,
  openRegistry,
  type RegistryServer,
  serveRegistry,
  serveRegistryBy,
} from "../../../support/servers/scriptedRegistry.js";

const key = { namespace: "shop", name: "web" };
const options = { signal: never };
const digest = `sha256:${"a".repeat(64)}`;
const deleted: Answer = { status: 202, headers: apiVersion, body: "" };
const accessDenied = challenge('Basic realm=openshift,error="access denied"');

/** Tokens that follow each other as they are refused. */
function rotating(...tokens: readonly string[]): TokenSource {
  let current = 0;
  return {
    token: () => Promise.resolve(tokens[current] ?? ""),
    renew: () => {
      current += 1;
      return Promise.resolve(current < tokens.length);
    },
  };
}

describe("integratedRegistry", () => {
  let server: RegistryServer | undefined;
  const serve = async (...answers: readonly Answer[]) => {
    server = await serveRegistry(...answers);
    return server;
  };
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  describe("repeats", () => {
    for (const [name, first] of [
      ["429", { status: 429, body: "slow down" }],
      ["500", fault(500, "UNKNOWN", {})],
      ["502", { status: 502, body: "" }],
      ["503", { status: 503, body: "<html><title>Application is not available</title></html>" }],
      ["504", { status: 504, body: "" }],
      ["a cut connection", { cut: true }],
    ] as const) {
      it(`a deletion after ${name}`, async () => {
        const { candidate, asked } = await serve(first, deleted);
        const registry = await openRegistry(candidate);
        assert.equal(await registry.deleteBlob(digest, options), "deleted");
        assert.equal(asked().length, 2);
      });
    }

    it("a request as often as configured, and then quotes the answer", async () => {
      const { candidate, asked } = await serve(fault(503, "UNAVAILABLE"));
      const registry = await openRegistry(candidate);
      const error = await failureOf(registry.deleteBlob(digest, options));
      assert.equal(error.code, "REGISTRY_ERROR");
      assert.match(
        error.message,
        /^Cannot delete blob sha256:a{64} from the registry: http:\S+ answered HTTP 503 UNAVAILABLE: this is/,
      );
      assert.equal(asked().length, 3);
    });

    it("a request after a cut connection as often, and then reports the cut", async () => {
      const { candidate, asked } = await serve({ cut: true });
      const registry = await openRegistry(candidate);
      const error = await failureOf(registry.deleteManifestLink(key, digest, options));
      assert.equal(error.code, "REGISTRY_UNREACHABLE");
      assert.match(error.message, /cannot be reached: the connection was cut/);
      assert.equal(asked().length, 3);
    });

    it("no request when the registry asks for too long a wait", async () => {
      const { candidate, asked } = await serve({ status: 429, headers: { "retry-after": "3600" }, body: "" });
      const registry = await openRegistry(candidate);
      await failureOf(registry.deleteBlob(digest, options));
      assert.equal(asked().length, 1);
    });

    it("no request whose answer says that the link of a layer is gone", async () => {
      const path = `/docker/registry/v2/repositories/shop/web/_layers/${digest.replace(":", "/")}/link`;
      const { candidate, asked } = await serve(fault(500, "UNKNOWN", { Path: path, DriverName: "s3aws" }));
      const registry = await openRegistry(candidate);
      assert.equal(await registry.deleteLayerLink(key, digest, options), "absent");
      assert.equal(asked().length, 1);
    });
  });

  it("takes a missing link for absence only of that very layer, and only of a layer", async () => {
    const path = `/docker/registry/v2/repositories/shop/web/_layers/sha256/${"b".repeat(64)}/link`;
    const { candidate } = await serve(fault(500, "UNKNOWN", { Path: path }));
    const registry = await openRegistry(candidate);
    const error = await failureOf(registry.deleteLayerLink(key, digest, options));
    assert.equal(error.code, "REGISTRY_ERROR");
    assert.match(error.message, /_layers\/sha256\/bbb/);
    const other = `sha256:${"b".repeat(64)}`;
    assert.equal((await failureOf(registry.deleteManifestLink(key, other, options))).code, "REGISTRY_ERROR");
    assert.equal(await registry.deleteLayerLink(key, other, options), "absent");
  });

  it("takes no 404 of a router for absence", async () => {
    const page = "<html><h1>Not Found</h1></html>";
    const { candidate } = await serve({ status: 404, headers: { "content-type": "text/html" }, body: page });
    const registry = await openRegistry(candidate);
    const work = [
      registry.deleteBlob(digest, options),
      registry.deleteLayerLink(key, digest, options),
      registry.deleteManifestLink(key, digest, options),
      registry.hasBlob(key, digest, options),
      registry.readManifest(key, digest, options),
      registry.preflight(options),
    ];
    for (const error of await Promise.all(work.map(failureOf))) assert.equal(error.code, "REGISTRY_ERROR");
    assert.match((await failureOf(registry.deleteBlob(digest, options))).message, /HTTP 404, an HTML page/);
  });

  const odd: readonly (readonly [name: string, answer: Answer, says: RegExp])[] = [
    ["200", { body: "{}" }, /answered HTTP 200: \{\}/],
    ["a redirect", { status: 302, headers: { location: "/login" }, body: "" }, /HTTP 302, a redirect/],
    ["another 405", { status: 405, body: "nope" }, /HTTP 405: nope/],
    ["errors that are none", { status: 400, body: { errors: "x" } }, /HTTP 400: \{"errors":"x"\}/],
    ["null", { status: 400, body: "null" }, /HTTP 400: null/],
  ];
  for (const [name, answer, says] of odd) {
    it(`never says deleted or writable after ${name}`, async () => {
      const { candidate } = await serve(answer);
      const registry = await openRegistry(candidate);
      const work = [registry.deleteBlob(digest, options), registry.preflight(options)];
      for (const error of await Promise.all(work.map(failureOf))) {
        assert.equal(error.code, "REGISTRY_ERROR");
        assert.match(error.message, says);
      }
    });
  }

  describe("preflight", () => {
    it("asks in the given repository", async () => {
      const { candidate, asked } = await serve(fault(404, "BLOB_UNKNOWN"));
      const registry = await openRegistry(candidate);
      await registry.preflight({ ...options, repository: key });
      assert.deepEqual(
        asked().map(({ method, url }) => `${method} ${url}`),
        [`DELETE /v2/shop/web/blobs/sha256:${"0".repeat(64)}`],
      );
    });

    it("does not accept a 404 from before the check for read-only mode", async () => {
      const { candidate } = await serve(fault(404, "NAME_UNKNOWN"));
      const registry = await openRegistry(candidate);
      assert.equal((await failureOf(registry.preflight(options))).code, "REGISTRY_ERROR");
    });

    it("tells read-only mode, switched-off deleting and a missing right apart", async () => {
      const { candidate } = await serve(
        { status: 405, headers: apiVersion, body: "Method not allowed\n" },
        fault(405, "UNSUPPORTED"),
        fault(403, "DENIED"),
      );
      const registry = await openRegistry(candidate);
      const readOnly = await failureOf(registry.preflight(options));
      assert.equal(readOnly.code, "REGISTRY_READ_ONLY");
      assert.match(readOnly.message, /read-only mode.*spec\.readOnly: false/);
      const disabled = await failureOf(registry.preflight(options));
      assert.equal(disabled.code, "REGISTRY_DELETE_DISABLED");
      assert.match(disabled.message, /REGISTRY_STORAGE_DELETE_ENABLED=true.*pruneRegistry: false/);
      const denied = await failureOf(registry.preflight(options));
      assert.equal(denied.code, "REGISTRY_UNAUTHORIZED");
      assert.match(
        denied.message,
        /delete images\.image\.openshift\.io at cluster scope.*role system:image-pruner has: oc adm policy/,
      );
    });
  });

  it("reports that a manifest in use is kept", async () => {
    const { candidate } = await serve(fault(405, "UNSUPPORTED"));
    const registry = await openRegistry(candidate);
    const error = await failureOf(registry.deleteManifestLink(key, digest, options));
    assert.equal(error.code, "REGISTRY_STILL_REFERENCED");
    assert.match(
      error.message,
      /^Cannot delete the link to manifest sha256:a{64} from shop\/web in the registry: /,
    );
    assert.match(error.message, /still refers to it/);
  });

  it("encodes names in paths", async () => {
    const { candidate, asked } = await serve(deleted);
    const registry = await openRegistry(candidate);
    await registry.deleteBlob("tarsum.dev+sha256:ab/../c?d", options);
    assert.equal(asked()[0]?.url, "/admin/blobs/tarsum.dev%2Bsha256:ab%2F..%2Fc%3Fd");
  });

  describe("authentication", () => {
    it("sends the token as a password when only Basic is offered, and remembers it", async () => {
      const basic = `Basic ${Buffer.from("pulumi:t0ken").toString("base64")}`;
      server = await serveRegistryBy(({ headers }) =>
        headers.authorization === basic ? deleted : challenge("Basic realm=openshift"),
      );
      const registry = await openRegistry(server.candidate);
      await registry.deleteBlob(digest, options);
      await registry.deleteBlob(digest, options);
      assert.deepEqual(
        server.asked().map(({ headers }) => headers.authorization),
        ["Bearer t0ken", basic, basic],
      );
    });

    it("keeps Bearer once it has worked", async () => {
      const { candidate, asked } = await serve(deleted, accessDenied);
      const registry = await openRegistry(candidate);
      await registry.deleteBlob(digest, options);
      assert.equal((await failureOf(registry.deleteBlob(digest, options))).code, "REGISTRY_UNAUTHORIZED");
      assert.ok(asked().every(({ headers }) => headers.authorization === "Bearer t0ken"));
    });

    it("does not send the token as a password where Bearer is offered", async () => {
      const { candidate, asked } = await serve(challenge('Bearer realm="https://r/openshift/token"'));
      const registry = await openRegistry(candidate);
      await failureOf(registry.deleteBlob(digest, options));
      assert.equal(asked().length, 1);
    });

    it("repeats a request with a renewed token", async () => {
      server = await serveRegistryBy(({ headers }) =>
        headers.authorization === "Bearer fresh" ? deleted : accessDenied,
      );
      const registry = await openRegistry(server.candidate, { credentials: rotating("stale", "fresh") });
      assert.equal(await registry.deleteBlob(digest, options), "deleted");
      assert.equal(server.asked().at(-1)?.headers.authorization, "Bearer fresh");
    });

    it("renews once for a request, and names the right that may be missing", async () => {
      const { candidate, asked } = await serve(accessDenied);
      const registry = await openRegistry(candidate, { credentials: rotating("one", "two", "three") });
      const error = await failureOf(registry.readManifest(key, digest, options));
      assert.equal(error.code, "REGISTRY_UNAUTHORIZED");
      assert.match(
        error.message,
        /get imagestreams\/layers in namespace shop.*system:image-puller USER -n shop/,
      );
      assert.ok(asked().every(({ headers }) => headers.authorization !== "Bearer three"));
      assert.doesNotMatch(error.message, /one|two/);
    });

    it("reports why there is no token, and sends no request", async () => {
      const { candidate, asked } = await serve(deleted);
      const cause = new ImageError("CONNECTION_INVALID", "no token");
      const credentials = { ...rotating("x"), token: () => Promise.reject(cause) };
      const registry = await openRegistry(candidate, { credentials });
      assert.equal(await failureOf(registry.deleteBlob(digest, options)), cause);
      assert.equal(asked().length, 0);
    });
  });

  it("gives up when the signal fires, with its reason", async () => {
    const { candidate } = await serve({ stall: true });
    const registry = await openRegistry(candidate);
    const late = await failureOf(registry.deleteBlob(digest, { signal: withDeadline(never, 50, "the run") }));
    assert.equal(late.code, "DEADLINE_EXCEEDED");
    const cancelled = new AbortController();
    const work = registry.deleteBlob(digest, { signal: cancelled.signal });
    cancelled.abort();
    assert.equal((await failureOf(work)).code, "CANCELLED");
  });

  it("gives up at its own time limit", async () => {
    const { candidate, asked } = await serve({ stall: true });
    const registry = await openRegistry(candidate, { timeouts: { requestMs: 400 } });
    const error = await failureOf(registry.deleteBlob(digest, options));
    assert.equal(error.code, "REGISTRY_UNREACHABLE");
    assert.match(error.message, /did not answer within 0\.4 s/);
    assert.equal(asked().length, 1);
  });

  it("knows whether a repository has a blob", async () => {
    const { candidate, asked } = await serve(
      { headers: apiVersion, body: "" },
      { status: 307, headers: { ...apiVersion, location: "https://storage.example.com/x" }, body: "" },
      { status: 404, headers: apiVersion, body: "" },
      { status: 401, headers: apiVersion, body: "" },
    );
    const registry = await openRegistry(candidate);
    assert.equal(await registry.hasBlob(key, digest, options), true);
    assert.equal(await registry.hasBlob(key, digest, options), true);
    assert.equal(await registry.hasBlob(key, digest, options), false);
    assert.equal((await failureOf(registry.hasBlob(key, digest, options))).code, "REGISTRY_UNAUTHORIZED");
    assert.equal(asked()[0]?.method, "HEAD");
    assert.equal(asked()[0]?.url, `/v2/shop/web/blobs/${digest}`);
  });

  describe("readManifest", () => {
    const ociManifest = "application/vnd.oci.image.manifest.v1+json";
    const ociIndex = "application/vnd.oci.image.index.v1+json";
    const item = (letter: string, size = 7) => ({
      mediaType: "application/octet-stream",
      digest: `sha256:${letter.repeat(64)}`,
      size,
    });
    const read = async (text: string, type: string, asked = digestOf(text)) => {
      const { candidate } = await serve({ headers: { ...apiVersion, "content-type": type }, body: text });
      const registry = await openRegistry(candidate);
      return await registry.readManifest(key, asked, options);
    };
    const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

    it("knows layers and config, also of an OCI manifest that does not name its own type", async () => {
      const text = JSON.stringify({ schemaVersion: 2, config: item("c"), layers: [item("1"), item("2", 9)] });
      assert.deepEqual(await read(text, `${ociManifest}; charset=utf-8`), {
        mediaType: ociManifest,
        layers: [item("1"), item("2", 9)],
        config: item("c"),
        manifests: [],
      });
    });

    it("knows the manifests of an index", async () => {
      const text = JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests: [item("a")] });
      assert.deepEqual(await read(text, ociIndex), {
        mediaType: ociIndex,
        layers: [],
        config: undefined,
        manifests: [item("a")],
      });
      assert.equal(
        server?.asked()[0]?.headers.accept,
        "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, " +
          "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json",
      );
    });

    const refused: readonly (readonly [name: string, text: string, type: string, says: RegExp])[] = [
      [
        "schema 1",
        '{"schemaVersion":1}',
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
        /schema 1/,
      ],
      ["something else", "<html>", "text/html", /is not a JSON object/],
      ["an artifact", "{}", "application/spdx+json", /of a type that is no image: "application\/spdx\+json"/],
      ["no layers", JSON.stringify({ config: item("c") }), ociManifest, /is no image but an artifact/],
      ["no config", JSON.stringify({ layers: [] }), ociManifest, /no well-formed config/],
      [
        "a layer without digest",
        JSON.stringify({ config: item("c"), layers: [{ size: 1 }] }),
        ociManifest,
        /no well-formed config and layers/,
      ],
      [
        "a layer of a size below nothing",
        JSON.stringify({ config: item("c"), layers: [item("1", -1)] }),
        ociManifest,
        /no well-formed config and layers/,
      ],
      [
        "an index that is an image too",
        JSON.stringify({ config: item("c"), layers: [], manifests: [] }),
        ociIndex,
        /is an index and an image at the same time/,
      ],
      ["an index without manifests", "{}", ociIndex, /no well-formed list of manifests/],
      ["null", "null", ociManifest, /is not a JSON object/],
    ];
    for (const [name, text, type, says] of refused) {
      it(`refuses ${name}`, async () => {
        const error = await failureOf(read(text, type));
        assert.equal(error.code, "REGISTRY_ERROR");
        assert.match(error.message, says);
      });
    }

    it("refuses a manifest with another digest", async () => {
      const text = JSON.stringify({ config: item("c"), layers: [] });
      const error = await failureOf(read(text, ociManifest, digest));
      assert.equal(error.code, "REGISTRY_ERROR");
      assert.match(error.message, new RegExp(`read manifest ${digest} of shop/web.*has the digest sha256:`));
    });

    it("reads no more than 4 MiB", async () => {
      const error = await failureOf(read(" ".repeat(4 * 1024 * 1024 + 1), ociManifest));
      assert.equal(error.code, "REGISTRY_ERROR");
      assert.match(error.message, /longer than 4194304 bytes/);
    });
  });
});
