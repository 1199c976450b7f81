export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

/**
 * A copy that survives the engine's protobuf Struct: `undefined` is left out, everything else must be JSON.
 * Dates, Maps and the like would silently become `{}` there, so they are refused (facts/pulumi.md 16).
 *
 * @throws TypeError naming the path of a value that is not JSON
 */
export function toWire(value: object): Record<string, Json> {
  return wireObject(value, "");
}

function wireValue(value: unknown, path: string): Json {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (Number.isFinite(value)) return value;
      break;
    case "object":
      if (value === null) return null;
      if (Array.isArray(value)) return value.map((element, index) => wireValue(element, `${path}[${index}]`));
      return wireObject(value, path);
    default:
      break;
  }
  throw new TypeError(`${path || "value"}: ${describe(value)} cannot be stored in the state`);
}

function wireObject(value: object, path: string): Record<string, Json> {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`${path || "value"}: ${describe(value)} cannot be stored in the state`);
  }
  const known = Object.entries(value).filter(([, element]) => element !== undefined);
  return Object.fromEntries(
    known.map(([key, element]) => [key, wireValue(element, path === "" ? key : `${path}.${key}`)]),
  );
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null)
    return typeof value === "number" ? String(value) : typeof value;
  return `a ${value.constructor.name}`;
}
