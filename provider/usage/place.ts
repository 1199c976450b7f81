import { isObject } from "../support/json.js";

/** Fields from the object inwards; one that ends with `[]` is a list, of which every item counts. */
export type FieldPath = readonly string[];

/** What a place holds that counts as a use. */
export type PlaceContent =
  /** An image's name with its tag or digest; one that cannot be read is an invalid reference. */
  | "pull spec"
  /** `{kind, namespace, name}` */
  | "object reference"
  /** Of a container's status: a manifest's digest or a config's. */
  | "image ID"
  | "Dockerfile"
  /** `{source, mirrors}`: where what is named may be pulled from as well. */
  | "mirrors";

/** A place in objects of a kind where images are named. The readers follow it, and the documentation lists it. */
export interface Place {
  readonly path: FieldPath;
  readonly content: PlaceContent;
  readonly readByOc: boolean;
}

/** Places below a field. */
export function placesBelow(holder: FieldPath, places: readonly Place[]): readonly Place[] {
  return places.map((place) => ({ ...place, path: [...holder, ...place.path] }));
}

/** Every value that stands there; fields that are missing or of another type have none. */
export function valuesAt(object: unknown, path: FieldPath): readonly unknown[] {
  let values: readonly unknown[] = [object];
  for (const step of path) {
    const field = step.endsWith("[]") ? step.slice(0, -2) : step;
    const found = values.flatMap((value) =>
      isObject(value) && Object.hasOwn(value, field) ? [value[field]] : [],
    );
    values =
      field === step
        ? found
        : found.flatMap((value) => (Array.isArray(value) ? (value as readonly unknown[]) : []));
  }
  return values;
}
