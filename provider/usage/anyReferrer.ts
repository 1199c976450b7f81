import type { ContentPool } from "../support/contentPool.js";
import { readMentions } from "./mentions.js";
import { type Mentions, nameOf, type OtherReferrer } from "./referrer.js";

/**
 * An object of any kind, by everything in it that may name an image of this cluster: digests, and pull specs in any
 * spelling, which count where such a stream exists and are never invalid. Linear in the size of the object.
 *
 * `pullSpecs` are texts of it that are known to be pull specs; those can be invalid.
 */
export function toAnyReferrer(
  objectKind: string,
  object: unknown,
  pool: ContentPool,
  pullSpecs: Mentions["pullSpecs"] = [],
): OtherReferrer {
  return {
    kind: "other",
    objectKind,
    ...nameOf(object, pool),
    mentions: readMentions(object, { pullSpecs }, pool),
  };
}
