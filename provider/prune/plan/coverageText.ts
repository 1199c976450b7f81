import { countOf } from "../../support/count.js";
import type { Coverage } from "../survey/survey.js";

type Shown = Readonly<Record<string, number | string | readonly string[]>>;

/** Kinds that the cluster adds, each: a cluster has hundreds, and inputs are stored and shown whole. */
const shownKinds = 10;

/** What a preview shows of a look at a cluster; what reading it took is never the same, so it is left to the report. */
export function coverageText(
  { read, absent, uncovered }: Pick<Coverage, "read" | "absent" | "uncovered">,
  registry: string | undefined,
): Shown {
  return {
    ...Object.fromEntries(Object.entries(read).filter(isKnown)),
    ...addedCounts(Object.entries(read).filter(isAdded)),
    ...Object.fromEntries(Object.entries(absent).filter(isKnown)),
    ...addedGaps(Object.entries(absent).filter(isAdded)),
    ...(uncovered.length === 0 ? {} : { uncovered: shownNames(uncovered) }),
    ...(registry === undefined ? {} : { registry }),
  };
}

/** Kinds that the cluster or the user adds are told with their group. */
function isAdded([name]: readonly [string, unknown]): boolean {
  return name.includes(".");
}

function isKnown(entry: readonly [string, unknown]): boolean {
  return !isAdded(entry);
}

/** The biggest, and the rest together. */
function addedCounts(counts: readonly (readonly [string, number])[]): Shown {
  const biggest = counts
    .filter(([, count]) => count > 0)
    .toSorted(([a, most], [b, least]) => least - most || (a < b ? -1 : 1));
  const shown = biggest.slice(0, shownKinds);
  const others = counts.length - shown.length;
  if (others === 0) return Object.fromEntries(shown);
  const rest = biggest.slice(shownKinds).reduce((sum, [, count]) => sum + count, 0);
  return {
    ...Object.fromEntries(shown),
    "other kinds": `${countOf(rest, "object")} of ${countOf(others, "kind")}`,
  };
}

function addedGaps(gaps: readonly (readonly [string, string])[]): Shown {
  const shown = gaps.slice(0, shownKinds);
  const others = gaps.length - shown.length;
  return {
    ...Object.fromEntries(shown),
    ...(others === 0 ? {} : { "other kinds that are not read": countOf(others, "kind") }),
  };
}

function shownNames(names: readonly string[]): readonly string[] {
  const others = names.length - shownKinds;
  return others <= 0 ? names : [...names.slice(0, shownKinds), `and ${countOf(others, "other")}`];
}
