import { defined, isJsonObject, type KubeObject, type ObjectMeta, without } from "../../kube/model/object.js";
import type {
  DeleteOptions,
  ObjectList,
  ResourceContext,
  ResourceKind,
  Written,
} from "../../kube/model/resource.js";
import { alreadyExists, badRequest, conflict, notFound, successStatus } from "../../kube/model/status.js";
import { parseLimit } from "../../kube/storage/list.js";
import type { ObjectStore } from "../../kube/storage/objectStore.js";
import type { StoredResource } from "../../kube/storage/storedResource.js";
import { internalRegistry, normalizedStream, normalizedTag } from "../stream/defaults.js";
import {
  type Image,
  imageGroup,
  type ImageStream,
  latestEvent,
  specTag,
  type TagEvent,
  tagHistory,
  type TagReference,
  withHistories,
  withSpecTag,
  withSpecTags,
} from "../stream/types.js";

export const streamTagKind: ResourceKind = {
  group: imageGroup,
  version: "v1",
  resource: "imagestreamtags",
  kind: "ImageStreamTag",
  namespaced: true,
  shortNames: ["istag"],
};

/** ImageStreamTags: a view of the tags of streams, each with its newest image. */
export class StreamTags {
  readonly #store: ObjectStore;
  readonly #streams: StoredResource;

  constructor(store: ObjectStore, streams: StoredResource) {
    this.#store = store;
    this.#streams = streams;
  }

  readonly get = (name: string, context: ResourceContext): KubeObject => {
    const [streamName, tag] = splitTagName(name);
    const stream = this.#stream(streamName, context);
    const event = latestEvent(stream, tag);
    if (event === undefined || event.image === "") throw notFound(streamTagKind, name);
    return streamTag(stream, tag, this.#image(event));
  };

  /** Every tag that has an image, also when the Image object is missing. `limit` counts streams (facts/api-server.md 2). */
  readonly list = (context: ResourceContext): ObjectList => {
    const limit = parseLimit(context.query.get("limit"));
    const streams = this.#store.list(
      `imagestreams.${imageGroup}`,
      context.namespace,
    ) as readonly ImageStream[];
    const seen = limit === 0 ? streams : streams.slice(0, limit);
    const items = seen.flatMap((stream) =>
      (stream.status.tags ?? [])
        .filter((history) => (history.items?.[0]?.image ?? "") !== "")
        .map((history) => streamTag(stream, history.tag, undefined)),
    );
    return { metadata: {}, items };
  };

  readonly create = (body: KubeObject, context: ResourceContext): KubeObject => {
    const [streamName, tag] = splitTagName(body.metadata.name);
    const stream = this.#streams.find(streamName, context.namespace) as ImageStream | undefined;
    if (stream !== undefined && specTag(stream, tag) !== undefined)
      throw alreadyExists(streamTagKind, body.metadata.name);
    return this.#write(stream, streamName, requestedTag(body, tag), context);
  };

  /** Replaces the tag's whole spec, so whatever the body leaves out is reset. A missing stream is created. */
  readonly update = (name: string, body: KubeObject, context: ResourceContext): Written => {
    const [streamName, tag] = splitTagName(name);
    const stream = this.#streams.find(streamName, context.namespace) as ImageStream | undefined;
    const { resourceVersion } = body.metadata;
    if (
      resourceVersion !== undefined &&
      resourceVersion !== "" &&
      resourceVersion !== stream?.metadata.resourceVersion
    ) {
      if (stream === undefined) throw notFound(streamTagKind, name);
      const stored = stream.metadata.resourceVersion ?? "";
      throw conflict(streamTagKind, name, `another caller has updated the resource version to ${stored}`);
    }
    const existing = stream === undefined ? undefined : specTag(stream, tag);
    const reference = updatedTag(body, tag, existing);
    if (reference === undefined) {
      const where = `${context.namespace ?? ""}/${streamName}`;
      throw badRequest(`imagestreamtag ${tag} is not a spec tag in imagestream ${where}, cannot be updated`);
    }
    const created = existing === undefined;
    return { object: this.#write(stream, streamName, reference, context), created };
  };

  /** Removes the tag from spec and status; the only precondition it knows is the stream's uid. */
  readonly remove = (name: string, options: DeleteOptions, context: ResourceContext): unknown => {
    const [streamName, tag] = splitTagName(name);
    const stream = this.#stream(streamName, context);
    const uid = options.preconditions?.uid;
    if (uid !== undefined && uid !== stream.metadata.uid)
      throw conflict(streamTagKind, name, "the UID precondition was not met");
    if (specTag(stream, tag) === undefined && tagHistory(stream, tag) === undefined)
      throw notFound(streamTagKind, name);
    if (context.dryRun) return successStatus();
    const withoutSpec = withSpecTags(
      stream,
      (stream.spec.tags ?? []).filter((reference) => reference.name !== tag),
    );
    const next = withHistories(
      withoutSpec,
      (stream.status.tags ?? []).filter((history) => history.tag !== tag),
    );
    this.#streams.replaceInternally(next, stream);
    return successStatus();
  };

  #stream(streamName: string, context: ResourceContext): ImageStream {
    const stream = this.#streams.find(streamName, context.namespace) as ImageStream | undefined;
    if (stream === undefined) throw notFound({ group: imageGroup, resource: "imagestreams" }, streamName);
    return stream;
  }

