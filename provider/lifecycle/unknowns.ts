/** What the engine sends for a value that is not known yet, at any depth (Pulumi's rpc.unknownValue; facts/pulumi.md 17). */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** At any depth. */
export function containsUnknown(value: unknown): boolean {
  if (value === unknownValue) return true;
  if (Array.isArray(value)) return value.some(containsUnknown);
  if (typeof value === "object" && value !== null) return Object.values(value).some(containsUnknown);
  return false;
}

/** The path to an unknown value: the keys from the root. */
export type UnknownPath = readonly (string | number)[];

export function unknownPaths(value: unknown, path: UnknownPath = []): readonly UnknownPath[] {
  if (value === unknownValue) return [path];
  if (Array.isArray(value)) return value.flatMap((element, index) => unknownPaths(element, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, element]) => unknownPaths(element, [...path, key]));
}

/** The inputs, if all unknown values lie in arguments that decide nothing; else undefined. */
export function withoutDeciding<Inputs>(
  inputs: Inputs,
  unknown: readonly UnknownPath[],
  indifferent: readonly string[],
): Inputs | undefined {
  return unknown.every(([key]) => indifferent.includes(String(key))) ? inputs : undefined;
}

/** A copy without unknown values: their keys and array elements are left out. */
export function withoutUnknowns(value: unknown): unknown {
  if (value === unknownValue) return undefined;
  if (Array.isArray(value)) return value.filter((element) => element !== unknownValue).map(withoutUnknowns);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, element]) => element !== unknownValue)
      .map(([key, element]) => [key, withoutUnknowns(element)]),
  );
}

/** Whether the value at `path` is unknown, lies inside something unknown, or has unknown parts. */
export function isUnknownAt(root: unknown, path: readonly PropertyKey[]): boolean {
  let value = root;
  for (const key of path) {
    if (value === unknownValue) return true;
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return false;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return containsUnknown(value);
}
