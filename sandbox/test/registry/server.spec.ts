import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { SandboxRegistry } from "okd-image-sandbox";
import { Agent, request } from "undici";
import { withSandbox } from "../client.js";

const ociManifest = "application/vnd.oci.image.manifest.v1+json";
const dockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

function sha256(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

describe("the sandbox's registries", () => {
  const open = withSandbox();
  let registry: SandboxRegistry;
  const send = (
    method: Method,
    path: string,
    headers: Record<string, string> = {},
    body?: Buffer,
  ): Promise<Answer> => sendTo(`${registry.url}${path}`, method, headers, body);

  before(() => {
    registry = open().sandbox.registry();
  });

  it("publishes the same digest for the same arguments", () => {
    const first = registry.publishImage("demo/same", "a", { content: "x", layers: 2 });
    const second = registry.publishImage("demo/other", "b", { content: "x", layers: 2 });
    assert.equal(second.digest, first.digest);
    assert.notEqual(
      registry.publishImage("demo/same", "c", { content: "y", layers: 2 }).digest,
      first.digest,
    );
  });

  it("serves a manifest by tag and by digest, with its digest in the header", async () => {
    const { digest } = registry.publishImage("demo/get", "v1");
    for (const id of ["v1", digest]) {
      const answer = await send("GET", `/v2/demo/get/manifests/${id}`, { accept: ociManifest });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers["docker-content-digest"], digest);
      assert.equal(sha256(answer.body), digest);
    }
    const head = await send("HEAD", "/v2/demo/get/manifests/v1", { accept: ociManifest });
    assert.equal(head.headers["docker-content-digest"], digest);
    assert.equal(head.body.length, 0);
  });

  it("sends OCI manifests only to clients that accept them, and old clients the amd64 child of a Docker list", async () => {
    registry.publishImage("demo/accept", "oci");
    assert.equal((await send("GET", "/v2/demo/accept/manifests/oci")).status, 404);
    const list = registry.publishIndex("demo/accept", "list", platforms, { docker: true });
    const old = await send("GET", "/v2/demo/accept/manifests/list");
    assert.equal(old.headers["docker-content-digest"], list.children[0]?.digest);
    const young = await send("GET", "/v2/demo/accept/manifests/list", { accept: dockerList });
    assert.equal(young.headers["docker-content-digest"], list.digest);
  });

  it("serves blobs and ranges of blobs", async () => {
    const { layerDigests } = registry.publishImage("demo/blob", "v1");
    const path = `/v2/demo/blob/blobs/${layerDigests[0] ?? ""}`;
    const { body } = await send("GET", path);
    assert.equal(sha256(body), layerDigests[0]);
    const part = await send("GET", path, { range: "bytes=10-19" });
    assert.equal(part.status, 206);
    assert.equal(part.headers["content-range"], `bytes 10-19/${body.length}`);
    assert.deepEqual(part.body, body.subarray(10, 20));
    assert.equal((await send("GET", path, { range: `bytes=${body.length}-` })).status, 416);
  });

  it("accepts blobs whole and in chunks, and refuses a wrong digest", async () => {
    const content = Buffer.from("some layer");
    const whole = await send("POST", `/v2/demo/push/blobs/uploads/?digest=${sha256(content)}`, {}, content);
    assert.equal(whole.status, 201);
    const started = await send("POST", "/v2/demo/push/blobs/uploads/");
    assert.equal(started.status, 202);
    const location = new URL(String(started.headers["location"])).pathname;
    const first = await send("PATCH", location, { "content-range": "0-4" }, content.subarray(0, 5));
    assert.equal(first.headers["range"], "0-4");
    assert.equal(
      (await send("PATCH", location, { "content-range": "7-9" }, content.subarray(7))).status,
      416,
    );
    assert.equal(
      (await send("PUT", `${location}?digest=sha256:${"0".repeat(64)}`, {}, content.subarray(5))).status,
      400,
    );
    const finished = await send("PUT", `${location}?digest=${sha256(content)}`, {}, content.subarray(5));
    assert.equal(finished.status, 201);
    assert.deepEqual((await send("GET", `/v2/demo/push/blobs/${sha256(content)}`)).body, content);
  });

  it("mounts a blob of another repository", async () => {
    const { layerDigests } = registry.publishImage("demo/source", "v1");
    const [digest = ""] = layerDigests;
    const mounted = await send("POST", `/v2/demo/target/blobs/uploads/?mount=${digest}&from=demo/source`);
    assert.equal(mounted.status, 201);
    assert.equal((await send("HEAD", `/v2/demo/target/blobs/${digest}`)).status, 200);
  });

  it("refuses a manifest whose blobs are missing", async () => {
    const { digest } = registry.publishImage("demo/whole", "v1");
    const manifest = registry.store.manifest("demo/whole", digest)?.content;
    assert.equal(
      (await send("PUT", "/v2/demo/torn/manifests/v1", { "content-type": ociManifest }, manifest)).status,
      404,
    );
  });

  it("lists tags in pages", async () => {
    for (const tag of ["a", "b", "c"]) registry.publishImage("demo/tags", tag);
    const first = await send("GET", "/v2/demo/tags/tags/list?n=2");
    assert.deepEqual(JSON.parse(first.body.toString()), { name: "demo/tags", tags: ["a", "b"] });
    const next = /<([^>]+)>/.exec(String(first.headers["link"]))?.[1] ?? "";
    assert.deepEqual(JSON.parse((await send("GET", next)).body.toString()), {
      name: "demo/tags",
      tags: ["c"],
    });
    assert.equal((await send("GET", "/v2/demo/nothing/tags/list")).status, 404);
  });

  it("moves and deletes tags, and deletes manifests only by digest", async () => {
    const first = registry.publishImage("demo/move", "v1");
    const second = registry.publishImage("demo/move", "v2");
    registry.moveTag("demo/move", "v1", "v2");
    const moved = await send("HEAD", "/v2/demo/move/manifests/v1", { accept: ociManifest });
    assert.equal(moved.headers["docker-content-digest"], second.digest);
    registry.deleteTag("demo/move", "v1");
    assert.equal((await send("HEAD", "/v2/demo/move/manifests/v1", { accept: ociManifest })).status, 404);
    assert.equal((await send("DELETE", "/v2/demo/move/manifests/v2")).status, 405);
    assert.equal((await send("DELETE", `/v2/demo/move/manifests/${first.digest}`)).status, 202);
    assert.equal((await send("DELETE", `/v2/demo/move/manifests/${first.digest}`)).status, 404);
  });
});

