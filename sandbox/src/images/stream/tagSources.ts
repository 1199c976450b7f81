import { isSameJson } from "../../kube/model/object.js";
import { fieldInvalid, invalid } from "../../kube/model/status.js";
import type { ObjectStore } from "../../kube/storage/objectStore.js";
import { internalRegistry } from "./defaults.js";
import { addTagEvent } from "./tagEvents.js";
import {
  imageGroup,
  type ImageStream,
  latestEvent,
  specTag,
  type TagEvent,
  type TagReference,
} from "./types.js";

/** Fills the status of new and changed tags that need no import: references, other tags, images of streams. */
export function resolveTagSources(
  store: ObjectStore,
  next: ImageStream,
  current: ImageStream | undefined,
): ImageStream {
  let resolved = next;
  for (const reference of next.spec.tags ?? []) {
    if (reference.from === undefined) continue;
    const stored = current === undefined ? undefined : specTag(current, reference.name);
    // Only another source counts: a new generation alone resolves nothing again.
    if (stored !== undefined && isSameJson(stored.from, reference.from)) continue;
    const event = sourceEvent(store, resolved, reference);
    if (event !== undefined) resolved = addTagEvent(resolved, reference.name, event);
  }
  return resolved;
}

function sourceEvent(store: ObjectStore, stream: ImageStream, reference: TagReference): TagEvent | undefined {
  const { from } = reference;
  if (from === undefined) return undefined;
  const stamp = { created: store.timestamp(), generation: reference.generation ?? 1 };
  if (from.kind === "DockerImage") {
    return reference.reference === true
      ? { ...stamp, dockerImageReference: from.name, image: "" }
      : undefined;
  }
  const separator = from.kind === "ImageStreamImage" ? "@" : ":";
  const [streamName, id] = splitSource(stream, from.name, separator);
  const source = sourceStream(store, stream, reference, streamName);
  const event = from.kind === "ImageStreamTag" ? latestEvent(source, id) : imageEvent(source, id);
  if (event === undefined) return undefined;
  // Pulls of a copied tag go through its own stream, except that a reference keeps the other one's pull spec.
  const isManaged = event.dockerImageReference.startsWith(`${internalRegistry}/`);
  const dockerImageReference =
    isManaged && reference.reference !== true && event.image !== ""
      ? `${stream.status.dockerImageRepository}@${event.image}`
      : event.dockerImageReference;
  return { ...event, ...stamp, dockerImageReference };
}

function splitSource(stream: ImageStream, name: string, separator: string): readonly [string, string] {
  const at = name.indexOf(separator);
  return at < 0 ? [stream.metadata.name, name] : [name.slice(0, at), name.slice(at + 1)];
}

function sourceStream(
  store: ObjectStore,
  stream: ImageStream,
  reference: TagReference,
  name: string,
): ImageStream {
  const namespace = reference.from?.namespace ?? stream.metadata.namespace ?? "";
  if (name === stream.metadata.name && namespace === stream.metadata.namespace) return stream;
  const found = store.get(`imagestreams.${imageGroup}`, `${namespace}/${name}`);
  if (found !== undefined) return found as ImageStream;
  const field = `spec.tags[${reference.name}].from.name`;
  const message = `error retrieving ImageStream ${namespace}/${name}: imagestreams.${imageGroup} "${name}" not found`;
  throw invalid({ group: imageGroup, resource: "ImageStream" }, stream.metadata.name, [
    fieldInvalid(field, reference.from?.name, message),
  ]);
}

function imageEvent(stream: ImageStream, id: string): TagEvent | undefined {
  const items = (stream.status.tags ?? []).flatMap((history) => history.items ?? []);
  return items.find((item) => item.image.startsWith(id) || item.image.startsWith(`sha256:${id}`));
}
