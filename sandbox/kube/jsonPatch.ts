import type { Json, JsonObject } from "./objects.js";
import { isSameJson } from "./sameJson.js";
import { badRequest, StatusError } from "./status.js";

interface JsonPatchOperation {
  readonly op?: unknown;
  readonly path?: unknown;
  readonly from?: unknown;
  readonly value?: Json;
}

/** RFC 6902; whatever does not apply is answered as the API server does, without a reason. */
export function applyJsonPatch(target: JsonObject, patch: Json): JsonObject {
  if (!Array.isArray(patch)) throw badRequest("a JSON patch must be a list of operations");
  const root = { root: structuredClone(target) as MutableJson };
  for (const operation of patch as readonly JsonPatchOperation[]) applyOperation(root, operation);
  return root.root as JsonObject;
}

type MutableJson = null | boolean | number | string | MutableJson[] | { [key: string]: MutableJson };

function applyOperation(root: { root: MutableJson }, operation: JsonPatchOperation): void {
  const path = pointer(operation.path);
  const value = structuredClone(operation.value ?? null) as MutableJson;
  switch (operation.op) {
    case "add": {
      addAt(root, path, value);
      return;
    }
    case "remove": {
      removeAt(root, path);
      return;
    }
    case "replace":
      removeAt(root, path);
      {
        addAt(root, path, value);
        return;
      }
    case "test":
      if (!isSameJson(valueAt(root, path), value)) throw rejected();
      return;
    case "copy": {
      addAt(root, path, structuredClone(valueAt(root, pointer(operation.from))));
      return;
    }
    case "move": {
      const moved = valueAt(root, pointer(operation.from));
      removeAt(root, pointer(operation.from));
      addAt(root, path, moved);
      return;
    }
    default:
      throw rejected();
  }
}

function pointer(path: unknown): readonly string[] {
  if (typeof path !== "string" || (path !== "" && !path.startsWith("/"))) throw rejected();
  // The document is kept below "root", so that the whole of it has a parent too.
  const keys = path.split("/").map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  return ["root", ...keys.slice(1)];
}

function parentOf(root: { root: MutableJson }, path: readonly string[]): MutableJson {
  return path.slice(0, -1).reduce<MutableJson>(childOf, root);
}

function childOf(parent: MutableJson, key: string): MutableJson {
  const child = Array.isArray(parent)
    ? parent[indexIn(parent, key)]
    : isContainer(parent)
      ? parent[key]
      : undefined;
  if (child === undefined) throw rejected();
  return child;
}

function valueAt(root: { root: MutableJson }, path: readonly string[]): MutableJson {
  return path.reduce<MutableJson>(childOf, root);
}

function addAt(root: { root: MutableJson }, path: readonly string[], value: MutableJson): void {
  const parent = parentOf(root, path);
  const key = path.at(-1) ?? "";
  if (Array.isArray(parent)) parent.splice(key === "-" ? parent.length : indexIn(parent, key, 1), 0, value);
  else if (isContainer(parent)) parent[key] = value;
  else throw rejected();
}

function removeAt(root: { root: MutableJson }, path: readonly string[]): void {
  valueAt(root, path);
  const parent = parentOf(root, path);
  const key = path.at(-1) ?? "";
  if (Array.isArray(parent)) parent.splice(indexIn(parent, key), 1);
  else if (isContainer(parent)) Reflect.deleteProperty(parent, key);
}

function indexIn(list: readonly MutableJson[], key: string, beyond = 0): number {
  const index = /^(0|[1-9]\d*)$/.test(key) ? Number(key) : -1;
  if (index < 0 || index >= list.length + beyond) throw rejected();
  return index;
}

function isContainer(value: MutableJson): value is { [key: string]: MutableJson } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function rejected(): StatusError {
  return new StatusError(
    422,
    "Invalid",
    "the server rejected our request due to an error in our request",
    {},
  );
}