const user = { username: "puller", password: "s3cret" };
const basic = `Basic ${Buffer.from("puller:s3cret").toString("base64")}`;

describe("the sandbox's registries with a login", () => {
  const open = withSandbox(() => ({
    registries: {
      basic: { protocol: "https", authentication: { scheme: "basic", ...user } },
      token: { authentication: { scheme: "token", ...user } },
      public: { authentication: { scheme: "token", ...user, anonymousPull: true } },
    },
  }));

  it("a registry with Basic sends a challenge, then accepts its user", async () => {
    const { sandbox } = open();
    const url = `${sandbox.registry("basic").url}/v2/`;
    const dispatcher = new Agent({ connect: { ca: sandbox.certificateAuthority } });
    const refused = await sendTo(url, "GET", {}, undefined, dispatcher);
    assert.equal(refused.status, 401);
    assert.equal(refused.headers["www-authenticate"], 'Basic realm="sandbox"');
    assert.equal((await sendTo(url, "GET", { authorization: basic }, undefined, dispatcher)).status, 200);
    await dispatcher.close();
  });

  it("a token is valid for its scope until it is revoked", async () => {
    const registry = open().sandbox.registry("token");
    registry.publishImage("demo/app", "v1");
    const path = `${registry.url}/v2/demo/app/tags/list`;
    const challenge = String((await sendTo(path, "GET")).headers["www-authenticate"]);
    assert.match(
      challenge,
      /^Bearer realm="http:\/\/127\.0\.0\.1:\d+\/token",service="sandbox-registry",scope="repository:demo\/app:pull"$/,
    );
    const token = await tokenOf(`${registry.url}/token?scope=repository:demo/app:pull`, {
      authorization: basic,
    });
    assert.equal((await sendTo(path, "GET", { authorization: `Bearer ${token}` })).status, 200);
    const other = await sendTo(`${registry.url}/v2/demo/other/tags/list`, "GET", {
      authorization: `Bearer ${token}`,
    });
    assert.match(String(other.headers["www-authenticate"]), /error="insufficient_scope"/);
    registry.revokeTokens();
    assert.equal((await sendTo(path, "GET", { authorization: `Bearer ${token}` })).status, 401);
  });

  it("an anonymous token pulls where that is allowed, and never pushes", async () => {
    const registry = open().sandbox.registry("public");
    registry.publishImage("demo/app", "v1");
    const token = await tokenOf(`${registry.url}/token?scope=repository:demo/app:pull,push`, {});
    const authorization = `Bearer ${token}`;
    assert.equal(
      (await sendTo(`${registry.url}/v2/demo/app/tags/list`, "GET", { authorization })).status,
      200,
    );
    assert.equal(
      (await sendTo(`${registry.url}/v2/demo/app/blobs/uploads/`, "POST", { authorization })).status,
      401,
    );
  });
});

async function tokenOf(url: string, headers: Record<string, string>): Promise<string> {
  const { body } = await sendTo(url, "GET", headers);
  return (JSON.parse(body.toString()) as { readonly token: string }).token;
}

async function sendTo(
  url: string,
  method: Method,
  headers: Record<string, string> = {},
  body?: Buffer,
  dispatcher?: Agent,
): Promise<Answer> {
  const answer = await request(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    ...(dispatcher === undefined ? {} : { dispatcher }),
  });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: Buffer.from(await answer.body.arrayBuffer()),
  };
}
