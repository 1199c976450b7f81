import { imageTagKind, ImageTags } from "../images/api/imageTags.js";
import { streamImageKind, StreamImages } from "../images/api/streamImages.js";
import { streamLayers } from "../images/api/streamLayers.js";
import { createMapping, mappingKind } from "../images/api/streamMappings.js";
import { streamTagKind, StreamTags } from "../images/api/streamTags.js";
import type { StreamRules } from "../images/stream/rules.js";
import { streamStrategy } from "../images/stream/strategy.js";
import { imageGroup } from "../images/stream/types.js";
import { createImport, importKind, type ImportParts } from "../imports/create.js";
import type { ResourceKind, ServedResource } from "../kube/model/resource.js";
import { StoredResource } from "../kube/storage/storedResource.js";

const streamKind: ResourceKind = {
  group: imageGroup,
  version: "v1",
  resource: "imagestreams",
  kind: "ImageStream",
  namespaced: true,
  shortNames: ["is"],
  mergeKeys: { "spec.tags": "name" },
};

const imageKind: ResourceKind = {
  group: imageGroup,
  version: "v1",
  resource: "images",
  kind: "Image",
  namespaced: false,
};

/** Everything that image.openshift.io/v1 serves. */
export function imageResources(rules: StreamRules, imports: ImportParts): readonly ServedResource[] {
  const { store } = rules;
  const streams = new StoredResource(streamKind, store, streamStrategy(rules));
  const images = new StoredResource(imageKind, store, { requiresResourceVersion: true });
  const streamTags = new StreamTags(store, streams);
  const streamImages = new StreamImages(store, streams);
  return [
    {
      ...streamKind,
      verbs: streams,
      subresources: {
        status: { get: streams.get, update: streams.updateStatus },
        layers: { get: streamLayers(store, streams) },
      },
    },
    { ...streamTagKind, verbs: streamTags },
    { ...imageTagKind, verbs: new ImageTags(store, streams, streamTags) },
    { ...streamImageKind, verbs: { get: streamImages.get } },
    { ...imageKind, verbs: images },
    { ...mappingKind, verbs: { create: (body, context) => createMapping(store, body, context) } },
    { ...importKind, verbs: { create: (body, context) => createImport(imports, body, context) } },
  ];
}
