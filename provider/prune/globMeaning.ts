import { globProblem } from "../support/globs/globs.js";
import type { ArgumentIssue } from "../support/parsed.js";
import { valueAt } from "../support/json.js";

const lists = ["select", "keep"] as const;
const kinds = ["namespaces", "streams", "tags"] as const;

/** Of resources. */
const plainLists = ["allowUnreadable", "skipKinds"] as const;

/** Issues of the globs in `select`, `keep` and the names of resources; what has another shape is passed over. */
export function globIssues(given: Readonly<Record<string, unknown>>): readonly ArgumentIssue[] {
  const selecting = lists.flatMap((list) =>
    kinds.flatMap((kind) => issuesOf(valueAt(given, list, kind), [list, kind])),
  );
  return [...selecting, ...plainLists.flatMap((list) => issuesOf(given[list], [list]))];
}

function issuesOf(globs: unknown, path: readonly string[]): readonly ArgumentIssue[] {
  if (!Array.isArray(globs)) return [];
  return globs.flatMap((glob: unknown, index) => {
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
