import assert from "node:assert/strict";
import fc from "fast-check";
import { createContentPool } from "../../../provider/support/contentPool.js";
import { toAnyReferrer } from "../../../provider/usage/anyReferrer.js";
import { toBuildReferrer } from "../../../provider/usage/build.js";
import { digestsIn } from "../../../provider/usage/customResources/digests.js";
import type { Mentions } from "../../../provider/usage/referrer.js";
import {
  toNodeReferrer,
  toPodReferrer,
  toRevisionReferrer,
  toTemplateReferrer,
} from "../../../provider/usage/toReferrer.js";

const hex = (letter: string) => letter.repeat(64);
const digest = (letter: string) => `sha256:${hex(letter)}`;
const pool = () => createContentPool();
const metadata = { namespace: "shop", name: "web" };
const nothing: Mentions = { pullSpecs: [], sources: [], digests: [], imageIds: [] };
const tag = (name: string, namespace = "") => ({ kind: "ImageStreamTag", namespace, name });

describe("toPodReferrer", () => {
  const pod = (spec: object, more: object = {}) => toPodReferrer({ metadata, spec, ...more }, pool());

  it("keeps phase, age and the images of init containers, then containers, as written", () => {
    const projected = toPodReferrer(
      {
        metadata: { ...metadata, creationTimestamp: "2026-11-21T08:00:00Z" },
        spec: {
          containers: [{ name: "app", image: " odd " }, { name: "empty" }],
          initContainers: [{ name: "setup", image: "r.io/a/b" }],
        },
        status: { phase: "Succeeded" },
      },
      pool(),
    );
    assert.deepEqual(projected, {
      kind: "pod",
      namespace: "shop",
      name: "web",
      phase: "Succeeded",
      createdAt: Date.parse("2026-11-21T08:00:00Z"),
      images: [
        { role: "init container", name: "setup", image: "r.io/a/b" },
        { role: "container", name: "app", image: " odd " },
        { role: "container", name: "empty", image: "" },
      ],
      mentions: undefined,
    });
  });

  it("reads nothing of its containers' IDs, so that equal pods are equal", () => {
    const ended = { terminated: { containerID: `cri-o://${hex("b")}`, message: `pushed ${hex("c")}` } };
    const status = { containerStatuses: [{ containerID: `cri-o://${hex("a")}`, lastState: ended }] };
    const ownerReferences = [{ kind: "ReplicaSet", name: "web", controller: true }];
    for (const described of [metadata, { ...metadata, ownerReferences }]) {
      const { mentions } = toPodReferrer({ metadata: described, status }, pool());
      assert.deepEqual(mentions?.digests, [digest("c")]);
    }
    const { mentions } = toAnyReferrer("widget", { metadata, status }, pool());
    assert.deepEqual(mentions?.digests, ["a", "b", "c"].map(digest));
  });

  it("makes a pod without a time infinitely old", () => {
    for (const creationTimestamp of [null, undefined, "yesterday"]) {
      const projected = toPodReferrer({ metadata: { ...metadata, creationTimestamp } }, pool());
      assert.equal(projected.createdAt, -Infinity);
    }
  });

  it("mentions ephemeral containers and image volumes", () => {
    const { mentions } = pod({
      ephemeralContainers: [{ name: "debug", image: "r.io/shop/tools:1" }],
      volumes: [
        { name: "model", image: { reference: "r.io/shop/model:2" } },
        { name: "tmp", emptyDir: {} },
      ],
    });
    assert.deepEqual(mentions, {
      ...nothing,
      pullSpecs: [
        { field: "ephemeral container debug", text: "r.io/shop/tools:1" },
        { field: "volume model", text: "r.io/shop/model:2" },
      ],
    });
  });

  it("mentions image IDs as written, each once, bare ones too", () => {
    const { mentions } = pod(
      {},
      {
        status: {
          initContainerStatuses: [{ imageID: hex("c") }],
          containerStatuses: [{ imageID: `r.io/a/b@${digest("a")}` }, { imageID: "" }],
          ephemeralContainerStatuses: [{ imageID: `r.io/a/b@${digest("a")}` }],
        },
      },
    );
    assert.deepEqual(mentions?.imageIds, [hex("c"), `r.io/a/b@${digest("a")}`]);
    assert.deepEqual(mentions.digests, [digest("a"), digest("c")]);
  });

  it("mentions digests in env, args, annotations and names of fields, not those of managedFields", () => {
    const { mentions } = toPodReferrer(
      {
        metadata: {
          ...metadata,
          annotations: { applied: JSON.stringify({ image: `r.io/a/b@${digest("b")}` }) },
          managedFields: [{ fieldsV1: { [`k:{"image":"${digest("f")}"}`]: {} } }],
        },
        spec: {
          containers: [
            {
              name: "app",
              image: "r.io/a/b",
              env: [{ name: "RELATED_IMAGE_X", value: `quay.io/x@${digest("a")}` }],
              args: [`--image=${digest("c")},${digest("d")}`],
            },
          ],
          nodeSelector: { [digest("e")]: "" },
        },
      },
      pool(),
    );
    assert.deepEqual(mentions?.digests, ["a", "b", "c", "d", "e"].map(digest));
  });
});

