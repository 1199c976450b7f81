/** A problem with an argument; `path` is where the user wrote it. */
export interface ArgumentIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export type Parsed<Args> =
  | { readonly ok: true; readonly args: Args }
  | { readonly ok: false; readonly issues: readonly ArgumentIssue[] };

/** What a schema library (zod) reports, as far as it matters here. */
interface SchemaIssue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Of the code `unrecognized_keys`. */
  readonly keys?: readonly string[];
}

/** An issue at the path that the user wrote; of keys that are unknown, one each. */
export function schemaIssues(
  { code, path, message, keys = [] }: SchemaIssue,
  unknownKey = "is not an argument of this resource",
): readonly ArgumentIssue[] {
  if (code === "invalid_type" && message.endsWith("received undefined"))
    return [{ path, message: "is required" }];
  if (code !== "unrecognized_keys") return [{ path, message }];
  return keys.map((key) => ({ path: [...path, key], message: unknownKey }));
}

/** What a schema library answers (zod's safeParse). */
type SchemaResult<Output> =
  | { readonly success: true; readonly data: Output }
  | { readonly success: false; readonly error: { readonly issues: readonly SchemaIssue[] } };

/** Arguments that satisfy the schema and mean something; else the issues of both at once. */
export function parsedArguments<Output, Args>(
  result: SchemaResult<Output>,
  meaning: readonly ArgumentIssue[],
  argsOf: (output: Output) => Args,
): Parsed<Args> {
  if (!result.success) {
    return {
      ok: false,
      issues: [...result.error.issues.flatMap((issue) => schemaIssues(issue)), ...meaning],
    };
  }
  return meaning.length > 0 ? { ok: false, issues: meaning } : { ok: true, args: argsOf(result.data) };
}
