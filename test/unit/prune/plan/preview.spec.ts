import assert from "node:assert/strict";
import type { Coverage } from "../../../../provider/prune/clusterSurvey.js";
import { contentOf, fingerprintOf } from "../../../../provider/prune/plan/approval.js";
import { clearedPlan, maxShownItems, previewPlan } from "../../../../provider/prune/plan/preview.js";
import type { ClusterSnapshot } from "../../../../provider/prune/snapshot.js";
import {
  image,
  item,
  minutesAgo,
  planOf,
  snapshot,
  stream,
  takenAt,
} from "../../../support/builders/snapshot.js";

const coverage: Coverage = {
  read: { pods: 4 },
  costs: {},
  absent: { builds: "API not served" },
  uncovered: [],
  clockSkewSeconds: 0,
};

function inputOf(given: ClusterSnapshot) {
  return previewPlan({ plan: planOf(given), snapshot: given, coverage, registry: undefined, warnings: [] });
}

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const [a, b] = [digest("a"), digest("b")];

const cluster = snapshot({
  images: [
    image(a, { layers: ["l1"], createdAt: minutesAgo(1000) }),
    image(b),
    image(digest("c"), { repository: "ci/build" }),
  ],
  streams: [stream("shop/web", { latest: [item(b), item(a, 700)] })],
  layerBytes: new Map([["l1", 210_000_000]]),
});

describe("the plan in a preview", () => {
  it("lists deletions with their reasons, under names that identify them", () => {
    const input = inputOf(cluster);

    assert.deepEqual(
      { images: input.images, revisions: input.revisions, streams: input.streams, frees: input.frees },
      { images: 2, revisions: 1, streams: 1, frees: "210 MB" },
    );
    assert.deepEqual(input.items, {
      "shop/web:latest sha256:aaaaaaaaaaaa": "obsolete revision, of 2026-11-20, 210 MB, last copy",
      "image sha256:cccccccccccc": "nothing refers to it any more, from ci/build, of 2026-11-20",
    });
    assert.deepEqual(input.coverage, { pods: 4, builds: "API not served" });
  });

  it("distinguishes two items of one image", () => {
    const twice = {
      ...cluster,
      streams: [stream("shop/web", { latest: [item(b), item(a, 700), item(a, 800)] })],
    };

    assert.equal(Object.keys(inputOf(twice).items).filter((key) => key.startsWith("shop/web")).length, 2);
  });

  it("has no name with control characters, whatever a tag is called", () => {
    const tags = { "v1\u001b[2J\n<{%fg 1%}>\u202e": [item(b), item(a, 700)] };
    const { items } = inputOf({ ...cluster, streams: [stream("shop/web", tags)] });

    assert.ok(
      Object.hasOwn(items, "shop/web:v1⟨U+001B⟩[2J⟨U+000A⟩⟨U+003C⟩{%fg 1%}>⟨U+202E⟩ sha256:aaaaaaaaaaaa"),
      JSON.stringify(items),
    );
  });

  it("shows at most 200 entries, and counts the others", () => {
    const many = Array.from(
      { length: 250 },
      (_, number) => `sha256:${number.toString(16).padStart(64, "0")}`,
    );
    const input = inputOf(snapshot({ images: many.map((each) => image(each)) }));

    assert.equal(Object.keys(input.items).length, maxShownItems);
    assert.equal(input.moreItems, 50);
    assert.equal(input.images, 250);
  });

  it("has a fingerprint of all deletions, which neither time nor order changes", () => {
    const later = { ...cluster, takenAt: takenAt + 3_600_000 };
    const turned = { ...cluster, images: cluster.images.toReversed() };
    const other = { ...cluster, images: cluster.images.slice(0, 2) };

    assert.equal(inputOf(later).fingerprint, inputOf(cluster).fingerprint);
    assert.equal(inputOf(turned).fingerprint, inputOf(cluster).fingerprint);
    assert.notEqual(inputOf(other).fingerprint, inputOf(cluster).fingerprint);
    assert.equal(inputOf(cluster).fingerprint, fingerprintOf(contentOf(planOf(cluster))));
  });

  it("is cleared to a plan that deletes nothing", () => {
    const cleared = clearedPlan();

    assert.equal(cleared.images + cleared.revisions + Object.keys(cleared.items).length, 0);
    assert.equal(cleared.fingerprint, inputOf(snapshot({})).fingerprint);
    assert.deepEqual(
      [cleared.warnings, cleared.kept, cleared.coverage],
      [[], {}, {}],
      "nothing old beside it",
    );
    assert.deepEqual(Object.keys(cleared).sort(), Object.keys(inputOf(cluster)).sort());
  });

  it("says `up to` where imported images are counted", () => {
    const imported = { ...cluster, images: cluster.images.map((each) => ({ ...each, managed: false })) };

    assert.equal(inputOf(imported).frees, "up to 210 MB");
  });
});
