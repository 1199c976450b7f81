import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { imageTrigger, type ImageTriggerArgs, type TriggeredKind } from "../../../../provider/index.js";
import { read } from "../../../support/programs/example.js";
import { heededTriggers, type PodSpec } from "../../../support/workloads/triggerController.js";

const key = "image.openshift.io/triggers";
const digest = `sha256:${"4f".repeat(32)}`;
const handle = { namespace: "shop", name: "web", tag: "v1", digest };
const spec: PodSpec = {
  containers: [{ name: "web" }, { name: "side-car" }, { name: "0" }],
  initContainers: [{ name: "setup" }],
};
const unknown = pulumi.unknown as never;

async function rendered(
  triggers: ImageTriggerArgs | readonly ImageTriggerArgs[],
  kind?: TriggeredKind,
): Promise<string> {
  const { value, isKnown } = await read(imageTrigger(triggers, kind)[key]);
  assert.equal(isKnown, true);
  return value as string;
}

function heeded(text: string, podPath = "spec.template.spec") {
  return heededTriggers(text, { namespace: "workload", podPath, spec });
}

describe("the triggers annotation", () => {
  it("has the spelling that the controller documents, byte for byte", async () => {
    assert.equal(
      await rendered({ container: "web", tag: "web:v1" }),
      String.raw`[{"from":{"kind":"ImageStreamTag","name":"web:v1"},"fieldPath":"spec.template.spec.containers[?(@.name==\"web\")].image"}]`,
    );
  });

  const rows: readonly (readonly [string, ImageTriggerArgs, object])[] = [
    ["a container by name", { container: "web", tag: "web:v1" }, { container: "containers/web" }],
    ["a name with a dash", { container: "side-car", tag: "web:v1" }, { container: "containers/side-car" }],
    ["a container that is called 0", { container: "0", tag: "web:v1" }, { container: "containers/0" }],
    ["a container by position", { container: 1, tag: "web:v1" }, { container: "containers/side-car" }],
    ["an init container", { initContainer: "setup", tag: "web:v1" }, { container: "initContainers/setup" }],
    [
      "an init container by position",
      { initContainer: 0, tag: "web:v1" },
      { container: "initContainers/setup" },
    ],
    ["a tag of the workload's namespace", { container: "web", tag: "web:v1" }, { tag: "workload/web:v1" }],
    ["a tag with its namespace", { container: "web", tag: "ci/web:v1" }, { tag: "ci/web:v1" }],
    [
      "a namespace beside the tag",
      { container: "web", tag: "web:v1", namespace: "ci" },
      { tag: "ci/web:v1" },
    ],
    ["a tag handle", { container: "web", tag: handle }, { tag: "shop/web:v1" }],
    ["an output of a handle", { container: "web", tag: pulumi.output(handle) }, { tag: "shop/web:v1" }],
    [
      "a tag with capitals",
      { container: "web", tag: "a.b_c-d:V1.0_RC-2" },
      { tag: "workload/a.b_c-d:V1.0_RC-2" },
    ],
    ["a paused trigger", { container: "web", tag: "web:v1", paused: true }, { paused: true }],
    ["a trigger that is not paused", { container: "web", tag: "web:v1", paused: false }, { paused: false }],
    [
      "outputs in every place",
      {
        container: pulumi.output("web"),
        tag: pulumi.output("web:v1"),
        namespace: pulumi.output("ci"),
        paused: pulumi.output(true),
      },
      { container: "containers/web", tag: "ci/web:v1", paused: true },
    ],
  ];
  for (const [what, trigger, expected] of rows) {
    it(`is understood with ${what}`, async () => {
      const [found] = heeded(await rendered(trigger));

      assert.deepEqual({ ...found, ...expected }, found);
    });
  }

  for (const kind of ["Deployment", "StatefulSet", "DaemonSet"] as const) {
    it(`finds the pod template of a ${kind}`, async () => {
      const [found] = heeded(await rendered({ container: "web", tag: "web:v1" }, kind));
      assert.equal(found?.container, "containers/web");
    });
  }

  it("finds the pod template of a CronJob, which lies deeper", async () => {
    const text = await rendered({ container: "web", tag: "web:v1" }, "CronJob");

    assert.equal(heeded(text, "spec.jobTemplate.spec.template.spec")[0]?.container, "containers/web");
    assert.equal(heeded(text)[0]?.container, undefined);
  });

  it("holds several triggers", async () => {
    const text = await rendered([
      { container: "web", tag: "web:v1" },
      { container: "side-car", tag: "proxy:v2", paused: true },
      { initContainer: "setup", tag: "web:v1" },
    ]);

    assert.deepEqual(heeded(text), [
      { container: "containers/web", tag: "workload/web:v1", paused: false },
      { container: "containers/side-car", tag: "workload/proxy:v2", paused: true },
      { container: "initContainers/setup", tag: "workload/web:v1", paused: false },
    ]);
  });

  it("may stand among other annotations", () => {
    assert.deepEqual(Object.keys({ team: "x", ...imageTrigger({ container: "web", tag: "web:v1" }) }), [
      "team",
      key,
    ]);
  });
});

