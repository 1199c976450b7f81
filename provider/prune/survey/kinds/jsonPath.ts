import { ImageError } from "../../../support/imageError.js";

/** A compiled JSONPath query (RFC 9535). */
export interface JsonPath {
  /** As written. */
  readonly text: string;
  /** The texts that it selects; what is no text, or empty, is left out. */
  textsIn(object: unknown): readonly string[];
}

/**
 * `argument` is where the user wrote it.
 * @throws ImageError ARGUMENT_INVALID when it is no JSONPath, or (`textsIn`) when an object is too deep for it
 */
export async function compileJsonPath(text: string, argument: string): Promise<JsonPath> {
  const { JSONPathEnvironment } = await import("json-p3");
  const environment = new JSONPathEnvironment();
  // These functions' patterns backtrack: a tenant's text or pattern could keep a prune busy for ever.
  for (const name of ["match", "search"]) environment.functionRegister.delete(name);
  const invalid = (cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new ImageError("ARGUMENT_INVALID", `Cannot use ${argument} (${text}): ${reason}`, { cause });
  };
  try {
    const query = environment.compile(text);
    return {
      text,
      textsIn(object) {
        try {
          const values = query.query(object as Parameters<typeof query.query>[0]).values();
          return values.filter((value): value is string => typeof value === "string" && value !== "");
        } catch (cause) {
          throw invalid(cause);
        }
      },
    };
  } catch (cause) {
    throw invalid(cause);
  }
}
