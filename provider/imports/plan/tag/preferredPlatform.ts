import type { ImageManifestSummary, ImportedImage, TagReference } from "../../../okd/imageStream.js";
import { own } from "../../../support/collections.js";
import type { ImageTag } from "../../args/desiredStream.js";

/** Tag annotations that decide which image of an index a Legacy import takes (facts/importing.md 13). */
const preferenceKeys = [
  "importer.image.openshift.io/prefer-arch",
  "importer.image.openshift.io/prefer-os",
] as const;

export function isPreferenceKey(key: string): boolean {
  return preferenceKeys.some((known) => known === key);
}

/**
 * Whether the tag will prefer another platform than its stored annotations say. A lookup reads those, so it would answer
 * the wrong image; and the server does not import again because an annotation changed.
 */
export function prefersAnotherPlatform(tag: ImageTag, live: TagReference | undefined): boolean {
  const importMode = tag.importMode ?? live?.importPolicy?.importMode ?? "Legacy";
  if (importMode !== "Legacy") return false;
  return preferenceKeys.some(
    (key) => tag.annotations[key] !== undefined && tag.annotations[key] !== own(live?.annotations, key),
  );
}

/** Whether the program has chosen a platform. */
export function prefersPlatform(tag: ImageTag): boolean {
  return preferenceKeys.some((key) => own(tag.annotations, key) !== undefined);
}

export function prefersSamePlatform(a: ImageTag, b: ImageTag): boolean {
  return preferenceKeys.every((key) => own(a.annotations, key) === own(b.annotations, key));
}

/** The image of an index that a Legacy import of the tag will take, out of a lookup that preserved the index. */
export function preferredImage(tag: ImageTag, index: ImportedImage): ImportedImage {
  const children = index.dockerImageManifests ?? [];
  const [architecture, os] = preferenceKeys.map((key) => tag.annotations[key]);
  const matches = (child: ImageManifestSummary) =>
    (architecture === undefined || child.architecture === architecture) &&
    (os === undefined || child.os === os);
  const isDefault = (child: ImageManifestSummary) => child.os === "linux" && child.architecture === "amd64";
  const child = children.find(matches) ?? children.find(isDefault) ?? children[0];
  if (child === undefined) return index;
  return {
    metadata: { name: child.digest },
    ...(index.dockerImageReference === undefined
      ? {}
      : { dockerImageReference: withDigest(index.dockerImageReference, child.digest) }),
    dockerImageManifests: [child],
  };
}

function withDigest(reference: string, digest: string): string {
  const [repository = "", ...before] = reference.split("@");
  return before.length === 0 ? reference : `${repository}@${digest}`;
}
