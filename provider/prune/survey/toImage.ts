import { isDigest, readManifest } from "../../oci/manifest.js";
import { digestOf } from "../../oci/verify.js";
import { hasConfigBlob, isIndexType, isSchema1Type } from "../../oci/mediaTypes.js";
import { parseReference } from "../../oci/names/reference.js";
import type { ContentPool } from "../../support/contentPool.js";
import { instantAt, isObject, listAt, textAt, valueAt } from "../../support/json.js";
import type { PrunePolicy } from "../args/policy.js";
import type { Image, ImageMetadata, Unsaid } from "../snapshot.js";

/** An Image as the API server writes it, reduced to what decides. */
export function toImage(image: unknown, rules: PrunePolicy["rules"], pool: ContentPool): Image {
  return {
    digest: pool.text(textAt(image, "metadata", "name")),
    uid: textAt(image, "metadata", "uid"),
    createdAt: instantAt(image, "metadata", "creationTimestamp"),
    managed: textAt(image, "metadata", "annotations", "openshift.io/image.managed") === "true",
    repository: pool.text(repositoryOf(image)),
    isSigned: listAt(image, "signatures").length > 0,
    ...toImageContent(image, rules, pool),
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

type Content = Pick<Image, "mediaType" | "layers" | "metadata" | "manifests" | "unsaid">;

/**
 * What an Image needs according to its fields or, failing those, to the text of its manifest, which old servers store with
 * it. Only a text with the Image's own digest counts, and none under `oc`, which does not read it.
 */
function toImageContent(image: unknown, rules: PrunePolicy["rules"], pool: ContentPool): Content {
  const said = {
    mediaType: pool.text(textAt(image, "dockerImageManifestMediaType")),
    layers: listAt(image, "dockerImageLayers").map((layer) => pool.text(textAt(layer, "name"))),
    metadata: metadataOf(valueAt(image, "dockerImageMetadata"), pool),
    manifests: listAt(image, "dockerImageManifests").map((child) => pool.text(textAt(child, "digest"))),
  };
  const unsaid = unsaidOf(said);
  if (unsaid === "nothing" || rules === "oc") return { ...said, unsaid };
  return contentInText(image, said, pool) ?? { ...said, unsaid };
}

/** An empty list says nothing: servers write one where they know nothing. */
function unsaidOf({ mediaType, layers, metadata, manifests }: Omit<Content, "unsaid">): Unsaid {
  if (isIndexType(mediaType)) {
    if (layers.length > 0) return "kind";
    return areDigests(manifests) ? "nothing" : "manifests";
  }
  const isImage = hasConfigBlob(mediaType);
  if (manifests.length > 0 || !(isImage || isSchema1Type(mediaType))) return "kind";
  const hasConfig = !isImage || (metadata.kind === "known" && isDigest(metadata.configId));
  return hasConfig && areDigests(layers) ? "nothing" : "blobs";
}

function areDigests(texts: readonly string[]): boolean {
  return texts.length > 0 && texts.every(isDigest);
}

function contentInText(
  image: unknown,
  said: Omit<Content, "unsaid">,
  pool: ContentPool,
): Content | undefined {
  const text = textAt(image, "dockerImageManifest");
  if (text === "") return undefined;
  const bytes = Buffer.from(text);
  if (digestOf(bytes) !== textAt(image, "metadata", "name")) return undefined;
  const read = readManifest(bytes, said.mediaType);
  if (!read.ok) return undefined;
  const { manifest } = read;
  const digests = (list: readonly { readonly digest: string }[]) =>
    list.map((each) => pool.text(each.digest));
  const mediaType = pool.text(manifest.mediaType);
  switch (manifest.kind) {
    case "index":
      return { ...said, mediaType, layers: [], manifests: digests(manifest.manifests), unsaid: "nothing" };
    case "image": {
      const sizeBytes = said.metadata.kind === "known" ? said.metadata.sizeBytes : 0;
      const metadata = { kind: "known" as const, configId: pool.text(manifest.config.digest), sizeBytes };
      const layers = digests(manifest.layers);
      return { mediaType, layers, metadata, manifests: [], unsaid: "nothing" };
    }
  }
}

/** Like Go's decoder: a missing field is its zero value, a field of another type is an error. */
function metadataOf(raw: unknown, pool: ContentPool): ImageMetadata {
  if (raw === undefined || raw === null) return { kind: "absent" };
  if (!isObject(raw)) return undecodable("dockerImageMetadata is not an object");
  const { Id: configId = "", Size: sizeBytes = 0 } = raw;
  if (typeof configId !== "string") return undecodable("dockerImageMetadata.Id is not a text");
  if (typeof sizeBytes !== "number") return undecodable("dockerImageMetadata.Size is not a number");
  return { kind: "known", configId: pool.text(configId), sizeBytes };
}

function undecodable(problem: string): ImageMetadata {
  return { kind: "undecodable", problem };
}
