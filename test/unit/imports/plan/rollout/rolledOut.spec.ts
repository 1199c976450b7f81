import assert from "node:assert/strict";
import { rolledOut } from "../../../../../provider/imports/plan/rollout/rolledOut.js";
import type { TriggeredKind, TriggeredObject } from "../../../../../provider/usage/triggers.js";

const stream = { namespace: "shop", name: "web" };

function object(
  kind: TriggeredKind,
  path: string,
  tags: readonly string[],
  more: Partial<TriggeredObject["triggers"][number]> = {},
): TriggeredObject {
  const [namespace = "", name = ""] = path.split("/");
  const triggers = tags.map((tag) => ({ namespace: "shop", stream: "web", tag, isPaused: false, ...more }));
  return { kind, namespace, name, triggers };
}

const rolled = (objects: readonly TriggeredObject[]) => Object.fromEntries(rolledOut(stream, objects));

describe("what a new digest rolls out", () => {
  it("is named by kind and name, sorted, that of other namespaces last", () => {
    const objects = [
      object("buildconfig", "build/site", ["v1"]),
      object("deploymentconfig", "shop/old", ["v1"]),
      object("deployment", "shop/web", ["v1"]),
      object("deployment", "aaa/web", ["v1"]),
    ];
    assert.deepEqual(rolled(objects), {
      v1: [
        "deployment/web",
        "deploymentconfig/old",
        "buildconfig/site namespace=build",
        "deployment/web namespace=aaa",
      ],
    });
  });

  it("is told for each tag, and once for an object with several triggers", () => {
    assert.deepEqual(rolled([object("deployment", "shop/web", ["v1", "v2", "v1"])]), {
      v1: ["deployment/web"],
      v2: ["deployment/web"],
    });
  });

  it("leaves out paused triggers and those on other streams", () => {
    const objects = [
      object("deployment", "shop/paused", ["v1"], { isPaused: true }),
      object("deployment", "shop/other", ["v1"], { stream: "api" }),
      object("deployment", "shop/elsewhere", ["v1"], { namespace: "prod" }),
    ];
    assert.deepEqual(rolled(objects), {});
  });

  it("is found under names that every object inherits", () => {
    assert.deepEqual(
      rolledOut(stream, [object("deployment", "shop/web", ["constructor"])]).get("constructor"),
      ["deployment/web"],
    );
  });
});
