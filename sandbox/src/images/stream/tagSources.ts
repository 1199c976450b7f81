import { conflict, type FieldError, fieldInvalid, fieldNotFound, notFound } from "../../kube/model/status.js";
import { visitingOrder } from "./chains.js";
import { internalRegistry } from "./defaults.js";
import type { StreamRules } from "./rules.js";
import { sourceOf, type StreamSource } from "./sourceReference.js";
import { addTagEvent } from "./tagEvents.js";
import { isTagChanged } from "./tagGenerations.js";
import {
  imageGroup,
  type ImageStream,
  latestEvent,
  type ObjectReference,
  specTag,
  type TagEvent,
  tagHistory,
  type TagReference,
  withHistory,
} from "./types.js";

/** A stream whose tags were looked up, and what was wrong with some of them. */
export interface ResolvedTags {
  readonly stream: ImageStream;
  readonly errors: readonly FieldError[];
}

/** Fills the status of new and changed tags that need no import: references, other tags, images of streams. */
export function resolveTagSources(
  rules: StreamRules,
  next: ImageStream,
  current: ImageStream | undefined,
): ResolvedTags {
  const errors: FieldError[] = [];
  let stream = next;
  for (const tag of visitingOrder(next, rules.aliasChains)) {
    const reference = specTag(next, tag);
    const stored = current === undefined ? undefined : specTag(current, tag);
    if (reference === undefined || !isTagChanged(stored, reference, next.metadata.namespace)) continue;
    const resolved = resolveTag(rules, stream, reference);
    if ("error" in resolved) errors.push(resolved.error);
    else stream = resolved.stream;
  }
  return { stream, errors };
}

type Resolution = { readonly stream: ImageStream } | { readonly error: FieldError };

function resolveTag(rules: StreamRules, stream: ImageStream, reference: TagReference): Resolution {
  const { from, name: tag } = reference;
  if (from === undefined) return { stream };
  const created = rules.store.timestamp();
  if (from.kind !== "DockerImage") return resolveStreamSource(rules, stream, { ...reference, from }, created);
  if (reference.reference !== true) return { stream };
  const generation = stream.metadata.generation ?? 1;
  const event = { created, dockerImageReference: from.name, image: "", generation };
  return { stream: addTagEvent(stream, tag, event) };
}

function resolveStreamSource(
  rules: StreamRules,
  stream: ImageStream,
  reference: TagReference & { readonly from: ObjectReference },
  created: string,
): Resolution {
  const { from, name: tag } = reference;
  const field = `spec.tags[${tag}].from.name`;
  const invalidName = (message: string) => ({ error: fieldInvalid(field, from.name, message) });
  const source = sourceOf(stream, from);
  if (source === undefined)
    return invalidName("must be of the form <tag>, <repo>:<tag>, <id>, or <repo>@<id>");
  const found = sourceStream(rules, stream, source);
  if (found === undefined) return { error: fieldNotFound(field, from.name) };
  const isTag = from.kind === "ImageStreamTag";
  const event = isTag ? latestEvent(found, source.id || "latest") : imageEvent(found, source.id, created);
  if (event === undefined) return { stream };
  if (typeof event === "string") return invalidName(`error generating tag event: ${event}`);
  const generation = stream.metadata.generation ?? 1;
  const isOwn = found === stream;
  const noted = isOwn && isTag ? withNewestGeneration(stream, source.id || "latest", generation) : stream;
  const dockerImageReference =
    reference.reference === true ? event.dockerImageReference : ownPullSpec(stream, source, event);
  return { stream: addTagEvent(noted, tag, { ...event, generation, dockerImageReference }) };
}

function sourceStream(
  rules: StreamRules,
  stream: ImageStream,
  source: StreamSource,
): ImageStream | undefined {
  const { namespace, name } = source;
  if (name === stream.metadata.name && namespace === stream.metadata.namespace) return stream;
  return rules.store.get(`imagestreams.${imageGroup}`, `${namespace}/${name}`) as ImageStream | undefined;
}

/** The image of a history by its digest or the beginning of it, or the server's words for none or several. */
function imageEvent(stream: ImageStream, id: string, created: string): TagEvent | string {
  const kind = { group: imageGroup, resource: "imagestreamimage" };
  const items = (stream.status.tags ?? []).flatMap((history) => history.items ?? []);
  const matching = items.filter(({ image }) => image.startsWith(id) || image.startsWith(`sha256:${id}`));
  const digests = [...new Set(matching.map(({ image }) => image))].sort();
  const [event] = matching;
  if (event === undefined) return notFound(kind, id).message;
  if (digests.length === 1) return { ...event, created };
  return conflict(kind, id, `multiple images match the prefix "${id}": ${digests.join(", ")}`).message;
}

/** The server writes the generation of a copy into the item that it copies, too (facts/image-streams.md 28). */
function withNewestGeneration(stream: ImageStream, tag: string, generation: number): ImageStream {
  const history = tagHistory(stream, tag);
  const [newest, ...older] = history?.items ?? [];
  if (history === undefined || newest === undefined) return stream;
  return withHistory(stream, { ...history, items: [{ ...newest, generation }, ...older] });
}

/** An image that was pushed into the source stream is pulled through this one from now on. */
function ownPullSpec(stream: ImageStream, { namespace, name }: StreamSource, event: TagEvent): string {
  const pushed = `${internalRegistry}/${namespace}/${name}@`;
  if (!event.dockerImageReference.startsWith(pushed)) return event.dockerImageReference;
  return `${stream.status.dockerImageRepository}@${event.dockerImageReference.slice(pushed.length)}`;
}
