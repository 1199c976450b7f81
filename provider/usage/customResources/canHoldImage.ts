import { isObject, type Fields } from "../../support/json.js";
import { hintIn, type HintReach, holdsLabels, speaksOfImages } from "./holdingNames.js";

/** A schema, and what the names on the way to it promise. */
interface Place {
  readonly schema: unknown;
  readonly hint: HintReach | undefined;
  /** One of several schemas of a place, which mostly narrows down what another one describes. */
  readonly isAlternative?: boolean;
  /** A map in this place has names as labels have them. */
  readonly isLabels?: boolean;
}

/**
 * Whether an object with this schema (OpenAPI v3, as in CustomResourceDefinitions) may name an image: it has a text under a
 * name of `holdingNames`, a text whose description speaks of images, or a place that accepts anything. A schema that cannot
 * be read accepts anything. `metadata` does not count: every kind has it.
 */
export function canHoldImage(schema: unknown): boolean {
  const waiting: Place[] = [{ schema: withoutMetadata(schema), hint: undefined }];
  // Not by recursion: a schema may be nested deeper than our stack.
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (takesImage(place)) return true;
    addPlacesBelow(place, waiting);
  }
  return false;
}

function withoutMetadata(schema: unknown): unknown {
  if (!isObject(schema) || !isObject(schema["properties"])) return schema;
  const { metadata: _, ...properties } = schema["properties"];
  return { ...schema, properties };
}

function takesImage({ schema, hint, isAlternative = false }: Place): boolean {
  if (!isObject(schema)) return !isAlternative;
  if (schema["x-kubernetes-preserve-unknown-fields"] === true) return true;
  if (schema["x-kubernetes-embedded-resource"] === true) return true;
  if (schema["additionalProperties"] === true || schema["$ref"] !== undefined) return true;
  if (isFreeText(schema))
    return hint !== undefined || isDescribedAsImage(schema) || isPatternOfImages(schema);
  return !isAlternative && takesAnything(schema);
}

/** Formats of texts that cannot be read as an image. */
const otherFormats: ReadonlySet<unknown> = new Set([
  "cidr",
  "date",
  "date-time",
  "datetime",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "mac",
  "time",
  "uuid",
]);

function isFreeText(schema: Fields): boolean {
  const isText = [schema["type"]].flat().includes("string");
  return isText && !Array.isArray(schema["enum"]) && !otherFormats.has(schema["format"]);
}

/** A number, or a text for one: `2`, `50%`, `1Gi`. */
function isQuantity(schema: Fields): boolean {
  return schema["x-kubernetes-int-or-string"] === true;
}

function isDescribedAsImage({ description }: Fields): boolean {
  return typeof description === "string" && speaksOfImages(description);
}

function isPatternOfImages({ pattern }: Fields): boolean {
  return typeof pattern === "string" && /sha256/i.test(pattern);
}

const plainTypes: ReadonlySet<unknown> = new Set(["string", "boolean", "integer", "number"]);

/** Nothing says what is in it; alternatives only narrow down what is. */
function takesAnything(schema: Fields): boolean {
  if (plainTypes.has(schema["type"]) || Array.isArray(schema["enum"]) || isQuantity(schema)) return false;
  return !structures.some((keyword) => isObject(schema[keyword]) || Array.isArray(schema[keyword]));
}

const fieldKeywords = ["properties", "patternProperties"] as const;
const elementKeywords = ["items", "additionalItems", "additionalProperties"] as const;
const structures = [...fieldKeywords, ...elementKeywords] as const;
/** Keywords whose schemas describe the same place. */
const alternatives = ["allOf", "anyOf", "oneOf"] as const;

function addPlacesBelow({ schema, hint, isLabels = false }: Place, waiting: Place[]): void {
  if (!isObject(schema) || isQuantity(schema)) return;
  for (const keyword of elementKeywords) {
    const elements = schema[keyword];
    if (Array.isArray(elements)) for (const element of elements) waiting.push({ schema: element, hint });
    // The writer of a map chooses its keys: one may be `image`.
    else if (keyword === "additionalProperties" && isObject(elements) && !isLabels) {
      waiting.push({ schema: elements, hint: hint ?? "here" });
    } else if (isObject(elements)) waiting.push({ schema: elements, hint });
  }
  for (const keyword of alternatives) {
    const choices = schema[keyword];
    if (!Array.isArray(choices)) continue;
    for (const choice of choices) waiting.push({ schema: choice, hint, isAlternative: true });
  }
  for (const keyword of fieldKeywords) {
    const fields = schema[keyword];
    if (!isObject(fields)) continue;
    for (const [name, field] of Object.entries(fields)) {
      waiting.push({
        schema: field,
        hint: hint === "below" ? hint : hintIn(name),
        isLabels: holdsLabels(name),
      });
    }
  }
}
