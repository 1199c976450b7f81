import { didYouMean } from "./nearestName.js";
import { knownKeysAt } from "./schema.js";
import { type SchemaIssue, schemaSentence } from "./schemaSentence.js";

/** A problem with an argument; `path` is where the user wrote it. */
export interface ArgumentIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export type Parsed<Args> =
  | { readonly ok: true; readonly args: Args }
  | { readonly ok: false; readonly issues: readonly ArgumentIssue[] };

/** What a schema library answers (zod's safeParse). */
type SchemaResult<Output> =
  | { readonly success: true; readonly data: Output }
  | { readonly success: false; readonly error: { readonly issues: readonly SchemaIssue[] } };

/** A schema of that library. */
interface ArgumentSchema<Output> {
  readonly safeParse: (inputs: unknown) => SchemaResult<Output>;
}

/** Arguments that satisfy the schema and mean something; else the issues of both at once. */
export function parsedArguments<Output, Args>(
  schema: ArgumentSchema<Output>,
  inputs: unknown,
  meaning: readonly ArgumentIssue[],
  argsOf: (output: Output) => Args,
): Parsed<Args> {
  const result = schema.safeParse(inputs);
  if (!result.success) {
    const issues = result.error.issues.flatMap((issue) => schemaIssues(issue, { schema, inputs }));
    return { ok: false, issues: [...issues, ...meaning] };
  }
  return meaning.length > 0 ? { ok: false, issues: meaning } : { ok: true, args: argsOf(result.data) };
}

interface Subject {
  readonly schema: unknown;
  readonly inputs: unknown;
  /** What is wrong with a key that the schema does not know. */
  readonly unknownKey?: string;
}

/** An issue in sentences, at the path that the user wrote; of keys that are unknown, one each. */
export function schemaIssues(issue: SchemaIssue, subject: Subject): readonly ArgumentIssue[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    const { schema, unknownKey = "is not an argument of this resource" } = subject;
    const known = knownKeysAt(schema, path);
    return (issue.keys ?? []).map((key) => ({
      path: [...path, key],
      message: `${unknownKey}${didYouMean(key, known)}`,
    }));
  }
  const part = matchingPart(issue);
  if (part !== undefined) {
    return part.flatMap((inner) => schemaIssues({ ...inner, path: [...path, ...inner.path] }, subject));
  }
  return [{ path, message: schemaSentence(issue, valueAt(subject.inputs, path)) }];
}

/** Of a union, the issues of the part whose kind fits: an object that has something wrong in it. */
function matchingPart({ code, errors = [] }: SchemaIssue): readonly SchemaIssue[] | undefined {
  if (code !== "invalid_union") return undefined;
  return errors.find((issues) =>
    issues.every(({ code: kind, path }) => path.length > 0 || kind !== "invalid_type"),
  );
}

function valueAt(inputs: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    inputs,
  );
}
