import { type KindMatcher, shortKindMatcher } from "../plan/kindGlobs.js";
import { resourceName } from "../../support/resourceName.js";
import { ownKinds } from "./loadKinds.js";

/**
 * The kinds that may stay unread, by `allowUnreadable`. Pods, builds, mirrors and whatever else every cluster has must be
 * named in full: a glob that is meant for an operator's kinds must not cover them.
 */
export function unreadableKinds(allowUnreadable: readonly string[]): KindMatcher {
  const matches = shortKindMatcher(allowUnreadable);
  const named = new Set(allowUnreadable);
  return (kind) => {
    const name = resourceName(kind);
    return ownKinds.has(name) ? named.has(name) || named.has(kind.resource) : matches(kind);
  };
}
