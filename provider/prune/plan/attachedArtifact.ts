import type { Image } from "./snapshot.js";

/**
 * Digest of the image that a tag's content is attached to: tools for signatures, attestations and SBOMs name such tags
 * after it (safety.md 1.8).
 */
export function subjectOf(tag: string): string | undefined {
  const hex = /^sha256-([0-9a-f]{64})(?:\.(?:sig|att|sbom))?$/.exec(tag)?.[1];
  return hex === undefined ? undefined : `sha256:${hex}`;
}

/** The subject as far as its Image is there; without it, nobody can tell what the tag is for. */
export function knownSubjectOf(tag: string, images: ReadonlyMap<string, Image>): string | undefined {
  const subject = subjectOf(tag);
  return subject !== undefined && images.has(subject) ? subject : undefined;
}
