import { byKey } from "../../support/text/spelling.js";
import { formatByteSize } from "../../support/text/units.js";
import { visibleLines, visibleText } from "../../support/text/visible.js";
import type { Coverage } from "../clusterSurvey.js";
import type { PrunePlan } from "../outputs.js";
import type { ClusterSnapshot, Image } from "../snapshot.js";
import { contentOf, fingerprintOf } from "./approval.js";
import type { PruneDecision } from "./decision.js";
import { itemFacts, type PlannedItem } from "./items.js";
import {
  coverageText,
  cutReasonTexts,
  imageDeletionReasonTexts,
  imageKeepReasonTexts,
  revisionKeepReasonTexts,
} from "./texts.js";
import { totalsOf } from "./totals.js";

/** What a plan's input is made of. */
export interface PlanFacts {
  readonly plan: PruneDecision;
  readonly snapshot: ClusterSnapshot;
  readonly coverage: Coverage;
  /** How the integrated registry is reached, or why not; absent where it is not asked. */
  readonly registry: string | undefined;
  readonly warnings: readonly string[];
}

/** Lines; the inputs are stored and shown whole, the report has all. */
export const maxShownItems = 200;

/** The computed input `plan`: what a preview shows, and by its fingerprint what `up` may execute. */
export function previewPlan({ plan, snapshot, coverage, registry, warnings }: PlanFacts): PrunePlan {
  const totals = totalsOf(plan);
  const images = new Map(snapshot.images.map((image) => [image.digest, image]));
  const lines = withUniqueKeys([...itemLines(itemFacts(plan, snapshot)), ...imageLines(plan, images)]);
  return {
    images: totals.images,
    revisions: totals.revisions,
    streams: totals.streams,
    vanishingTags: totals.vanishingTags,
    frees: freedText(plan, images, totals.bytes),
    freesBytes: totals.bytes,
    fingerprint: fingerprintOf(contentOf(plan)),
    items: Object.fromEntries(lines.slice(0, maxShownItems)),
    moreItems: Math.max(0, lines.length - maxShownItems),
    kept: keptCounts(plan),
    coverage: coverageText(coverage, registry),
    warnings,
  };
}

/**
 * A plan after its execution, which a refresh records so that the next preview shows only what is new. It drops coverage and
 * warnings, too.
 */
export function clearedPlan(): PrunePlan {
  return {
    images: 0,
    revisions: 0,
    streams: 0,
    vanishingTags: 0,
    frees: formatByteSize(0),
    freesBytes: 0,
    fingerprint: fingerprintOf({ cuts: new Set(), images: new Set() }),
    items: {},
    moreItems: 0,
    kept: {},
    coverage: {},
    warnings: [],
  };
}

interface Line {
  readonly shortKey: string;
  /** For the few that share their short one. */
  readonly fullKey: string;
  readonly text: string;
}

/** The writer of a stream chooses the names of its tags, and the CLI prints names of properties as they are. */
function shown(text: string): string {
  return visibleLines(visibleText(text));
}

/** Adds the time for an image that was tagged twice, and the full digest where several begin alike. */
function withUniqueKeys(lines: readonly Line[]): readonly (readonly [key: string, text: string])[] {
  const uses = new Map<string, number>();
  for (const { shortKey } of lines) uses.set(shortKey, (uses.get(shortKey) ?? 0) + 1);
  return lines.map(({ shortKey, fullKey, text }) => [
    shown(uses.get(shortKey) === 1 ? shortKey : fullKey),
    shown(text),
  ]);
}

function itemLines(items: readonly PlannedItem[]): readonly Line[] {
  return items.map((item) => ({
    shortKey: `${item.namespace}/${item.stream}:${item.tag} ${shortDigest(item.digest)}`,
    fullKey: item.key,
    text: describeItem(item),
  }));
}

function describeItem(item: PlannedItem): string {
  return [
    cutReasonTexts[item.reason],
    item.createdAt === undefined ? "" : `of ${item.createdAt.slice(0, 10)}`,
    item.bytes === 0 ? "" : formatByteSize(item.bytes),
    item.vanishes ? "its tag vanishes" : "",
    item.lastCopy ? "last copy" : "",
    item.importableFrom === undefined ? "" : `importable from ${item.importableFrom}`,
  ]
    .filter((part) => part !== "")
    .join(", ");
}

/** Images that no item names, or that are deleted with their index. */
function imageLines(
  { streams, images }: PruneDecision,
  byDigest: ReadonlyMap<string, Image>,
): readonly Line[] {
  if (images.kind !== "planned") return [];
  const cut = new Set(
    streams.flatMap(({ tags }) => tags.flatMap(({ cuts }) => cuts.map(({ digest }) => digest))),
  );
  return images.deletions
    .filter(({ digest }) => !cut.has(digest))
    .map(({ digest, reason, bytes }) => {
      const image = byDigest.get(digest);
      const parts = [
        imageDeletionReasonTexts[reason],
        image === undefined || image.repository === "" ? "" : `from ${image.repository}`,
        image !== undefined && Number.isFinite(image.createdAt)
          ? `of ${new Date(image.createdAt).toISOString().slice(0, 10)}`
          : "",
        bytes === 0 ? "" : formatByteSize(bytes),
      ];
      return {
        shortKey: `image ${shortDigest(digest)}`,
        fullKey: `image ${digest}`,
        text: parts.filter((part) => part !== "").join(", "),
      };
    });
}

/** Layers of imported images are in the registry's storage only if somebody pulled them through (facts/pruning.md 41). */
function freedText({ images }: PruneDecision, byDigest: ReadonlyMap<string, Image>, bytes: number): string {
  const isUpperBound =
    images.kind === "planned" &&
    images.deletions.some(({ digest, bytes: own }) => own > 0 && byDigest.get(digest)?.managed === false);
  return `${isUpperBound ? "up to " : ""}${formatByteSize(bytes)}`;
}

/** Sorted; without Images that a stream lists, because their revisions are counted. */
function keptCounts({ kept }: PruneDecision): Readonly<Record<string, number>> {
  const revisions = entries(kept.revisions).map(
    ([reason, count]) => [revisionKeepReasonTexts[reason], count] as const,
  );
  const images = entries(kept.images)
    .filter(([reason]) => reason !== "used-by-stream")
    .map(([reason, count]) => [`Images: ${imageKeepReasonTexts[reason]}`, count] as const);
  return Object.fromEntries([...revisions, ...images].sort(byKey));
}

function entries<Reason extends string>(
  counts: Readonly<Partial<Record<Reason, number>>>,
): readonly (readonly [Reason, number])[] {
  return Object.entries(counts) as [Reason, number][];
}

function shortDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}
