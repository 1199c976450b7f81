import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { contentOf } from "../../../../provider/prune/plan/approval.js";
import type { PlanWarning, UnknownContent } from "../../../../provider/prune/plan/decision.js";
import {
  cutReasonTexts,
  imageDeletionReasonTexts,
  imageKeepReasonTexts,
  revisionKeepReasonTexts,
} from "../../../../provider/prune/plan/texts.js";
import { buildReport, type ReportInput } from "../../../../provider/prune/report/build.js";
import { renderHtml } from "../../../../provider/prune/report/html/page.js";
import { renderMarkdown } from "../../../../provider/prune/report/markdown.js";
import { keptRowLimit, noStream } from "../../../../provider/prune/report/model.js";
import { exampleReport } from "../../../support/builders/pruneReport.js";
import { image, index, item, planOf, policy, snapshot, stream } from "../../../support/builders/snapshot.js";

const example = exampleReport();

function reportOf(overrides: Partial<ReportInput>) {
  return buildReport({ ...example, ...overrides });
}

function sum(rows: readonly { readonly bytes: number }[]): number {
  return rows.reduce((total, { bytes }) => total + bytes, 0);
}

describe("the report of a plan", () => {
  it("is the same for the same plan, and does not change its input", () => {
    const before = structuredClone({ plan: example.plan, kept: example.kept, policy: example.policy });
    const report = buildReport(example);

    assert.deepEqual(report, buildReport(exampleReport()));
    assert.ok(isDeepStrictEqual({ plan: example.plan, kept: example.kept, policy: example.policy }, before));
  });

  it("lists every deletion, and nothing else", () => {
    const report = buildReport(example);
    const { cuts, images } = contentOf(example.plan);

    assert.deepEqual(new Set(report.items.map(({ key }) => key)), cuts);
    assert.deepEqual(new Set(report.images.map(({ digest }) => digest)), images);
    assert.ok(cuts.size > 0 && images.size > 0);
  });

  it("counts the same bytes in total, by stream, by namespace and by Image", () => {
    const { totals, byStream, byNamespace, images, items } = buildReport(example);

    assert.ok(totals.bytes > 0);
    assert.equal(sum(byStream), totals.bytes);
    assert.equal(sum(byNamespace), totals.bytes);
    assert.equal(sum(images), totals.bytes);
    assert.equal(sum(items), totals.bytes);
    assert.equal(
      byStream.reduce((count, share) => count + share.revisions, 0),
      totals.revisions,
    );
    assert.equal(
      byNamespace.reduce((count, share) => count + share.images, 0),
      totals.images,
    );
  });

  it("says `up to` only when imported Images are among the deletions that free bytes", () => {
    const survey = (managed: boolean, bytes: number) => {
      const given = snapshot({
        images: [image("x", { managed })],
        layerBytes: new Map([["layer-x", bytes]]),
      });
      return { plan: planOf(given), survey: { ...example.survey, snapshot: given } };
    };

    assert.equal(reportOf(survey(false, 7)).totals.isUpperBound, true);
    assert.equal(reportOf(survey(true, 7)).totals.isUpperBound, false);
    assert.equal(reportOf(survey(false, 0)).totals.isUpperBound, false);
  });

  it("counts tags that vanish, and no stream that keeps all items", () => {
    const given = snapshot({
      images: [image("a"), image("b")],
      streams: [
        stream("shop/web", { v1: [item("a"), item("b")], gone: [item("x")] }),
        // Its empty tag is removed by the same write, but nothing is lost.
        stream("shop/empty", { v1: [] }),
      ],
    });
    const { totals } = reportOf({ plan: planOf(given), survey: { ...example.survey, snapshot: given } });

    assert.deepEqual(
      { revisions: totals.revisions, streams: totals.streams, vanishingTags: totals.vanishingTags },
      { revisions: 2, streams: 1, vanishingTags: 1 },
    );
  });

  it("counts Images without items in their own repository, imported ones nowhere, and children with their index", () => {
    const given = snapshot({
      images: [
        image("pushed", { repository: "shop/web" }),
        image("imported", { repository: "library/nginx", managed: false }),
        image("unknown"),
        image("child", { repository: "else/where" }),
        index("top", "child"),
        image("current"),
      ],
      streams: [stream("shop/multi", { v1: [item("current"), item("top")] })],
      layerBytes: new Map(
        ["pushed", "imported", "unknown", "child"].map((name, at) => [`layer-${name}`, 10 ** at]),
      ),
    });
    const { byStream, byNamespace, images } = reportOf({
      plan: planOf(given),
      survey: { ...example.survey, snapshot: given },
    });

    assert.deepEqual(byStream, [
      { name: "shop/multi", revisions: 1, images: 2, bytes: 1000 },
      { name: noStream, revisions: 0, images: 2, bytes: 110 },
      { name: "shop/web", revisions: 0, images: 1, bytes: 1 },
    ]);
    assert.deepEqual(
      byNamespace.map(({ name, bytes }) => [name, bytes]),
      [
        ["shop", 1001],
        [noStream, 110],
      ],
    );
    assert.deepEqual(
      images.filter(({ hasItem }) => hasItem).map(({ digest }) => digest),
      ["top"],
    );
  });

  it("lists used images first among the kept ones, and counts those beyond the limit", () => {
    const kept = example.kept.revisions[0]!;
    const revisions = [
      ...Array.from({ length: keptRowLimit }, () => ({ ...kept, users: [], userCount: 0 })),
      { ...kept, tag: "used", users: ["pod/x"], userCount: 1 },
    ];
    const report = reportOf({ kept: { revisions, images: [] } });

    assert.equal(report.kept.revisions.length, keptRowLimit);
    assert.equal(report.kept.revisions[0]?.tag, "used");
    assert.equal(report.kept.omitted, 1);
  });

  it("counts kept items by reason, the most frequent first", () => {
    const plan = {
      ...example.plan,
      kept: { revisions: { "tag-in-use": 2, "young-revision": 30 }, images: {} },
    };
    const { kept } = reportOf({ plan });

    assert.deepEqual(
      kept.revisionReasons.map(({ reason, count }) => [reason, count]),
      [
        ["young-revision", 30],
        ["tag-in-use", 2],
      ],
    );
    assert.deepEqual(kept.imageReasons, []);
  });

  it("sorts unsorted input", () => {
    const { policy: sorted } = reportOf({ policy: { b: [{ z: 1, a: 2 }], a: 1 } });
    assert.equal(JSON.stringify(sorted), '{"a":1,"b":[{"a":2,"z":1}]}');
  });
});

