import { parseReference } from "../../oci/reference.js";
import type { ContentPool } from "../../support/contentPool.js";
import { instantAt, listAt, textAt, valueAt } from "../../support/json.js";
import type { PrunePolicy } from "../plan/policy.js";
import type { Image } from "../plan/snapshot.js";
import { projectContent } from "./projectContent.js";

/** An Image as the API server writes it, reduced to what decides. */
export function projectImage(image: unknown, rules: PrunePolicy["rules"], pool: ContentPool): Image {
  return {
    digest: pool.text(textAt(image, "metadata", "name")),
    uid: textAt(image, "metadata", "uid"),
    createdAt: instantAt(image, "metadata", "creationTimestamp"),
    managed: textAt(image, "metadata", "annotations", "openshift.io/image.managed") === "true",
    repository: pool.text(repositoryOf(image)),
    isSigned: listAt(image, "signatures").length > 0,
    ...projectContent(image, rules, pool),
  };
}

/** Tells the compressed size of every layer of the Image that says so. */
export function visitLayerSizes(
  image: unknown,
  pool: ContentPool,
  visit: (digest: string, bytes: number) => void,
): void {
  for (const layer of listAt(image, "dockerImageLayers")) {
    const bytes = valueAt(layer, "size");
    if (typeof bytes === "number" && bytes > 0) visit(pool.text(textAt(layer, "name")), bytes);
  }
}

/** Host in the Image's `dockerImageReference`; empty when there is none. */
export function hostOfImage(image: unknown): string {
  const parsed = parseReference(textAt(image, "dockerImageReference"));
  return parsed.ok ? parsed.reference.registry : "";
}

function repositoryOf(image: unknown): string {
  const parsed = parseReference(textAt(image, "dockerImageReference"));
  if (!parsed.ok) return "";
  const { namespace, name } = parsed.reference;
  return namespace === "" ? name : `${namespace}/${name}`;
}
