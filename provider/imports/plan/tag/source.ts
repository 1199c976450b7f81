import type { ObjectReference, TagReference } from "../../../okd/imageStream.js";
import { streamName, type StreamKey } from "../../../okd/streamName.js";
import type { AliasTag, DesiredTag, StreamSourceTag } from "../../args/desiredStream.js";

/** The stream that a permanent tag takes its image from. */
export function sourceStream(tag: StreamSourceTag, { namespace }: Pick<StreamKey, "namespace">): StreamKey {
  return { namespace: tag.namespace ?? namespace, name: tag.stream };
}

/** A tag that names a tag or an image of the stream that it is in. */
export type OwnStreamTag = AliasTag | StreamSourceTag;

export function isOfOwnStream(tag: DesiredTag, key: StreamKey): tag is OwnStreamTag {
  if (tag.kind === "alias") return true;
  return isPermanent(tag) && streamName(sourceStream(tag, key)) === streamName(key);
}

export function isPermanent(tag: DesiredTag): tag is StreamSourceTag {
  return tag.kind === "imageStreamTag" || tag.kind === "imageStreamImage";
}

/** What a tag takes its image from, for people, where that is no registry: `v1`, `dev/app:v1`, `dev/app@sha256:…`. */
export function sourceText(tag: DesiredTag, key: Pick<StreamKey, "namespace">): string | undefined {
  switch (tag.kind) {
    case "image":
    case "reference":
      return undefined;
    case "alias":
      return tag.alias;
    case "imageStreamTag":
      return `${streamName(sourceStream(tag, key))}:${tag.tag}`;
    case "imageStreamImage":
      return `${streamName(sourceStream(tag, key))}@${tag.image}`;
  }
}

/**
 * `spec.tags[].from`. A permanent tag is written by digest, because the server never looks again at a tag of another
 * stream (facts/image-streams.md 17); without a digest it is written as declared, which asks the server for one.
 */
export function tagSource(tag: DesiredTag, key: StreamKey, digest: string | undefined): ObjectReference {
  switch (tag.kind) {
    case "image":
    case "reference":
      return { kind: "DockerImage", name: tag.image };
    case "alias":
      return { kind: "ImageStreamTag", name: tag.alias };
    case "imageStreamTag":
      return digest === undefined
        ? { kind: "ImageStreamTag", name: `${tag.stream}:${tag.tag}`, ...otherNamespace(tag, key) }
        : { kind: "ImageStreamImage", name: `${tag.stream}@${digest}`, ...otherNamespace(tag, key) };
    case "imageStreamImage":
      return {
        kind: "ImageStreamImage",
        name: `${tag.stream}@${digest ?? tag.image}`,
        ...otherNamespace(tag, key),
      };
  }
}

function otherNamespace(tag: StreamSourceTag, key: StreamKey): Pick<ObjectReference, "namespace"> {
  const { namespace } = sourceStream(tag, key);
  return namespace === key.namespace ? {} : { namespace };
}

/** Whether the definition on the cluster takes its image from where the program says. */
export function hasDeclaredSource(tag: DesiredTag, live: TagReference, key: StreamKey): boolean {
  const { from, reference = false } = live;
  if (from === undefined) return false;
  switch (tag.kind) {
    case "image":
      return from.kind === "DockerImage" && from.name === tag.image && !reference;
    case "reference":
      return from.kind === "DockerImage" && from.name === tag.image && reference;
    case "alias":
      return followedTag(live, key) === tag.alias;
    case "imageStreamTag":
    case "imageStreamImage":
      return reference === tag.reference && takesFrom(tag, from, key);
  }
}

function takesFrom(tag: StreamSourceTag, from: ObjectReference, key: StreamKey): boolean {
  const [stream = "", digest = ""] = from.name.split("@");
  const source = { namespace: from.namespace ?? key.namespace, name: stream };
  if (from.kind !== "ImageStreamImage" || streamName(source) !== streamName(sourceStream(tag, key)))
    return false;
  return tag.kind === "imageStreamTag" || isDigestStart(tag.image, digest);
}

/** The digest, or its beginning, that a definition by ImageStreamImage names; empty where it names none. */
export function writtenDigest({ from }: TagReference): string {
  return from?.name.split("@")[1] ?? "";
}

/** Whether `start` is the digest or its beginning, with or without `sha256:`. */
export function isDigestStart(start: string, digest: string): boolean {
  const bare = (text: string) => text.replace(/^sha256:/, "");
  return start !== "" && bare(digest).startsWith(bare(start));
}

/** The tag of the same stream that a definition follows; undefined where it follows none (facts/image-streams.md 16). */
export function followedTag({ from }: TagReference, key: StreamKey): string | undefined {
  if (from?.kind !== "ImageStreamTag" || (from.namespace ?? key.namespace) !== key.namespace)
    return undefined;
  const [first = "", tag] = from.name.split(":");
  if (tag === undefined) return first;
  return first === key.name ? tag : undefined;
}

/** The other way to write the source of an alias: only a changed source takes the present image (facts/image-streams.md 18). */
export function respelledAlias({ from }: TagReference, alias: string, { name }: StreamKey): ObjectReference {
  return { kind: "ImageStreamTag", name: from?.name === alias ? `${name}:${alias}` : alias };
}

/** A source on the cluster, for people. */
export function describeSource({ from, reference = false }: TagReference): string {
  if (from === undefined) return "none, it was pushed";
  if (from.kind === "DockerImage") return reference ? `the reference ${from.name}` : from.name;
  const namespace = from.namespace === undefined ? "" : `${from.namespace}/`;
  return `${from.kind} ${namespace}${from.name}`;
}
