import type { Json, JsonObject } from "./wire.js";

/**
 * Keys that are not arguments. `__provider` belongs to Pulumi; the constructor adds `__preview`, `__urn` and the secrets;
 * `__kept` marks a computed input that `ignoreChanges` brought back; `__claimant` is the URN under which the resource was
 * created, which a rename with aliases does not change. Keys with two underscores do not show in diffs.
 * `summary` is the line of a preview, and is passed to no handler.
 */
interface ReservedValues {
  readonly provider: string | undefined;
  readonly preview: boolean;
  readonly urn: string;
  readonly claimant?: string;
  readonly computedIsKept: boolean;
  /** `__confidential`: texts of secret arguments, which no message may show. */
  readonly confidential: readonly string[];
  /**
   * `__secretOutputs`: names of outputs that show a secret argument. The engine makes an output secret whose namesake among
   * the inputs is, so each of them is an input too, `null` and secret.
   */
  readonly secretOutputs: readonly string[];
  readonly summary: Json | undefined;
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
  "__claimant",
  "__confidential",
  "__secretOutputs",
  "summary",
  "connection",
]);

export function splitBag(bag: JsonObject): SplitBag {
  const { __provider: provider, __preview: preview, __urn: urn, __kept: kept, __claimant: claimant } = bag;
  const secretOutputs = textsIn(bag.__secretOutputs);
  const isPlaceholder = (key: string) => bag[key] === null && secretOutputs.includes(key);
  return {
    reserved: {
      provider: typeof provider === "string" ? provider : undefined,
      preview: preview === true,
      urn: typeof urn === "string" ? urn : "",
      ...(typeof claimant === "string" ? { claimant } : {}),
      computedIsKept: kept === true,
      confidential: textsIn(bag.__confidential),
      secretOutputs,
      summary: bag.summary,
    },
    connection: bag.connection,
    properties: Object.fromEntries(
      Object.entries(bag).filter(([key]) => !foreignKeys.has(key) && !isPlaceholder(key)),
    ),
  };
}

function textsIn(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}

/** The keys that inputs and outputs share, because read and delete get the outputs only. */
export function mirroredKeys({ connection, reserved }: SplitBag): JsonObject {
  const { urn, claimant = urn, computedIsKept, confidential, secretOutputs } = reserved;
  return {
    ...(connection === undefined ? {} : { connection }),
    __urn: urn,
    __claimant: claimant,
    ...(computedIsKept ? { __kept: true } : {}),
    ...(confidential.length === 0 ? {} : { __confidential: confidential }),
    ...(secretOutputs.length === 0 ? {} : { __secretOutputs: secretOutputs }),
  };
}

/** A placeholder among the inputs for each output that is to become secret; the inputs' own values override it. */
export function placeholders({ reserved }: SplitBag): JsonObject {
  return Object.fromEntries(reserved.secretOutputs.map((name) => [name, null]));
}
