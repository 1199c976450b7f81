import assert from "node:assert/strict";
import fc from "fast-check";
import type { ImageTag } from "../../provider/imports/args/desiredStream.js";
import { type Claim, readClaims, removableTags, withClaims } from "../../provider/imports/plan/claims.js";
import { planStreamWrite, type StreamWriteRequest } from "../../provider/imports/plan/streamWrite.js";
import type { ImageStream } from "../../provider/okd/imageStream.js";
import { desiredStream, desiredTag, digest, imageStream, liveTag } from "../support/builders/imageStream.js";

const names = ["v1", "v2", "v3", "edge", "stable"] as const;
const claimants = ["urn:mine", "urn:other", "urn:third"] as const;
const keys = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2"), {
  maxKeys: 3,
  noNullPrototype: true,
});

const claims: fc.Arbitrary<readonly Claim[]> = fc.uniqueArray(
  fc.record(
    {
      id: fc.constantFrom("mine", "c1", "c2", "c3"),
      resource: fc.constantFrom(...claimants),
      tags: fc.subarray([...names], { minLength: 1 }).map((tags) => [...tags].sort()),
      created: fc.boolean(),
    },
    { noNullPrototype: true },
  ),
  { selector: (claim) => claim.id, maxLength: 3 },
);

const streams: fc.Arbitrary<ImageStream> = fc
  .record({
    tags: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom(...names),
        image: fc.constantFrom("quay.io/acme/web:x", "quay.io/acme/web:v1"),
        scheduled: fc.boolean(),
        reference: fc.boolean(),
        annotations: keys,
      }),
      { selector: (tag) => tag.name },
    ),
    claims,
    labels: keys,
    annotations: keys,
  })
  .map(({ tags, ...metadata }) =>
    imageStream(
      tags.map((tag) =>
        liveTag(tag.name, digest("a"), {
          from: { kind: "DockerImage", name: tag.image },
          importPolicy: tag.scheduled ? { scheduled: true } : {},
          annotations: tag.annotations,
          ...(tag.reference ? { reference: true } : {}),
        }),
      ),
      metadata,
    ),
  );

const desiredTags: fc.Arbitrary<readonly ImageTag[]> = fc.uniqueArray(
  fc.record({
    kind: fc.constant("image" as const),
    name: fc.constantFrom(...names),
    image: fc.constantFrom("quay.io/acme/web:v1", "docker.io/library/nginx:1"),
    scheduled: fc.boolean(),
    insecure: fc.boolean(),
    referencePolicy: fc.constantFrom("Source" as const, "Local" as const),
    importMode: fc.constantFrom(undefined, "Legacy" as const, "PreserveOriginal" as const),
    mirror: fc.constant(false),
    annotations: keys,
  }),
  { selector: (tag) => tag.name, minLength: 1 },
);

const requests: fc.Arbitrary<StreamWriteRequest> = fc
  .record({
    stream: fc.option(streams, { nil: undefined }),
    tags: desiredTags,
    adopt: fc.boolean(),
    labels: keys,
    annotations: keys,
    lookupLocal: fc.option(fc.boolean(), { nil: undefined }),
    owned: fc.subarray([...names]),
    hasState: fc.boolean(),
  })
  .map(({ stream, tags, owned, hasState, ...desired }) => ({
    stream,
    desired: desiredStream(
      [...tags].sort((a, b) => (a.name < b.name ? -1 : 1)).map((tag) => desiredTag(tag.name, tag)),
      desired,
    ),
    recorded: hasState
      ? { uid: "uid-1", claim: "mine", owned, labels: desired.labels, annotations: {}, tagAnnotations: {} }
      : undefined,
    claim: "mine",
    claimant: "urn:mine",
  }));

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}

describe("planStreamWrite, over generated streams", () => {
  const runs = { numRuns: 2_000 };

  it("never changes a tag that is not declared", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const write = planStreamWrite(deepFreeze(request));
        if (write.kind !== "replace") return;
        const declared = new Set(request.desired.tags.map((tag) => tag.name));
        const foreign = (stream: ImageStream | undefined) =>
          (stream?.spec.tags ?? []).filter((tag) => !declared.has(tag.name));
        assert.deepEqual(
          [...foreign(write.stream)].sort((a, b) => (a.name < b.name ? -1 : 1)),
          [...foreign(request.stream)].sort((a, b) => (a.name < b.name ? -1 : 1)),
        );
      }),
      runs,
    );
  });

  it("never takes a tag that a foreign resource claims without adopt", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const write = planStreamWrite(request);
        if (request.desired.adopt || request.stream === undefined || write.kind === "refused") return;
        const foreign = readClaims(request.stream).filter(
          (claim) => claim.id !== "mine" && claim.resource !== "urn:mine",
        );
        const taken = request.desired.tags.filter((tag) =>
          foreign.some((claim) => claim.tags.includes(tag.name)),
        );
        assert.deepEqual(taken, []);
      }),
      runs,
    );
  });

  it("gives every tag to one claim at most, and the declared tags to this resource's", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const write = planStreamWrite(request);
        if (write.kind === "refused") return;
        const after = readClaims(write.stream);
        const declared = request.desired.tags.map((tag) => tag.name);
        assert.deepEqual(after.find((claim) => claim.id === "mine")?.tags, declared);
        for (const name of declared) {
          assert.equal(after.filter((claim) => claim.tags.includes(name)).length, 1);
        }
      }),
      runs,
    );
  });

  it("plans nothing more after the plan was carried out", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const write = planStreamWrite(request);
        if (write.kind === "refused") return;
        const metadata = { ...write.stream.metadata, uid: "uid-1" };
        const again = planStreamWrite({
          ...request,
          stream: { ...write.stream, metadata },
          recorded: {
            uid: "uid-1",
            claim: "mine",
            owned: request.desired.tags.map((tag) => tag.name),
            labels: request.desired.labels,
            annotations: request.desired.annotations,
            tagAnnotations: Object.fromEntries(
              request.desired.tags.map((tag) => [tag.name, tag.annotations]),
            ),
          },
        });
        assert.equal(again.kind, "unchanged");
      }),
      runs,
    );
  });

  it("never lets two claims remove one tag", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const write = planStreamWrite(request);
        if (write.kind === "refused") return;
        const declared = request.desired.tags.map((tag) => tag.name);
        for (const claim of readClaims(write.stream).filter(({ id }) => id !== "mine")) {
          // Whatever an older state lists as owned, a successor's tags are out of reach.
          const removable = removableTags(write.stream, claim.id, [...names]);
          assert.deepEqual(
            removable.filter((tag) => declared.includes(tag)),
            [],
          );
        }
      }),
      runs,
    );
  });
});

describe("claims", () => {
  it("survive being written and read", () => {
    fc.assert(
      fc.property(claims, keys, (before, annotations) => {
        const stream = imageStream([]);
        const metadata = { ...stream.metadata, annotations: withClaims(annotations, before) };
        const sorted = [...before].sort((a, b) => (a.id < b.id ? -1 : 1));
        assert.deepEqual(readClaims({ ...stream, metadata }), sorted);
      }),
    );
  });
});
