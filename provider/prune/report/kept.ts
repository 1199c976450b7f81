import type { KeptCounts } from "../plan/decision.js";
import type { KeptExplanation } from "../plan/explainKept.js";
import { isoInstant } from "../plan/items.js";
import { imageKeepReasonTexts, itemKeepReasonTexts } from "../plan/texts.js";
import { keptRowLimit, type ReasonCount, type ReportKept } from "./model.js";

/** What is kept: all of it counted, and rows up to the limit of a report. */
export function reportKept(counts: KeptCounts, explained: KeptExplanation): ReportKept {
  const items = explained.items.toSorted(mostUsedFirst);
  const images = explained.images.toSorted(mostUsedFirst);
  const beyond = (list: readonly unknown[]) => Math.max(0, list.length - keptRowLimit);
  return {
    itemReasons: reasonCounts(counts.items, itemKeepReasonTexts),
    imageReasons: reasonCounts(counts.images, imageKeepReasonTexts),
    items: items.slice(0, keptRowLimit).map((item) => ({
      namespace: item.namespace,
      stream: item.name,
      tag: item.tag,
      revision: item.revision,
      digest: item.digest,
      createdAt: isoInstant(item.createdAt),
      reason: item.reason,
      users: item.users,
      userCount: item.userCount,
    })),
    images: images.slice(0, keptRowLimit).map((image) => ({
      repository: image.repository,
      digest: image.digest,
      createdAt: isoInstant(image.createdAt),
      reason: image.reason,
      users: image.users,
      userCount: image.userCount,
    })),
    omitted: beyond(items) + beyond(images),
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
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

function mostUsedFirst(a: { readonly userCount: number }, b: { readonly userCount: number }): number {
  return b.userCount - a.userCount;
}
