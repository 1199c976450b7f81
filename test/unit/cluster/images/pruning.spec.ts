import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { clusterImageDeleter, clusterStreamTrimmer } from "../../../../provider/cluster/images/pruning.js";
import type { StreamTrim, TagTrim } from "../../../../provider/prune/plan/decision.js";
import { type ErrorCode, hasCode } from "../../../../provider/support/imageError.js";
import { toStreamFacts } from "../../../../provider/usage/toStreamFacts.js";
import { clientFor, never } from "../../../support/clients/cluster.js";
import { repositoryRoot } from "../../../support/repositoryRoot.js";
import {
  type Answer,
  failure,
  type Respond,
  startServer,
  type TestServer,
} from "../../../support/servers/scripted.js";

const text = (name: string) =>
  readFileSync(path.join(repositoryRoot, "test/conformance/okd-api", name), "utf8");
const recorded = (name: string, status = 200): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body: text(name),
});
const key = { namespace: "p1", name: "app" };
const options = { signal: never };
const streamPath = "/apis/image.openshift.io/v1/namespaces/p1/imagestreams/app";
const absent = failure(404, "NotFound", "not found", { name: "app", group: "image.openshift.io" });

interface RawStream {
  readonly status: { readonly tags: { tag: string; items?: unknown[]; conditions?: unknown[] }[] };
}

const threeRevisions = JSON.parse(text("imagestream-three-revisions.json")) as RawStream;
/** The recorded stream with tags that an import failed for, with and without items. */
const given: RawStream = {
  ...threeRevisions,
  status: {
    ...threeRevisions.status,
    tags: [
      ...threeRevisions.status.tags,
      { tag: "failed", conditions: [{ type: "ImportSuccess", status: "False" }] },
      { tag: "old", items: [...(threeRevisions.status.tags[0]?.items ?? [])].slice(0, 1) },
    ],
  },
};