describe("the controller's reading of the annotation", () => {
  const from = { kind: "ImageStreamTag", name: "web:v1" };
  const path = (container: string) => `spec.template.spec.containers[${container}].image`;

  it("does not find a container in single quotes or with blanks", () => {
    for (const selector of ["?(@.name=='web')", '?(@.name == "web")', "web", '@name=="web"']) {
      const [found] = heeded(JSON.stringify([{ from, fieldPath: path(selector) }]));
      assert.equal(found?.container, undefined, selector);
    }
  });

  it("refuses the annotation as a whole for a text as paused, and for two triggers of one container", () => {
    const trigger = { from, fieldPath: path("0") };
    assert.throws(() => heeded(JSON.stringify([{ ...trigger, paused: "true" }])), /cannot unmarshal/);
    assert.throws(() => heeded(JSON.stringify([trigger, trigger])), /duplicate triggers/);
  });
});

describe("imageTrigger", () => {
  const refusals: readonly (readonly [string, ImageTriggerArgs | readonly ImageTriggerArgs[], RegExp])[] = [
    ["no trigger at all", [], /at least one trigger/],
    [
      "two triggers of one container",
      [
        { container: "web", tag: "web:v1" },
        { container: "web", tag: "web:v2" },
      ],
      /two triggers set spec\.template\.spec\.containers\[\?\(@\.name=="web"\)\]\.image/,
    ],
    ["neither container nor init container", { tag: "web:v1" }, /either container or initContainer/],
    ["both", { container: "a", initContainer: "b", tag: "web:v1" }, /either container or initContainer/],
    [
      "a tag without a tag",
      { container: "web", tag: "web" },
      /"web" is not a tag of an image stream, like "web:v1"/,
    ],
    ["a digest", { container: "web", tag: `web@${digest}` }, /is not a tag of an image stream/],
    ["a pull spec", { container: "web", tag: "quay.io/acme/web:v1" }, /is not a tag of an image stream/],
    ["a name with a quote", { container: 'we"b', tag: "web:v1" }, /no container's name/],
    ["a negative position", { container: -1, tag: "web:v1" }, /whole numbers from 0/],
    ["half a position", { initContainer: 0.5, tag: "web:v1" }, /whole numbers from 0/],
    [
      "a text as paused",
      { container: "web", tag: "web:v1", paused: "true" as never },
      /paused is "true", and must be true or false/,
    ],
    [
      "two namespaces",
      { container: "web", tag: handle, namespace: "ci" },
      /namespace is ci, but the tag web:v1 is one of namespace shop/,
    ],
  ];
  for (const [what, triggers, message] of refusals) {
    it(`refuses ${what}`, async () => {
      const refused = read(imageTrigger(triggers)[key]);
      await assert.rejects(refused, (error: Error) => {
        assert.ok(pulumi.RunError.isInstance(error));
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it("is known while the digest of the tag is not", async () => {
    const tag = { ...handle, digest: unknown };
    assert.equal(heeded(await rendered({ container: "web", tag }))[0]?.tag, "shop/web:v1");
  });

  for (const [what, trigger] of [
    ["the tag", { container: "web", tag: unknown }],
    ["the container", { container: unknown, tag: "web:v1" }],
    ["the stream's name", { container: "web", tag: { ...handle, name: unknown } }],
    ["the namespace", { container: "web", tag: "web:v1", namespace: unknown }],
    ["paused", { container: "web", tag: "web:v1", paused: unknown }],
  ] as const) {
    it(`is not known while ${what} is not`, async () => {
      const { isKnown } = await read(imageTrigger([{ container: 1, tag: "a:b" }, trigger])[key]);
      assert.equal(isKnown, false);
    });
  }

  it("is secret when the tag is", async () => {
    const { isSecret } = await read(imageTrigger({ container: "web", tag: pulumi.secret("web:v1") })[key]);
    assert.equal(isSecret, true);
  });
});
