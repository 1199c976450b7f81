import assert from "node:assert/strict";
import { canHoldImage } from "../../../../provider/usage/customResources/canHoldImage.js";
import { hintIn, holdingNames } from "../../../../provider/usage/customResources/holdingNames.js";

const text = { type: "string" };
const object = (properties: object) => ({ type: "object", properties });
/** As a generator writes it: `spec` and `status` below what every kind has. */
const kind = (spec: object, status: object = object({})) =>
  object({ apiVersion: text, kind: text, metadata: { type: "object" }, spec, status });

const holding: Readonly<Record<string, unknown>> = {
  "no schema": undefined,
  "a schema that is no object": "anything",
  "a schema without properties": { type: "object" },
  "a field image": kind(object({ image: text })),
  "an image in the status": kind(object({}), object({ currentImage: text })),
  "an image ten levels down": kind(
    Array.from({ length: 10 }).reduce<object>(
      (inner) => object({ part: inner }),
      object({ imageName: text }),
    ),
  ),
  "images in a list": kind(object({ relatedImages: { type: "array", items: object({ name: text }) } })),
  "containers of a pod": kind(
    object({
      template: object({ spec: object({ containers: { type: "array", items: object({ image: text }) } }) }),
    }),
  ),
  "a map of objects with images": kind(
    object({ components: { type: "object", additionalProperties: object({ image: text }) } }),
  ),
  "a repository and a tag apart": kind(object({ runner: object({ repository: text, tag: text }) })),
  "an image only among alternatives": kind({
    type: "object",
    oneOf: [{ properties: { size: { type: "integer" } } }, { properties: { image: text } }],
  }),
  "an osImageURL": kind(object({ osImageURL: text })),
  "a jobTargetRef": kind(object({ jobTargetRef: object({ spec: object({ ref: text }) }) })),
  "a url": kind(object({ source: object({ url: text }) })),
  "an object reference to a tag": kind(object({ from: object({ kind: text, name: text }) })),
  "a name that says nothing and a description that does": kind(
    object({ runner: { type: "string", description: "Container image that runs the jobs." } }),
  ),
  "fields that are not pruned": kind({ type: "object", "x-kubernetes-preserve-unknown-fields": true }),
  "fields that are not pruned, deep below": kind(
    object({ a: { type: "array", items: { "x-kubernetes-preserve-unknown-fields": true, type: "object" } } }),
  ),
  "whole objects in it": kind(object({ child: { type: "object", "x-kubernetes-embedded-resource": true } })),
  "any additional property": kind(object({ extra: { type: "object", additionalProperties: true } })),
  "an object that says nothing of its fields": kind(object({ extra: { type: "object" } })),
  "an object whose alternatives say nothing of its fields": kind({
    type: "object",
    anyOf: [{ type: "object" }, { required: ["part"] }],
  }),
  "an object whose properties are null": kind({ type: "object", properties: null }),
  "a field without a type": kind(object({ extra: {} })),
  "a list of anything": kind(object({ extra: { type: "array" } })),
  "values inline": kind(object({ values: text })),
  "a map of texts named env": kind(object({ env: { type: "object", additionalProperties: text } })),
  "a map of texts whose names anybody chooses": kind(
    object({ settings: { type: "object", additionalProperties: text } }),
  ),
  "a package": kind(object({ package: text })),
  "a digest by its pattern": kind(object({ pin: { type: "string", pattern: "^.+@sha256:[a-f0-9]{64}$" } })),
  "an artifact by its description": kind(
    object({ plugin: { type: "string", description: "OCI artifact that has it" } }),
  ),
  "variables by name and value": kind(
    object({ extraEnv: { type: "array", items: object({ name: text, value: text }) } }),
  ),
  arguments: kind(object({ args: { type: "array", items: text } })),
  "a manifest": kind(object({ manifests: { type: "array", items: text } })),
  "a name as long as a page": kind(object({ ["a".repeat(5_000)]: text })),
};

const notHolding: Readonly<Record<string, unknown>> = {
  "nothing but metadata": object({ apiVersion: text, kind: text, metadata: { type: "object" } }),
  "booleans and numbers": kind(
    object({ image: { type: "boolean" }, containers: { type: "integer" }, template: { type: "number" } }),
  ),
  "a choice of words": kind(object({ image: { type: "string", enum: ["Always", "Never"] } })),
  "instants, addresses and host names": kind(
    object({
      imageTime: { type: "string", format: "date-time" },
      url: { type: "string", format: "hostname" },
      source: { type: "string", format: "cidr" },
    }),
  ),
  "names of other objects": kind(object({ secretName: text, nodeName: text, host: text, reason: text })),
  "labels and selectors": kind(
    object({ selector: object({ matchLabels: { type: "object", additionalProperties: text } }) }),
  ),
  conditions: kind(
    object({}),
    object({ conditions: { type: "array", items: object({ type: text, message: text, status: text }) } }),
  ),
  quantities: kind(
    object({
      imageSize: { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true },
    }),
  ),
  "how images are pulled": kind(
    object({
      imagePullPolicy: text,
      imagePullSecrets: { type: "array", items: object({ name: text }) },
    }),
  ),
  "alternatives that only narrow down": kind({
    ...object({ size: { type: "integer" } }),
    anyOf: [{ required: ["size"] }, { type: "object" }],
  }),
};

describe("canHoldImage", () => {
  for (const [name, schema] of Object.entries(holding)) {
    it(`is true for ${name}`, () => assert.equal(canHoldImage(schema), true));
  }
  for (const [name, schema] of Object.entries(notHolding)) {
    it(`is false for ${name}`, () => assert.equal(canHoldImage(schema), false));
  }

  it("reads a schema of a hundred thousand levels", () => {
    const deep = (innermost: object) => {
      let schema = innermost;
      for (let level = 0; level < 100_000; level += 1) schema = object({ part: schema });
      return schema;
    };
    assert.equal(canHoldImage(deep(object({ image: text }))), true);
    assert.equal(canHoldImage(deep(object({ size: { type: "integer" } }))), false);
  });

  it("visits each place of a wide schema once", () => {
    let looks = 0;
    const counted = {
      get type() {
        looks += 1;
        return "integer";
      },
    };
    const fields = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [`field${index}`, counted]),
    );
    assert.equal(canHoldImage(kind(object(fields))), false);
    assert.ok(looks <= 3_000, String(looks));
  });
});

describe("the names that promise an image", () => {
  const promising = [
    ...["image", "images", "imageName", "containerImage", "relatedImages", "containers", "initContainers"],
    ...[
      "ephemeralContainers",
      "template",
      "podTemplate",
      "podSpec",
      "jobTargetRef",
      "baseImage",
      "osImageURL",
    ],
    ...["dockerImage", "pullSpec", "pull_spec", "digest", "registry", "IMAGE", "custom-image", "url"],
  ];
  for (const name of promising) {
    it(`are: ${name}`, () => assert.notEqual(hintIn(name), undefined));
  }
  for (const name of ["name", "namespace", "host", "nodeSelector", "replicas", "toString", "__proto__", ""]) {
    it(`are not: ${name}`, () => assert.equal(hintIn(name), undefined));
  }

  it("are each given once, in small letters and with a reason", () => {
    const all = holdingNames.flatMap(({ parts = [], names = [] }) => [...parts, ...names]);
    assert.deepEqual(all, [...new Set(all)]);
    assert.deepEqual(
      all.filter((name) => !/^[a-z0-9]+$/.test(name)),
      [],
    );
    assert.ok(holdingNames.every(({ why }) => why.length > 20));
  });
});
