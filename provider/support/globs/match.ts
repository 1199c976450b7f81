import { memoized } from "../async/memoized.js";
import { parseGlob } from "./parse.js";
import { matchPieces } from "./states.js";

/**
 * What is wrong with a glob, as the rest of a sentence about it; undefined when nothing is. Globs have `*` and `?` (not
 * across a slash), `**` for whole parts, `[a-z]`, `[^a-z]`, `{a,b}`, `\` before what stands for itself, and a leading `!`.
 */
export function globProblem(glob: string): string | undefined {
  const parsed = parseGlob(glob);
  return parsed.ok ? undefined : parsed.problem;
}

/**
 * Whether any of the globs matches a name. The time grows with the product of the lengths of glob and name, whatever they
 * contain: names are chosen by tenants.
 */
export function globMatcher(globs: readonly string[]): (name: string) => boolean {
  if (globs.length === 0) return () => false;
  const matchers = globs.map(matcherOf);
  return memoized((name) => name !== "" && matchers.some((matches) => matches(name)));
}

function matcherOf(glob: string): (name: string) => boolean {
  const parsed = parseGlob(glob);
  if (!parsed.ok) throw new Error(`${JSON.stringify(glob)} ${parsed.problem}`);
  const matches = matchPieces(parsed.pieces);
  return parsed.isNegated ? (name) => !matches(name) : matches;
}
