import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { clusterImportDiagnosis } from "../../../../provider/cluster/images/importDiagnosis.js";
import { clusterImageStreams } from "../../../../provider/cluster/images/streams.js";
import type { ImageStreams } from "../../../../provider/imports/ports.js";
import type { ImageImportSpec, ImageStream } from "../../../../provider/okd/imageStream.js";
import { type ErrorCode, hasCode } from "../../../../provider/support/imageError.js";
import { clientFor, never } from "../../../support/clients/cluster.js";
import {
  type Answer,
  failure,
  type Respond,
  startServer,
  type TestServer,
} from "../../../support/servers/scripted.js";

const root = path.dirname(require.resolve("pulumi-okd-images/package.json"));
const recorded = (name: string, status: number, headers = {}): Answer => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: readFileSync(path.join(root, "test/conformance/okd-api", name), "utf8"),
});

const key = { namespace: "shop", name: "web" };
const stream: ImageStream = {
  metadata: { ...key, uid: "u1", resourceVersion: "7" },
  spec: { tags: [{ name: "v1" }] },
};
const image: ImageImportSpec = {
  from: { kind: "DockerImage", name: "quay.io/acme/web:1" },
  to: { name: "v1" },
  importPolicy: { importMode: "Legacy" },
};
const options = { signal: never };
const base = "/apis/image.openshift.io/v1/namespaces/shop";

