import { globMatcher } from "../../../support/globs/match.js";
import { parsePattern, type PatternMatch } from "../../../support/text/patterns.js";
import { byText } from "../../../support/text/spelling.js";
import { versionOf, versionRange } from "../../../support/text/versions.js";
import type { TagSelection } from "../../args/desiredRepository.js";
import { isTagName } from "../../args/tagName.js";
import { filledExtract, filledName } from "../../args/templates.js";

/** A tag upstream that passes the filters. */
export interface Candidate {
  /** Its name upstream. */
  readonly source: string;
  /** The name that it gets in the stream. */
  readonly name: string;
  /** What `semver` and `sort` look at. */
  readonly part: string;
}

/**
 * - `filtered`: sorted by their names upstream; `unnamed` would have names in the stream that no tag may have.
 * - `tooSlow`: the pattern needs too long.
 */
export type Filtered =
  | {
      readonly kind: "filtered";
      readonly candidates: readonly Candidate[];
      readonly unnamed: readonly string[];
    }
  | { readonly kind: "tooSlow" };

/** Tags that pass globs, pattern and range, whatever their order. Arguments are valid. */
export function filterTags(selection: TagSelection, tags: Iterable<string>): Filtered {
  const matched = matchedTags(selection, tags);
  if (matched === "tooSlow") return { kind: "tooSlow" };
  const isInRange = rangeOf(selection);
  const candidates = matched
    .map(({ tag, match }): Candidate => ({
      source: tag,
      name: filledName(selection.as, tag, match),
      part: selection.extract === undefined ? tag : filledExtract(selection.extract, match),
    }))
    .filter(({ part }) => isInRange(part));
  return {
    kind: "filtered",
    candidates: candidates.filter(({ name }) => isTagName(name)),
    unnamed: candidates.filter(({ name }) => !isTagName(name)).map(({ source }) => source),
  };
}

interface MatchedTag {
  readonly tag: string;
  readonly match: PatternMatch;
}

function matchedTags(
  { include, exclude, pattern }: TagSelection,
  tags: Iterable<string>,
): readonly MatchedTag[] | "tooSlow" {
  const isIncluded = include.length === 0 ? () => true : globMatcher(include);
  const isExcluded = globMatcher(exclude);
  const named = [...new Set(tags)].filter((tag) => isIncluded(tag) && !isExcluded(tag)).sort(byText);
  if (pattern === undefined) return named.map((tag) => ({ tag, match: {} }));
  const matches = parsePattern(pattern)?.matches(named) ?? [];
  if (matches === "tooSlow") return matches;
  return named.flatMap((tag, index) => {
    const match = matches[index];
    return match === undefined ? [] : [{ tag, match }];
  });
}

function rangeOf({ semver }: TagSelection): (part: string) => boolean {
  if (semver === undefined) return () => true;
  const isInRange = versionRange(semver) ?? (() => false);
  return (part) => {
    const version = versionOf(part);
    return version !== undefined && isInRange(version);
  };
}
