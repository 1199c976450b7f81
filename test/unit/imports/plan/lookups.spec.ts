import assert from "node:assert/strict";
import type { DesiredStream, ImageTag } from "../../../../provider/imports/args/desiredStream.js";
import type { ResolvedImage, ResolvedTag, ResolvedTags } from "../../../../provider/imports/outputs.js";
import { type LookupPlan, planLookups } from "../../../../provider/imports/plan/lookups.js";
import type { ImageStream } from "../../../../provider/okd/imageStream.js";
import {
  desiredStream,
  desiredTag,
  digest,
  failedTag,
  imageStream,
  type LiveTag,
  liveTag,
} from "../../../support/builders/imageStream.js";

interface LookupCase {
  readonly name: string;
  readonly tag?: Partial<ImageTag>;
  readonly stream?: ImageStream;
  readonly recorded?: string;
  readonly track?: DesiredStream["trackUpstream"];
  readonly triggersChanged?: boolean | "unknown";
  /** What the last run declared otherwise. */
  readonly declared?: Partial<ImageTag>;
  /** Nothing is known of a last run. */
  readonly isNew?: boolean;
  readonly lost?: readonly string[];
  readonly warning?: RegExp;
  readonly asks?: "needed" | "tracked" | "undecided";
  readonly digest?: string;
  readonly remark?: RegExp;
}

const imported = imageStream([liveTag("v1", digest("a"))]);

/** The tag served `b` before it moved to `a`. */
function moved(overrides: Parameters<typeof liveTag>[2] = {}): ImageStream {
  const live = liveTag("v1", digest("a"), overrides);
  const [latest] = live.status?.items ?? [];
  const history = latest === undefined ? [] : [latest, { ...latest, image: digest("b"), generation: 1 }];
  return imageStream([{ spec: live.spec, status: { tag: "v1", items: history } }]);
}

const reimportFailed = imageStream([failedTag("v1", "expired", digest("a"))]);
const scheduledFailed: LiveTag = {
  spec: { ...failedTag("v1", "expired").spec!, importPolicy: { scheduled: true } },
  status: failedTag("v1", "expired", digest("a")).status,
};
const movedAndFailed: LiveTag = {
  spec: failedTag("v1", "expired").spec,
  status: { ...failedTag("v1", "expired").status!, items: moved().status!.tags![0]!.items! },
};

