import {
  type ImageStream,
  latestEvent,
  specTag,
  type TagCondition,
  type TagEvent,
  tagHistory,
  type TagHistory,
  withHistory,
} from "./types.js";

/**
 * Puts an event on top of a tag's history. One that is about the same image only corrects the newest item:
 * seen live for a changed source of the same digest, and for a good import after a failed one.
 */
export function addTagEvent(stream: ImageStream, tag: string, event: TagEvent): ImageStream {
  const history = tagHistory(stream, tag);
  const [newest, ...older] = history?.items ?? [];
  if (newest === undefined) return withHistory(stream, { tag, items: [event] });
  if (newest.image !== event.image) return withHistory(stream, { tag, items: [event, newest, ...older] });
  const { dockerImageReference, generation } = event;
  return withHistory(stream, {
    ...(history as TagHistory),
    items: [{ ...newest, dockerImageReference, generation }, ...older],
  });
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

/** Copies every status change of a tag to the tags that follow it (`from` ImageStreamTag of the same stream). */
export function followChangedTags(
  stream: ImageStream,
  before: ImageStream | undefined,
  at: string,
): ImageStream {
  let followed = stream;
  const changed = (stream.status.tags ?? [])
    .map((history) => history.tag)
    .filter((tag) => isChanged(stream, before, tag));
  // Chains of aliases settle one link at a time; each tag is followed once, so a cycle ends.
  const seen = new Set<string>();
  for (let tag = changed.shift(); tag !== undefined; tag = changed.shift()) {
    if (seen.has(tag)) continue;
    seen.add(tag);
    for (const follower of followersOf(followed, tag)) {
      const event = latestEvent(followed, tag);
      if (event === undefined) continue;
      followed = addTagEvent(followed, follower, { ...event, created: at });
      changed.push(follower);
    }
  }
  return followed;
}

function isChanged(stream: ImageStream, before: ImageStream | undefined, tag: string): boolean {
  const now = latestEvent(stream, tag);
  const then = before === undefined ? undefined : latestEvent(before, tag);
  return (
    now !== undefined &&
    (now.image !== then?.image ||
      now.dockerImageReference !== then.dockerImageReference ||
      now.generation !== then.generation)
  );
}

function followersOf(stream: ImageStream, tag: string): readonly string[] {
  const { name: streamName, namespace } = stream.metadata;
  return (stream.spec.tags ?? [])
    .filter(({ name, from }) => {
      if (name === tag || from?.kind !== "ImageStreamTag") return false;
      if (from.namespace !== undefined && from.namespace !== namespace) return false;
      return from.name === tag || from.name === `${streamName}:${tag}`;
    })
    .map((reference) => reference.name);
}

/** Whether the spec of a tag asks for an import that its history does not have yet. */
export function needsImport(stream: ImageStream, tag: string): boolean {
  const reference = specTag(stream, tag);
  const newest = latestEvent(stream, tag);
  if (reference?.generation === undefined || reference.generation === null || newest === undefined)
    return true;
  return reference.generation > newest.generation;
}
