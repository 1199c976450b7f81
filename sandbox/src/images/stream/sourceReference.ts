import { type FieldError, fieldForbidden } from "../../kube/model/status.js";
import type { User } from "../../kube/model/resource.js";
import type { StreamRules } from "./rules.js";
import { isTagChanged } from "./tagGenerations.js";
import { imageGroup, type ImageStream, type ObjectReference, specTag } from "./types.js";

/** The stream that the source of a tag names, and the tag or image in it. */
export interface StreamSource {
  readonly namespace: string;
  readonly name: string;
  readonly id: string;
}

/** Undefined for a text of more than two parts. Without a stream's name it is about the stream itself. */
export function sourceOf(stream: ImageStream, from: ObjectReference): StreamSource | undefined {
  const [first = "", second, ...others] = from.name.split(from.kind === "ImageStreamImage" ? "@" : ":");
  if (others.length > 0) return undefined;
  const namespace = from.namespace ?? stream.metadata.namespace ?? "";
  if (second === undefined) return { namespace, name: stream.metadata.name, id: first };
  return { namespace, name: first, id: second };
}

/** What the user may not copy from other projects: that takes `get imagestreams/layers` there (facts/image-streams.md 22). */
export function forbiddenSources(
  { access }: StreamRules,
  user: User,
  next: ImageStream,
  current: ImageStream | undefined,
): readonly FieldError[] {
  const { namespace: own } = next.metadata;
  return (next.spec.tags ?? []).flatMap((reference) => {
    const { from, name: tag } = reference;
    if (from?.namespace === undefined || from.namespace === own || from.kind === "DockerImage") return [];
    const stored = current === undefined ? undefined : specTag(current, tag);
    if (!isTagChanged(stored, reference, own)) return [];
    const source = sourceOf(next, from);
    if (source === undefined) return [];
    const { namespace, name } = source;
    const resource = "imagestreams/layers";
    if (access.allows(user, { verb: "get", group: imageGroup, resource, namespace, name })) return [];
    return [fieldForbidden(`spec.tags[${tag}].from`, `${namespace}/${name}: "" ""`)];
  });
}