describe("a live cluster's", () => {
  let server: TestServer;
  let respond: Respond;
  before(async () => {
    server = await startServer((request, index) => respond(request, index));
  });
  after(() => server.close());
  beforeEach(() => {
    server.seen.length = 0;
    respond = () => ({ body: given });
  });
  const lines = () => server.seen.map(({ method, url }) => `${method} ${url}`);

  describe("stream trimmer", () => {
    const trimmer = () => clusterStreamTrimmer(clientFor(server.url), toStreamFacts);
    const trimOf = (...tags: readonly TagTrim[]): StreamTrim => ({
      ...{ ...key, tags, layerLinks: [], manifestLinks: [] },
    });

    /** Cuts of these positions, as a planner would make them of the stream that was read. */
    async function trim(tag: string, revisions: readonly number[], vanishes = false) {
      const ports = trimmer();
      const stream = await ports.readStream(key, options);
      assert.ok(stream);
      const items = stream.tags.find((each) => each.tag === tag)?.items ?? [];
      const cuts = items.flatMap((item, revision) =>
        revisions.includes(revision) ? [{ revision, ...item, reason: "obsolete-revision" as const }] : [],
      );
      return await ports.trimStream(stream, trimOf({ tag, cuts, vanishes }), options);
    }

    it("reads a stream as the planner sees it", async () => {
      assert.deepEqual(await trimmer().readStream(key, options), toStreamFacts(given));
      assert.deepEqual(lines(), [`GET ${streamPath}`]);
    });

    it("takes only a proven 404 for absent", async () => {
      respond = () => absent;
      assert.equal(await trimmer().readStream(key, options), undefined);
      respond = () => ({ status: 404, body: "404 page not found" });
      await assert.rejects(trimmer().readStream(key, options), (error) => hasCode(error, "API_ERROR"));
    });

    it("writes the whole object back to its status, without the cut items alone", async () => {
      assert.equal(await trim("x", [1]), "trimmed");
      assert.equal(lines()[1], `PUT ${streamPath}/status`);
      const [x, ...others] = given.status.tags;
      const tags = [{ ...x, items: [x?.items?.[0], x?.items?.[2]] }, ...others];
      assert.deepEqual(JSON.parse(server.seen[1]?.body ?? ""), {
        ...given,
        status: { ...given.status, tags },
      });
    });

    it("removes tags that vanish, and keeps those with conditions alone", async () => {
      await trim("old", [0], true);
      const written = JSON.parse(server.seen[1]?.body ?? "") as RawStream;
      assert.deepEqual(
        written.status.tags,
        given.status.tags.filter(({ tag }) => tag !== "old"),
      );
    });

    it("keeps a tag in which something is left, whatever the plan says of it", async () => {
      await trim("x", [1, 2], true);
      const written = JSON.parse(server.seen[1]?.body ?? "") as RawStream;
      assert.equal(written.status.tags.find(({ tag }) => tag === "x")?.items?.length, 1);
    });

    it("writes nothing when an item is not where the plan says", async () => {
      const ports = trimmer();
      const stream = await ports.readStream(key, options);
      assert.ok(stream);
      const [item] = stream.tags[0]?.items ?? [];
      assert.ok(item);
      const cuts = [{ revision: 1, ...item, reason: "obsolete-revision" as const }];
      const write = ports.trimStream(stream, trimOf({ tag: "x", cuts, vanishes: false }), options);
      await assert.rejects(write, TypeError);
      assert.equal(server.seen.length, 1);
    });

    const answers: readonly (readonly [string, Answer, ErrorCode, RegExp])[] = [
      [
        "somebody else's write",
        recorded("status-409-imagestream-status.json", 409),
        "API_CONFLICT",
        /the object has been modified/,
      ],
      [
        "a missing right",
        recorded("status-403-imagestreams-status.json", 403),
        "API_FORBIDDEN",
        /cannot update resource "imagestreams\/status".*system:image-pruner/,
      ],
    ];
    for (const [what, answer, code, words] of answers) {
      it(`reports ${what}`, async () => {
        respond = ({ method }) => (method === "PUT" ? answer : { body: given });
        await assert.rejects(
          trim("x", [1]),
          (error: Error) => hasCode(error, code) && words.test(error.message),
        );
      });
    }

    it("reports that the stream was deleted before the write", async () => {
      respond = ({ method }) => (method === "PUT" ? absent : { body: given });
      assert.equal(await trim("x", [1]), "absent");
    });
  });

  describe("Image deleter", () => {
    const digest = "sha256:f48b95e2f2e34892ecd742146ba3d4d3efce3a882435a0a1d7b3e45188a7e8d2";
    const remove = (uid = "u1") =>
      clusterImageDeleter(clientFor(server.url)).deleteImage({ digest, uid }, options);

    it("deletes the Image with that uid only", async () => {
      assert.equal(await remove(), "deleted");
      assert.deepEqual(lines(), [`DELETE /apis/image.openshift.io/v1/images/${encodeURIComponent(digest)}`]);
      assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ""), {
        apiVersion: "v1",
        kind: "DeleteOptions",
        preconditions: { uid: "u1" },
      });
    });

    it("reports an Image that was replaced", async () => {
      respond = () => recorded("status-409-image-precondition-uid.json", 409);
      await assert.rejects(
        remove(),
        /Cannot delete Image sha256:f48b\w+: the Image was replaced.*\[API_CONFLICT\]/,
      );
    });

    it("takes only a proven 404 for absent", async () => {
      respond = () => failure(404, "NotFound", "not found", { name: digest, group: "image.openshift.io" });
      assert.equal(await remove(), "absent");
      respond = () => ({ status: 404, body: "404 page not found" });
      await assert.rejects(remove(), (error) => hasCode(error, "API_NOT_FOUND"));
    });

    it("reports a missing right", async () => {
      respond = () => failure(403, "Forbidden", 'User "bob" cannot delete resource "images"');
      await assert.rejects(remove(), /User "bob" cannot delete.*system:image-pruner.*\[API_FORBIDDEN\]/);
    });
  });
});
