import type { z } from "zod";

/**
 * Throws when a value is not what the schema says: one sentence for each field that is wrong, with its path. Nothing
 * is changed or filled in.
 */
export function requireSettings(what: string, schema: z.ZodType, value: unknown): void {
  const { error } = schema.safeParse(value, { error: sentenceOf });
  if (error === undefined) return;
  throw new Error(`${what}: ${error.issues.map(withPath).join("; ")}`);
}

function withPath({ path, message }: z.core.$ZodIssue): string {
  const field = path.reduce<string>((before, key) => {
    if (typeof key === "number") return `${before}[${key}]`;
    return before === "" ? String(key) : `${before}.${String(key)}`;
  }, "");
  return field === "" ? message : `${field} ${message}`;
}

function sentenceOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "unrecognized_keys": {
      const keys = (issue.keys as readonly string[]).map((key) => JSON.stringify(key)).join(", ");
      return `has no field ${keys}; its fields are ${Object.keys((issue.inst as z.ZodObject).shape).join(", ")}`;
    }
    case "invalid_type":
      return issue.input === undefined ? "is missing" : `must be ${typeNames[issue.expected] ?? ""}`;
    case "invalid_value":
      return `must be ${eitherOf(issue.values)}`;
    case "invalid_union":
      // Where kinds tell the members apart; other unions bring their own sentence.
      return issue.discriminator === undefined ? undefined : `must be ${eitherOf(issue.options)}`;
    default:
      return undefined;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function eitherOf(values: unknown): string {
  return (values as readonly unknown[]).map((value) => JSON.stringify(value)).join(" or ");
}
