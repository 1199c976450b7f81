import assert from "node:assert/strict";
import type { DesiredStream } from "../../../../provider/imports/args/desiredStream.js";
import { destruction, plannedRemoval, vanishingImages } from "../../../../provider/imports/plan/removal.js";
import type { ImageStream } from "../../../../provider/okd/imageStream.js";
import {
  claim,
  desiredStream,
  desiredTag,
  digest,
  failedTag,
  imageStream,
  type LiveTag,
  liveTag,
} from "../../../support/builders/imageStream.js";

const a = digest("a");
const b = digest("b");
const claimant = "urn:mine";
const mine = (...tags: readonly string[]) => claim("1", tags, { resource: claimant });

function declared(tags: readonly string[], more: Partial<DesiredStream> = {}) {
  return desiredStream(
    tags.map((tag) => desiredTag(tag)),
    more,
  );
}

describe("planned removals", () => {
  const stream = imageStream([liveTag("v1", a), liveTag("v2", b)], { claims: [mine("v1", "v2")] });
  const outlook = (tags: readonly string[], more: Partial<DesiredStream> = {}, live?: ImageStream) =>
    plannedRemoval({
      desired: declared(tags, more),
      before: declared(["v1", "v2"]),
      stream: live ?? stream,
      claimant,
    });

  it("are tags that are no longer declared, with the digests that vanish with them", () => {
    const removal = outlook(["v2"]);

    assert.deepEqual(removal?.vanishing, {
      namespace: "shop",
      name: "web",
      tags: ["v1"],
      digests: [a],
      upstreams: ["quay.io/acme/web"],
    });
    assert.equal(removal.subject, "tags");
    assert.equal(outlook(["v1", "v2"]), undefined);
  });

  it("keep digests that the same run has under other tags, and tags that are not known yet", () => {
    const planned = { desired: declared(["v2"]), before: declared(["v1", "v2"]), stream, claimant };

    const moved = plannedRemoval({ ...planned, staying: { tags: [], digests: [a] } });
    const unknown = plannedRemoval({ ...planned, staying: { tags: ["v1"], digests: [] } });
    const elsewhere = plannedRemoval({
      ...planned,
      desired: declared(["v1"], { name: "site" }),
      staying: { tags: [], digests: [a, b] },
    });

    assert.deepEqual([moved?.vanishing.tags, moved?.vanishing.digests], [["v1"], []]);
    assert.equal(unknown, undefined);
    assert.deepEqual(elsewhere?.vanishing.digests, [a, b]);
  });

  it("are not tags that another resource has, or that nobody claims", () => {
    const taken = imageStream([liveTag("v1", a), liveTag("v2", b)], {
      claims: [mine("v2"), claim("2", ["v1"])],
    });
    const unclaimed = imageStream([liveTag("v1", a), liveTag("v2", b)]);

    assert.equal(outlook(["v2"], {}, taken), undefined);
    assert.equal(outlook(["v2"], {}, unclaimed), undefined);
  });

  it("take deleteInUse from the program for tags, from the last run for a replacement", () => {
    assert.equal(outlook(["v2"], { deleteInUse: true })?.deleteInUse, true);
    assert.equal(outlook(["v2"], { deleteInUse: true, name: "site" })?.deleteInUse, false);
  });

  const replacements: readonly (readonly [
    DesiredStream["onDestroy"],
    readonly LiveTag[],
    readonly string[],
  ])[] = [
    ["owned", [], ["v1", "v2"]],
    ["owned", [liveTag("theirs", b)], ["v1", "v2"]],
    ["stream", [liveTag("theirs", b)], ["theirs", "v1", "v2"]],
    ["keep", [], []],
  ];
  for (const [onDestroy, more, tags] of replacements) {
    it(`of a replacement with ${onDestroy} and ${more.length} foreign tags are ${tags.join(", ") || "none"}`, () => {
      const live = imageStream([liveTag("v1", a), liveTag("v2", b), ...more], {
        claims: [mine("v1", "v2")],
      });
      const before = declared(["v1", "v2"], { onDestroy });

      for (const subject of ["name", "namespace"] as const) {
        const desired = declared(["v1", "v2"], { [subject]: "other" });
        const removal = plannedRemoval({ desired, before, stream: live, claimant });
        assert.deepEqual(removal?.vanishing.tags ?? [], tags);
        if (tags.length > 0) assert.equal(removal?.subject, subject);
      }
    });
  }

  it("are none where destroying is refused, because another resource has tags of the stream", () => {
    const shared = imageStream([liveTag("v1", a)], { claims: [mine("v1"), claim("2", ["v2"])] });
    const recorded = {
      uid: "uid-1",
      claim: "1",
      owned: ["v1"],
      labels: {},
      annotations: {},
      tagAnnotations: {},
    };
    const request = { key: shared.metadata, recorded, deleteInUse: false };

    assert.equal(destruction(shared, { ...request, onDestroy: "stream" }), undefined);
    assert.deepEqual(destruction(shared, { ...request, onDestroy: "owned" })?.vanishing.tags, ["v1"]);
  });

  it("keep a digest that a remaining tag lists in its history", () => {
    const [older] = liveTag("v2", a).status!.items!;
    const v2 = liveTag("v2", b);
    const moved: LiveTag = { spec: v2.spec, status: { tag: "v2", items: [...v2.status!.items!, older!] } };

    assert.deepEqual(vanishingImages(imageStream([liveTag("v1", a), moved]), ["v1"])?.digests, []);
    assert.deepEqual(vanishingImages(imageStream([liveTag("v1", a), moved]), ["v2"])?.digests, [b]);
    assert.deepEqual(vanishingImages(imageStream([liveTag("v1", a), moved]), ["v1", "v2"])?.digests, [a, b]);
  });

  it("are none for a tag that never had an image", () => {
    assert.equal(vanishingImages(imageStream([failedTag("v1", "no such tag")]), ["v1"]), undefined);
  });
});
