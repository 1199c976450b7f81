import { didYouMean } from "../text/wording.js";

/** A problem that a schema library (zod) reports, as far as it matters here. */
export interface SchemaIssue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly expected?: string;
  /** Of `invalid_value`. */
  readonly values?: readonly unknown[];
  /** Of `unrecognized_keys`. */
  readonly keys?: readonly string[];
  /** Of `invalid_union`, for each of its parts. */
  readonly errors?: readonly (readonly SchemaIssue[])[];
  readonly origin?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly inclusive?: boolean;
}

const kinds: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  record: "a map, like { name: value }",
  object: "an object",
};

/** The library's own words; the messages of our schemas are sentences already. */
const isOwnWording = /^(?:Invalid|Too) /;

/** What is wrong with `given`, to be read after the path of the argument: `must be true or false, not a text`. */
export function schemaSentence(issue: SchemaIssue, given: unknown): string {
  if (!isOwnWording.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return given === undefined ? "is required" : mustBe(kindOf(issue), given);
    case "invalid_value":
      return given === undefined ? "is required" : valueSentence(issue.values ?? [], given);
    case "invalid_union": {
      const parts = (issue.errors ?? []).flatMap(([first]) => (first === undefined ? [] : [kindOf(first)]));
      return given === undefined ? "is required" : mustBe([...new Set(parts)].join(" or "), given);
    }
    case "too_small":
    case "too_big":
      return sizeSentence(issue);
    default:
      return issue.message;
  }
}

function kindOf({ expected = "" }: SchemaIssue): string {
  return kinds[expected] ?? `a ${expected}`;
}

function mustBe(what: string, given: unknown): string {
  return `must be ${what}, not ${describe(given)}`;
}

function describe(given: unknown): string {
  if (given === null) return "null";
  if (Array.isArray(given)) return "a list";
  switch (typeof given) {
    case "string":
      return "a text";
    case "number":
      return Number.isInteger(given) ? "a number" : "a number with a fraction";
    case "boolean":
      return String(given);
    default:
      return "an object";
  }
}

function valueSentence(values: readonly unknown[], given: unknown): string {
  const texts = values.map((value) => JSON.stringify(value));
  const choice = texts.length === 1 ? `must be ${texts.join("")}` : `must be one of ${texts.join(", ")}`;
  if (typeof given !== "string") return `${choice}, not ${describe(given)}`;
  const names = values.filter((value) => typeof value === "string");
  return `${choice}, not ${JSON.stringify(given)}${didYouMean(given, names)}`;
}

function sizeSentence({ code, origin, minimum, maximum, inclusive = true }: SchemaIssue): string {
  const limit = String((code === "too_small" ? minimum : maximum) ?? "");
  if (origin === "string" && limit === "1") return "must not be empty";
  const words =
    code === "too_small" ? (inclusive ? "at least" : "more than") : inclusive ? "at most" : "less than";
  if (origin === "array" || origin === "record")
    return `must have ${words} ${limit} ${limit === "1" ? "entry" : "entries"}`;
  return origin === "string" ? `must have ${words} ${limit} characters` : `must be ${words} ${limit}`;
}