const cases: readonly LookupCase[] = [
  { name: "asks for a tag of a stream that does not exist", asks: "needed" },
  {
    name: "asks for a tag that is missing on the cluster",
    stream: imageStream([]),
    recorded: digest("a"),
    asks: "needed",
    remark: /not on the cluster/,
  },
  {
    name: "asks for nothing when the tag is imported",
    stream: imported,
    recorded: digest("a"),
    digest: digest("a"),
  },
  { name: "takes the live digest of a tag that is adopted", stream: imported, digest: digest("a") },
  {
    name: "asks when the source changed",
    stream: imported,
    recorded: digest("a"),
    tag: { image: "quay.io/acme/web:v2" },
    asks: "needed",
    remark: /another source there \(quay\.io\/acme\/web:v1\)/,
  },
  {
    name: "asks when the import mode changed",
    stream: imported,
    recorded: digest("a"),
    tag: { importMode: "PreserveOriginal" },
    asks: "needed",
    remark: /another import mode/,
  },
  {
    name: "keeps the recorded image when importing it again failed, and warns",
    stream: reimportFailed,
    recorded: digest("a"),
    digest: digest("a"),
    warning: /^v1 keeps sha256:a+, although it could not be imported again: expired$/,
  },
  {
    name: "asks when the first import failed",
    stream: imageStream([failedTag("v1", "gone")]),
    recorded: digest("a"),
    asks: "needed",
    remark: /was not imported: gone/,
  },
  {
    name: "asks when an import failed of a tag that is adopted",
    stream: reimportFailed,
    isNew: true,
    asks: "needed",
  },
  {
    name: "asks when an import failed and the last run had another source",
    stream: reimportFailed,
    declared: { image: "quay.io/acme/web:v0" },
    recorded: digest("a"),
    asks: "needed",
    remark: /was not imported: expired/,
  },
  {
    name: "asks when an import failed and the last run had another import mode",
    stream: reimportFailed,
    declared: { importMode: "PreserveOriginal" },
    recorded: digest("a"),
    asks: "needed",
    remark: /was not imported: expired/,
  },
  {
    name: "asks when an import failed and the last run preferred another platform",
    stream: reimportFailed,
    declared: { annotations: { "importer.image.openshift.io/prefer-arch": "arm64" } },
    recorded: digest("a"),
    asks: "needed",
    remark: /was not imported: expired/,
  },
  {
    name: "asks when an import failed and the history no longer holds the recorded image",
    stream: reimportFailed,
    recorded: digest("b"),
    asks: "needed",
    remark: /was not imported: expired/,
  },
  {
    name: "asks when an import failed and triggers changed",
    stream: reimportFailed,
    recorded: digest("a"),
    triggersChanged: true,
    asks: "needed",
    remark: /triggers changed/,
  },
  {
    name: "keeps what a scheduled tag serves by now when importing it again failed",
    stream: imageStream([scheduledFailed]),
    tag: { scheduled: true },
    recorded: digest("b"),
    digest: digest("a"),
    warning: /v1 keeps sha256:a+/,
  },
  {
    name: "report: asks upstream although importing again failed",
    stream: reimportFailed,
    recorded: digest("a"),
    track: "report",
    asks: "tracked",
    digest: digest("a"),
    warning: /expired/,
  },
  {
    name: "follow: keeps the recorded image when importing another one failed",
    stream: imageStream([movedAndFailed]),
    recorded: digest("b"),
    track: "follow",
    asks: "tracked",
    digest: digest("b"),
    warning: /expired/,
  },
  {
    name: "keeps the recorded image while somebody else's import is running",
    stream: imageStream([liveTag("v1", digest("a"), { generation: 3 })]),
    recorded: digest("a"),
    digest: digest("a"),
    remark: /v1 keeps sha256:a+: an import that was asked for has not ended/,
  },
  {
    name: "asks while the import of a tag that is adopted is running",
    stream: imageStream([liveTag("v1", digest("a"), { generation: 3 })]),
    isNew: true,
    asks: "needed",
  },
  {
    name: "asks for a tag whose Image object is gone",
    stream: imported,
    recorded: digest("a"),
    lost: [digest("a")],
    asks: "needed",
    remark: /v1 has lost its image on the cluster/,
  },
  {
    name: "asks when an import failed and the Image object of the recorded image is gone",
    stream: reimportFailed,
    recorded: digest("a"),
    lost: [digest("a")],
    asks: "needed",
    remark: /was not imported: expired/,
  },
  {
    name: "pinned: takes what the cluster serves where the Image object of the recorded image is gone",
    stream: moved(),
    recorded: digest("b"),
    lost: [digest("b")],
    digest: digest("a"),
  },
  {
    name: "asks whether triggers that are not known yet would move a tag",
    stream: imported,
    recorded: digest("a"),
    triggersChanged: "unknown",
    asks: "undecided",
    digest: digest("a"),
  },
  {
    name: "asks when triggers changed",
    stream: imported,
    recorded: digest("a"),
    triggersChanged: true,
    asks: "needed",
    remark: /triggers changed/,
  },
  {
    name: "asks nothing for a policy that differs, and says so",
    stream: imageStream([liveTag("v1", digest("a"), { importPolicy: { scheduled: true } })]),
    recorded: digest("a"),
    digest: digest("a"),
    remark: /scheduled is true on the cluster/,
  },
  {
    name: "pinned: keeps the recorded digest when the cluster moved, and says so",
    stream: moved(),
    recorded: digest("b"),
    digest: digest("b"),
    remark: /serves sha256:a+ on the cluster, not the recorded/,
  },
  {
    name: "pinned: takes what the cluster serves where the recorded digest is not in the history",
    stream: imported,
    recorded: digest("b"),
    digest: digest("a"),
  },
  {
    name: "pinned: says nothing when a scheduled tag moved",
    stream: moved({ importPolicy: { scheduled: true } }),
    tag: { scheduled: true },
    recorded: digest("b"),
    digest: digest("b"),
  },
  {
    name: "report: asks upstream, and keeps the recorded digest",
    stream: imported,
    recorded: digest("a"),
    track: "report",
    asks: "tracked",
    digest: digest("a"),
  },
  {
    name: "follow: asks upstream",
    stream: imported,
    recorded: digest("a"),
    track: "follow",
    asks: "tracked",
    digest: digest("a"),
  },
  {
    name: "follow: takes what the cluster serves by now",
    stream: moved(),
    recorded: digest("b"),
    track: "follow",
    asks: "tracked",
    digest: digest("a"),
  },
  {
    name: "follow: never asks for a digest",
    stream: imageStream([
      liveTag("v1", digest("a"), { from: { kind: "DockerImage", name: `quay.io/acme/web@${digest("a")}` } }),
    ]),
    tag: { image: `quay.io/acme/web@${digest("a")}` },
    recorded: digest("a"),
    track: "follow",
    digest: digest("a"),
  },
  {
    name: "follow: leaves a scheduled tag to the cluster",
    stream: imageStream([liveTag("v1", digest("a"), { importPolicy: { scheduled: true } })]),
    tag: { scheduled: true },
    recorded: digest("b"),
    track: "follow",
    digest: digest("a"),
  },
];