describe("clusterImageStreams", () => {
  let server: TestServer;
  let respond: Respond = () => ({});
  let streams: ImageStreams;
  before(async () => {
    server = await startServer((request, index) => respond(request, index));
    streams = clusterImageStreams(clientFor(server.url));
  });
  after(() => server.close());
  beforeEach(() => {
    server.seen.length = 0;
    respond = () => ({});
  });

  describe("sends", () => {
    const requests: readonly {
      readonly name: string;
      readonly run: () => Promise<unknown>;
      readonly line: string;
      readonly body?: object;
    }[] = [
      { name: "getStream", run: () => streams.getStream(key, options), line: `GET ${base}/imagestreams/web` },
      {
        name: "createStream",
        run: () => streams.createStream(stream, options),
        line: `POST ${base}/imagestreams`,
        body: { apiVersion: "image.openshift.io/v1", kind: "ImageStream", ...stream },
      },
      {
        name: "createStream as a dry run",
        run: () => streams.createStream(stream, { ...options, dryRun: true }),
        line: `POST ${base}/imagestreams?dryRun=All`,
      },
      {
        name: "replaceStream",
        run: () => streams.replaceStream(stream, options),
        line: `PUT ${base}/imagestreams/web`,
        body: { apiVersion: "image.openshift.io/v1", kind: "ImageStream", ...stream },
      },
      {
        name: "deleteStream",
        run: () => streams.deleteStream(key, { uid: "u1", resourceVersion: "7" }, options),
        line: `DELETE ${base}/imagestreams/web`,
        body: { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid: "u1", resourceVersion: "7" } },
      },
      {
        name: "deleteTag",
        run: () => streams.deleteTag(key, "v1.0_a", { uid: "u1" }, options),
        line: `DELETE ${base}/imagestreamtags/web%3Av1.0_a`,
        body: { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid: "u1" } },
      },
      {
        name: "importImages",
        run: () => streams.importImages(key, [], { ...options, store: true }),
        line: `POST ${base}/imagestreamimports?timeout=60s`,
        body: {
          apiVersion: "image.openshift.io/v1",
          kind: "ImageStreamImport",
          metadata: { name: "web", namespace: "shop" },
          spec: { import: true, images: [] },
        },
      },
    ];
    for (const { name, run, line, body } of requests) {
      it(name, async () => {
        await run();
        const [seen] = server.seen;
        assert.equal(`${seen?.method} ${seen?.url}`, line);
        if (body !== undefined) assert.deepEqual(JSON.parse(seen?.body ?? ""), body);
      });
    }
  });

  it("reads the rows of a recorded mixed import and its stream", async () => {
    const answer = recorded("isi-mixed-success-and-failures.response.json", 201);
    const { status } = JSON.parse(String(answer.body)) as { status: { images: unknown[]; import: object } };
    respond = () => answer;
    const images = status.images.map(() => image);
    const result = await streams.importImages(key, images, { ...options, store: true });
    assert.equal(result.images.length, images.length);
    assert.ok(result.images.some((row) => row.image === undefined));
    assert.ok(result.images.some((row) => row.image?.metadata.name.startsWith("sha256:")));
    assert.deepEqual(result.stream, status.import);
  });

  it("answers no stream for an import that stores nothing", async () => {
    respond = () => recorded("isi-import-false.response.json", 201);
    const result = await streams.importImages(key, [image], { ...options, store: false });
    assert.equal(result.images.length, 1);
    assert.ok(!("stream" in result));
  });

  it("does not believe an answer with another number of rows", async () => {
    respond = () => ({ status: 201, body: { status: { images: [] } } });
    await assert.rejects(
      streams.importImages(key, [image], { ...options, store: true }),
      /1 image was asked for and 0 answered \[API_ERROR\]/,
    );
  });

  describe("absent", () => {
    it("is what a Status of the image API says", async () => {
      respond = () =>
        failure(404, "NotFound", 'imagestreams.image.openshift.io "web" not found', {
          name: "web",
          group: "image.openshift.io",
          kind: "imagestreams",
        });
      assert.equal(await streams.getStream(key, options), undefined);
      assert.equal(await streams.deleteStream(key, { uid: "u", resourceVersion: "1" }, options), "absent");
      respond = () => recorded("status-404-imagestreamtag.json", 404);
      assert.equal(await streams.deleteTag(key, "v1", { uid: "u" }, options), "absent");
    });

    const others: readonly (readonly [string, Answer, ErrorCode])[] = [
      ["a group that is not served", { status: 404, body: "404 page not found\n" }, "API_ERROR"],
      [
        "a resource that is not served",
        failure(404, "NotFound", "the server could not find the requested resource"),
        "API_ERROR",
      ],
      [
        "a router's page",
        { status: 404, headers: { "content-type": "text/html" }, body: "<html>" },
        "API_ERROR",
      ],
      ["a missing namespace", recorded("status-404-isi-namespace.json", 404), "NAMESPACE_NOT_FOUND"],
      ["a server error", { status: 500, body: "" }, "API_ERROR"],
    ];
    for (const [name, answer, code] of others) {
      it(`is not what ${name} says`, async () => {
        respond = () => answer;
        const works = [
          () => streams.getStream(key, options),
          () => streams.deleteTag(key, "v1", { uid: "u" }, options),
          () => streams.deleteStream(key, { uid: "u", resourceVersion: "1" }, options),
        ];
        for (const work of works) await assert.rejects(work(), (error) => hasCode(error, code));
      });
    }
  });

  describe("explains", () => {
    const failures: readonly (readonly [string, number, ErrorCode, RegExp])[] = [
      ["status-404-isi-namespace.json", 404, "NAMESPACE_NOT_FOUND", /there is no namespace nonamespace/],
      ["status-404-isi-rv-no-stream.json", 404, "API_NOT_FOUND", /not found/],
      [
        "status-422-isi-whitelist-user.json",
        422,
        "IMPORT_REGISTRY_NOT_ALLOWED",
        /registry "127\.0\.0\.2:5999" is not in allowedRegistriesForImport of this cluster \(allowed: image-registry\.openshift-image-registry\.svc:5000, 127\.0\.0\.1:\*, localhost:\*, \*\.svc:5000\)/,
      ],
      [
        "status-422-isi-whitelist-admin.json",
        422,
        "IMPORT_REGISTRY_NOT_ALLOWED",
        /registry "127\.0\.0\.2:5999"/,
      ],
      [
        "status-422-imagestream-dryrun-whitelist.json",
        422,
        "IMPORT_REGISTRY_NOT_ALLOWED",
        /"quay\.example\.com"/,
      ],
      ["status-422-isi-bad-reference.json", 422, "API_INVALID", /invalid reference format/],
      ["status-422-limitrange-new-stream.json", 422, "API_INVALID", /exceeds the maximum limit/],
      [
        "status-403-isi.json",
        403,
        "API_FORBIDDEN",
        /alice may not create imagestreamimports in namespace shop\. Role edit has that right: oc policy add-role-to-user edit alice -n shop/,
      ],
      ["status-403-isi-terminating-namespace.json", 403, "API_FORBIDDEN", /namespace shop is being deleted/],
      ["status-403-quota.json", 403, "API_FORBIDDEN", /exceeded quota: rq/],
      ["status-409-isi-stale-rv.json", 409, "API_CONFLICT", /was updated from "1" to "419"/],
      [
        "status-504-isi-timeout60s.json",
        504,
        "API_TIMEOUT",
        /did not complete it in time .* may have been done/,
      ],
      ["status-504-isi-noparam.json", 504, "API_TIMEOUT", /did not complete it in time/],
    ];
    for (const [file, status, code, says] of failures) {
      it(file, async () => {
        respond = () =>
          recorded(file, status, file.includes("timeout60s") ? { "content-type": "text/plain" } : {});
        await assert.rejects(streams.importImages(key, [image], { ...options, store: true }), (error) => {
          assert.ok(hasCode(error, code), String(error));
          assert.match(error.message, says);
          assert.match(error.message, /^Cannot import into image stream shop\/web: /);
          return true;
        });
        assert.equal(server.seen.length, 1);
      });
    }

    it("an anonymous request by what is missing", async () => {
      respond = () => recorded("status-403-anonymous.json", 403);
      await assert.rejects(streams.getStream(key, options), /nobody was logged in; set a token/);
    });

    it("a conflict of a PUT, and a missing namespace of a POST", async () => {
      respond = () => recorded("status-409-imagestream.json", 409);
      await assert.rejects(streams.replaceStream(stream, options), (error) => hasCode(error, "API_CONFLICT"));
      respond = () =>
        failure(404, "NotFound", 'namespaces "shop" not found', { name: "shop", kind: "namespaces" });
      await assert.rejects(streams.createStream(stream, options), (error) =>
        hasCode(error, "NAMESPACE_NOT_FOUND"),
      );
    });
  });
});

