import { defined, type KubeObject, without } from "../../kube/model/object.js";
import type { ResourceContext, ResourceKind } from "../../kube/model/resource.js";
import { badRequest, notFound } from "../../kube/model/status.js";
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

/** ImageStreamImages: `<stream>@<digest or prefix>`, also for the children of an index in the history. */
export class StreamImages {
  readonly #store: ObjectStore;
  readonly #streams: StoredResource;

  constructor(store: ObjectStore, streams: StoredResource) {
    this.#store = store;
    this.#streams = streams;
  }

  /** A prefix of several digests answers any one of them; the name in the answer is the one asked for. */
  readonly get = (name: string, context: ResourceContext): KubeObject => {
    const [streamName = "", id = "", ...rest] = name.split("@");
    if (streamName === "" || id === "" || rest.length > 0)
      throw badRequest("ImageStreamImages must be retrieved with <name>@<id>");
    const stream = this.#streams.get(streamName, context) as ImageStream;
    const [digest] = this.#digests(stream)
      .filter((each) => each.startsWith(id) || each.startsWith(`sha256:${id}`))
      .sort();
    if (digest === undefined) throw notFound({ group: imageGroup, resource: "imagestreamimage" }, name);
    const image = this.#image(digest);
    if (image === undefined) throw notFound({ group: imageGroup, resource: "images" }, digest);
    const { namespace, annotations } = stream.metadata;
    const { creationTimestamp } = image.metadata;
    return {
      kind: streamImageKind.kind,
      apiVersion: `${imageGroup}/v1`,
      metadata: defined({ name, namespace, creationTimestamp, annotations }) as KubeObject["metadata"],
      image: without(image, "kind", "apiVersion", "dockerImageManifest", "dockerImageConfig"),
    };
  };

  #digests(stream: ImageStream): readonly string[] {
    const items = (stream.status.tags ?? []).flatMap((history) => history.items ?? []);
    const tagged = items.map(({ image }) => image).filter((image) => image !== "");
    const children = tagged.flatMap((digest) =>
      (this.#image(digest)?.dockerImageManifests ?? []).map((child) => child.digest),
    );
    return [...tagged, ...children];
  }

  #image(digest: string): Image | undefined {
    return this.#store.get(`images.${imageGroup}`, `/${digest}`) as Image | undefined;
  }
}
