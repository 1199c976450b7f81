import { parseReference } from "../images/reference.js";
import { internalRegistry, normalizedStream, registryNamesOf } from "../images/stream/defaults.js";
import { addTagEvent, followTag } from "../images/stream/tagEvents.js";
import { type Image, imageGroup, type ImageStream } from "../images/stream/types.js";
import { without } from "../kube/model/object.js";
import { objectKey, type ObjectStore } from "../kube/storage/objectStore.js";
import { imageOf, indexImageOf, type Manifest } from "../pull/manifestImage.js";

export interface PushedManifest {
  readonly repository: string;
  /** Absent: the image is in no stream. */
  readonly tag: string | undefined;
  readonly digest: string;
  readonly mediaType: string;
  readonly content: Buffer;
  /** Empty for an index. */
  readonly config: string;
  /** Of what the push creates. */
  readonly at: string;
  readonly signatures?: readonly object[] | undefined;
}

const images = `images.${imageGroup}`;
const streams = `imagestreams.${imageGroup}`;

/** What a push creates in the cluster: an Image, unless it exists, and an item on top of the tag's history. */
export function recordPush(store: ObjectStore, pushed: PushedManifest): void {
  const key = objectKey(undefined, pushed.digest);
  if (store.get(images, key) === undefined) store.insert(images, managedImage(pushed));
  if (pushed.tag !== undefined) recordTag(store, pushed, pushed.tag);
}

function managedImage({
  repository,
  digest,
  mediaType,
  content,
  config,
  at,
  signatures,
}: PushedManifest): Image {
  const text = content.toString("utf8");
  const manifest = JSON.parse(text) as Manifest;
  const fetched = { digest, mediaType, text, manifest };
  const reference = parseReference(`${internalRegistry}/${repository}`);
  const isIndex = manifest.manifests !== undefined;
  const image = isIndex ? indexImageOf(reference, fetched) : imageOf(reference, fetched, config);
  return {
    kind: "Image",
    apiVersion: `${imageGroup}/v1`,
    ...without(image, "dockerImageManifest", "dockerImageConfig"),
    metadata: {
      name: digest,
      creationTimestamp: at,
      annotations: {
        "image.openshift.io/dockerLayersOrder": isIndex ? "" : "ascending",
        "image.openshift.io/manifestBlobStored": "true",
        "openshift.io/image.managed": "true",
      },
    },
    ...(signatures === undefined ? {} : { signatures }),
  };
}

function recordTag(store: ObjectStore, { repository, digest, at }: PushedManifest, tag: string): void {
  const current = store.get(streams, repository) as ImageStream | undefined;
  const stream = current ?? newStream(store, repository, at);
  const event = {
    created: at,
    dockerImageReference: `${internalRegistry}/${repository}@${digest}`,
    image: digest,
    generation: stream.metadata.generation ?? 1,
  };
  const next = followTag(addTagEvent(stream, tag, event), tag);
  if (current === undefined) store.insert(streams, next);
  else store.replace(streams, next);
}

function newStream(store: ObjectStore, repository: string, creationTimestamp: string): ImageStream {
  const [namespace = "", name = ""] = repository.split("/");
  const metadata = { name, namespace, generation: 1, creationTimestamp };
  const stream = { kind: "ImageStream", apiVersion: `${imageGroup}/v1`, metadata };
  return normalizedStream(stream, registryNamesOf(store));
}
