import type { PrunePlan } from "./plan.js";
import { totalsOf } from "./planTotals.js";

/** How much of what would go stays because nobody has approved it. */
export function notApproved(
  full: PrunePlan,
  approved: PrunePlan,
): { readonly items: number; readonly images: number } {
  const [all, some] = [totalsOf(full), totalsOf(approved)];
  return { items: all.items - some.items, images: all.images - some.images };
}
