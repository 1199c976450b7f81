import { type AliasChains, followedTag, visitingOrder } from "./chains.js";
import {
  type ImageStream,
  latestEvent,
  specTag,
  type TagCondition,
  type TagEvent,
  tagHistory,
  withHistory,
} from "./types.js";

/**
 * Puts an event on top of a tag's history. One that is about the same image, or has the same pull spec, only corrects the
 * newest item: seen live for a changed source of the same digest, and for a good import after a failed one.
 */
export function addTagEvent(stream: ImageStream, tag: string, event: TagEvent): ImageStream {
  const [newest, ...older] = tagHistory(stream, tag)?.items ?? [];
  if (newest === undefined) return withHistory(stream, { tag, items: [event] });
  const { dockerImageReference, generation, image } = event;
  const isCorrection = newest.image === image || newest.dockerImageReference === dockerImageReference;
  if (!isCorrection) return withHistory(stream, { tag, items: [event, newest, ...older] });
  if (!isChangedEvent(newest, event)) return stream;
  const corrected = { ...newest, dockerImageReference, generation, image };
  return withHistory(stream, { tag, items: [corrected, ...older] });
}

/** No condition at all is how success reads. */
export function setTagCondition(
  stream: ImageStream,
  tag: string,
  condition: TagCondition | undefined,
): ImageStream {
  const history = tagHistory(stream, tag);
  if (condition !== undefined) {
    return withHistory(stream, { tag, items: history?.items ?? null, conditions: [condition] });
  }
  if (history === undefined) return stream;
  return withHistory(stream, { tag, items: history.items });
}

export function hasSameCondition(stream: ImageStream, tag: string, condition: TagCondition): boolean {
  return (tagHistory(stream, tag)?.conditions ?? []).some(
    ({ status, reason, message }) =>
      status === condition.status && reason === condition.reason && message === condition.message,
  );
}

/**
 * Copies every status change to the tags that follow (`from` ImageStreamTag of the same stream), in one walk through the
 * tags. Without a stream before, every item is a change.
 */
export function followChangedTags(
  stream: ImageStream,
  before: ImageStream | undefined,
  chains: AliasChains,
): ImageStream {
  let followed = stream;
  for (const tag of visitingOrder(stream, chains)) {
    const then = before === undefined ? undefined : latestEvent(before, tag);
    if (isChangedEvent(then, latestEvent(followed, tag))) followed = followTag(followed, tag);
  }
  return followed;
}

/** Copies the newest item of a tag to those that follow it, and no further: all that a push does. */
export function followTag(stream: ImageStream, tag: string): ImageStream {
  const event = latestEvent(stream, tag);
  if (event === undefined) return stream;
  return (stream.spec.tags ?? [])
    .filter(({ name }) => name !== tag && followedTag(stream, name) === tag)
    .reduce((followed, { name }) => addTagEvent(followed, name, event), stream);
}

function isChangedEvent(then: TagEvent | undefined, now: TagEvent | undefined): boolean {
  if (now === undefined) return false;
  return (
    now.image !== then?.image ||
    now.dockerImageReference !== then.dockerImageReference ||
    now.generation !== then.generation
  );
}

/** Whether the spec of a tag asks for an import that its history does not have yet. */
export function needsImport(stream: ImageStream, tag: string): boolean {
  const reference = specTag(stream, tag);
  const newest = latestEvent(stream, tag);
  if (reference?.generation === undefined || reference.generation === null || newest === undefined)
    return true;
  return reference.generation > newest.generation;
}
