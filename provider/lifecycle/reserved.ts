import type { Json, JsonObject } from "./wire.js";

/**
 * Keys that are not arguments. `__provider` belongs to Pulumi; the constructor adds `__preview` and `__urn`;
 * `__kept` marks a computed input that `ignoreChanges` brought back; `__claimant` is the URN under which the resource
 * was created, which a rename with aliases does not change. Keys with two underscores do not show in diffs.
 */
export interface ReservedValues {
  readonly provider: string | undefined;
  readonly preview: boolean;
  readonly urn: string;
  readonly claimant?: string;
  readonly computedIsKept: boolean;
}

/** A bag from the engine in its three parts; `connection` is common to all resources, `properties` are the handler's. */
export interface SplitBag {
  readonly reserved: ReservedValues;
  readonly connection: Json | undefined;
  readonly properties: JsonObject;
}

const foreignKeys: ReadonlySet<string> = new Set([
  "__provider",
  "__preview",
  "__urn",
  "__kept",
  "connection",
]);

export function splitBag(bag: JsonObject): SplitBag {
  const { __provider: provider, __preview: preview, __urn: urn, __kept: kept, __claimant: claimant } = bag;
  return {
    reserved: {
      provider: typeof provider === "string" ? provider : undefined,
      preview: preview === true,
      urn: typeof urn === "string" ? urn : "",
      ...(typeof claimant === "string" ? { claimant } : {}),
      computedIsKept: kept === true,
    },
    connection: bag.connection,
    properties: Object.fromEntries(Object.entries(bag).filter(([key]) => !foreignKeys.has(key))),
  };
}

/** What stands in all inputs and outputs alike: read and delete get nothing else. */
export function mirroredKeys({ connection, reserved }: SplitBag): JsonObject {
  const { urn, claimant = urn, computedIsKept } = reserved;
  return {
    ...(connection === undefined ? {} : { connection }),
    __urn: urn,
    __claimant: claimant,
    ...(computedIsKept ? { __kept: true } : {}),
  };
}
