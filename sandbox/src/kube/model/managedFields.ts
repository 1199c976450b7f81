import {
  isJsonObject,
  type Json,
  type JsonObject,
  type KubeObject,
  type ManagedFieldsEntry,
} from "./object.js";

/** Lists whose elements are owned one by one, by this key; all other lists are owned whole. */
const keyedLists: Readonly<Record<string, string>> = { "spec.tags": "name" };
/** Objects that are owned whole. */
const atomicObjects = /(^|\.)from$/;
const unownedKeys = new Set(["kind", "apiVersion", "status"]);
const ownedMetadata = new Set(["labels", "annotations", "finalizers"]);

/** The entry that a create leaves: every field, defaults included, that is something else than the zero value. */
export function createdFields(
  body: KubeObject,
  userAgent: string,
  apiVersion: string,
  time: string,
): readonly ManagedFieldsEntry[] {
  const { metadata, ...rest } = body as unknown as { readonly metadata: JsonObject } & JsonObject;
  const content = Object.fromEntries(Object.entries(rest).filter(([key]) => !unownedKeys.has(key)));
  const owned = Object.fromEntries(Object.entries(metadata).filter(([key]) => ownedMetadata.has(key)));
  const fields = fieldSet(
    { ...(Object.keys(owned).length === 0 ? {} : { metadata: owned }), ...content },
    "",
    false,
  );
  if (fields === undefined) return [];
  const manager = userAgent.split("/")[0] ?? "unknown";
  return [{ manager, operation: "Update", apiVersion, time, fieldsType: "FieldsV1", fieldsV1: fields }];
}

/** Undefined when the object holds nothing but zero values: then nobody owns anything in it. */
function fieldSet(object: JsonObject, path: string, isInsideObject: boolean): Json | undefined {
  const entries = Object.entries(object)
    .filter(([, value]) => value !== undefined && value !== null && value !== false && value !== "")
    .map(([key, value]): [string, Json | undefined] => [
      `f:${key}`,
      fieldsOf(value as Json, path === "" ? key : `${path}.${key}`),
    ])
    .filter(([, fields]) => fields !== undefined);
  if (entries.length === 0) return undefined;
  // The structs of an object have no "." of their own at the first two levels: metadata and spec always exist.
  return Object.fromEntries([...(isInsideObject ? [[".", {}]] : []), ...entries]) as Json;
}

function fieldsOf(value: Json, path: string): Json | undefined {
  const key = keyedLists[path];
  if (key !== undefined && Array.isArray(value)) return keyedFields(value as readonly Json[], key, path);
  if (!isJsonObject(value) || atomicObjects.test(path) || Object.keys(value).length === 0) return {};
  return fieldSet(value, path, path.includes("."));
}

function keyedFields(list: readonly Json[], key: string, path: string): Json {
  const elements = list.filter(isJsonObject).map((element): [string, Json] => {
    const selector = `k:${JSON.stringify({ [key]: element[key] })}`;
    // An element is new as a whole, so even what it leaves at zero is owned.
    const fields = Object.entries(element).map(([name, value]): [string, Json] => [
      `f:${name}`,
      fieldsOf(value as Json, `${path}.[].${name}`) ?? {},
    ]);
    return [selector, Object.fromEntries([[".", {}] as [string, Json], ...fields])];
  });
  return Object.fromEntries([[".", {}] as [string, Json], ...elements]);
}
