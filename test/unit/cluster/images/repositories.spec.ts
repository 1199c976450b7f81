import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { clusterRepositories } from "../../../../provider/cluster/images/repositories.js";
import type { Repositories } from "../../../../provider/imports/repositories.js";
import { hasCode } from "../../../../provider/support/imageError.js";
import { clientFor, never } from "../../../support/clients/cluster.js";
import {
  type Answer,
  type Respond,
  startServer,
  type TestServer,
} from "../../../support/servers/scripted.js";

const root = path.dirname(require.resolve("pulumi-okd-images/package.json"));
const recorded = (name: string, status = 201): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body: readFileSync(path.join(root, "test/conformance/okd-api", name), "utf8"),
});

const key = { namespace: "shop", name: "web" };
const options = { signal: never };

describe("clusterRepositories", () => {
  let server: TestServer;
  let respond: Respond = () => ({});
  let repositories: Repositories;
  before(async () => {
    server = await startServer((request, index) => respond(request, index));
    repositories = clusterRepositories(clientFor(server.url));
  });
  after(() => server.close());
  beforeEach(() => {
    server.seen.length = 0;
  });

  const list = (image = "quay.io/acme/web") =>
    repositories.listTags(key, { image, importPolicy: { insecure: true } }, options);

  it("sends one import that stores nothing, with the longest time that the server gives", async () => {
    respond = () => recorded("isi-repository.response.json");
    await list();

    const [seen, ...others] = server.seen;
    assert.deepEqual(others, []);
    assert.equal(
      `${seen?.method} ${seen?.url}`,
      "POST /apis/image.openshift.io/v1/namespaces/shop/imagestreamimports?timeout=60s",
    );
    assert.deepEqual(JSON.parse(seen?.body ?? ""), {
      apiVersion: "image.openshift.io/v1",
      kind: "ImageStreamImport",
      metadata: { name: "web", namespace: "shop" },
      spec: {
        import: false,
        repository: {
          from: { kind: "DockerImage", name: "quay.io/acme/web" },
          importPolicy: { insecure: true },
        },
      },
    });
  });

  it("reads tags and images of a recorded answer", async () => {
    respond = () => recorded("isi-repository.response.json");
    const { status, images, additionalTags } = await list();

    assert.equal(status.status, "Success");
    assert.deepEqual(images.map(({ tag }) => tag).sort(), ["latest", "v1", "v2", "v3"]);
    assert.ok(images.every(({ image }) => image?.metadata.name.startsWith("sha256:")));
    assert.deepEqual(additionalTags, []);
  });

  it("reads the names of the tags whose images the server has not read", async () => {
    const status = { status: "Success" };
    respond = () => ({ status: 201, body: { status: { repository: { status, additionalTags: ["v51"] } } } });

    assert.deepEqual(await list(), { status, images: [], additionalTags: ["v51"] });
  });

  it("resolves with the recorded refusal of an unknown repository", async () => {
    respond = () => recorded("isi-repository-failure.response.json");
    const { status, images } = await list();

    assert.equal(status.status, "Failure");
    assert.equal(status.reason, "NotFound");
    assert.deepEqual(images, []);
  });

  it("does not take an answer without the repository for an empty repository", async () => {
    respond = () => ({ status: 201, body: { status: {} } });

    await assert.rejects(list(), /Cannot list the tags of quay\.io\/acme\/web: .*nothing.*\[API_ERROR\]/);
  });

  it("explains a missing namespace, a missing right and a registry that is not allowed", async () => {
    const refusals = [
      ["status-404-isi-namespace.json", 404, "NAMESPACE_NOT_FOUND"],
      ["status-403-isi.json", 403, "API_FORBIDDEN"],
      ["status-422-isi-whitelist-user.json", 422, "IMPORT_REGISTRY_NOT_ALLOWED"],
      ["status-504-isi-noparam.json", 504, "API_TIMEOUT"],
    ] as const;
    for (const [file, status, code] of refusals) {
      respond = () => recorded(file, status);
      await assert.rejects(
        list(),
        (error) => hasCode(error, code) && /^Cannot list the tags of/.test(error.message),
      );
    }
  });
});
