import assert from "node:assert/strict";
import { movedTags } from "../../../../../provider/imports/plan/rollout/movedTags.js";
import { withRollouts } from "../../../../../provider/imports/plan/rollout/rolledOut.js";
import { digest, imageStream, liveTag } from "../../../../support/builders/imageStream.js";

const image = (letter: string) => ({
  digest: digest(letter),
  pullSpec: `quay.io/acme/web@${digest(letter)}`,
});
const stream = imageStream([liveTag("v1", digest("a"))]);

describe("tags that will serve another digest", () => {
  it("are those whose image is new", () => {
    assert.deepEqual(movedTags({ v1: image("b") }, { v1: image("a") }, stream), ["v1"]);
    assert.deepEqual(movedTags({ v1: image("b") }, {}, stream), ["v1"]);
    assert.deepEqual(movedTags({ v2: image("a") }, {}, stream), ["v2"]);
  });

  it("are not those that are imported again with the image that they serve", () => {
    assert.deepEqual(movedTags({ v1: image("a") }, {}, stream), []);
  });

  it("are not those that keep a recorded image although the cluster serves another one", () => {
    assert.deepEqual(movedTags({ v1: image("b") }, { v1: image("b") }, stream), []);
  });

  it("are not those without an image", () => {
    const tags = { v1: { error: "no" }, docs: { pullSpec: "quay.io/acme/docs:1", reference: true } } as const;
    assert.deepEqual(movedTags(tags, {}, stream), []);
  });
});

describe("a tag with what it rolls out", () => {
  const names = Array.from({ length: 12 }, (_, at) => `deployment/web-${at}`);

  it("names ten at most, and then how many there are", () => {
    assert.deepEqual(withRollouts(image("a"), names.slice(0, 10)), {
      ...image("a"),
      rollsOut: names.slice(0, 10),
    });
    assert.deepEqual(withRollouts(image("a"), names), {
      ...image("a"),
      rollsOut: names.slice(0, 10),
      rollsOutTotal: 12,
    });
  });

  it("is as it was where nothing is rolled out, or it has no image", () => {
    assert.deepEqual(withRollouts(image("a"), []), image("a"));
    assert.deepEqual(withRollouts({ error: "no" }, names), { error: "no" });
  });
});