  #image(event: TagEvent): Image {
    const image = this.#store.get(`images.${imageGroup}`, `/${event.image}`) as Image | undefined;
    if (image === undefined) throw notFound({ group: imageGroup, resource: "images" }, event.image);
    return image;
  }

  #write(
    stream: ImageStream | undefined,
    streamName: string,
    reference: TagReference,
    context: ResourceContext,
  ): KubeObject {
    const written =
      stream === undefined
        ? this.#streams.create(emptyStream(streamName, reference), context)
        : this.#streams.update(streamName, withSpecTag(stream, reference), context).object;
    const next = written as ImageStream;
    const event = latestEvent(next, reference.name);
    const isKnown =
      event !== undefined && this.#store.get(`images.${imageGroup}`, `/${event.image}`) !== undefined;
    return streamTag(next, reference.name, isKnown ? this.#image(event) : undefined);
  }
}

export function splitTagName(name: string): readonly [string, string] {
  const [stream = "", tag = "", ...rest] = name.split(":");
  if (stream === "" || tag === "" || rest.length > 0) {
    throw badRequest(`imagestreamtags must be of the form <stream_name>:<tag>: "${name}" is invalid`);
  }
  return [stream, tag];
}

function requestedTag(body: KubeObject, tag: string): TagReference {
  const given = (isJsonObject(body["tag"]) ? body["tag"] : {}) as unknown as Partial<TagReference>;
  const annotations = given.annotations ?? body.metadata.annotations;
  return normalizedTag(defined({ ...given, annotations, name: tag }) as TagReference);
}

/** Annotations are those of the object; without a `tag` they are all that changes. */
function updatedTag(
  body: KubeObject,
  tag: string,
  existing: TagReference | undefined,
): TagReference | undefined {
  const given = isJsonObject(body["tag"]) ? (body["tag"] as unknown as TagReference) : existing;
  if (given === undefined) return undefined;
  return normalizedTag({ ...given, annotations: body.metadata.annotations ?? null, name: tag });
}

function emptyStream(name: string, reference: TagReference): KubeObject {
  const names = { internal: internalRegistry, public: undefined };
  return normalizedStream({ metadata: { name }, spec: { tags: [reference] } }, names);
}

/** One tag as an ImageStreamTag; without the image, as in lists, only its name and pull spec are known. */
export function streamTag(stream: ImageStream, tag: string, image: Image | undefined): KubeObject {
  const reference = specTag(stream, tag);
  const event = latestEvent(stream, tag);
  const { conditions } = tagHistory(stream, tag) ?? {};
  const annotations = reference?.annotations ?? undefined;
  return defined({
    kind: streamTagKind.kind,
    apiVersion: `${imageGroup}/v1`,
    metadata: defined({ ...tagMetadata(stream, tag), annotations }),
    tag: reference ?? null,
    generation: event?.generation ?? 0,
    lookupPolicy: stream.spec.lookupPolicy,
    conditions,
    image: shownImage(stream, reference, event, image),
  }) as KubeObject;
}

/** A tag's object is its stream's, but for the name and the time of its newest image. */
export function tagMetadata(stream: ImageStream, tag: string): ObjectMeta {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = stream.metadata;
  return defined({
    name: `${name}:${tag}`,
    namespace,
    uid,
    resourceVersion,
    creationTimestamp: latestEvent(stream, tag)?.created ?? creationTimestamp,
  }) as ObjectMeta;
}

function shownImage(
  stream: ImageStream,
  reference: TagReference | undefined,
  event: TagEvent | undefined,
  image: Image | undefined,
): object {
  const digest = event?.image ?? "";
  const hasRegistry = stream.status.dockerImageRepository !== (stream.spec.dockerImageRepository ?? "");
  const isLocal = reference?.referencePolicy.type === "Local" && digest !== "" && hasRegistry;
  const dockerImageReference = isLocal
    ? `${stream.status.dockerImageRepository}@${digest}`
    : (event?.dockerImageReference ?? "");
  if (image === undefined) {
    return {
      metadata: { ...(digest === "" ? {} : { name: digest }), creationTimestamp: null },
      dockerImageReference,
    };
  }
  const shown = without(image, "kind", "apiVersion", "dockerImageManifest", "dockerImageConfig");
  const annotations = { ...image.metadata.annotations, ...reference?.annotations };
  const metadata =
    Object.keys(annotations).length === 0 ? image.metadata : { ...image.metadata, annotations };
  return { ...shown, metadata, dockerImageReference };
}