function unknown(
  digest: string,
  holdsUp: UnknownContent["holdsUp"],
  ...streams: readonly string[]
): UnknownContent {
  const keys = streams
    .map((text) => text.split("/"))
    .map(([namespace = "", name = ""]) => ({ namespace, name }));
  return {
    kind: "unknown-content",
    digest,
    unsaid: "manifests",
    repository: "acme/tool",
    streams: keys,
    holdsUp,
  };
}

describe("Images without known content in a report", () => {
  const warnings = [...Array(40).keys()].map((n) => unknown(`sha256:${n}`, "itself"));
  const plan = {
    ...example.plan,
    warnings: [...warnings, unknown("sha256:u", "everything", "a/x", "b/x", "c/x", "d/x")],
  };

  it("are all in JSON, with their unknown parts and what they block", () => {
    const { unknownImages } = reportOf({ plan });
    assert.equal(unknownImages.length, 41);
    assert.deepEqual(unknownImages.at(-1), {
      digest: "sha256:u",
      repository: "acme/tool",
      streams: ["a/x", "b/x", "c/x", "d/x"],
      unsaid: "manifests",
      holdsUp: "everything",
      text: "does not list the manifests of its index; no Image and no blob goes for its sake",
    });
  });

  it("are in Markdown and on the page up to the limit", () => {
    const report = reportOf({ plan });
    const markdown = renderMarkdown(report);
    assert.match(markdown, /### Images that do not say what they need/);
    assert.match(
      markdown,
      /- `sha256:0` acme\/tool: does not list the manifests of its index; only it stays/,
    );
    assert.match(markdown, /- and 11 more, which the JSON report lists/);
    assert.match(renderHtml(report), /sha256:u \(a\/x, b\/x, c\/x and 1 more\): does not list/);
  });

  it("are counted in one warning, which names five", () => {
    const [line = ""] = reportOf({ plan: { ...plan, warnings } }).warnings;
    assert.match(
      line,
      /^40 Images do not say.*sha256:4 .* and 35 more\. To be rid of them: oc delete image <digest>\.$/,
    );
  });
});

describe("the warnings of a report", () => {
  const quiet = {
    plan: { ...example.plan, warnings: [], ignoredReferences: [] },
    survey: {
      snapshot: example.survey.snapshot,
      coverage: { ...example.survey.coverage, uncovered: [], clockSkewSeconds: 120 },
      conditions: {
        imagePruner: { kind: "suspended" },
        clusterVersion: "steady",
        registryOperator: "healthy",
      },
    },
  } satisfies Partial<ReportInput>;
  const { coverage, conditions } = quiet.survey;

  it("are none for an ordinary plan", () => {
    assert.deepEqual(reportOf(quiet).warnings, []);
  });

  const planWarnings: readonly (readonly [PlanWarning, RegExp])[] = [
    [{ kind: "stream-without-images", stream: { namespace: "shop", name: "web" } }, /shop\/web.*missing/],
    [
      { kind: "already-unpullable", digest: "sha256:d", users: ["pod/a"] },
      /sha256:d.*pod\/a.*cannot be pulled.* Push or import it again\.$/,
    ],
    [
      {
        kind: "already-unpullable",
        digest: `sha256:${"d".repeat(64)}`,
        users: ["pod/a"],
        stream: { namespace: "shop", name: "web" },
      },
      /Put it back, or push it again: echo '\{.*"ImageStreamMapping".*"shop".*"web".*"restored-dddddddddddd".*\}' \| oc create -f -$/,
    ],
    [{ kind: "unmatched-image-ids", count: 3 }, /^3 image IDs/],
    [{ kind: "signed-image-goes", digest: "sha256:d" }, /^Signatures go with 1 Image: sha256:d/],
    [
      unknown("sha256:d", "everything", "shop/web"),
      /^No Image and no blob goes.*1 Image.*sha256:d in shop\/web \(does not list the manifests.*oc delete image sha256:d\.$/,
    ],
    [
      unknown("sha256:d", "itself"),
      /^1 Image does not say what it needs\. No stream lists it.*sha256:d of acme\/tool.*oc delete image sha256:d\.$/,
    ],
  ];
  const survey = (parts: Partial<ReportInput["survey"]>): Partial<ReportInput> => ({
    survey: { ...quiet.survey, ...parts },
  });
  const rows: readonly (readonly [string, Partial<ReportInput>, RegExp])[] = [
    ...planWarnings.map(
      ([warning, text]) => [warning.kind, { plan: { ...quiet.plan, warnings: [warning] } }, text] as const,
    ),
    [
      "Images skipped",
      { plan: { ...quiet.plan, images: { kind: "skipped" } } },
      /Images and their blobs stay/,
    ],
    [
      "Images blocked",
      { plan: { ...quiet.plan, images: { kind: "blocked", unreadable: ["sha256:d"] } } },
      /No Image goes.*sha256:d/,
    ],
    [
      "not approved",
      { notApproved: { revisions: 2, images: 1 } },
      /2 revisions and 1 Image of this plan are not approved/,
    ],
    ["uncovered", survey({ coverage: { ...coverage, uncovered: ["a.b", "c.d"] } }), /a\.b, c\.d/],
    ["clock ahead", survey({ coverage: { ...coverage, clockSkewSeconds: 121 } }), /121 seconds ahead/],
    ["clock behind", survey({ coverage: { ...coverage, clockSkewSeconds: -121 } }), /121 seconds behind/],
    ["upgrade", survey({ conditions: { ...conditions, clusterVersion: "progressing" } }), /upgraded/],
    ["degraded", survey({ conditions: { ...conditions, registryOperator: "degraded" } }), /degraded/],
    ["ImagePruner", { survey: example.survey, plan: quiet.plan }, /ImagePruner is active/],
    ["from elsewhere", { warnings: ["Nobody asked the other cluster."] }, /Nobody asked/],
  ];
  for (const [name, overrides, text] of rows) {
    it(`report ${name}`, () => {
      const { warnings } = reportOf({ ...quiet, ...overrides });
      assert.ok(
        warnings.some((warning) => text.test(warning)),
        warnings.join("\n"),
      );
    });
  }
});

describe("the texts of reasons", () => {
  const tables = {
    cutReasonTexts,
    imageDeletionReasonTexts,
    itemKeepReasonTexts: revisionKeepReasonTexts,
    imageKeepReasonTexts,
  };
  for (const [name, texts] of Object.entries<Readonly<Record<string, string>>>(tables)) {
    it(`differ from each other and name no number: ${name}`, () => {
      const all = Object.values(texts);
      assert.equal(new Set(all).size, all.length);
      for (const text of all) assert.match(text, /^[A-Za-z][^\d]+$/);
    });
  }

  it("exist for every reason that a plan counts", () => {
    const { kept } = planOf(example.survey.snapshot, policy());
    const counted = [...Object.keys(kept.revisions), ...Object.keys(kept.images)];
    assert.ok(counted.length > 0);
    const known = { ...revisionKeepReasonTexts, ...imageKeepReasonTexts };
    assert.deepEqual(
      counted.filter((reason) => !(reason in known)),
      [],
    );
  });
});
