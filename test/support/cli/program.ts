/**
 * The program of the test projects: copied into each as index.js, so that its packages are the project's own. What it
 * declares stands in program.json, which tests change between operations.
 */
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as okd from "pulumi-okd-images";
import type { ProgramSpec, ResourceSpec } from "./programSpec.js";

/** Its output `result` is its input `value`, unknown until it has been created. */
class Value extends pulumi.dynamic.Resource {
  declare readonly result: pulumi.Output<unknown>;
  constructor(name: string, args: Record<string, unknown>, options: pulumi.CustomResourceOptions) {
    super(valueProvider, name, { ...args, result: undefined }, options, "test", "Value");
  }
}

const valueProvider: pulumi.dynamic.ResourceProvider = {
  create: (inputs: Record<string, unknown>) =>
    Promise.resolve({ id: "value", outs: { ...inputs, result: inputs.value } }),
};

/** Sends a request when it is created, like the resource of another package that makes a namespace or a secret. */
class Request extends pulumi.dynamic.Resource {
  constructor(name: string, args: Record<string, unknown>, options: pulumi.CustomResourceOptions) {
    super(requestProvider, name, args, options, "test", "Request");
  }
}

const requestProvider: pulumi.dynamic.ResourceProvider = {
  async create(inputs: { url: string; token: string; body: string }) {
    const answer = await fetch(inputs.url, {
      method: "POST",
      headers: { authorization: `Bearer ${inputs.token}`, "content-type": "application/json" },
      body: inputs.body,
    });
    if (!answer.ok) throw new Error(`${inputs.url} answered ${answer.status}`);
    return { id: inputs.url, outs: { url: inputs.url } };
  },
};

const spec = JSON.parse(readFileSync("program.json", "utf8")) as ProgramSpec;
const resources = new Map<string, pulumi.Resource>();

/** Arguments from JSON: objects with one key that begins with `$` stand for what JSON cannot hold. */
function evaluate(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(evaluate);
  if (typeof value !== "object" || value === null) return value;
  const [first] = Object.entries(value) as [string, unknown][];
  switch (first?.[0]) {
    case "$output": {
      const [resource, property, ...path] = first[1] as string[];
      return path.reduce(
        (output, key) => output.apply((found) => (found as Record<string, unknown>)[key]),
        (declared(resource!) as unknown as Record<string, pulumi.Output<unknown>>)[property!]!,
      );
    }
    case "$digest": {
      const [resource, tag] = first[1] as [string, string];
      return declaredStream(resource).digest(tag);
    }
    case "$tag": {
      const [resource, tag] = first[1] as [string, string];
      return declaredStream(resource).tag(tag);
    }
    case "$secret":
      return pulumi.secret(evaluate(first[1]));
    default:
      return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, evaluate(element)]));
  }
}

function declared(name: string): pulumi.Resource {
  const found = resources.get(name);
  if (found === undefined) throw new Error(`program.json names ${name} before it is declared`);
  return found;
}

function declaredStream(name: string): okd.ImportedImageStream {
  const found = declared(name);
  if (!(found instanceof okd.ImportedImageStream)) throw new Error(`${name} is no image stream`);
  return found;
}

function declare({ type, name, args = {}, options = {} }: ResourceSpec): pulumi.Resource {
  const inputs = evaluate(args) as Record<string, unknown>;
  const { dependsOn = [], ...others } = options;
  const all = { ...others, dependsOn: dependsOn.map(declared) } as pulumi.CustomResourceOptions;
  switch (type) {
    case "stream":
      return new okd.ImportedImageStream(name, inputs, all);
    case "policy":
      return new okd.ImagePrunePolicy(name, inputs, all);
    case "archive":
      return new okd.ImageArchive(name, inputs as unknown as okd.ImageArchiveArgs, all);
    case "value":
      return new Value(name, inputs, all);
    case "request":
      return new Request(name, inputs, all);
  }
}

for (const resource of spec.resources) resources.set(resource.name, declare(resource));
for (const [name, value] of Object.entries(spec.exports ?? {})) {
  (exports as Record<string, unknown>)[name] = evaluate(value);
}
