/** Reading foreign JSON: a missing value, or one of another type, counts as absent, and nothing throws. */

export type Fields = Readonly<Record<string, unknown>>;

const noFields: Fields = {};

export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at the end of the fields; undefined where one of them is missing. */
export function valueAt(value: unknown, ...fields: readonly string[]): unknown {
  let current = value;
  for (const field of fields) {
    if (!isObject(current) || !Object.hasOwn(current, field)) return undefined;
    current = current[field];
  }
  return current;
}

/** Empty when there is none. */
export function objectAt(value: unknown, ...fields: readonly string[]): Fields {
  const found = valueAt(value, ...fields);
  return isObject(found) ? found : noFields;
}

/** Empty when there is none. */
export function listAt(value: unknown, ...fields: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...fields);
  return Array.isArray(found) ? found : [];
}

/** Empty when there is none. */
export function textAt(value: unknown, ...fields: readonly string[]): string {
  const found = valueAt(value, ...fields);
  return typeof found === "string" ? found : "";
}

/** Milliseconds since 1970; -Infinity when there is no instant, which means infinitely old. */
export function instantAt(value: unknown, ...fields: readonly string[]): number {
  const instant = Date.parse(textAt(value, ...fields));
  return Number.isNaN(instant) ? -Infinity : instant;
}
