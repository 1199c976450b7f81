import { applyPatch as applyOperations, type Operation } from "rfc6902";
import { isJsonObject, type Json, type JsonObject } from "./object.js";
import type { MergeKeys } from "./resource.js";
import { badRequest, StatusError } from "./status.js";
import { strategicMerge } from "./strategicMerge.js";

export type PatchType = "merge" | "json" | "strategic" | "apply";

const patchTypes: Readonly<Record<string, PatchType>> = {
  "application/merge-patch+json": "merge",
  "application/json-patch+json": "json",
  "application/strategic-merge-patch+json": "strategic",
  "application/apply-patch+yaml": "apply",
};

export function patchTypeOf(contentType: string | undefined): PatchType {
  const mediaType = (contentType ?? "").split(";")[0]?.trim() ?? "";
  const type = patchTypes[mediaType];
  if (type !== undefined) return type;
  const accepted = Object.keys(patchTypes).join(", ");
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
  throw new StatusError(415, "UnsupportedMediaType", message, {});
}

export function applyPatch(
  type: PatchType,
  target: JsonObject,
  patch: Json,
  mergeKeys: MergeKeys,
): JsonObject {
  if (type === "json") return applyJsonPatch(target, patch);
  if (!isJsonObject(patch)) throw badRequest("the patch must be an object");
  const patched = type === "merge" ? mergePatch(target, patch) : strategicMerge(target, patch, mergeKeys);
  if (!isJsonObject(patched)) throw badRequest("the patch must leave an object");
  return patched;
}

/** RFC 6902; whatever does not apply is answered as the API server does, without a reason. */
function applyJsonPatch(target: JsonObject, patch: Json): JsonObject {
  if (!Array.isArray(patch)) throw badRequest("a JSON patch must be a list of operations");
  const patched = structuredClone(target);
  if (!applies(patched, patch as Operation[])) {
    const message = "the server rejected our request due to an error in our request";
    throw new StatusError(422, "Invalid", message, {});
  }
  return patched;
}

/** Changes the target, also when one of the operations fails. */
function applies(target: JsonObject, operations: Operation[]): boolean {
  try {
    return applyOperations(target, operations).every((error) => error === null);
  } catch {
    // A path that is no JSON pointer.
    return false;
  }
}

/** RFC 7396. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const result: Record<string, Json | undefined> = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key);
    else if (value !== undefined) result[key] = mergePatch(result[key], value);
  }
  return result;
}
