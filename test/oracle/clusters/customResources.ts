import fc from "fast-check";
import type { OtherReferrer } from "../../../provider/usage/referrer.js";
import { digests, namespaces, plainTags, repositories, streamNames } from "./universe.js";

/** What an operator installs: a definition, an object, and what that object uses according to the operator's manual. */
export interface CustomResource {
  readonly definition: object;
  /** As the API server lists it. */
  readonly object: object;
  /** `<plural>.<group>` */
  readonly resource: string;
  readonly truth: OtherReferrer;
}

/** A value with the schema of its place. */
interface Part {
  readonly schema: object;
  readonly value: unknown;
}

const text = { type: "string" };
const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const objectOf = (fields: Readonly<Record<string, Part>>): Part => ({
  schema: {
    type: "object",
    properties: Object.fromEntries(Object.entries(fields).map(([name, { schema }]) => [name, schema])),
  },
  value: Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value])),
});
const listOf = (part: Part): Part => ({
  schema: { type: "array", items: part.schema },
  value: [part.value],
});
const mapOf = (part: Part): Part => ({
  schema: { type: "object", additionalProperties: part.schema },
  value: { main: part.value },
});
const textOf = (value: string): Part => ({ schema: text, value });

/** Spellings with a tag or a digest, so that they name an image in any place. */
const specs: fc.Arbitrary<string> = fc
  .record({
    before: fc.constantFrom(
      ...repositories.map((repository) => `r.io/${repository}`),
      ...repositories.map((repository) => `localhost:5000/${repository}`),
      ...repositories,
      ...streamNames,
    ),
    after: fc.constantFrom(...plainTags.map((tag) => `:${tag}`), ...digests.map((digest) => `@${digest}`)),
  })
  .map(({ before, after }) => `${before}${after}`);

const places: readonly ((spec: string) => Part)[] = [
  (spec) => objectOf({ image: textOf(spec) }),
  (spec) => objectOf({ agentImage: textOf(spec), replicas: { schema: { type: "integer" }, value: 2 } }),
  (spec) => objectOf({ containers: listOf(objectOf({ name: textOf("main"), image: textOf(spec) })) }),
  (spec) => objectOf({ images: mapOf(textOf(spec)) }),
  (spec) => objectOf({ env: listOf(objectOf({ name: textOf("RELATED_IMAGE_A"), value: textOf(spec) })) }),
  (spec) => objectOf({ args: listOf(textOf(`--image=${spec}`)) }),
  (spec) => objectOf({ command: listOf(textOf(`podman run ${spec} serve`)) }),
  (spec) => objectOf({ source: objectOf({ registry: objectOf({ url: textOf(`docker://${spec}`) }) }) }),
  (spec) => objectOf({ values: textOf(`web:\n  image: "${spec}"\n`) }),
  (spec) => objectOf({ manifests: listOf(textOf(JSON.stringify({ spec: { image: spec } }))) }),
  (spec) => ({ schema: anything, value: { steps: [{ image: spec }] } }),
  (spec) => ({ schema: { type: "object" }, value: { part: { reference: spec } } }),
];

const wrappers: readonly ((part: Part) => Part)[] = [
  (part) => objectOf({ engine: part }),
  (part) => objectOf({ template: objectOf({ spec: part }) }),
  (part) => objectOf({ parts: listOf(part) }),
  (part) => objectOf({ components: mapOf(part) }),
  (part) => ({ schema: { allOf: [part.schema], type: "object" }, value: part.value }),
  (part) =>
    objectOf({ size: { schema: { type: "integer" }, value: 1 }, since: textOf("yesterday"), inner: part }),
];

/** Each of a kind of its own, so that no schema helps another. */
export const customResources: fc.Arbitrary<CustomResource> = fc
  .record({
    spec: specs,
    place: fc.constantFrom(...places),
    around: fc.array(fc.constantFrom(...wrappers), { maxLength: 4 }),
    where: fc.constantFrom("spec", "status"),
    namespace: fc.constantFrom(...namespaces),
    number: fc.nat({ max: 1_000 }),
  })
  .map(({ spec, place, around, where, namespace, number }) => {
    const part = around.reduce((inner, wrap) => wrap(inner), place(spec));
    const [group, plural, kind] = ["example.io", `things${number}`, `Thing${number}`];
    const { schema, value } = objectOf({ [where]: part });
    return {
      resource: `${plural}.${group}`,
      definition: {
        metadata: { name: `${plural}.${group}`, uid: `uid of ${plural}`, generation: 1 },
        spec: {
          group,
          names: { plural, kind },
          versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
        },
      },
      object: {
        apiVersion: `${group}/v1`,
        kind,
        metadata: { namespace, name: "user" },
        ...(value as object),
      },
      truth: {
        kind: "other",
        objectKind: `${kind.toLowerCase()}.${group}`,
        namespace,
        name: "user",
        mentions: {
          pullSpecs: [{ field: where, text: spec }],
          sources: [],
          digests: [],
          imageIds: [],
        },
      },
    };
  });
