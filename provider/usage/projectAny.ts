import type { ContentPool } from "../support/contentPool.js";
import { objectAt, textAt } from "../support/json.js";
import { readAnything } from "./readAnything.js";
import type { Mentions, OtherReferrer } from "./referrer.js";

/**
 * An object of any kind, by everything in it that may name an image of this cluster: digests, and pull specs in any
 * spelling, which count where such a stream exists and are never invalid. Linear in the size of the object.
 *
 * `pullSpecs` are texts of it that are known to be pull specs; those can be invalid.
 */
export function projectAny(
  objectKind: string,
  object: unknown,
  pool: ContentPool,
  pullSpecs: Mentions["pullSpecs"] = [],
): OtherReferrer {
  const metadata = objectAt(object, "metadata");
  const { digests, possibleSpecs } = readAnything(object, pool);
  return {
    kind: "other",
    objectKind,
    namespace: pool.text(textAt(metadata, "namespace")),
    name: textAt(metadata, "name"),
    mentions:
      pullSpecs.length + digests.length + possibleSpecs.length === 0
        ? undefined
        : pool.value({
            pullSpecs,
            sources: [],
            digests,
            imageIds: [],
            ...(possibleSpecs.length === 0 ? {} : { possibleSpecs }),
          }),
  };
}
