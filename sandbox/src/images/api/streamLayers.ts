import type { KubeObject } from "../../kube/model/object.js";
import type { ResourceContext } from "../../kube/model/resource.js";
import type { ObjectStore } from "../../kube/storage/objectStore.js";
import type { StoredResource } from "../../kube/storage/storedResource.js";
import { type Image, imageGroup, type ImageStream } from "../stream/types.js";

interface BlobFacts {
  readonly size: number | null;
  readonly mediaType: string;
}

interface ImageBlobs {
  readonly layers: readonly string[] | null;
  readonly config?: string;
  readonly manifests?: readonly string[];
  readonly imageMissing: boolean;
}

const configTypes: Readonly<Record<string, string>> = {
  "application/vnd.docker.distribution.manifest.v2+json": "application/vnd.docker.container.image.v1+json",
  "application/vnd.oci.image.manifest.v1+json": "application/vnd.oci.image.config.v1+json",
};

/** GET imagestreams/{name}/layers: which blobs the images of a history consist of. */
export function streamLayers(store: ObjectStore, streams: StoredResource) {
  return (name: string, context: ResourceContext): KubeObject => {
    const stream = streams.get(name, context) as ImageStream;
    const blobs: Record<string, BlobFacts> = {};
    const images: Record<string, ImageBlobs> = {};
    const digests = [...historyDigests(stream)];
    for (let digest = digests.shift(); digest !== undefined; digest = digests.shift()) {
      if (images[digest] !== undefined) continue;
      const image = store.get(`images.${imageGroup}`, `/${digest}`) as Image | undefined;
      const found = image === undefined ? { layers: null, imageMissing: true } : imageBlobs(image, blobs);
      images[digest] = found;
      digests.push(...(found.manifests ?? []));
    }
    return {
      kind: "ImageStreamLayers",
      apiVersion: `${imageGroup}/v1`,
      metadata: stream.metadata,
      blobs,
      images,
    };
  };
}

function historyDigests(stream: ImageStream): ReadonlySet<string> {
  const items = (stream.status.tags ?? []).flatMap((history) => history.items ?? []);
  return new Set(items.map((item) => item.image).filter((image) => image !== ""));
}

/** Notes the blobs of an image in `blobs`, its manifest among them. */
function imageBlobs(image: Image, blobs: Record<string, BlobFacts>): ImageBlobs {
  const mediaType = image.dockerImageManifestMediaType ?? "";
  const layers = image.dockerImageLayers ?? [];
  for (const layer of layers) blobs[layer.name] = { size: layer.size, mediaType: layer.mediaType };
  const configType = configTypes[mediaType];
  const { Id: config } = (image.dockerImageMetadata ?? {}) as { readonly Id?: string };
  const hasConfig = configType !== undefined && config !== undefined && config !== "";
  // An import stores no config, so its size is not known then.
  const configBytes = Buffer.byteLength(image.dockerImageConfig ?? "");
  if (hasConfig) blobs[config] = { size: configBytes === 0 ? null : configBytes, mediaType: configType };
  blobs[image.metadata.name] ??= { size: null, mediaType };
  const manifests = image.dockerImageManifests?.map((child) => child.digest);
  return {
    layers: layers.map((layer) => layer.name),
    ...(hasConfig ? { config } : {}),
    ...(manifests === undefined ? {} : { manifests }),
    imageMissing: false,
  };
}
