import { parseReference } from "../../oci/reference.js";
import type { ContentPool } from "../../support/contentPool.js";
import { instantAt, isJsonObject, listAt, textAt, valueAt } from "../../support/json.js";
import type { Image, ImageMetadata } from "../plan/snapshot.js";

/** An Image as the API server writes it, reduced to what decides. */
export function projectImage(image: unknown, pool: ContentPool): Image {
  return {
    digest: pool.text(textAt(image, "metadata", "name")),
    uid: textAt(image, "metadata", "uid"),
    createdAt: instantAt(image, "metadata", "creationTimestamp"),
    managed: textAt(image, "metadata", "annotations", "openshift.io/image.managed") === "true",
    mediaType: pool.text(textAt(image, "dockerImageManifestMediaType")),
    repository: pool.text(repositoryOf(image)),
    isSigned: listAt(image, "signatures").length > 0,
    layers: listAt(image, "dockerImageLayers").map((layer) => pool.text(textAt(layer, "name"))),
    metadata: metadataOf(valueAt(image, "dockerImageMetadata"), pool),
    manifests: listAt(image, "dockerImageManifests").map((child) => pool.text(textAt(child, "digest"))),
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

/** As Go's decoder: a missing field is its zero value, one of another type is an error. */
function metadataOf(raw: unknown, pool: ContentPool): ImageMetadata {
  if (raw === undefined || raw === null) return { kind: "absent" };
  if (!isJsonObject(raw)) return undecodable("dockerImageMetadata is not an object");
  const { Id: configId = "", Size: sizeBytes = 0 } = raw;
  if (typeof configId !== "string") return undecodable("dockerImageMetadata.Id is not a text");
  if (typeof sizeBytes !== "number") return undecodable("dockerImageMetadata.Size is not a number");
  return { kind: "known", configId: pool.text(configId), sizeBytes };
}

function undecodable(problem: string): ImageMetadata {
  return { kind: "undecodable", problem };
}
