import assert from "node:assert/strict";
import { cutKey } from "../../../../provider/prune/plan/approval.js";
import type {
  ImageDeletion,
  PruneDecision,
  RevisionCut,
  StreamTrim,
} from "../../../../provider/prune/plan/decision.js";
import { itemFacts, type PlannedItem } from "../../../../provider/prune/plan/items.js";
import type { ClusterSnapshot } from "../../../../provider/prune/snapshot.js";
import {
  image,
  index,
  item,
  minutesAgo,
  planOf,
  snapshot,
  stream,
} from "../../../support/builders/snapshot.js";

function cut(digest: string, overrides: Partial<RevisionCut> = {}): RevisionCut {
  return {
    digest,
    createdAt: minutesAgo(600),
    pullSpec: "",
    revision: 1,
    reason: "obsolete-revision",
    ...overrides,
  };
}

function trim(name: string, ...cuts: readonly RevisionCut[]): StreamTrim {
  return {
    namespace: "shop",
    name,
    tags: [{ tag: "v1", cuts, vanishes: false }],
    layerLinks: [],
    manifestLinks: [],
  };
}

function deletion(digest: string, bytes: number): ImageDeletion {
  return { digest, reason: "unreferenced-image", blobs: [], manifestBlob: true, bytes };
}

function plan(streams: readonly StreamTrim[], deletions: readonly ImageDeletion[]): PruneDecision {
  return {
    streams,
    images: { kind: "planned", deletions },
    kept: { revisions: {}, images: {} },
    ignoredReferences: [],
    warnings: [],
  };
}

function facts(given: PruneDecision, parts: Partial<ClusterSnapshot> = {}): readonly PlannedItem[] {
  return itemFacts(given, snapshot(parts));
}

describe("the items of a plan", () => {
  it("name what is deleted, its place, its time and the reason", () => {
    const given = snapshot({
      images: [image("c"), image("b"), image("a")],
      streams: [stream("shop/web", { v1: [item("c", 60), item("b", 120), item("a", 240)] })],
      layerBytes: new Map([["layer-a", 70]]),
    });
    const planned = planOf(given);

    assert.deepEqual(itemFacts(planned, given).at(-1), {
      key: cutKey({ namespace: "shop", name: "web" }, "v1", item("a", 240)),
      namespace: "shop",
      stream: "web",
      tag: "v1",
      revision: 2,
      isCurrent: false,
      vanishes: false,
      digest: "a",
      createdAt: "2026-11-20T08:00:00.000Z",
      reason: "obsolete-revision",
      bytes: 70,
      lastCopy: true,
      importableFrom: undefined,
    });
  });

  it("are current at revision 0, and without an instant where the item has none", () => {
    const [current, old] = facts(
      plan([trim("web", cut("b", { revision: 0 }), cut("a", { createdAt: -Infinity }))], []),
    );

    assert.deepEqual([current?.isCurrent, old?.isCurrent], [true, false]);
    assert.equal(old?.createdAt, undefined);
  });

  it("have the bytes of an Image once, with its newest item, whatever the order", () => {
    const older = trim("a", cut("x", { createdAt: minutesAgo(900) }));
    const newer = trim("b", cut("x", { createdAt: minutesAgo(700) }));
    for (const streams of [
      [older, newer],
      [newer, older],
    ]) {
      const bytes = facts(plan(streams, [deletion("x", 5)])).map((one) => [one.stream, one.bytes]);
      assert.deepEqual(bytes.toSorted(), [
        ["a", 0],
        ["b", 5],
      ]);
    }
  });

  it("have no bytes of a kept Image, and are not its last copy", () => {
    const [planned] = facts(plan([trim("web", cut("x"))], [deletion("y", 5)]));

    assert.deepEqual([planned?.bytes, planned?.lastCopy], [0, false]);
  });

  it("have the bytes of an index's children, at any depth and in circles", () => {
    const images = [index("top", "middle", "a"), index("middle", "b", "top"), image("a"), image("b")];
    const deletions = [deletion("a", 1), deletion("b", 2), deletion("middle", 4), deletion("top", 8)];

    const [planned] = facts(plan([trim("web", cut("top"))], deletions), { images });
    assert.equal(planned?.bytes, 15);
  });

  it("leave a child of an index to its own item", () => {
    const images = [index("top", "a"), image("a")];
    const cuts = [trim("tops", cut("top")), trim("parts", cut("a", { createdAt: minutesAgo(9000) }))];

    const bytes = facts(plan(cuts, [deletion("a", 1), deletion("top", 8)]), { images }).map(
      (one) => one.bytes,
    );
    assert.deepEqual(bytes, [8, 1]);
  });

  const from = (kind: string, name: string) => ({
    name: "v1",
    isReference: false,
    from: { kind, namespace: "", name },
  });
  const imported = image("x", { managed: false });
  const rows = [
    [
      "an imported one by its digest",
      imported,
      "quay.io/acme/web@x",
      from("DockerImage", "quay.io/acme/web:1"),
      "quay.io/acme/web@x",
    ],
    [
      "an imported one without it from the tag's source",
      imported,
      "quay.io/acme/web:1",
      from("DockerImage", "quay.io/acme/web:1"),
      "quay.io/acme/web:1",
    ],
    [
      "a dangling one from the tag's source",
      undefined,
      "old.io/web@x",
      from("DockerImage", "quay.io/acme/web:1"),
      "quay.io/acme/web:1",
    ],
    [
      "a tag of another stream: from nowhere outside",
      imported,
      "",
      from("ImageStreamTag", "base:1"),
      undefined,
    ],
    [
      "a pushed one: from nowhere, even if its tag has a source",
      image("x"),
      "r.io/shop/web@x",
      from("DockerImage", "quay.io/acme/web:1"),
      undefined,
    ],
    ["no source", imported, "", undefined, undefined],
  ] as const;
  for (const [name, known, pullSpec, specTag, expected] of rows) {
    it(`can be imported again: ${name}`, () => {
      const [planned] = facts(plan([trim("web", cut("x", { pullSpec }))], []), {
        images: known === undefined ? [] : [known],
        streams: [stream("shop/web", {}, { specTags: specTag === undefined ? [] : [specTag] })],
      });
      assert.equal(planned?.importableFrom, expected);
    });
  }
});
