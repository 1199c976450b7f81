import type { Image, TagItem } from "./snapshot.js";

/** Milliseconds between the making of an Image and of the item that lists it first; far more than a push needs. */
const pushTolerance = 30_000;

/** Whether the item lists an Image that was there before: pushed again, or tagged. Its creation time does not change then. */
export function isReturn(item: Pick<TagItem, "createdAt">, image: Pick<Image, "createdAt">): boolean {
  return item.createdAt > image.createdAt + pushTolerance;
}
