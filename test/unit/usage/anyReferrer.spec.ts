import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { createContentPool } from "../../../provider/support/contentPool.js";
import { toAnyReferrer } from "../../../provider/usage/anyReferrer.js";
import { createLiveUsage } from "../../../provider/usage/safe/index.js";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const host = "image-registry.openshift-image-registry.svc:5000";

/** Tags of these streams, of which each has v1 and v2 besides latest: `shop/web:v1`. */
const streams = ["shop/web", "shop/api", "infra/tools", "infra/base"].map((name) => {
  const [namespace = "", stream = ""] = name.split("/");
  return { namespace, name: stream, tags: ["latest", "v1", "v2", "1.5"] };
});

function tagsUsedBy(content: object, namespace = "shop"): string {
  const object = { metadata: { namespace, name: "x" }, ...content };
  const referrer = toAnyReferrer("widget.example.io", object, createContentPool());
  const usage = createLiveUsage([referrer], streams);
  assert.deepEqual(usage.invalidReferences, []);
  return [...usage.usersOfTag.keys()].sort().join(" ");
}

const everyTag = (stream: string) => ["1.5", "latest", "v1", "v2"].map((tag) => `${stream}:${tag}`).join(" ");

describe("toAnyReferrer", () => {
  it("keeps nothing of an object that names no image", () => {
    const object = { apiVersion: "example.io/v1", kind: "Widget", metadata: { namespace: "a", name: "x" } };
    assert.deepEqual(toAnyReferrer("widget.example.io", object, createContentPool()), {
      kind: "other",
      objectKind: "widget.example.io",
      namespace: "a",
      name: "x",
      mentions: undefined,
    });
  });

  it("finds digests in texts, names of fields, inline JSON and bare, not in managedFields", () => {
    const object = {
      metadata: {
        namespace: "a",
        name: "x",
        annotations: { "kubectl.kubernetes.io/last-applied-configuration": `{"a":"${digest("a")}"}` },
        managedFields: [{ fieldsV1: { [digest("f")]: {} } }],
      },
      spec: {
        script: `skopeo copy docker://r.io/a/b@${digest("b")} dir:x`,
        map: { [digest("c")]: 1 },
        image: { repository: "r.io/a/b", digest: "d".repeat(64) },
        other: "e".repeat(64),
      },
    };
    const { mentions } = toAnyReferrer("widget", object, createContentPool());
    assert.deepEqual(mentions?.digests, ["a", "b", "c", "d", "e"].map(digest));
  });

  const hex = "0a".repeat(32);
  const spellings: readonly (readonly [how: string, text: string])[] = [
    ["with capitals", `r.io/a/b@sha256:${hex.toUpperCase()}`],
    ["with an algorithm in capitals", `r.io/a/b@SHA256:${hex}`],
    ["as the tag of a signature", `r.io/a/b:sha256-${hex}.sig`],
    ["without its algorithm", hex],
    ["without its algorithm, with blanks around it", ` ${hex}\n`],
    ["as a container's ID", `cri-o://${hex}`],
    ["in words", `rolled out ${hex} on Monday`],
    ["in a URL", `docker%3A%2F%2Fr.io%2Fa%2Fb%40sha256%3A${hex}`],
    ["in JSON that is quoted twice", String.raw`{\"image\":\"r.io/a/b@sha256\u003a${hex}\"}`],
    ["in the path of a blob", `/docker/registry/v2/blobs/sha256/${hex}/data`],
    ["after blanks", `sha256: ${hex}`],
  ];
  for (const [how, text] of spellings) {
    it(`finds a digest ${how}`, () => {
      const object = { metadata: { namespace: "a", name: "x" }, status: { widget: text } };
      const { mentions } = toAnyReferrer("widget", object, createContentPool());
      assert.deepEqual(mentions?.digests, [`sha256:${hex}`]);
    });
  }

  it("takes no longer run of hexadecimal digits for a digest", () => {
    const object = { metadata: { namespace: "a", name: "x" }, data: `${hex}00 sha512:${hex}${hex}` };
    assert.equal(toAnyReferrer("widget", object, createContentPool()).mentions, undefined);
  });

  const texts: readonly (readonly [text: string, uses: string])[] = [
    [`${host}/shop/web:v1`, "shop/web:v1"],
    ["image-registry.openshift-image-registry/shop/web:v1", "shop/web:v1"],
    ["image-registry.openshift-image-registry.svc.cluster.local:5000/shop/web:v1", "shop/web:v1"],
    ["IMAGE-REGISTRY.openshift-image-registry.SVC:5000/shop/web:v1", "shop/web:v1"],
    ["default-route-openshift-image-registry.apps.example.com/shop/web:v1", "shop/web:v1"],
    ["172.30.1.1:5000/shop/web:v1", "shop/web:v1"],
    ["mirror.example/team/infra/tools:v2", "infra/tools:v2"],
    [`docker://${host}/shop/web:v1`, "shop/web:v1"],
    [`docker-daemon:${host}/shop/web:v1`, "shop/web:v1"],
    [`oci://${host}/shop/web:v1`, "shop/web:v1"],
    [`containers-storage:${host}/shop/web:v1`, "shop/web:v1"],
    [`registry:${host}/shop/web:v1`, "shop/web:v1"],
    [`ostree-unverified-registry:${host}/shop/web:v1`, "shop/web:v1"],
    [`https://user@example.com/shop/web:v1`, "shop/web:v1"],
    ["infra/tools:v1", "infra/tools:v1"],
    ["infra/tools", "infra/tools:latest"],
    ["web:v1", "shop/web:v1"],
    ["docker-daemon:web:v1", "shop/web:v1"],
    ["web", ""],
    ["/web", ""],
    ["/shop/web", ""],
    ["The image is infra/tools:v1. Use it!", "infra/tools:v1"],
    [`podman run --rm "${host}/shop/web:v1" && echo 'web:v2'`, "shop/web:v1 shop/web:v2"],
    ["--image=web", "shop/web:latest"],
    ["--image web", "shop/web:latest"],
    ["IMAGE=web", "shop/web:latest"],
    ["FROM web\nRUN true", "shop/web:latest"],
    ["FROM web AS api\nFROM api\nCOPY --from=web / /", "shop/web:latest"],
    ["--base-image=web --image api:v1", "shop/api:v1 shop/web:latest"],
    ["a,infra/tools:v1,b", "infra/tools:v1"],
    ["image:\n  repository: infra/tools\n  tag: v2\n", "infra/tools:v2"],
    ['image:\n  repository: infra/tools\n  tag: ""\n', everyTag("infra/tools")],
    ["image:\n  repository: infra/tools\n", everyTag("infra/tools")],
    ["image:\n  name: web\n  tag: 'v2'\n", "shop/web:latest shop/web:v2"],
    ["- image: web\n", "shop/web:latest"],
    ["- 'image': \"web\"\n", "shop/web:latest"],
    ["name: web\n", ""],
    ["image.repository=infra/tools,image.tag=v2", "infra/tools:v2"],
    ['{"image": "web"', "shop/web:latest"],
    ['{"image":{"name":"web","tag":"v1"}}', "shop/web:latest shop/web:v1"],
    [String.raw`run \"infra/tools:v1\"\nweb:v2\ninfra\/base:v1`, "infra/base:v1 infra/tools:v1 shop/web:v2"],
    ["FROM web\nCOPY --from=infra/tools:v2 /a /b", "infra/tools:v2 shop/web:latest"],
    [`${host}/shop/web:\${TAG}`, everyTag("shop/web")],
    [`${host}/shop/web:v\${MINOR}`, everyTag("shop/web")],
    [`${host}/shop/web:$(params.tag)`, everyTag("shop/web")],
    [`${host}/shop/web:{{ .Values.tag }}`, everyTag("shop/web")],
    ["${NAMESPACE}/web:v1", "shop/web:v1"],
    ["$NAMESPACE/web:v1", "shop/web:v1"],
    ["$(REGISTRY)/infra/tools:v1", "infra/tools:v1"],
    ["docker%3A%2F%2Fr.io%2Finfra%2Ftools%3Av1", "infra/tools:v1"],
    ["infra%2Ftools%3av1", "infra/tools:v1"],
  ];
  for (const [text, uses] of texts) {
    it(`reads ${JSON.stringify(text)} under any name`, () => {
      assert.equal(tagsUsedBy({ spec: { widget: text } }), uses);
    });
  }

  const objects: readonly (readonly [what: string, spec: object, uses: string])[] = [
    ["an image without a tag", { image: "web" }, "shop/web:latest"],
    ["a list of images", { images: ["web", { name: "api" }] }, "shop/api:latest shop/web:latest"],
    ["an image beside the names of other things", { name: "api", serviceAccount: "web" }, ""],
    ["pull secrets", { imagePullSecrets: [{ name: "web" }], imagePullPolicy: "web" }, ""],
    [
      "a reference to a tag",
      { ref: { kind: "ImageStreamTag", name: "tools:v1", namespace: "infra" } },
      "infra/tools:v1",
    ],
    [
      "a reference to a tag of its own namespace",
      { from: { kind: "ImageStreamTag", name: "web:v2" } },
      "shop/web:v2",
    ],
    [
      "a reference to a tag that says none",
      { x: { kind: "ImageStreamTag", name: "web" } },
      everyTag("shop/web"),
    ],
    [
      "a reference to a stream",
      { x: { kind: "ImageStream", name: "tools", namespace: "infra" } },
      everyTag("infra/tools"),
    ],
    ["a reference to an image", { x: { kind: "DockerImage", name: `${host}/shop/web` } }, "shop/web:latest"],
    [
      "a KubeVirt disk that names a stream",
      { source: { registry: { imageStream: "web", pullMethod: "node" } } },
      everyTag("shop/web"),
    ],
    [
      "a KubeVirt disk by URL",
      { source: { registry: { url: `docker://${host}/shop/web:v1` } } },
      "shop/web:v1",
    ],
    [
      "a Tekton bundle",
      { taskRef: { resolver: "bundles", params: [{ name: "bundle", value: `${host}/infra/tools:v1` }] } },
      "infra/tools:v1",
    ],
    [
      "a parameter that has a short name by default",
      { params: [{ name: "builder-image", type: "string", default: "web" }] },
      "shop/web:latest",
    ],
    ["repository and tag", { image: { repository: `${host}/shop/web`, tag: "v1" } }, "shop/web:v1"],
    ["a tag that is a number", { image: { repository: "shop/web", tag: 1.5 } }, "shop/web:1.5"],
    ["a tag that is empty", { image: { repository: "shop/web", tag: "" } }, everyTag("shop/web")],
    ["a tag that is templated", { repository: "shop/web", tag: "{{ .v }}" }, everyTag("shop/web")],
    ["a repository whose tag stands elsewhere", { repository: "shop/web" }, everyTag("shop/web")],
    ["a repository by digest", { repository: "shop/web", digest: digest("a") }, ""],
    [
      "registry, repository and version",
      { registry: host, repository: "shop/web", version: "v2" },
      "shop/web:v2",
    ],
    [
      "registry with namespace",
      { registry: `${host}/infra`, image: "tools", tag: "v1" },
      "infra/tools:latest infra/tools:v1",
    ],
    [
      "namespace, name and tag",
      { image: { namespace: "infra", name: "tools", tag: "v1" } },
      "infra/tools:latest infra/tools:v1",
    ],
    ["name and tag", { image: { name: "web", tag: "v2" } }, "shop/web:latest shop/web:v2"],
    [
      "imageName and imageTag",
      { imageName: "infra/tools", imageTag: "v2" },
      "infra/tools:latest infra/tools:v2",
    ],
    [
      "the images of a Kustomization",
      { images: [{ name: "x", newName: "shop/web", newTag: "v2" }] },
      "shop/web:latest shop/web:v2",
    ],
    [
      "the parameters of a chart",
      {
        parameters: [
          { name: "image.repository", value: "infra/tools" },
          { name: "image.tag", value: "v2" },
        ],
      },
      "infra/tools:v2",
    ],
    ["variables", { env: [{ name: "RUNNER_IMAGE", value: "web" }] }, "shop/web:latest"],
    [
      "options",
      { args: ["--image", "web", "--tools-image=infra/tools:v1"] },
      "infra/tools:v1 shop/web:latest",
    ],
    ["a map of images", { images: { "infra/tools:v1": true } }, "infra/tools:v1"],
    [
      "a short name that is for another namespace",
      { destination: { namespace: "infra" }, values: "image: base:v1" },
      "infra/base:v1",
    ],
    ["API versions and groups", { apiVersion: "infra/tools", labels: { "infra/tools": "x" } }, ""],
  ];
  for (const [what, spec, uses] of objects) {
    it(`reads ${what}`, () => assert.equal(tagsUsedBy({ spec }), uses));
  }

  it("reads what was applied last", () => {
    const applied = JSON.stringify({ spec: { image: { repository: "infra/tools", tag: "v2" } } });
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": applied };
    assert.equal(tagsUsedBy({ metadata: { namespace: "shop", annotations } }), "infra/tools:v2");
  });

  it("reads a Template with the values of its parameters, and every tag where one has none", () => {
    const template = {
      kind: "Template",
      parameters: [{ name: "NS", value: "infra" }, { name: "TAG", value: "v2" }, { name: "OTHER" }],
      objects: [{ spec: { image: "${NS}/tools:${TAG}" } }, { spec: { image: "${NS}/base:${OTHER}" } }],
    };
    assert.equal(tagsUsedBy(template), [everyTag("infra/base"), "infra/tools:v2"].join(" "));
  });

  const unit = `[Container]\nImage=r.io/infra/tools:v1\n# ${hex}\n`;
  const files: readonly (readonly [how: string, source: string])[] = [
    ["as it is", `data:,${unit}`],
    ["encoded as a URL", `data:text/plain;charset=utf-8,${encodeURIComponent(unit)}`],
    ["in base64", `data:text/plain;charset=utf-8;base64,${Buffer.from(unit).toString("base64")}`],
    ["packed", `data:;base64,${gzipSync(unit).toString("base64")}`],
  ];
  for (const [how, source] of files) {
    it(`reads a file of machine configuration ${how}`, () => {
      const spec = { config: { storage: { files: [{ path: "/etc/tools", contents: { source } }] } } };
      assert.equal(tagsUsedBy({ spec }), "infra/tools:v1");
      const object = { metadata: { namespace: "", name: "x" }, spec };
      const { mentions } = toAnyReferrer("machineconfig", object, createContentPool());
      assert.deepEqual(mentions?.digests, [`sha256:${hex}`]);
    });
  }

  it("unpacks no file that grows very long", () => {
    const bomb = `infra/tools:v1 ${" ".repeat(16 * 1024 * 1024)}`;
    const source = `data:;base64,${gzipSync(bomb).toString("base64")}`;
    assert.equal(tagsUsedBy({ spec: { source } }), "");
  });

  const tagsElsewhere: readonly (readonly [what: string, spec: object])[] = [
    ["in the object around it", { version: "v1", components: { tools: { image: "r.io/infra/tools" } } }],
    ["in an object beside it", { image: "r.io/infra/tools", release: { tag: "v1" } }],
    ["in a list beside it", { image: "infra/tools", tags: ["v1", "v2"] }],
    ["beside the list of names", { repositories: ["infra/base", "infra/tools"], tag: "v1" }],
    ["beside a path", { image: { host: "r.io", path: "infra/tools", tag: "v1" } }],
  ];
  for (const [where, spec] of tagsElsewhere) {
    it(`takes a tag for one of an image without a tag when it stands ${where}`, () => {
      assert.match(tagsUsedBy({ spec }), /\binfra\/tools:v1\b/);
    });
  }

  const elsewhere: readonly (readonly [what: string, namespace: string, spec: object])[] = [
    ["an object without a namespace", "", { image: "tools:v1" }],
    ["an object of another namespace", "ops", { image: "tools:v1" }],
    ["a list of namespaces", "ops", { namespaces: ["a", "infra"], image: "tools:v1" }],
    [
      "more namespaces than are combined",
      "ops",
      {
        targets: [...Array.from({ length: 20 }, (_, at) => `n${at}`), "infra"].map((namespace) => ({
          namespace,
        })),
        image: "tools:v1",
      },
    ],
    [
      "the settings of a chart",
      "ops",
      { global: { imageRegistry: `${host}/infra` }, image: { repository: "tools", tag: "v1" } },
    ],
  ];
  for (const [what, namespace, spec] of elsewhere) {
    it(`finds a short name of ${what} in every namespace, when it may be looked for there`, () => {
      const object = { metadata: { namespace, name: "x" }, spec };
      const referrer = toAnyReferrer("widget", object, createContentPool());
      const usage = createLiveUsage([referrer], streams, undefined, "any namespace");
      assert.ok(usage.usersOfTag.has("infra/tools:v1"));
    });
  }

  it("finds a short name only in the object's own namespace, when there is such a stream", () => {
    const object = { metadata: { namespace: "a", name: "x" }, spec: { image: "web:v1" } };
    const known = [...streams, { namespace: "a", name: "web", tags: ["v1"] }];
    const referrer = toAnyReferrer("widget", object, createContentPool());
    const usage = createLiveUsage([referrer], known, undefined, "any namespace");
    assert.deepEqual([...usage.usersOfTag.keys()], ["a/web:v1"]);
  });

  it("finds no short name for an object without a namespace", () => {
    assert.equal(tagsUsedBy({ metadata: { name: "x" }, spec: { image: "web:v1" } }), "");
  });

  it("reads hostile content in time that grows with its size", function () {
    this.timeout(120_000);
    let deep: unknown = "infra/tools:v1";
    for (let depth = 0; depth < 200_000; depth += 1) deep = { a: deep };
    const long = [
      "-",
      ":",
      "/",
      "a/",
      "a:",
      "=",
      "@",
      "\\n",
      "$",
      "a=",
      "sha256:",
      ".",
      "a.",
      "--a ",
      "\\",
      "FROM $A\\\n",
      "RUN <<A\n",
      "ARG A=$A\n",
    ];
    const content = {
      deep,
      texts: long.map((part) => part.repeat(1_000_000 / part.length)),
      fields: Object.fromEntries(Array.from({ length: 200_000 }, (_, at) => [`image${at}`, "a"])),
      pairs: Array.from({ length: 100_000 }, (_, at) => ({ repository: `a${at}/b`, tag: `v${at}` })),
      namespaces: Array.from({ length: 10_000 }, (_, at) => ({ namespace: `n${at}`, image: `i${at}:v1` })),
      images: Array.from({ length: 100_000 }, (_, at) => `a${at}`),
      tags: Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`${at}tag`, `t${at}`])),
    };
    assert.equal(tagsUsedBy(content), "infra/tools:v1");
  });
});
