import assert from "node:assert/strict";
import { findUsers } from "../../../../provider/usage/findUsers.js";
import { describeInvalidReference } from "../../../../provider/usage/oc/index.js";
import type {
  ImageSource,
  OtherReferrer,
  PodReferrer,
  Referrer,
  TemplateReferrer,
} from "../../../../provider/usage/referrer.js";
import { createLiveUsage, isLive, type LiveUsage } from "../../../../provider/usage/safe/index.js";
import {
  digestsInImageId,
  imagesNamedBy,
  imagesNamedBySource,
  type NamedImages,
} from "../../../../provider/usage/safe/reading.js";
import { streamReferrer } from "../../../../provider/usage/toReferrer.js";

const hex = "d".repeat(64);
const digest = `sha256:${hex}`;
const noMentions = { pullSpecs: [], sources: [], digests: [], imageIds: [] };

/** `D D shop/web:v1 problem`; `~` for the namespace of whoever names it. */
function summary({ digests, tag, problem }: NamedImages): string {
  const named = tag === undefined ? [] : [`${tag.namespace ?? "~"}/${tag.stream}:${tag.tag}`];
  const short = digests.map((each) => (each === digest ? "D" : each));
  return [...short, ...named, ...(problem === undefined ? [] : [problem])].join(" ");
}

function source(kind: string, name: string, namespace = ""): ImageSource {
  return { kind, name, namespace };
}

describe("imagesNamedBy", () => {
  for (const [text, expected] of [
    [`r.io/shop/web@${digest}`, "D"],
    [`quay.io/shop/web:v1@${digest}`, "D"],
    [`shop/web@${digest}`, "D"],
    [`reg/extra/shop/web@${digest}`, "D"],
    [`web@${digest}`, "D"],
    [`my.app@${digest}`, "D"],
    [`  r.io/shop/web@SHA256:${hex.toUpperCase()}\n`, "D unsupported digest algorithm"],
    ["r.io/shop/web:v1", "shop/web:v1"],
    [" r.io/shop/web ", "shop/web:latest"],
    ["registry:5000/shop/web:v1", "shop/web:v1"],
    ["registry/shop/web:v1", "shop/web:v1"],
    ["shop/web:v1", "shop/web:v1"],
    ["r.io/a/b/shop/web:v1", "shop/web:v1"],
    ["a/b/c/d/e", "d/e:latest"],
    ["app:v1", "~/app:v1"],
    ["app", "~/app:latest"],
    ["r.io/app:v1", "~/app:v1"],
    ["my.app:v1", "~/my.app:v1"],
    ["localhost", "~/localhost:latest"],
    [" \n", ""],
    ["", ""],
    ["::", "invalid reference format"],
    ["r.io/shop/WEB:v1", "repository name must be lowercase"],
    [`r.io/shop/WEB@${digest}`, "D repository name must be lowercase"],
    [`{"a":"${digest}","b":"${digest}"}`, "D D invalid reference format"],
  ] as const) {
    it(`reads ${JSON.stringify(text).slice(0, 50)}`, () =>
      assert.equal(summary(imagesNamedBy(text)), expected));
  }
});

describe("imagesNamedBySource", () => {
  for (const [from, expected] of [
    [source("DockerImage", " r.io/x/shop/web:v1 "), "shop/web:v1"],
    [source("DockerImage", `web@${digest}`), "D"],
    [source("ImageStreamTag", " web:v1 "), "mine/web:v1"],
    [source("ImageStreamTag", "web:v1", "shop"), "shop/web:v1"],
    [source("ImageStreamTag", "web"), 'expected exactly one : delimiter in the istag "web"'],
    [source("ImageStreamImage", `web@${digest.toUpperCase().replace("SHA", "sha")}`), "D"],
    [source("ImageStreamImage", digest), `D expected exactly one @ in the isimage name "${digest}"`],
    [source("Widget", "anything"), ""],
  ] as const) {
    it(`reads ${from.kind} ${JSON.stringify(from.name).slice(0, 30)} of ${from.namespace || "its own namespace"}`, () =>
      assert.equal(summary(imagesNamedBySource(from, "mine")), expected));
  }
});

describe("digestsInImageId", () => {
  for (const text of [
    hex,
    digest,
    `r.io/shop/web@${digest}`,
    `docker-pullable://r.io/x@${digest}`,
    `docker://${hex}`,
  ]) {
    it(`reads ${text.slice(0, 40)}`, () => assert.deepEqual(digestsInImageId(text), [digest]));
  }

  it("finds nothing in an empty text", () => assert.deepEqual(digestsInImageId("sha256:abc"), []));
});

const pod: PodReferrer = {
  kind: "pod",
  namespace: "shop",
  name: "web-1",
  phase: "Running",
  createdAt: 0,
  images: [{ role: "container", name: "web", image: "web" }],
};

describe("isLive", () => {
  for (const [phase, createdAt, expected] of [
    ["Running", -Infinity, true],
    ["Pending", -Infinity, true],
    ["Unknown", -Infinity, true],
    ["Succeeded", 9, false],
    ["Failed", 9, false],
    ["Succeeded", 10, true],
    ["Failed", 10, true],
  ] as const) {
    it(`${phase} of ${createdAt}`, () => assert.equal(isLive({ ...pod, phase, createdAt }, 10), expected));
  }

  it("counts everything else", () => {
    assert.equal(isLive({ kind: "job", namespace: "a", name: "b", images: [] }, 10), true);
  });
});

