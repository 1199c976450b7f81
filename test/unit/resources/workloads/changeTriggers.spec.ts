import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { imageChangeTrigger, resolveNames } from "../../../../provider/index.js";
import { read } from "../../../support/programs/example.js";

const handle = { namespace: "shop", name: "web", tag: "v1", digest: `sha256:${"4f".repeat(32)}` };
const from = { kind: "ImageStreamTag", name: "web:v1" };
const unknown = pulumi.unknown as never;

async function known(output: pulumi.Output<unknown>): Promise<unknown> {
  const { value, isKnown } = await read(output);
  assert.equal(isKnown, true);
  return value;
}

describe("imageChangeTrigger for a DeploymentConfig", () => {
  it("names containers and tag, and rolls out by itself", async () => {
    assert.deepEqual(await known(imageChangeTrigger({ containers: ["web", "setup"], tag: "web:v1" })), {
      type: "ImageChange",
      imageChangeParams: { automatic: true, containerNames: ["web", "setup"], from },
    });
  });

  it("takes the tag of a stream of the program, and automatic: false", async () => {
    const trigger = imageChangeTrigger({ containers: ["web"], tag: pulumi.output(handle), automatic: false });
    assert.deepEqual(await known(trigger), {
      type: "ImageChange",
      imageChangeParams: { automatic: false, containerNames: ["web"], from: { ...from, namespace: "shop" } },
    });
  });

  it("refuses an empty list of containers and a missing tag", async () => {
    await assert.rejects(read(imageChangeTrigger({ containers: [], tag: "web:v1" })), /names none/);
    await assert.rejects(read(imageChangeTrigger({ containers: ["web"] } as never)), /needs a tag/);
  });

  it("is not known while a container's name is not", async () => {
    const trigger = imageChangeTrigger({ containers: ["a", unknown], tag: "web:v1" });
    assert.equal((await read(trigger)).isKnown, false);
  });
});

describe("imageChangeTrigger for a BuildConfig", () => {
  it("follows the image of the build's strategy unless a tag is named", async () => {
    assert.deepEqual(await known(imageChangeTrigger()), { type: "ImageChange", imageChange: {} });
  });

  it("follows the named tag", async () => {
    assert.deepEqual(await known(imageChangeTrigger({ tag: "web:v1", namespace: "ci" })), {
      type: "ImageChange",
      imageChange: { from: { ...from, namespace: "ci" } },
    });
  });

  it("may be paused", async () => {
    assert.deepEqual(await known(imageChangeTrigger({ tag: "web:v1", paused: true })), {
      type: "ImageChange",
      imageChange: { from, paused: true },
    });
  });

  it("is known while the digest of the tag is not", async () => {
    const trigger = imageChangeTrigger({ tag: { ...handle, digest: unknown } });
    assert.deepEqual(await known(trigger), {
      type: "ImageChange",
      imageChange: { from: { ...from, namespace: "shop" } },
    });
  });
});

describe("resolveNames", () => {
  it("is the annotation that lets a pod name tags of image streams", () => {
    assert.deepEqual(
      { app: "web", ...resolveNames() },
      {
        app: "web",
        "alpha.image.policy.openshift.io/resolve-names": "*",
      },
    );
  });
});
