import { isJsonObject, type KubeObject } from "../../kube/model/object.js";
import type { ResourceContext, ResourceKind } from "../../kube/model/resource.js";
import { fieldRequired, invalid, notFound, successStatus } from "../../kube/model/status.js";
import { objectKey, type ObjectStore } from "../../kube/storage/objectStore.js";
import { internalRegistry } from "../stream/defaults.js";
import { addTagEvent, followTag } from "../stream/tagEvents.js";
import { type Image, imageGroup, type ImageStream } from "../stream/types.js";

export const mappingKind: ResourceKind = {
  group: imageGroup,
  version: "v1",
  resource: "imagestreammappings",
  kind: "ImageStreamMapping",
  namespaced: true,
};

const images = `images.${imageGroup}`;
const streams = `imagestreams.${imageGroup}`;

/**
 * POST imagestreammappings: an Image of which the server knows only what the request says, and an item on top of a tag's
 * history. An existing Image is not changed. The registry records a push in this way; every editor of a project may do the
 * same.
 */
export function createMapping(store: ObjectStore, body: KubeObject, context: ResourceContext): KubeObject {
  const { name = "" } = body.metadata as Partial<KubeObject["metadata"]>;
  const given = isJsonObject(body["image"]) ? (body["image"] as unknown as Partial<Image>) : {};
  const digest = given.metadata?.name ?? "";
  if (name === "" || digest === "") {
    const field = name === "" ? "metadata.name" : "image.metadata.name";
    throw invalid({ group: imageGroup, resource: mappingKind.kind }, name, [
      fieldRequired(field, "name or generateName is required"),
    ]);
  }
  const repository = `${context.namespace ?? ""}/${name}`;
  const stream = store.get(streams, repository) as ImageStream | undefined;
  if (stream === undefined) throw notFound({ group: imageGroup, resource: "imagestreams" }, name);
  const answer = successStatus() as unknown as KubeObject;
  if (context.dryRun) return answer;
  const key = objectKey(undefined, digest);
  const known = store.get(images, key) as Image | undefined;
  const local = `${internalRegistry}/${repository}@${digest}`;
  const image = known ?? (store.insert(images, toldImage(given, digest, local)) as Image);
  const isPushed = image.metadata.annotations?.["openshift.io/image.managed"] === "true";
  const event = {
    created: store.timestamp(),
    dockerImageReference: known !== undefined && isPushed ? local : (given.dockerImageReference ?? local),
    image: digest,
    generation: stream.metadata.generation ?? 1,
  };
  const tag = typeof body["tag"] === "string" && body["tag"] !== "" ? body["tag"] : "latest";
  store.replace(streams, followTag(addTagEvent(stream, tag, event), tag));
  return answer;
}

/** Metadata is always served, empty where the request had none. */
function toldImage(given: Partial<Image>, digest: string, local: string): Image {
  const { dockerImageMetadata, ...told } = given;
  return {
    ...told,
    kind: "Image",
    apiVersion: `${imageGroup}/v1`,
    metadata: { ...given.metadata, name: digest },
    dockerImageReference: given.dockerImageReference ?? local,
    dockerImageMetadata: isJsonObject(dockerImageMetadata)
      ? dockerImageMetadata
      : {
          kind: "DockerImage",
          apiVersion: "image.openshift.io/1.0",
          Id: "",
          Created: null,
          ContainerConfig: {},
        },
    dockerImageMetadataVersion: told.dockerImageMetadataVersion ?? "1.0",
  };
}
