import { listAt, textAt, valueAt } from "../../support/json.js";
import type { ImageLimit } from "../snapshot.js";

/** The limits on the size of images in a LimitRange. */
export function toImageLimits(range: unknown): readonly ImageLimit[] {
  const namespace = textAt(range, "metadata", "namespace");
  return listAt(range, "spec", "limits")
    .filter((limit) => textAt(limit, "type") === "openshift.io/Image")
    .map((limit) => valueAt(limit, "max", "storage"))
    .filter((storage) => typeof storage === "string" || typeof storage === "number")
    .map((storage) => ({ namespace, maxStorage: String(storage) }));
}
