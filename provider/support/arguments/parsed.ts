import { didYouMean } from "../text/wording.js";
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

/** Arguments that pass the schema and the rules; else the issues of both at once. */
export function parsedArguments<Output, Args>(
  schema: ArgumentSchema<Output>,
  inputs: unknown,
  meaning: readonly ArgumentIssue[],
  argsOf: (output: Output) => Args,
  unknownKey?: string,
): Parsed<Args> {
  const result = schema.safeParse(inputs);
  if (!result.success) {
    const issues = result.error.issues.flatMap((issue) =>
      schemaIssues(issue, { schema, inputs, ...(unknownKey === undefined ? {} : { unknownKey }) }),
    );
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

/** A schema of zod, as far as its shape matters here. */
interface Schema {
  readonly def: {
    readonly type: string;
    readonly shape?: Readonly<Record<string, Schema>>;
    readonly element?: Schema;
    readonly valueType?: Schema;
    readonly innerType?: Schema;
    readonly options?: readonly Schema[];
    readonly in?: Schema;
    readonly out?: Schema;
  };
}

/** Names of the arguments that the object at `path` may have. */
function knownKeysAt(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  let found = bare(schema as Schema);
  for (const key of path) found = found.flatMap((each) => childrenOf(each, key)).flatMap(bare);
  return [...new Set(found.flatMap(({ def }) => Object.keys(def.shape ?? {})))];
}

/** The schemas inside wrappers (optional, default, conversion); for a union, all its parts. */
function bare(schema: Schema): readonly Schema[] {
  const { innerType, options, in: from, out, type } = schema.def;
  if (innerType !== undefined) return bare(innerType);
  if (options !== undefined) return options.flatMap(bare);
  if (type === "pipe") return [from, out].flatMap((part) => (part === undefined ? [] : bare(part)));
  return [schema];
}

function childrenOf({ def }: Schema, key: PropertyKey): readonly Schema[] {
  const own = typeof key === "string" && Object.hasOwn(def.shape ?? {}, key) ? def.shape?.[key] : undefined;
  return [own, def.element, def.valueType].filter((child) => child !== undefined);
}
