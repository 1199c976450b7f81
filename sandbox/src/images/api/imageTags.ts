import { type KubeObject, without } from "../../kube/model/object.js";
import type {
  DeleteOptions,
  ObjectList,
  ResourceContext,
  ResourceKind,
  Written,
} from "../../kube/model/resource.js";
import { notFound } from "../../kube/model/status.js";
import { parseLimit } from "../../kube/storage/list.js";
import type { ObjectStore } from "../../kube/storage/objectStore.js";
import type { StoredResource } from "../../kube/storage/storedResource.js";
import {
  type Image,
  imageGroup,
  type ImageStream,
  latestEvent,
  specTag,
  tagHistory,
  type TagReference,
} from "../stream/types.js";
import { splitTagName, type StreamTags, tagMetadata } from "./streamTags.js";

export const imageTagKind: ResourceKind = {
  group: imageGroup,
  version: "v1",
  resource: "imagetags",
  kind: "ImageTag",
  namespaced: true,
  shortNames: ["itag"],
};

/** ImageTags: spec and status of a tag side by side, also of tags that have no image. */
export class ImageTags {
  readonly #store: ObjectStore;
  readonly #streams: StoredResource;
  readonly #streamTags: StreamTags;

  constructor(store: ObjectStore, streams: StoredResource, streamTags: StreamTags) {
    this.#store = store;
    this.#streams = streams;
    this.#streamTags = streamTags;
  }

  readonly get = (name: string, context: ResourceContext): KubeObject => {
    const [streamName, tag] = splitTagName(name);
    const stream = this.#streams.find(streamName, context.namespace) as ImageStream | undefined;
    if (stream === undefined) throw notFound(imageTagKind, name);
    if (specTag(stream, tag) === undefined && tagHistory(stream, tag) === undefined)
      throw notFound(imageTagKind, name);
    const event = latestEvent(stream, tag);
    const image =
      event === undefined
        ? undefined
        : (this.#store.get(`images.${imageGroup}`, `/${event.image}`) as Image | undefined);
    return imageTag(stream, tag, image);
  };

  readonly list = (context: ResourceContext): ObjectList => {
    const limit = parseLimit(context.query.get("limit"));
    const streams = this.#store.list(
      `imagestreams.${imageGroup}`,
      context.namespace,
    ) as readonly ImageStream[];
    const items = (limit === 0 ? streams : streams.slice(0, limit)).flatMap((stream) => {
      const spec = (stream.spec.tags ?? []).map((reference) => reference.name);
      const status = (stream.status.tags ?? []).map((history) => history.tag);
      return [...new Set([...spec, ...status])].sort().map((tag) => imageTag(stream, tag, undefined));
    });
    return { metadata: {}, items };
  };

  readonly create = (body: KubeObject, context: ResourceContext): KubeObject => {
    this.#streamTags.create(toStreamTag(body), context);
    return this.get(body.metadata.name, context);
  };

  readonly update = (name: string, body: KubeObject, context: ResourceContext): Written => {
    const { created } = this.#streamTags.update(name, toStreamTag(body), context);
    return { object: this.get(name, context), created };
  };

  readonly remove = (name: string, options: DeleteOptions, context: ResourceContext): unknown =>
    this.#streamTags.remove(name, options, context);
}

function toStreamTag(body: KubeObject): KubeObject {
  const spec = body["spec"] as Partial<TagReference> | undefined;
  const { annotations: _, ...metadata } = body.metadata;
  const annotations = spec?.annotations ?? undefined;
  return {
    ...body,
    metadata: { ...metadata, ...(annotations === undefined ? {} : { annotations }) },
    tag: spec,
  };
}

function imageTag(stream: ImageStream, tag: string, image: Image | undefined): KubeObject {
  return {
    kind: imageTagKind.kind,
    apiVersion: `${imageGroup}/v1`,
    metadata: tagMetadata(stream, tag),
    spec: specTag(stream, tag) ?? null,
    status: tagHistory(stream, tag) ?? null,
    image: image === undefined ? null : without(image, "kind", "apiVersion"),
  };
}
