import { defined, type KubeObject, without } from "../../kube/model/object.js";
import type { ResourceContext, ResourceKind } from "../../kube/model/resource.js";
import { badRequest, conflict, notFound } from "../../kube/model/status.js";
import type { ObjectStore } from "../../kube/storage/objectStore.js";
import type { StoredResource } from "../../kube/storage/storedResource.js";
import { type Image, imageGroup, type ImageStream } from "../stream/types.js";

export const streamImageKind: ResourceKind = {
  group: imageGroup,
  version: "v1",
  resource: "imagestreamimages",
  kind: "ImageStreamImage",
  namespaced: true,
  shortNames: ["isimage"],
};

/** ImageStreamImages: `<stream>@<digest or unique prefix>`, also for the children of an index in the history. */
export class StreamImages {
  readonly #store: ObjectStore;
  readonly #streams: StoredResource;

  constructor(store: ObjectStore, streams: StoredResource) {
    this.#store = store;
    this.#streams = streams;
  }

  readonly get = (name: string, context: ResourceContext): KubeObject => {
    const [streamName = "", id = "", ...rest] = name.split("@");
    if (streamName === "" || id === "" || rest.length > 0)
      throw badRequest("ImageStreamImages must be retrieved with <name>@<id>");
    const stream = this.#streams.find(streamName, context.namespace) as ImageStream | undefined;
    if (stream === undefined) throw notFound({ group: imageGroup, resource: "imagestreams" }, streamName);
    const image = this.#image(this.#digest(stream, id, name));
    if (image === undefined) throw notFound(streamImageKind, name);
    return {
      kind: streamImageKind.kind,
      apiVersion: `${imageGroup}/v1`,
      metadata: defined({
        name: `${streamName}@${image.metadata.name}`,
        namespace: stream.metadata.namespace,
        creationTimestamp: image.metadata.creationTimestamp,
      }) as KubeObject["metadata"],
      image: without(image, "kind", "apiVersion"),
    };
  };

  #digest(stream: ImageStream, id: string, name: string): string {
    const tagged = (stream.status.tags ?? []).flatMap((history) =>
      (history.items ?? []).map((item) => item.image),
    );
    const children = tagged.flatMap((digest) =>
      (this.#image(digest)?.dockerImageManifests ?? []).map((child) => child.digest),
    );
    const matching = new Set(
      [...tagged, ...children].filter((digest) => digest.startsWith(id) || digest.startsWith(`sha256:${id}`)),
    );
    const [digest] = matching;
    if (digest === undefined) throw notFound(streamImageKind, name);
    if (matching.size > 1) throw conflict(streamImageKind, name, `multiple images match the prefix "${id}"`);
    return digest;
  }

  #image(digest: string): Image | undefined {
    return this.#store.get(`images.${imageGroup}`, `/${digest}`) as Image | undefined;
  }
}
