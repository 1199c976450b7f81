import { globProblem } from "../support/globs/globs.js";
import type { ArgumentIssue } from "../support/parsed.js";

const lists = ["select", "keep"] as const;
const kinds = ["namespaces", "streams", "tags"] as const;

/** Issues of the globs in `select` and `keep`; what has another shape is passed over. */
export function globIssues(given: Readonly<Record<string, unknown>>): readonly ArgumentIssue[] {
  return lists.flatMap((list) =>
    kinds.flatMap((kind) => {
      const globs = valueOf(given[list], kind);
      return Array.isArray(globs) ? issuesOf(globs, [list, kind]) : [];
    }),
  );
}

function issuesOf(globs: readonly unknown[], path: readonly string[]): readonly ArgumentIssue[] {
  return globs.flatMap((glob, index) => {
    if (typeof glob !== "string") return [];
    const problem =
      globProblem(glob) ?? (globs.length > 1 && glob.startsWith("!") ? besideOthers : undefined);
    return problem === undefined
      ? []
      : [{ path: [...path, index], message: `${JSON.stringify(glob)} ${problem}` }];
  });
}

/** Who writes `["pr-*", "!pr-1"]` hardly means everything but pr-1. */
const besideOthers =
  "begins with !, which stands for all other names; one glob of a list suffices, so it must be the only one";

function valueOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : [];
}
