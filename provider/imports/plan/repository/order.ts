import { byText } from "../../../support/text/spelling.js";
import { byVersion, versionOf } from "../../../support/text/versions.js";
import type { TagOrder } from "../../args/desiredRepository.js";
import type { Candidate } from "./candidates.js";

type Compare<Key> = (a: Key, b: Key) => number;

/** When upstream built the image of a tag, RFC 3339, by the tag; of some it is not known. */
export type BuildTimes = ReadonlyMap<string, string>;

/** Oldest first, of those that have what decides; equal ones by their names. */
export function oldestFirst(
  candidates: readonly Candidate[],
  sort: TagOrder,
  built: BuildTimes,
): readonly Candidate[] {
  switch (sort) {
    case "semver":
      return sorted(candidates, ({ part }) => versionOf(part), byVersion);
    case "numerical":
      return sorted(candidates, ({ part }) => numberOf(part), byNumber);
    case "alphabetical":
      return sorted(candidates, ({ part }) => part, byText);
    case "created":
      return sorted(
        candidates,
        ({ source }) => timeOf(built.get(source)),
        (a, b) => a - b,
      );
  }
}

function sorted<Key>(
  candidates: readonly Candidate[],
  keyOf: (candidate: Candidate) => Key | undefined,
  compare: Compare<Key>,
): readonly Candidate[] {
  return candidates
    .flatMap((candidate) => {
      const key = keyOf(candidate);
      return key === undefined ? [] : [{ candidate, key }];
    })
    .sort((a, b) => compare(a.key, b.key) || byText(a.candidate.source, b.candidate.source))
    .map(({ candidate }) => candidate);
}

/** A decimal number; as texts, because a time with its fractions has more digits than a number holds exactly. */
interface Decimal {
  readonly whole: string;
  readonly fraction: string;
}

function numberOf(text: string): Decimal | undefined {
  const [, digits, fraction = ""] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  return digits === undefined ? undefined : { whole: digits.replace(/^0+(?=\d)/, ""), fraction };
}

function byNumber(a: Decimal, b: Decimal): number {
  return a.whole.length - b.whole.length || byText(a.whole, b.whole) || byText(a.fraction, b.fraction);
}

/** An image without a known time is older than all others. */
function timeOf(built: string | undefined): number {
  const time = built === undefined ? NaN : Date.parse(built);
  return Number.isNaN(time) ? -Infinity : time;
}
