import assert from "node:assert/strict";
import { createUsageIndex, describeInvalidReference } from "../../../../provider/usage/oc/index.js";
import { quoteLikeGo } from "../../../../provider/usage/oc/quoteLikeGo.js";
import { readImageSource, readPullSpec, type ReadUse } from "../../../../provider/usage/oc/reading.js";
import type { BuildReferrer, ImageSource, TemplateReferrer } from "../../../../provider/usage/referrer.js";

const digest = `sha256:${"d".repeat(64)}`;

/** `tag shop/web:v1`, `digest shop/web@...`, `none`, or what is wrong. */
function summary(use: ReadUse): string {
  switch (use.kind) {
    case "none":
      return "none";
    case "tag":
      return `tag ${use.namespace}/${use.stream}:${use.tag}`;
    case "digest":
      return `digest ${use.namespace}/${use.stream}@${use.digest === digest ? "D" : use.digest}`;
    case "invalid":
      return use.problem;
  }
}

describe("readPullSpec", () => {
  for (const [text, expected] of [
    [`r.io/shop/web@${digest}`, "digest shop/web@D"],
    [`quay.io/shop/web:v1@${digest}`, "digest shop/web@D"],
    ["quay.io/shop/web", "tag shop/web:latest"],
    ["registry:5000/shop/web:v1", "tag shop/web:v1"],
    ["localhost/shop/web:v1", "tag shop/web:v1"],
    [`shop/web@${digest}`, "none"],
    ["registry/shop/web:latest", "none"],
    [`r.io/x/shop/web@${digest}`, "none"],
    ["garbage", "none"],
    ["r.io/web:v1", "none"],
    ["a/b/c/d/e", "none"],
    ["", "none"],
    [" \u0085\n", "none"],
    [" r.io/shop/web", "invalid reference format"],
    ["r.io/shop/WEB", "repository name must be lowercase"],
    ["r.io/shop/web@sha256:12", "invalid reference format"],
  ] as const) {
    it(`reads ${JSON.stringify(text).slice(0, 50)}`, () =>
      assert.equal(summary(readPullSpec(text)), expected));
  }
});

describe("readImageSource", () => {
  const source = (kind: string, name: string, namespace = ""): ImageSource => ({ kind, name, namespace });

  for (const [from, expected] of [
    [source("DockerImage", "r.io/shop/web:v1"), "tag shop/web:v1"],
    [source("ImageStreamTag", "web:v1"), "tag mine/web:v1"],
    [source("ImageStreamTag", "web:v1", "shop"), "tag shop/web:v1"],
    [source("ImageStreamTag", "web"), 'expected exactly one : delimiter in the istag "web"'],
    [source("ImageStreamTag", "a:b:c"), 'expected exactly one : delimiter in the istag "a:b:c"'],
    [source("ImageStreamTag", "web:"), 'image stream tag name "web:" must have a name and a tag'],
    [source("ImageStreamTag", "web@D"), '"web@D" is an image stream image, not an image stream tag'],
    [source("ImageStreamImage", `web@${digest}`), "digest mine/web@D"],
    [source("ImageStreamImage", "web"), 'expected exactly one @ in the isimage name "web"'],
    [source("ImageStreamImage", "@x"), 'image stream image name "@x" must have a name and ID'],
    [source("ImageStreamImage", "a@b@c"), 'expected exactly one @ in the isimage name "a@b@c"'],
    [source("Widget", "anything"), "none"],
  ] as const) {
    it(`reads ${from.kind} ${JSON.stringify(from.name).slice(0, 30)} of ${from.namespace || "its own namespace"}`, () =>
      assert.equal(summary(readImageSource(from, "mine")), expected));
  }
});

describe("createUsageIndex", () => {
  const deployment: TemplateReferrer = {
    kind: "deployment",
    namespace: "shop",
    name: "web",
    images: [
      { role: "init container", name: "setup", image: `r.io/shop/tools@${digest}` },
      { role: "container", name: "web", image: "r.io/shop/web:v1" },
      { role: "container", name: "broken", image: "::" },
    ],
  };
  const build: BuildReferrer = {
    kind: "build",
    namespace: "",
    name: "web-1",
    from: { kind: "ImageStreamTag", namespace: "shop", name: "web:v1" },
  };
  const nothing: BuildReferrer = {
    kind: "buildconfig",
    namespace: "shop",
    name: "pipeline",
    from: undefined,
  };
  const usage = createUsageIndex([deployment, build, nothing]);

  it("finds the users of a tag", () => {
    assert.deepEqual(usage.usersOfTag("shop", "web", "v1"), [deployment, build]);
    assert.deepEqual(usage.usersOfTag("shop", "web", "v2"), []);
  });

  it("finds the users of a digest of one stream, and not of another", () => {
    assert.deepEqual(usage.usersOfDigest("shop", "tools", digest), [deployment]);
    assert.deepEqual(usage.usersOfDigest("shop", "web", digest), []);
  });

  it("lists references that cannot be read with their object and field", () => {
    assert.deepEqual(usage.invalidReferences.map(describeInvalidReference), [
      'deployment/web namespace=shop: container broken: invalid image reference "::": invalid reference format',
    ]);
  });

  it("words an object without a namespace as oc does", () => {
    const broken = createUsageIndex([
      { ...build, from: { kind: "ImageStreamTag", namespace: "", name: "web" } },
    ]);
    assert.deepEqual(broken.invalidReferences.map(describeInvalidReference), [
      'build/web-1: invalid ImageStreamTag reference "web": expected exactly one : delimiter in the istag "web"',
    ]);
  });
});

describe("quoteLikeGo", () => {
  for (const [text, expected] of [
    ["plain text/ü", '"plain text/ü"'],
    ['"\\', '"\\"\\\\"'],
    ["\u0007\b\f\n\r\t\v", '"\\a\\b\\f\\n\\r\\t\\v"'],
    ["\u0000\u001b\u007f", '"\\x00\\x1b\\x7f"'],
    ["\u00a0\u200b\u{e0001}", '"\\u00a0\\u200b\\U000e0001"'],
    ["\ud800", '"\ufffd"'],
  ] as const) {
    it(`quotes ${JSON.stringify(text)}`, () => assert.equal(quoteLikeGo(text), expected));
  }
});
