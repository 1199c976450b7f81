import assert from "node:assert/strict";
import fc from "fast-check";
import { placed } from "../../provider/imports/args/desiredStream.js";
import { parseArgs } from "../../provider/imports/args/schema.js";
import { planStreamWrite } from "../../provider/imports/plan/streamWrite.js";
import type { ImageStream, TagReference } from "../../provider/okd/imageStream.js";
import { programOf, runGenerated } from "../support/builders/generatedProgram.js";
import { digest } from "../support/builders/imageStream.js";

const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("${x}", "`", "\\", "it's", '"', "*/", "\n", "\u2028", "</script>", "constructor"),
);
const keys = fc.dictionary(fc.oneof(texts, fc.constantFrom("constructor", "__proto__", "a.b/c")), texts, {
  maxKeys: 3,
  noNullPrototype: true,
});
const tagNames = fc.constantFrom("v1", "v2", "1.27", "10", "latest", "constructor", "toString", "_x", "a-b");
const places = fc.constantFrom(undefined, "shop", "prod");

const sources: fc.Arbitrary<Partial<TagReference>> = fc
  .constantFrom("quay.io/acme/web:v1", "nginx", `quay.io/acme/web@${digest("a")}`, "localhost:5000/a/b:x")
  .map((name) => ({ from: { kind: "DockerImage", name } }));

/** A digest is never scheduled: what the server stores there has no meaning, and no program can say it. */
const policies = (from: TagReference["from"]) =>
  fc.record({
    importPolicy: fc.record(
      {
        insecure: fc.constant(true),
        ...(from?.kind === "DockerImage" && !from.name.includes("@") ? { scheduled: fc.constant(true) } : {}),
        importMode: fc.constantFrom("Legacy" as const, "PreserveOriginal" as const),
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
    referencePolicy: fc.record(
      { type: fc.constantFrom("Source" as const, "Local" as const) },
      { noNullPrototype: true },
    ),
  });

const tags = fc.uniqueArray(
  fc.tuple(tagNames, sources, fc.oneof(keys, fc.constant(null))).chain(([name, source, annotations]) =>
    policies(source.from).map((own): TagReference => ({
      name,
      annotations,
      generation: 3,
      ...source,
      ...own,
    })),
  ),
  { selector: ({ name }) => name, minLength: 1 },
);

const streams: fc.Arbitrary<ImageStream> = fc
  .record({ namespace: places, tags, labels: keys, annotations: keys, local: fc.boolean() })
  .map(({ namespace = "shop", tags: specTags, labels, annotations, local }) => ({
    metadata: { namespace, name: "web", uid: "1", resourceVersion: "7", labels, annotations },
    spec: { lookupPolicy: { local }, tags: specTags },
  }));

/** What the resource would write for the arguments. */
function written(stream: ImageStream, args: unknown): ImageStream {
  const parsed = parseArgs(args);
  assert.ok(parsed.ok, parsed.ok ? "" : JSON.stringify(parsed.issues));
  const write = planStreamWrite({
    stream,
    desired: placed(parsed.args),
    recorded: undefined,
    claim: "mine",
    claimant: "urn:mine",
  });
  if (write.kind === "refused") throw new Error(write.message);
  return write.stream;
}

function comparable({ spec }: ImageStream): unknown {
  return (spec.tags ?? [])
    .map(({ annotations, ...tag }) => ({ ...tag, annotations: { ...annotations } }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

describe("A generated program, over generated streams", () => {
  it("declares what the stream's definition says, so that taking it over changes no tag", () => {
    fc.assert(
      fc.property(streams, (stream) => {
        const [made] = runGenerated(programOf([stream]));
        assert.ok(made);
        const after = written(stream, made.args);

        assert.deepEqual(comparable(after), comparable(stream));
        assert.deepEqual(after.metadata.labels, stream.metadata.labels);
        assert.equal(after.spec.lookupPolicy?.local, stream.spec.lookupPolicy?.local);
      }),
      { numRuns: 150 },
    );
  });
});
