import type { ClusterObjects } from "../../okd/objects.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { mapConcurrently } from "../../support/async/concurrency.js";
import type { ContentPool } from "../../support/contentPool.js";
import { textAt } from "../../support/json.js";
import { imageResource } from "../../usage/kinds.js";
import type { ClusterSnapshot, Image } from "../snapshot.js";
import type { ObjectLists } from "./lists/objects.js";
import type { SurveyRequest } from "./request.js";
import { hostOfImage, toImage, visitLayerSizes } from "./toImage.js";

type KnownImages = Pick<ClusterSnapshot, "images" | "layerBytes">;

export interface LoadedImages extends KnownImages {
  /** Host in the dockerImageReference of the newest managed Image. */
  readonly managedImageHost: string | undefined;
}

/** Every Image of the cluster. */
export async function loadImages(
  lists: ObjectLists,
  { rules }: Pick<SurveyRequest, "rules">,
  pool: ContentPool,
): Promise<LoadedImages> {
  const images: Image[] = [];
  const layerBytes = new Map<string, number>();
  let newestManaged: { readonly createdAt: number; readonly host: string } | undefined;
  await lists.read(imageResource, { isRequired: true }, (object) => {
    const image = toImage(object, rules, pool);
    images.push(image);
    visitLayerSizes(object, pool, (digest, bytes) => layerBytes.set(digest, bytes));
    if (image.managed && image.createdAt > (newestManaged?.createdAt ?? -Infinity)) {
      newestManaged = { createdAt: image.createdAt, host: hostOfImage(object) };
    }
  });
  return { images, layerBytes, managedImageHost: newestManaged?.host };
}

const fetchesAtATime = 8;

/**
 * The Images that exist now. Keeps those that are known by name and uid, because what decides about an Image never changes;
 * reads only new ones whole.
 */
export async function refreshImages(
  objects: ClusterObjects,
  lists: ObjectLists,
  known: KnownImages,
  { rules }: Pick<SurveyRequest, "rules">,
  options: RequestOptions,
  pool: ContentPool,
): Promise<KnownImages> {
  const byDigest = new Map(known.images.map((image) => [image.digest, image]));
  const images: Image[] = [];
  const newNames: string[] = [];
  const scope = { isRequired: true, metadataOnly: true };
  const there = await lists.collect(imageResource, scope, (object) => [
    { name: pool.text(textAt(object, "metadata", "name")), uid: textAt(object, "metadata", "uid") },
  ]);
  for (const { name, uid } of there) {
    const before = byDigest.get(name);
    if (before?.uid === uid) images.push(before);
    else newNames.push(name);
  }
  if (newNames.length === 0) return { images, layerBytes: known.layerBytes };
  const layerBytes = new Map(known.layerBytes);
  await mapConcurrently(newNames, fetchesAtATime, async (name) => {
    const object = await objects.get(imageResource, name, options);
    if (object === undefined) return; // deleted since it was listed
    images.push(toImage(object, rules, pool));
    visitLayerSizes(object, pool, (digest, bytes) => layerBytes.set(digest, bytes));
  });
  return { images, layerBytes };
}
