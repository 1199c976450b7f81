import { type Image, imageGroup, type ImageStream } from "../images/stream/types.js";
import { objectKey, type ObjectStore } from "../kube/storage/objectStore.js";

/** The images of a stream according to the cluster's objects. */
export class ServedImages {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  hasNamespace(namespace: string): boolean {
    return this.#store.get("namespaces", objectKey(undefined, namespace)) !== undefined;
  }

  stream(repository: string): ImageStream | undefined {
    return this.#store.get(`imagestreams.${imageGroup}`, repository) as ImageStream | undefined;
  }

  image(digest: string): Image | undefined {
    return this.#store.get(`images.${imageGroup}`, objectKey(undefined, digest)) as Image | undefined;
  }

  /** Every digest in the history of a stream, and those of the children of its indexes, however deep. */
  digestsOf(repository: string): ReadonlySet<string> {
    const digests = new Set<string>();
    const histories = this.stream(repository)?.status.tags ?? [];
    const waiting = histories.flatMap((history) => (history.items ?? []).map((item) => item.image));
    for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
      if (digest === "" || digests.has(digest)) continue;
      digests.add(digest);
      waiting.push(...(this.image(digest)?.dockerImageManifests ?? []).map((child) => child.digest));
    }
    return digests;
  }

  /** The images of a stream that have a blob as layer, config or manifest. */
  imagesWithBlob(repository: string, blob: string): readonly Image[] {
    return [...this.digestsOf(repository)]
      .map((digest) => this.image(digest))
      .filter((image) => image !== undefined)
      .filter((image) => blobsOf(image).includes(blob));
  }
}

function blobsOf(image: Image): readonly string[] {
  const { Id: config = "" } = (image.dockerImageMetadata ?? {}) as { readonly Id?: string };
  return [image.metadata.name, config, ...(image.dockerImageLayers ?? []).map((layer) => layer.name)];
}

/** A pushed image, whose blobs this registry has; any other was imported. */
export function isManaged(image: Image): boolean {
  return image.metadata.annotations?.["openshift.io/image.managed"] === "true";
}
