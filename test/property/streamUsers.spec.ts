import assert from "node:assert/strict";
import fc from "fast-check";
import { createKindIndex, userKinds } from "../../provider/imports/use/kinds.js";
import { createContentPool } from "../../provider/support/contentPool.js";
import type { VanishingImages } from "../../provider/usage/findUsers.js";
import { describeReferrer } from "../../provider/usage/referrer.js";
import { scanForUsers } from "../oracle/model/streamUsers.js";

const namespaces = ["shop", "prod", "constructor"];
const streams = ["web", "site", "__proto__"];
const tags = ["v1", "latest", "toString"];
const digests = ["a", "b", "c"].map((letter) => `sha256:${letter.repeat(64)}`);

const namespace = fc.constantFrom(...namespaces);
const stream = fc.constantFrom(...streams);
const tag = fc.constantFrom(...tags);
const digest = fc.constantFrom(...digests);

/** Pull specs with and without host, in other cases, behind paths and prefixes, and nonsense. */
const pullSpec = fc.oneof(
  fc
    .record({
      host: fc.constantFrom(
        "",
        "registry.svc:5000/",
        "quay.io/",
        "route.example.com/mirror/",
        " docker://r/",
      ),
      namespace,
      stream,
      end: fc.oneof(
        tag.map((each) => `:${each}`),
        digest.map((each) => `@${each}`),
        fc.tuple(tag, digest).map(([named, pinned]) => `:${named}@${pinned}`),
        fc.constant(""),
      ),
    })
    .map((part) => `${part.host}${part.namespace}/${part.stream}${part.end}`),
  fc.tuple(stream, tag).map(([name, named]) => `${name}:${named}`),
  stream,
  digest,
  fc.constantFrom("", " ", "UPPER/Case:v1", "a@b@c"),
);

const source = fc.record({
  kind: fc.constantFrom("DockerImage", "ImageStreamTag", "ImageStreamImage", "Strange"),
  namespace: fc.constantFrom("", ...namespaces),
  name: fc.oneof(
    pullSpec,
    fc.tuple(stream, digest).map(([name, pinned]) => `${name}@${pinned}`),
    tag,
  ),
});

const podSpec = fc.record({
  containers: fc.array(
    pullSpec.map((image) => ({ name: "main", image })),
    { maxLength: 2 },
  ),
  initContainers: fc.array(
    pullSpec.map((image) => ({ name: "setup", image })),
    { maxLength: 1 },
  ),
  ephemeralContainers: fc.array(
    pullSpec.map((image) => ({ name: "debug", image })),
    { maxLength: 1 },
  ),
});

const metadata = fc
  .record({
    name: fc.constantFrom("a", "b", "c"),
    namespace,
    deletionTimestamp: fc.option(fc.constant("2026-01-01T00:00:00Z"), { nil: undefined, freq: 6 }),
    note: fc.oneof({ arbitrary: digest, weight: 1 }, { arbitrary: fc.constant(""), weight: 4 }),
  })
  .map(({ note, ...rest }) => ({ ...rest, annotations: { note } }));

const objectsOf: Readonly<Record<string, fc.Arbitrary<object>>> = {
  pods: fc.record({
    metadata,
    spec: podSpec,
    status: fc.record({
      phase: fc.constantFrom("Running", "Succeeded", "Failed", "Unknown"),
      containerStatuses: fc.array(
        pullSpec.map((imageID) => ({ imageID })),
        { maxLength: 1 },
      ),
    }),
  }),
  nodes: fc.record({
    metadata: fc.record({
      name: fc.constantFrom("a", "b"),
      annotations: pullSpec.map((text) => ({ "machineconfiguration.openshift.io/currentImage": text })),
    }),
  }),
  cronjobs: fc.record({ metadata, spec: fc.record({ jobTemplate: templateOf() }) }),
  builds: buildOf(),
  buildconfigs: buildOf(),
  controllerrevisions: fc.record({ metadata, data: templateOf() }),
  imagestreams: fc
    .record({
      metadata: fc.record({ name: stream, namespace }),
      from: fc.array(source, { maxLength: 2 }),
      items: fc.array(fc.record({ image: digest, dockerImageReference: pullSpec }), { maxLength: 2 }),
    })
    .map(({ metadata: named, from, items }) => ({
      metadata: named,
      spec: { tags: from.map((each, at) => ({ name: `t${at}`, from: each })) },
      status: { tags: [{ tag: "t0", items }] },
    })),
};

function templateOf() {
  return fc.record({ spec: fc.record({ template: fc.record({ spec: podSpec }) }) });
}

function buildOf() {
  return fc.record({
    metadata,
    spec: fc.record({
      strategy: source.map((from) => ({ dockerStrategy: { from } })),
      output: source.map((to) => ({ to })),
    }),
  });
}

const vanishing: fc.Arbitrary<VanishingImages> = fc.record({
  namespace,
  name: stream,
  tags: fc.uniqueArray(tag),
  digests: fc.uniqueArray(digest),
  upstreams: fc.uniqueArray(
    fc.constantFrom("quay.io/shop/web", "quay.io/prod/site", "registry.svc:5000/shop/web"),
  ),
});

interface Change {
  readonly object: { readonly metadata: { readonly name: string; readonly namespace?: string } };
  readonly isGone: boolean;
}

/** What a list and then a watch told of one kind, in its order. */
const changesOf = (resource: string): fc.Arbitrary<readonly Change[]> => {
  const object =
    objectsOf[resource] ??
    fc.record({ metadata, spec: fc.record({ template: fc.record({ spec: podSpec }) }) });
  const isGone = fc.oneof(
    { arbitrary: fc.constant(false), weight: 3 },
    { arbitrary: fc.constant(true), weight: 1 },
  );
  return fc.array(fc.record({ object, isGone }) as fc.Arbitrary<Change>, { maxLength: 6 });
};

const cluster = fc.record(
  Object.fromEntries(userKinds.map(({ resource }) => [resource.resource, changesOf(resource.resource)])),
);

/** The objects that are there in the end. */
function remaining(changes: readonly Change[]): readonly unknown[] {
  const objects = new Map<string, unknown>();
  for (const { object, isGone } of changes) {
    const { namespace: place = "", name } = object.metadata;
    if (isGone) objects.delete(`${place}/${name}`);
    else objects.set(`${place}/${name}`, object);
  }
  return [...objects.values()];
}

describe("users of a stream, from the index", () => {
  it("are those that a search of every object finds, whatever was created, changed and deleted", () => {
    let usersSeen = 0;
    fc.assert(
      fc.property(cluster, fc.array(vanishing, { minLength: 3, maxLength: 3 }), (changes, questions) => {
        const pool = createContentPool();
        const indexes = userKinds.map((kind) => {
          const index = createKindIndex(kind);
          for (const { object, isGone } of changes[kind.resource.resource] ?? []) {
            if (isGone) index.remove(object);
            else index.put(object, pool);
          }
          return index;
        });
        const objects = Object.fromEntries(
          Object.entries(changes).map(([resource, list]) => [resource, remaining(list)]),
        );
        for (const question of questions) {
          const users = indexes.flatMap((index) => index.usersOf(question)).map(describeReferrer);
          assert.deepEqual([...new Set(users)].sort(), scanForUsers(objects, question));
          usersSeen += users.length;
        }
      }),
      { numRuns: 400 },
    );
    assert.ok(usersSeen > 400, `the generated clusters have few users: ${usersSeen}`);
  });
});
