import { resourceName } from "../../../okd/objects.js";
import { globMatcher } from "../../../support/globs/match.js";
import { ownKinds } from "../../../usage/kinds.js";

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
function shortKindMatcher(globs: readonly string[]): KindMatcher {
  const matches = globMatcher(globs);
  return (kind) => matches(kind.resource) || matches(resourceName(kind));
}

/**
 * The kinds that may stay unread, by `allowUnreadable`. Pods, builds, mirrors and other kinds of every cluster must be named
 * in full: a glob for an operator's kinds must not cover them.
 */
export function unreadableKinds(allowUnreadable: readonly string[]): KindMatcher {
  const matches = shortKindMatcher(allowUnreadable);
  const named = new Set(allowUnreadable);
  return (kind) => {
    const name = resourceName(kind);
    return ownKinds.has(name) ? named.has(name) || named.has(kind.resource) : matches(kind);
  };
}
