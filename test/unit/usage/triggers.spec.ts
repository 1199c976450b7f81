import assert from "node:assert/strict";
import { createContentPool } from "../../../provider/support/contentPool.js";
import { toTriggered, type TriggeredKind } from "../../../provider/usage/triggers.js";

const metadata = { namespace: "shop", name: "web" };
const from = (name = "web:v1", more: object = {}) => ({ kind: "ImageStreamTag", name, ...more });
const containers = [{ name: "main", image: "x" }];
const podSpec = { containers, initContainers: [{ name: "setup", image: "y" }] };
const template = { template: { spec: podSpec } };
const fieldPath = 'spec.template.spec.containers[?(@.name=="main")].image';

/** `NAMESPACE/STREAM:TAG` of each trigger, with `paused` behind it where it is. */
function triggers(kind: TriggeredKind, object: object): readonly string[] {
  const found = toTriggered(kind, { metadata, ...object }, createContentPool())?.triggers ?? [];
  return found.map(
    ({ namespace, stream, tag, isPaused }) => `${namespace}/${stream}:${tag}${isPaused ? " paused" : ""}`,
  );
}

const annotated = (list: unknown, spec: object = template, kind: TriggeredKind = "deployment") =>
  triggers(kind, {
    metadata: {
      ...metadata,
      annotations: { "image.openshift.io/triggers": typeof list === "string" ? list : JSON.stringify(list) },
    },
    spec,
  });

describe("triggers in an annotation", () => {
  it("name a tag of the object's namespace, or of another one", () => {
    assert.deepEqual(annotated([{ from: from(), fieldPath }]), ["shop/web:v1"]);
    assert.deepEqual(annotated([{ from: from("web:v1", { namespace: "images" }), fieldPath }]), [
      "images/web:v1",
    ]);
  });

  for (const [title, path] of [
    ["by its name", fieldPath],
    ["by its position", "spec.template.spec.containers[0].image"],
    ["as an init container", 'spec.template.spec.initContainers[?(@.name=="setup")].image'],
  ] as const) {
    it(`work where they name a container ${title}`, () => {
      assert.deepEqual(annotated([{ from: from(), fieldPath: path }]), ["shop/web:v1"]);
    });
  }

  it("of a CronJob name the pod spec of its jobs", () => {
    const spec = { jobTemplate: { spec: template } };
    const path = "spec.jobTemplate.spec.template.spec.containers[0].image";
    assert.deepEqual(annotated([{ from: from(), fieldPath: path }], spec, "cronjob"), ["shop/web:v1"]);
    assert.deepEqual(annotated([{ from: from(), fieldPath }], spec, "cronjob"), []);
    assert.deepEqual(annotated([{ from: from(), fieldPath: path }], { ...spec, suspend: true }, "cronjob"), [
      "shop/web:v1 paused",
    ]);
  });

  it("are paused one by one, or with what holds back the whole object", () => {
    const both = [
      { from: from("web:v1"), fieldPath, paused: true },
      { from: from("web:v2"), fieldPath: "spec.template.spec.containers[0].image", paused: false },
    ];
    assert.deepEqual(annotated(both), ["shop/web:v1 paused", "shop/web:v2"]);
    const one = [{ from: from(), fieldPath }];
    assert.deepEqual(annotated(one, { ...template, paused: true }), ["shop/web:v1 paused"]);
    for (const kind of ["statefulset", "daemonset"] as const) {
      const onDelete = { ...template, updateStrategy: { type: "OnDelete" } };
      assert.deepEqual(annotated(one, onDelete, kind), ["shop/web:v1 paused"]);
      assert.deepEqual(annotated(one, template, kind), ["shop/web:v1"]);
    }
  });

  for (const [title, list] of [
    ["is no JSON", "[{"],
    ["is no list", "{}"],
    ["has an item that is no object", [{ from: from(), fieldPath }, 7]],
    ["pauses by a text", [{ from: from(), fieldPath, paused: "false" }]],
    [
      "names a field twice",
      [
        { from: from(), fieldPath },
        { from: from("other:v1"), fieldPath },
      ],
    ],
    ["names a container that there is not", [{ from: from(), fieldPath: fieldPath.replace("main", "no") }]],
    [
      "names a position that there is not",
      [{ from: from(), fieldPath: "spec.template.spec.containers[1].image" }],
    ],
    [
      "names another field of a container",
      [{ from: from(), fieldPath: fieldPath.replace(".image", ".name") }],
    ],
  ] as const) {
    it(`do nothing where the annotation ${title}`, () => {
      assert.deepEqual(annotated(list), []);
    });
  }

  for (const [title, source] of [
    ["another kind", { kind: "ImageStreamImage", name: "web:v1" }],
    ["an API version", from("web:v1", { apiVersion: "image.openshift.io/v1" })],
    ["no tag", from("web")],
    ["nothing", undefined],
  ] as const) {
    it(`are passed over where their source has ${title}`, () => {
      const second = { from: from("web:v2"), fieldPath: "spec.template.spec.containers[0].image" };
      assert.deepEqual(annotated([{ from: source, fieldPath }, second]), ["shop/web:v2"]);
    });
  }

  it("are passed over where their field is outside the pod spec", () => {
    assert.deepEqual(annotated([{ from: from(), fieldPath: "spec.elsewhere" }]), []);
  });
});

describe("triggers of a DeploymentConfig", () => {
  const config = (params: object, more: object = {}) =>
    triggers("deploymentconfig", {
      spec: { ...template, triggers: [{ type: "ConfigChange" }, { imageChangeParams: params }], ...more },
    });

  it("work where they are automatic and name a container", () => {
    const params = {
      automatic: true,
      containerNames: ["main"],
      from: from("web:v1", { namespace: "build" }),
    };
    assert.deepEqual(config(params), ["build/web:v1"]);
    assert.deepEqual(config({ ...params, automatic: false }), ["build/web:v1 paused"]);
    assert.deepEqual(config(params, { paused: true }), ["build/web:v1 paused"]);
    assert.deepEqual(config({ ...params, containerNames: ["gone"] }), []);
    assert.deepEqual(config({ ...params, from: undefined }), []);
  });

  it("are not read from the annotation", () => {
    assert.deepEqual(annotated([{ from: from(), fieldPath }], template, "deploymentconfig"), []);
  });
});

describe("triggers of a BuildConfig", () => {
  const config = (change: unknown, strategy: object = {}) =>
    triggers("buildconfig", {
      spec: { strategy, triggers: [{ type: "ConfigChange" }, { imageChange: change }] },
    });

  it("name their source, or wait for what the strategy builds from", () => {
    const strategy = { dockerStrategy: { from: from("base:1", { namespace: "build" }) } };
    assert.deepEqual(config({ from: from() }, strategy), ["shop/web:v1"]);
    assert.deepEqual(config({}, strategy), ["build/base:1"]);
    assert.deepEqual(config({ from: null }, strategy), ["build/base:1"]);
    assert.deepEqual(config({ paused: true }, strategy), ["build/base:1 paused"]);
    assert.deepEqual(config({}), []);
    assert.deepEqual(config(undefined, strategy), []);
  });
});