describe("clusterImportDiagnosis", () => {
  let server: TestServer | undefined;
  afterEach(() => server?.close());

  const secret = (
    name: string,
    config: object,
    entry: ".dockerconfigjson" | ".dockercfg",
    annotations = {},
  ) => ({
    metadata: { name, annotations },
    data: { [entry]: Buffer.from(JSON.stringify(config)).toString("base64") },
  });

  it("lists the keys of both kinds of pull secrets, over pages, without credentials", async () => {
    const auth = { auth: "dG9wOnNlY3JldA==" };
    server = await startServer(({ url }) => {
      const { searchParams } = new URL(url, "http://x");
      if (searchParams.get("fieldSelector") === "type=kubernetes.io/dockercfg") {
        return {
          body: {
            kind: "SecretList",
            metadata: {},
            items: [secret("legacy", { "https://legacy.example.com/v1/": auth }, ".dockercfg")],
          },
        };
      }
      if (searchParams.get("continue") === "page2") {
        return {
          body: {
            kind: "SecretList",
            metadata: {},
            items: [secret("org", { auths: { "quay.io/org": auth } }, ".dockerconfigjson")],
          },
        };
      }
      const excluded = { "openshift.io/image.excludeSecret": "true" };
      return {
        body: {
          kind: "SecretList",
          metadata: { continue: "page2" },
          items: [
            secret(
              "hub",
              { auths: { "https://index.docker.io/v1/": auth, "reg.io:443": auth } },
              ".dockerconfigjson",
            ),
            secret("hidden", { auths: { "hidden.io": auth } }, ".dockerconfigjson", excluded),
            { data: { ".dockerconfigjson": "bm90IGpzb24=" } },
            {},
          ],
        },
      };
    });
    const keys = await clusterImportDiagnosis(clientFor(server.url)).pullSecretKeys("shop", options);
    assert.deepEqual(keys, [
      { secret: "hidden", key: "hidden.io", isExcluded: true },
      { secret: "hub", key: "https://index.docker.io/v1/", isExcluded: false },
      { secret: "hub", key: "reg.io:443", isExcluded: false },
      { secret: "legacy", key: "https://legacy.example.com/v1/", isExcluded: false },
      { secret: "org", key: "quay.io/org", isExcluded: false },
    ]);
    assert.doesNotMatch(JSON.stringify(keys), /dG9wOnNlY3JldA/);
  });

  it("answers undefined where reading is refused, and fails otherwise", async () => {
    let answer = failure(403, "Forbidden", "no");
    server = await startServer(() => answer);
    const diagnosis = clusterImportDiagnosis(clientFor(server.url));
    assert.equal(await diagnosis.pullSecretKeys("shop", options), undefined);
    answer = failure(400, "BadRequest", "no");
    await assert.rejects(diagnosis.pullSecretKeys("other", options), (error) => hasCode(error, "API_ERROR"));
  });
});
