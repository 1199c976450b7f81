import { globMatcher } from "../../support/globs/globs.js";
import { resourceName } from "../../support/resourceName.js";

interface NamedKind {
  /** Empty for the core group. */
  readonly group: string;
  /** Plural; `*` for all that a group serves. */
  readonly resource: string;
}

export type KindMatcher = (kind: NamedKind) => boolean;

/** Globs of `<plural>.<group>`, and of the plural alone for the core group. */
export function kindMatcher(globs: readonly string[]): KindMatcher {
  const matches = globMatcher(globs);
  return (kind) => matches(resourceName(kind));
}

/** As `allowUnreadable` has them: the plural alone counts in every group. */
export function shortKindMatcher(globs: readonly string[]): KindMatcher {
  const matches = globMatcher(globs);
  return (kind) => matches(kind.resource) || matches(resourceName(kind));
}
