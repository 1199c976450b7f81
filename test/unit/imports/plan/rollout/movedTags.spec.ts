import assert from "node:assert/strict";
import type { ResolvedTags } from "../../../../../provider/imports/outputs.js";
import { movedTags } from "../../../../../provider/imports/plan/rollout/movedTags.js";
import { withoutRollouts, withRollouts } from "../../../../../provider/imports/plan/rollout/rolledOut.js";
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

describe("tags with what they roll out", () => {
  const names = Array.from({ length: 12 }, (_, at) => `deployment/web-${at}`);
  const told = (count: number, tags: ResolvedTags = { v1: image("a"), v2: image("b") }) =>
    withRollouts(
      tags,
      ["v1"],
      new Map([
        ["v1", names.slice(0, count)],
        ["v2", names],
      ]),
    );

  it("name ten at most of each that moves, and then how many there are", () => {
    const ten = { ...image("a"), rollsOut: names.slice(0, 10) };
    assert.deepEqual(told(10), { v1: ten, v2: image("b") });
    assert.deepEqual(told(12), { v1: { ...ten, rollsOutTotal: 12 }, v2: image("b") });
    assert.deepEqual(told(0), { v1: image("a"), v2: image("b") });
  });

  it("are as they were without it", () => {
    const tags = { v1: image("a"), v2: { error: "no" }, docs: { pullSpec: "x/y", reference: true } } as const;
    assert.deepEqual(withoutRollouts(told(12, tags)), tags);
  });
});
