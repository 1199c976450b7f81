import { isSameJson } from "../../kube/model/object.js";
import { type ImageStream, specTag, type TagReference, withSpecTags } from "./types.js";

/**
 * Generations of an update (facts/image-streams.md 13): the stream's grows with every change of its spec;
 * a tag gets the stream's new one when it is new, when its source changes, or when the client sends 0. Any other value
 * that a client sends is replaced by the stored one.
 */
export function updatedGenerations(next: ImageStream, current: ImageStream): ImageStream {
  const withoutClientValues = withSpecTags(
    next,
    (next.spec.tags ?? []).map((reference) => keptGeneration(reference, specTag(current, reference.name))),
  );
  const before = current.metadata.generation ?? 0;
  const generation = isSameJson(withoutClientValues.spec, current.spec) ? before : before + 1;
  const tags = (withoutClientValues.spec.tags ?? []).map((reference) => ({
    ...reference,
    generation: settledGeneration(reference, specTag(current, reference.name), generation),
  }));
  const stream = withSpecTags(withoutClientValues, tags);
  return { ...stream, metadata: { ...stream.metadata, generation } };
}

function keptGeneration(reference: TagReference, stored: TagReference | undefined): TagReference {
  if (reference.generation === 0 || stored === undefined) return reference;
  return { ...reference, generation: stored.generation };
}

function settledGeneration(
  reference: TagReference,
  stored: TagReference | undefined,
  generation: number,
): number {
  const isNewImport = stored === undefined || isSourceChanged(stored, reference);
  if (isNewImport || reference.generation === null || reference.generation === 0) return generation;
  return reference.generation;
}

function isSourceChanged(stored: TagReference, next: TagReference): boolean {
  return (
    !isSameJson(stored.from, next.from) ||
    (stored.reference ?? false) !== (next.reference ?? false) ||
    stored.importPolicy.importMode !== next.importPolicy.importMode
  );
}
