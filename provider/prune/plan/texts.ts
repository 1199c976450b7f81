import { byText } from "../../support/text/spelling.js";
import { countOf } from "../../support/text/wording.js";
import type { Coverage } from "../clusterSurvey.js";
import type { CutReason, ImageDeletionReason, ImageKeepReason, RevisionKeepReason } from "./decision.js";

/**
 * Reasons for people. They complete "it goes, because: …" and "it stays, because: …", and name no number of the policy, so
 * that the same reason reads the same in every report.
 */
export const cutReasonTexts: Readonly<Record<CutReason, string>> = {
  "dangling-revision": "dangling: its Image is gone",
  "obsolete-revision": "obsolete revision",
  "over-limit": "over the size limit",
  "subject-gone": "signature or attestation of an image that goes",
};

export const imageDeletionReasonTexts: Readonly<Record<ImageDeletionReason, string>> = {
  "unreferenced-image": "nothing refers to it any more",
  "child-of-removed-index": "part of an index that goes",
};

export const revisionKeepReasonTexts: Readonly<Record<RevisionKeepReason, string>> = {
  "young-stream": "its stream is young",
  "unreadable-metadata": "its stream lists an Image that does not say what it needs",
  "young-revision": "young",
  "tag-in-use": "a workload uses the tag",
  "revision-kept": "among the newest revisions",
  "within-limit": "within the size limit",
  "digest-in-use": "a workload uses the digest",
  "reference-tag": "the tag only remembers its source",
  "all-images-missing": "every Image of its stream is missing",
  "current-dangling": "its Image is gone, but the tag points to it",
  "importable-tag": "the tag would be imported again",
  "external-image": "imported, not pushed",
  "follows-subject": "signature or attestation of an image that stays",
  "kept-by-policy": "the policy keeps it",
  "invalid-reference": "a reference that cannot be read may mean it",
  "not-approved": "not approved",
};

export const imageKeepReasonTexts: Readonly<Record<ImageKeepReason, string>> = {
  "used-by-stream": "a stream lists it",
  "child-of-kept-index": "part of an index that stays",
  "external-image": "imported, not pushed",
  "young-image": "young",
  "digest-in-use": "a workload uses the digest",
  "young-unreferenced": "in no stream, but only lately",
  "not-selected": "outside the policy's selection",
  "kept-by-policy": "the policy keeps it",
  "unknown-content": "it does not say what it needs",
  "invalid-reference": "a reference that cannot be read may mean it",
  "not-approved": "not approved",
};

type Shown = Readonly<Record<string, number | string | readonly string[]>>;

/** How many added kinds are listed one by one: a cluster has hundreds, and inputs are stored and shown whole. */
const shownKinds = 10;

/** What a preview shows of a survey; what reading cost changes every time, so only the report has it. */
export function coverageText(
  { read, absent, uncovered }: Pick<Coverage, "read" | "absent" | "uncovered">,
  registry: string | undefined,
): Shown {
  return {
    ...Object.fromEntries(Object.entries(read).filter(isKnown)),
    ...addedCounts(Object.entries(read).filter(isAdded)),
    ...Object.fromEntries(Object.entries(absent).filter(isKnown)),
    ...addedGaps(Object.entries(absent).filter(isAdded)),
    ...(uncovered.length === 0 ? {} : { uncovered: shownNames(uncovered) }),
    ...(registry === undefined ? {} : { registry }),
  };
}

/** Kinds that the cluster or the user adds are shown with their group. */
function isAdded([name]: readonly [string, unknown]): boolean {
  return name.includes(".");
}

function isKnown(entry: readonly [string, unknown]): boolean {
  return !isAdded(entry);
}

/** The biggest, and the rest together. */
function addedCounts(counts: readonly (readonly [string, number])[]): Shown {
  const biggest = counts
    .filter(([, count]) => count > 0)
    .toSorted(([a, most], [b, least]) => least - most || byText(a, b));
  const shown = biggest.slice(0, shownKinds);
  const others = counts.length - shown.length;
  if (others === 0) return Object.fromEntries(shown);
  const rest = biggest.slice(shownKinds).reduce((sum, [, count]) => sum + count, 0);
  return {
    ...Object.fromEntries(shown),
    "other kinds": `${countOf(rest, "object")} of ${countOf(others, "kind")}`,
  };
}

function addedGaps(gaps: readonly (readonly [string, string])[]): Shown {
  const shown = gaps.slice(0, shownKinds);
  const others = gaps.length - shown.length;
  return {
    ...Object.fromEntries(shown),
    ...(others === 0 ? {} : { "other kinds that are not read": countOf(others, "kind") }),
  };
}

function shownNames(names: readonly string[]): readonly string[] {
  const others = names.length - shownKinds;
  return others <= 0 ? names : [...names.slice(0, shownKinds), `and ${countOf(others, "other")}`];
}
