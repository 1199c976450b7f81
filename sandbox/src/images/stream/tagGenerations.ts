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
    generation: settledGeneration(
      reference,
      specTag(current, reference.name),
      generation,
      next.metadata.namespace,
    ),
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
  namespace: string | undefined,
): number {
  if (isTagChanged(stored, reference, namespace)) return generation;
  if (reference.generation === null || reference.generation === 0) return generation;
  return reference.generation;
}

/** Whether a tag means something else than the stored one. The kind alone does not count, as on the server. */
export function isTagChanged(
  stored: TagReference | undefined,
  next: TagReference,
  namespace: string | undefined,
): boolean {
  if (stored === undefined) return true;
  if (next.from === undefined) return false;
  const { from, reference = false, importPolicy } = stored;
  return (
    (from?.namespace ?? namespace) !== (next.from.namespace ?? namespace) ||
    from?.name !== next.from.name ||
    reference !== (next.reference ?? false) ||
    importPolicy.importMode !== next.importPolicy.importMode
  );
}
