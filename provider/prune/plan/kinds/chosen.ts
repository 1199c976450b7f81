import { resourceName, type ServedKind } from "../../../okd/objects.js";
import type { DefinedKind } from "./defined.js";
import { kindMatcher } from "./globs.js";
import { kindsWithoutImages, type OtherKinds, skippedKinds } from "./withoutImages.js";

/** What is known of the kinds of a cluster. */
export interface KnownKinds {
  /** Of the CustomResourceDefinitions; undefined where they may not be read. */
  readonly defined: readonly DefinedKind[] | undefined;
  /** As discovery has them. */
  readonly served: readonly ServedKind[];
  /** Names of resources that are read in any case. */
  readonly readAnyway: ReadonlySet<string>;
  readonly skipKinds: readonly string[];
}

/** Kinds beyond those that the policy knows by itself, all sorted by name. */
export interface ChosenKinds {
  /** To be read; `*` for a group whose backend is down. */
  readonly holders: readonly ServedKind[];
  /** Names of those that `skipKinds` leaves out. */
  readonly uncovered: readonly string[];
  /** Names of those that are left out without being asked for, and why. */
  readonly skipped: ReadonlyMap<string, string>;
}

/**
 * Which served kinds may name an image: custom ones by their schema, others unless they are known to name none. Unknown
 * kinds may.
 */
export function chooseKinds({ defined = [], served, readAnyway, skipKinds }: KnownKinds): ChosenKinds {
  const definedNames = new Set(defined.map(resourceName));
  const candidates = [
    ...defined.flatMap(({ holder }) => holder ?? []),
    ...served.filter((kind) => !definedNames.has(resourceName(kind)) && !whyIn(kindsWithoutImages, kind)),
  ]
    .filter((kind) => !readAnyway.has(resourceName(kind)))
    .sort((a, b) => (resourceName(a) < resourceName(b) ? -1 : 1));
  const isUnwanted = kindMatcher(skipKinds);
  const wanted = candidates.filter((kind) => !isUnwanted(kind));
  return {
    holders: wanted.filter((kind) => whyIn(skippedKinds, kind) === undefined),
    uncovered: candidates.filter(isUnwanted).map(resourceName),
    skipped: new Map(
      wanted.flatMap((kind) => {
        const why = whyIn(skippedKinds, kind);
        return why === undefined ? [] : [[resourceName(kind), why] as const];
      }),
    ),
  };
}

function whyIn(table: readonly OtherKinds[], kind: ServedKind): string | undefined {
  const named = table.find(
    ({ groups = [], kinds = [] }) => groups.includes(kind.group) || kinds.includes(resourceName(kind)),
  );
  return named?.why;
}
