import assert from "node:assert/strict";
import { readClaims } from "../../../../provider/imports/plan/claims.js";
import {
  planStreamWrite,
  type RecordedStream,
  type StreamWrite,
  type StreamWriteRequest,
} from "../../../../provider/imports/plan/streamWrite.js";
import type { ImageStream } from "../../../../provider/okd/imageStream.js";
import {
  claim,
  desiredStream,
  desiredTag,
  digest,
  imageStream,
  liveTag,
} from "../../../support/builders/imageStream.js";

const recorded: RecordedStream = {
  uid: "uid-1",
  claim: "mine",
  owned: ["v1"],
  labels: {},
  annotations: {},
  tagAnnotations: {},
};

function plan(request: Partial<StreamWriteRequest>): StreamWrite {
  return planStreamWrite({
    stream: undefined,
    desired: desiredStream([desiredTag("v1")]),
    recorded: undefined,
    claim: "mine",
    claimant: "urn:mine",
    ...request,
  });
}

function written(write: StreamWrite): ImageStream {
  assert.ok(write.kind === "create" || write.kind === "replace", write.kind);
  return write.stream;
}

describe("planStreamWrite", () => {
  it("creates a stream with its tags, and claims it as its creator", () => {
    const stream = written(plan({}));

    assert.deepEqual(readClaims(stream), [claim("mine", ["v1"], { created: true })]);
    assert.deepEqual(stream.spec.tags, [
      {
        name: "v1",
        annotations: {},
        from: { kind: "DockerImage", name: "quay.io/acme/web:v1" },
        importPolicy: {},
        referencePolicy: { type: "Source" },
      },
    ]);
  });

  it("writes nothing when everything is as declared", () => {
    const stream = imageStream([liveTag("v1", digest("a"))], { claims: [claim("mine", ["v1"])] });

    assert.equal(plan({ stream, recorded }).kind, "unchanged");
  });

  it("adds a tag to a stream of somebody else and leaves all other tags alone", () => {
    const foreign = liveTag("theirs", digest("b"), { reference: true, importPolicy: { scheduled: true } });
    const stream = imageStream([foreign]);

    const after = written(plan({ stream }));

    assert.deepEqual(
      after.spec.tags?.find((tag) => tag.name === "theirs"),
      foreign.spec,
    );
    assert.equal(after.spec.tags?.length, 2);
    assert.deepEqual(readClaims(after), [claim("mine", ["v1"])]);
  });

  it("repairs policies, keeping the import mode the program does not name", () => {
    const live = liveTag("v1", digest("a"), {
      importPolicy: { scheduled: true, importMode: "PreserveOriginal" },
      referencePolicy: { type: "Local" },
      annotations: { theirs: "1" },
    });
    const stream = imageStream([live], { claims: [claim("mine", ["v1"])] });
    const desired = desiredStream([desiredTag("v1", { annotations: { ours: "2" } })]);

    const tag = written(plan({ stream, recorded, desired })).spec.tags?.[0];

    assert.deepEqual(tag?.importPolicy, { importMode: "PreserveOriginal" });
    assert.deepEqual(tag.referencePolicy, { type: "Source" });
    assert.deepEqual(tag.annotations, { theirs: "1", ours: "2" });
    assert.equal(tag.generation, 2);
  });

  it("takes back own keys that are no longer declared, unless somebody changed them", () => {
    const stream = imageStream([liveTag("v1", digest("a"))], {
      claims: [claim("mine", ["v1"])],
      labels: { gone: "1", changed: "theirs", foreign: "x" },
    });

    const after = written(
      plan({
        stream,
        recorded: { ...recorded, labels: { gone: "1", changed: "ours" } },
        desired: desiredStream([desiredTag("v1")], { labels: { fresh: "1" } }),
      }),
    );

    assert.deepEqual(after.metadata.labels, { changed: "theirs", foreign: "x", fresh: "1" });
  });

  describe("with tags that belong to nobody or somebody else", () => {
    it("refuses a tag that exists already", () => {
      const write = plan({ stream: imageStream([liveTag("v1", digest("a"))]) });

      assert.equal(write.kind === "refused" && write.code, "TAG_NOT_OWNED");
    });

    it("refuses a tag that was pushed and has no spec", () => {
      const pushed = { spec: undefined, status: liveTag("v1", digest("a")).status };
      const write = plan({ stream: imageStream([pushed]) });

      assert.equal(write.kind === "refused" && write.code, "TAG_NOT_OWNED");
    });

    it("refuses a tag that another resource claims, and says which", () => {
      const stream = imageStream([liveTag("v1", digest("a"))], { claims: [claim("other", ["v1"])] });

      const write = plan({ stream });

      assert.ok(write.kind === "refused");
      assert.equal(write.code, "STREAM_CLAIMED");
      assert.match(write.message, /urn:other.*aliases.*adopt/);
    });

    it("refuses an update of a tag that another resource has taken over", () => {
      const stream = imageStream([liveTag("v1", digest("a"))], { claims: [claim("other", ["v1"])] });

      const write = plan({ stream, recorded });

      assert.equal(write.kind === "refused" && write.code, "CLAIM_LOST");
    });

    it("takes tags over with adopt, and remembers whether a resource has created the stream", () => {
      const stream = imageStream([liveTag("v1", digest("a")), liveTag("v2", digest("b"))], {
        claims: [claim("other", ["v1", "v2"], { created: true })],
      });

      const after = written(plan({ stream, desired: desiredStream([desiredTag("v1")], { adopt: true }) }));

      assert.deepEqual(readClaims(after), [
        claim("mine", ["v1"], { created: true }),
        claim("other", ["v2"], { created: true }),
      ]);
    });

    it("takes tags over from the same resource: a replacement, or an interrupted create", () => {
      const stream = imageStream([liveTag("v1", digest("a"))], {
        claims: [claim("before", ["v1"], { resource: "urn:mine", created: true })],
      });

      assert.deepEqual(readClaims(written(plan({ stream }))), [claim("mine", ["v1"], { created: true })]);
    });

    it("treats a claim that cannot be read as a claim on every tag", () => {
      const stream = imageStream([liveTag("v1", digest("a"))], {
        annotations: { "pulumi-okd-images/claim-x": "not JSON" },
      });

      assert.equal(plan({ stream }).kind, "refused");
    });
  });

  it("does not trust what was recorded for a stream that was created anew", () => {
    const stream = imageStream([liveTag("v1", digest("a"))], { uid: "uid-2" });

    const write = plan({ stream, recorded });

    assert.equal(write.kind === "refused" && write.code, "TAG_NOT_OWNED");
  });

  it("writes a lost claim again when nobody else has the tags", () => {
    const stream = imageStream([liveTag("v1", digest("a"))]);

    assert.deepEqual(readClaims(written(plan({ stream, recorded }))), [claim("mine", ["v1"])]);
  });
});