function run(c: LookupCase): LookupPlan {
  const desired = desiredStream([desiredTag("v1", c.tag)], { trackUpstream: c.track ?? "pinned" });
  const recorded: ResolvedTags =
    c.recorded === undefined
      ? {}
      : { v1: { digest: c.recorded, pullSpec: `quay.io/acme/web@${c.recorded}`, sizeBytes: 5 } };
  const before =
    c.isNew === true ? undefined : desiredStream([desiredTag("v1", { ...c.tag, ...c.declared })]);
  const observed = { stream: c.stream, lostImages: new Set(c.lost ?? []) };
  return planLookups(desired, observed, { desired: before, resolved: recorded }, c.triggersChanged ?? false);
}

function image(tag: ResolvedTag | undefined): ResolvedImage | undefined {
  return tag !== undefined && "digest" in tag ? tag : undefined;
}

describe("planLookups", () => {
  for (const c of cases) {
    it(c.name, () => {
      const plan = run(c);

      assert.equal(plan.lookups[0]?.purpose, c.asks);
      assert.equal(image(plan.known.v1)?.digest, c.digest);
      if (c.warning === undefined) assert.deepEqual(plan.warnings, []);
      else assert.match(plan.warnings.join("\n"), c.warning);
      if (c.remark === undefined) assert.deepEqual(plan.remarks, []);
      else assert.match(plan.remarks.join("\n"), c.remark);
    });
  }

  it("keeps the details of a digest that stays", () => {
    const plan = run({ name: "", stream: imported, recorded: digest("a") });

    assert.equal(image(plan.known.v1)?.sizeBytes, 5);
  });

  it("answers the pull spec of the integrated registry for policy Local", () => {
    const plan = run({
      name: "",
      stream: imported,
      recorded: digest("a"),
      tag: { referencePolicy: "Local" },
    });

    assert.equal(plan.known.v1?.pullSpec, `registry.svc:5000/shop/web@${digest("a")}`);
  });

  it("names the registry of a short name once, and only when the tag is about to be imported", () => {
    const short = { image: "nginx:1.27" };
    const live = imageStream([
      liveTag("v1", digest("a"), { from: { kind: "DockerImage", name: "nginx:1.27" } }),
    ]);

    assert.deepEqual(run({ name: "", tag: short }).remarks, [
      'v1: "nginx:1.27" names no registry, so this is docker.io/library/nginx, as its pull spec says',
    ]);
    assert.equal(run({ name: "", tag: { image: "acme/web/app:v1" } }).remarks.length, 1);
    assert.deepEqual(run({ name: "", tag: short, stream: live, recorded: digest("a") }).remarks, []);
  });

  it("warns about a source that is probably not meant when it is about to be imported", () => {
    const plan = run({ name: "", tag: { image: "quay.io:443/acme/web:v1" } });

    assert.match(plan.remarks.join(), /^v1: .*pull secret for it must have :443/);
  });
});