describe("toTemplateReferrer", () => {
  const podSpec = { containers: [{ name: "app", image: "r.io/a/b:1" }] };
  const images = [{ role: "container", name: "app", image: "r.io/a/b:1" }];

  it("reads the pod template of every kind", () => {
    const workload = { metadata, spec: { template: { spec: podSpec } } };
    for (const kind of ["deployment", "replicaset", "replicationcontroller", "job"] as const) {
      const projected = toTemplateReferrer(kind, workload, pool());
      assert.deepEqual(projected, { kind, ...metadata, images, mentions: undefined });
    }
  });

  it("reads the template of a CronJob's Jobs", () => {
    const cronJob = { metadata, spec: { jobTemplate: { spec: { template: { spec: podSpec } } } } };
    assert.deepEqual(toTemplateReferrer("cronjob", cronJob, pool()).images, images);
  });

  it("reads nothing where a controller has no template", () => {
    const controller = { metadata, spec: { template: null } };
    assert.deepEqual(toTemplateReferrer("replicationcontroller", controller, pool()).images, []);
  });

  it("mentions the triggers of a DeploymentConfig, and the image that was triggered last", () => {
    const config = {
      metadata,
      spec: {
        template: { spec: podSpec },
        triggers: [
          { type: "ConfigChange" },
          {
            type: "ImageChange",
            imageChangeParams: {
              from: { kind: "ImageStreamTag", name: "web:live", namespace: "build" },
              lastTriggeredImage: `r.svc:5000/build/web@${digest("a")}`,
            },
          },
          { type: "ImageChange", imageChangeParams: { from: { kind: "DockerImage", name: "x/y" } } },
        ],
      },
    };
    assert.deepEqual(toTemplateReferrer("deploymentconfig", config, pool()).mentions, {
      ...nothing,
      sources: [tag("web:live", "build")],
      digests: [digest("a")],
      possibleSpecs: ["x/y:latest"],
    });
  });

  it("mentions the tags in the triggers annotation, and passes over one that cannot be read", () => {
    const annotated = (text: unknown) =>
      toTemplateReferrer(
        "deployment",
        { metadata: { ...metadata, annotations: { "image.openshift.io/triggers": text } } },
        pool(),
      ).mentions;
    const triggers = [
      { from: { kind: "ImageStreamTag", name: "web:live" }, fieldPath: "spec.x" },
      { from: { kind: "Other", name: "no" } },
    ];
    assert.deepEqual(annotated(JSON.stringify(triggers)), {
      ...nothing,
      sources: [tag("web:live")],
      possibleSpecs: ["no:latest"],
    });
    for (const text of ["[{", "null", '"x"', "{}", 7]) assert.equal(annotated(text), undefined);
  });
});

describe("toBuildReferrer", () => {
  it("reads what the first strategy builds from", () => {
    const from = tag("base:1");
    const build = (strategy: object) => toBuildReferrer("build", { metadata, spec: { strategy } }, pool());
    assert.deepEqual(build({ sourceStrategy: { from } }).from, from);
    assert.deepEqual(build({ dockerStrategy: { from } }).from, from);
    assert.deepEqual(build({ customStrategy: { from } }).from, from);
    assert.equal(build({ sourceStrategy: {}, dockerStrategy: { from } }).from, undefined);
    assert.deepEqual(build({ sourceStrategy: null, dockerStrategy: { from } }).from, from);
    assert.equal(build({ jenkinsPipelineStrategy: {} }).from, undefined);
  });

  it("mentions source images, the output, triggers and what was built", () => {
    const config = {
      metadata,
      spec: {
        source: { images: [{ from: tag("tools:1", "ci") }, {}] },
        output: { to: { kind: "ImageStreamTag", name: "web:latest" } },
        triggers: [{ type: "ImageChange", imageChange: { from: tag("base:2") } }, { type: "GitHub" }],
        triggeredBy: [{ imageChangeBuild: { fromRef: tag("base:3") } }],
      },
      status: { outputDockerImageReference: `r.io/shop/web@${digest("a")}` },
    };
    assert.deepEqual(toBuildReferrer("buildconfig", config, pool()).mentions, {
      ...nothing,
      sources: [tag("tools:1", "ci"), tag("web:latest"), tag("base:2"), tag("base:3")],
      digests: [digest("a")],
    });
  });
});

