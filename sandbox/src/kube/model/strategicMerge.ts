import { isJsonObject, type Json, type JsonObject } from "./object.js";
import type { MergeKeys } from "./resource.js";

/** Kubernetes' strategic merge patch: lists with a merge key merge element by element, all others are replaced. */
export function strategicMerge(target: Json | undefined, patch: Json, mergeKeys: MergeKeys, path = ""): Json {
  if (Array.isArray(patch)) return mergeLists(target, patch as readonly Json[], mergeKeys, path);
  if (!isJsonObject(patch)) return patch;
  if (patch["$patch"] === "replace") return withoutDirectives(patch);
  const result: Record<string, Json | undefined> = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith("$") || value === undefined) continue;
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = strategicMerge(result[key], value, mergeKeys, path === "" ? key : `${path}.${key}`);
  }
  return result;
}

function mergeLists(
  target: Json | undefined,
  patch: readonly Json[],
  mergeKeys: MergeKeys,
  path: string,
): Json {
  const mergeKey = mergeKeys[path];
  if (mergeKey === undefined) return patch;
  const replaces = patch.some((element) => isJsonObject(element) && element["$patch"] === "replace");
  let merged: Json[] = Array.isArray(target) && !replaces ? [...(target as readonly Json[])] : [];
  for (const element of patch) {
    if (!isJsonObject(element) || element["$patch"] === "replace") continue;
    const key = element[mergeKey];
    if (element["$patch"] === "delete") {
      merged = merged.filter((existing) => keyOf(existing, mergeKey) !== key);
      continue;
    }
    const index = merged.findIndex((existing) => keyOf(existing, mergeKey) === key);
    const value = strategicMerge(merged[index], element, mergeKeys, path);
    if (index < 0) merged.push(value);
    else merged[index] = value;
  }
  return merged;
}

function keyOf(element: Json, mergeKey: string): Json | undefined {
  return isJsonObject(element) ? element[mergeKey] : undefined;
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith("$")));
}

/** The lists of a pod that merge by key; `path` leads to its spec and ends with a dot. */
export function mergeKeysOfPod(path: string): MergeKeys {
  const containers = ["containers", "initContainers"].flatMap((list): [string, string][] => [
    [`${path}${list}`, "name"],
    [`${path}${list}.env`, "name"],
    [`${path}${list}.volumeMounts`, "mountPath"],
  ]);
  return Object.fromEntries([...containers, [`${path}volumes`, "name"], [`${path}imagePullSecrets`, "name"]]);
}
