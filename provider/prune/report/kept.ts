import { byText } from "../../support/text/spelling.js";
import type { KeptCounts } from "../plan/decision.js";
import type { KeptExplanation } from "../plan/explainKept.js";
import { isoInstant } from "../plan/items.js";
import { imageKeepReasonTexts, revisionKeepReasonTexts } from "../plan/texts.js";
import { keptRowLimit, type ReasonCount, type ReportKept } from "./model.js";

/** What is kept: all of it counted, and rows up to the limit of a report. */
export function reportKept(counts: KeptCounts, explained: KeptExplanation): ReportKept {
  const revisions = explained.revisions.toSorted(mostUsedFirst);
  const images = explained.images.toSorted(mostUsedFirst);
  const beyond = (list: readonly unknown[]) => Math.max(0, list.length - keptRowLimit);
  return {
    revisionReasons: reasonCounts(counts.revisions, revisionKeepReasonTexts),
    imageReasons: reasonCounts(counts.images, imageKeepReasonTexts),
    revisions: revisions.slice(0, keptRowLimit).map((kept) => ({
      namespace: kept.namespace,
      stream: kept.name,
      tag: kept.tag,
      revision: kept.revision,
      digest: kept.digest,
      createdAt: isoInstant(kept.createdAt),
      reason: kept.reason,
      users: kept.users,
      userCount: kept.userCount,
    })),
    images: images.slice(0, keptRowLimit).map((image) => ({
      repository: image.repository,
      digest: image.digest,
      createdAt: isoInstant(image.createdAt),
      reason: image.reason,
      users: image.users,
      userCount: image.userCount,
    })),
    omitted: beyond(revisions) + beyond(images),
  };
}

function reasonCounts<Reason extends ReasonCount["reason"]>(
  counts: Readonly<Partial<Record<Reason, number>>>,
  texts: Readonly<Record<Reason, string>>,
): readonly ReasonCount[] {
  const reasons = Object.keys(texts) as Reason[];
  return reasons
    .map((reason) => ({ reason, text: texts[reason], count: counts[reason] ?? 0 }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || byText(a.reason, b.reason));
}

function mostUsedFirst(a: { readonly userCount: number }, b: { readonly userCount: number }): number {
  return b.userCount - a.userCount;
}