describe("other kinds", () => {
  it("reads the containers in a ControllerRevision, wherever they are", () => {
    const revision = {
      metadata,
      data: {
        spec: {
          template: {
            spec: {
              containers: [{ name: "db", image: "r.io/shop/db:old" }],
              initContainers: [{ name: "setup", image: `r.io/shop/setup@${digest("a")}` }],
            },
          },
        },
      },
      revision: 3,
    };
    assert.deepEqual(toRevisionReferrer(revision, pool()), {
      kind: "other",
      objectKind: "controllerrevision",
      ...metadata,
      mentions: {
        ...nothing,
        pullSpecs: [
          { field: "init container setup", text: `r.io/shop/setup@${digest("a")}` },
          { field: "container db", text: "r.io/shop/db:old" },
        ],
        digests: [digest("a")],
      },
    });
  });

  it("reads the images that a node runs and is to run, not those that it has cached", () => {
    const prefix = "machineconfiguration.openshift.io";
    const node = {
      metadata: {
        name: "worker-1",
        annotations: {
          [`${prefix}/currentImage`]: `r.io/os@${digest("a")}`,
          [`${prefix}/desiredImage`]: "r.io/os/image:2",
          unrelated: "x",
        },
      },
      status: { images: [{ names: [`r.io/shop/web@${digest("b")}`] }] },
    };
    assert.deepEqual(toNodeReferrer(node, pool()), {
      kind: "other",
      objectKind: "node",
      namespace: "",
      name: "worker-1",
      mentions: {
        ...nothing,
        pullSpecs: [
          { field: `annotation ${prefix}/currentImage`, text: `r.io/os@${digest("a")}` },
          { field: `annotation ${prefix}/desiredImage`, text: "r.io/os/image:2" },
        ],
        digests: [digest("a")],
      },
    });
  });
});

describe("projections of anything", () => {
  const projections: readonly ((object: unknown) => unknown)[] = [
    (object) => toPodReferrer(object, pool()),
    (object) => toTemplateReferrer("deploymentconfig", object, pool()),
    (object) => toTemplateReferrer("cronjob", object, pool()),
    (object) => toBuildReferrer("build", object, pool()),
    (object) => toRevisionReferrer(object, pool()),
    (object) => toNodeReferrer(object, pool()),
    (object) => toAnyReferrer("widget", object, pool()),
  ];

  /** Anything below the fields that the projections look at, so that they get further than the first one. */
  const almostAnObject = fc.dictionary(
    fc.constantFrom(
      "metadata",
      "spec",
      "status",
      "data",
      "template",
      "containers",
      "annotations",
      "triggers",
    ),
    fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.jsonValue(),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom(
            "spec",
            "template",
            "jobTemplate",
            "containers",
            "initContainers",
            "volumes",
            "image",
            "images",
            "annotations",
            "image.openshift.io/triggers",
            "triggers",
            "strategy",
            "sourceStrategy",
            "from",
            "source",
            "output",
            "to",
            "name",
            "namespace",
            "kind",
            "imageChangeParams",
            "containerStatuses",
          ),
          tie("value"),
        ),
      ),
    })).value,
  );

  it("never throw", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), almostAnObject), (object) => {
        for (const project of projections) project(object);
      }),
      { numRuns: 500 },
    );
  });

  it("do not overflow on deep objects", () => {
    let deep: unknown = digest("a");
    for (let depth = 0; depth < 100_000; depth += 1) deep = { containers: [deep] };
    for (const project of projections) project({ metadata, spec: deep, data: deep });
    assert.deepEqual(digestsIn([deep], pool()), [digest("a")]);
  });

  const anyDigest = fc
    .array(fc.constantFrom(...Array.from({ length: 16 }, (_, value) => value.toString(16))), {
      minLength: 64,
      maxLength: 64,
    })
    .map((letters) => `sha256:${letters.join("")}`);

  it("find every digest, wherever it stands", () => {
    const planted = fc.record({
      digests: fc.array(anyDigest, { minLength: 1, maxLength: 5 }),
      noise: fc.jsonValue(),
      before: fc.string(),
      after: fc.string().filter((text) => !/^[0-9a-f]/.test(text)),
      asName: fc.boolean(),
    });
    fc.assert(
      fc.property(planted, ({ digests, noise, before, after, asName }) => {
        const texts = digests.map((each) => `${before}${each}${after}`);
        const object = asName
          ? { noise, spec: Object.fromEntries(texts.map((text) => [text, noise])) }
          : { noise, spec: [texts.map((text) => ({ deeper: [text] }))] };
        const { mentions } = toAnyReferrer("widget", object, pool());
        for (const each of digests) assert.ok(mentions?.digests.includes(each), each);
      }),
      { numRuns: 300 },
    );
  });

  it("find a digest at every place of a text, and none that is too short there", () => {
    for (let before = 0; before < 200; before += 1) {
      const text = (digits: number) => `${"-".repeat(before)}${"Aa".repeat(digits / 2)}-`;
      assert.deepEqual(digestsIn([text(64)], pool()), [`sha256:${"aa".repeat(32)}`]);
      assert.deepEqual(digestsIn([text(62)], pool()), []);
    }
  });

  it("find nothing that is no digest", () => {
    const texts = [
      `${hex("a")}a`,
      `sha256:${"a".repeat(63)}`,
      `sha512:${hex("a")}${hex("a")}`,
      `sha256:${hex("g")}`,
      `x${hex("a")}`,
    ];
    assert.deepEqual(digestsIn(texts, pool()), []);
  });
});
