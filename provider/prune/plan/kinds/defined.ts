import type { ServedKind } from "../../../okd/objects.js";
import { listAt, textAt, valueAt } from "../../../support/json.js";
import { canHoldImage } from "../../../usage/customResources/canHoldImage.js";

/** The verdict about a CustomResourceDefinition, which itself may be huge. */
export interface DefinedKind {
  /** `<plural>.<group>` */
  readonly name: string;
  readonly uid: string;
  /** Grows with every change of what it defines. */
  readonly generation: number;
  readonly group: string;
  /** Plural. */
  readonly resource: string;
  /** In the version to read; undefined where no version that is served can name an image. */
  readonly holder: ServedKind | undefined;
}

export function toDefinedKind(definition: unknown): DefinedKind {
  const spec = valueAt(definition, "spec");
  const group = textAt(spec, "group");
  const resource = textAt(spec, "names", "plural");
  const version = holdingVersion(spec);
  return {
    ...definitionIdentity(definition),
    group,
    resource,
    holder:
      version === undefined ? undefined : { group, version, resource, kind: textAt(spec, "names", "kind") },
  };
}

/** Works for a definition with metadata only, too. */
export function definitionIdentity(object: unknown): Pick<DefinedKind, "name" | "uid" | "generation"> {
  const generation = valueAt(object, "metadata", "generation");
  return {
    name: textAt(object, "metadata", "name"),
    uid: textAt(object, "metadata", "uid"),
    generation: typeof generation === "number" ? generation : 0,
  };
}

/** Prefers the stored version: it loses nothing of an object, and most objects need no conversion. */
function holdingVersion(spec: unknown): string | undefined {
  const takesEverything = valueAt(spec, "preserveUnknownFields") === true;
  const holding = listAt(spec, "versions")
    .filter((version) => valueAt(version, "served") === true)
    .filter((version) => takesEverything || canHoldImage(valueAt(version, "schema", "openAPIV3Schema")));
  const stored = holding.find((version) => valueAt(version, "storage") === true);
  return textAt(stored ?? holding[0], "name") || undefined;
}
