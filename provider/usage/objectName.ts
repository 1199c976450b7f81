import type { ContentPool } from "../support/contentPool.js";
import { objectAt, textAt } from "../support/json.js";

/** The namespace is empty for objects of the cluster. */
export function nameOf(
  object: unknown,
  pool: ContentPool,
): { readonly namespace: string; readonly name: string } {
  const metadata = objectAt(object, "metadata");
  return { namespace: pool.text(textAt(metadata, "namespace")), name: textAt(metadata, "name") };
}