function keysOf(users: ReadonlyMap<string, readonly Referrer[]>): readonly string[] {
  return [...users].map(([key, referrers]) => `${key} ${referrers.map(({ name }) => name).join()}`);
}

describe("createLiveUsage", () => {
  const usageOf = (...referrers: readonly Referrer[]): LiveUsage => createLiveUsage(referrers);

  it("reads the images of pods and templates, each object once", () => {
    const deployment: TemplateReferrer = {
      kind: "deployment",
      namespace: "shop",
      name: "api",
      images: [
        { role: "init container", name: "a", image: `x@${digest}` },
        { role: "container", name: "b", image: `y@${digest}` },
        { role: "container", name: "c", image: "r.io/other/web:v1" },
      ],
    };
    const usage = usageOf(pod, deployment);
    assert.deepEqual(keysOf(usage.usersOfDigest), [`${digest} api`]);
    assert.deepEqual(keysOf(usage.usersOfTag), ["shop/web:latest web-1", "other/web:v1 api"]);
  });

  it("reads builds", () => {
    const usage = usageOf(
      { kind: "build", namespace: "shop", name: "b", from: source("ImageStreamTag", "web:v1") },
      { kind: "buildconfig", namespace: "shop", name: "c", from: undefined },
    );
    assert.deepEqual(keysOf(usage.usersOfTag), ["shop/web:v1 b"]);
  });

  it("reads everything that any object mentions", () => {
    const usage = usageOf({
      ...pod,
      images: [],
      mentions: {
        pullSpecs: [{ field: "volume v", text: "r.io/a/b:c" }],
        sources: [source("ImageStreamTag", "d:e")],
        digests: [`sha256:${"A".repeat(64)}`],
        imageIds: [hex],
      },
    });
    assert.deepEqual(keysOf(usage.usersOfTag), ["a/b:c web-1", "shop/d:e web-1"]);
    assert.deepEqual(keysOf(usage.usersOfDigest), [`sha256:${"a".repeat(64)} web-1`, `${digest} web-1`]);
    assert.deepEqual([...usage.imageIds], [digest]);
  });

  it("lists references that cannot be read, with the namespace of a source", () => {
    const node: OtherReferrer = {
      kind: "other",
      objectKind: "node",
      namespace: "",
      name: "n1",
      mentions: {
        ...noMentions,
        pullSpecs: [{ field: "volume v", text: "::" }],
        sources: [source("ImageStreamTag", "web", "shop"), source("DockerImage", "::")],
      },
    };
    assert.deepEqual(usageOf(node).invalidReferences.map(describeInvalidReference), [
      'node/n1: volume v: invalid image reference "::": invalid reference format',
      'node/n1: invalid ImageStreamTag reference "shop/web": expected exactly one : delimiter in the istag "web"',
      'node/n1: invalid image reference "::": invalid reference format',
    ]);
  });
});

describe("streamReferrer", () => {
  it("reads a source without a colon as a tag of the stream itself", () => {
    const stream = streamReferrer({ namespace: "shop", name: "web" }, [
      source("ImageStreamTag", "v1"),
      source("ImageStreamTag", "api:v2", "other"),
      source("DockerImage", "quay.io/x/y"),
    ]);
    assert.deepEqual(keysOf(createLiveUsage([stream]).usersOfTag), [
      "shop/web:v1 web",
      "other/api:v2 web",
      "x/y:latest web",
    ]);
  });
});

describe("findUsers", () => {
  const target = { namespace: "shop", name: "web", tags: ["v2", "latest"], digests: [digest], upstreams: [] };
  const using = (name: string, ...images: readonly string[]): PodReferrer => ({
    ...pod,
    name,
    images: images.map((image) => ({ role: "container", name: "c", image })),
  });

  it("names who uses a tag or a digest that would vanish, and by what", () => {
    const users = findUsers(
      [
        using("z", `mirror/x/y@${digest}`, "r.io/shop/web:latest"),
        using("a", "web:v2", "r.io/shop/web"),
        using("none", "r.io/shop/web:v1", "r.io/other/web", `r.io/shop/web@sha256:${"e".repeat(64)}`),
        {
          kind: "other",
          objectKind: "node",
          namespace: "",
          name: "n",
          mentions: { ...noMentions, digests: [digest] },
        },
      ],
      target,
    );
    assert.deepEqual(
      users.map(({ referrer, uses }) => [referrer.name, ...uses]),
      [
        ["n", digest],
        ["a", "latest", "v2"],
        ["z", "latest", digest],
      ],
    );
  });

  it("finds nobody when nothing vanishes", () => {
    assert.deepEqual(findUsers([using("a", "web")], { ...target, tags: [], digests: [] }), []);
  });

  it("passes over users that name the digest at its source alone, in whatever form", () => {
    const at = (...images: readonly string[]): Referrer => ({
      kind: "deployment",
      namespace: "shop",
      name: images.join(),
      images: images.map((image) => ({ role: "container", name: "main", image })),
      mentions: { ...noMentions, digests: [digest], imageIds: [`docker-pullable://${images[0] ?? ""}`] },
    });
    const source = `quay.io/acme/web:v1@${digest}`;
    const elsewhere = `mirror.example/acme/web@${digest}`;
    const upstreams = ["quay.io/acme/web"];
    const users = findUsers([at(source), at(source, elsewhere)], { ...target, tags: [], upstreams });

    assert.deepEqual(
      users.map(({ referrer }) => referrer.name),
      [`${source},${elsewhere}`],
    );
  });
});
