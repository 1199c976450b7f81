import type { ArgumentIssue } from "../../support/arguments/parsed.js";
import { globProblem } from "../../support/globs/match.js";
import { objectAt, valueAt } from "../../support/json.js";

/** Extensions of a plan report, and so its formats. */
const reportExtension = /\.(?:json|md|html)$/i;
const safeOnly = ["select", "keep", "keepUnreferencedYoungerThan"] as const;

/**
 * What a schema cannot say: arguments that contradict each other. Takes arguments of any shape and ignores what the schema
 * reports.
 */
export function meaningIssues(inputs: unknown): readonly ArgumentIssue[] {
  const given = objectAt(inputs);
  return [
    ...ruleIssues(given),
    ...globIssues(given),
    ...(given.pruneOverSizeLimit === true ? overSizeIssues(given) : []),
    ...registryIssues(given),
    ...reportIssues(given),
  ];
}

/** With `oc`'s rules only what `oc` can do. */
function ruleIssues(given: Inputs): readonly ArgumentIssue[] {
  if (given.rules !== "oc") return [];
  const issues: ArgumentIssue[] = safeOnly
    .filter((key) => given[key] !== undefined)
    .map((key) => ({ path: [key], message: 'needs rules: "safe", the default' }));
  if (given.invalidRefs === "wildcard") {
    issues.push({ path: ["invalidRefs"], message: '"wildcard" needs rules: "safe", the default' });
  }
  return issues;
}

/** Passing both to `oc` is an error, too (facts/pruning.md 26). */
function overSizeIssues(given: Inputs): readonly ArgumentIssue[] {
  const keys = given.rules === "oc" ? ["keepTagRevisions", "keepYoungerThan"] : ["keepTagRevisions"];
  return keys
    .filter((key) => given[key] !== undefined)
    .map((key) => ({
      path: [key],
      message: "cannot be combined with pruneOverSizeLimit: true, which goes by size",
    }));
}

function registryIssues(given: Inputs): readonly ArgumentIssue[] {
  if (given.registry === undefined || given.pruneRegistry !== false) return [];
  return [{ path: ["registry"], message: "has no effect with pruneRegistry: false" }];
}

function reportIssues({ planReport, approvedPlan }: Inputs): readonly ArgumentIssue[] {
  const issues: ArgumentIssue[] = [];
  if (typeof planReport === "string" && !reportExtension.test(planReport)) {
    issues.push({ path: ["planReport"], message: "must end in .json, .md or .html" });
  }
  if (typeof approvedPlan === "string" && !/\.json$/i.test(approvedPlan)) {
    issues.push({ path: ["approvedPlan"], message: "must be a plan report in JSON (.json)" });
  }
  return issues;
}

type Inputs = Readonly<Record<string, unknown>>;

const lists = ["select", "keep"] as const;
const kinds = ["namespaces", "streams", "tags"] as const;

/** Of resources. */
const plainLists = ["allowUnreadable", "skipKinds"] as const;

/** Issues of the globs in `select`, `keep` and the names of resources; ignores values of another shape. */
function globIssues(given: Readonly<Record<string, unknown>>): readonly ArgumentIssue[] {
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

/** The author of `["pr-*", "!pr-1"]` hardly means everything but pr-1. */
const besideOthers =
  "begins with !, which stands for all other names; one glob of a list suffices, so it must be the only one";
