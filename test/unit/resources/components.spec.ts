import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { ImageArchive, ImagePrunePolicy, ImportedImageStream } from "../../../provider/index.js";

type Build = (parent: pulumi.Resource) => unknown;

class Component extends pulumi.ComponentResource {
  constructor(name: string, build: Build, options: pulumi.ComponentResourceOptions = {}) {
    super("test:index:Component", name, {}, options);
    build(this);
    this.registerOutputs();
  }
}

class Sibling extends pulumi.CustomResource {
  constructor(value: pulumi.Input<unknown>, parent: pulumi.Resource) {
    super("test:index:Sibling", "sibling", { value }, { parent });
  }
}

const stream = (parent: pulumi.Resource) =>
  new ImportedImageStream("web", { source: "quay.io/acme/web:v1" }, { parent });
const policy = (parent: pulumi.Resource) => new ImagePrunePolicy("cleanup", {}, { parent });
const archive = (parent: pulumi.Resource) =>
  new ImageArchive("bundle", { path: "web.tar", images: ["quay.io/acme/web:v1"] }, { parent });

const cases: readonly (readonly [title: string, build: Build, urns: Readonly<Record<string, string>>])[] = [
  ["one resource", stream, { web: "test:index:Component$" }],
  [
    "two resources",
    (parent) => [stream, policy].forEach((make) => make(parent)),
    { web: "test:index:Component$", cleanup: "test:index:Component$" },
  ],
  [
    "three resources",
    (parent) => [stream, policy, archive].forEach((make) => make(parent)),
    { web: "test:index:Component$", cleanup: "test:index:Component$", bundle: "test:index:Component$" },
  ],
  [
    "one and a sibling that uses its output",
    (parent) => new Sibling(stream(parent).digest("v1"), parent),
    { web: "test:index:Component$" },
  ],
  [
    "nested components",
    (parent) => [policy(parent), new Component("inner", stream, { parent })],
    { cleanup: "test:index:Component$", web: "test:index:Component$test:index:Component$" },
  ],
  [
    "one that is the parent of another",
    (parent) => policy(stream(parent)),
    {
      web: "test:index:Component$",
      cleanup: "test:index:Component$pulumi-nodejs:dynamic/okd:ImportedImageStream$",
    },
  ],
];

describe("A component", () => {
  for (const [title, build, urns] of cases) {
    it(`registers ${title}, each with its own URN`, async () => {
      const registered = new Map<string, Readonly<Record<string, unknown>>>();
      await pulumi.runtime.setMocks(
        {
          newResource({ name, inputs }) {
            registered.set(name, inputs as Readonly<Record<string, unknown>>);
            const resolved = { v1: { digest: "sha256:1", pullSpec: "quay.io/acme/web@sha256:1" } };
            return { id: name, state: { ...(inputs as object), resolved } };
          },
          call: () => ({}),
        },
        "shop",
        "dev",
      );
      new Component("outer", build);
      // Waits for every registration, and for ever where two of them wait for each other.
      await pulumi.runtime.disconnect();

      for (const [name, parents] of Object.entries(urns)) {
        const own = String(registered.get(name)?.__urn);
        assert.ok(own.startsWith(`urn:pulumi:dev::shop::${parents}pulumi-nodejs:dynamic/okd:`), own);
      }
    }).timeout(10_000);
  }
});
